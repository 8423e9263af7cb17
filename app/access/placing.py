"""Where a viewer may know that a ticket is: the place row of the matrix as SQL, for filters and counts by place."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col

from app.models.ticket import Ticket
from app.rules import catalogue
from app.rules.privacy import ESCALATION_LEVEL, MATRIX, Column, Grade, Item, is_private

_READABLE = frozenset({Grade.FULL, Grade.SLIP})


def place_known(conditions: Mapping[Column, ColumnElement[bool]]) -> ColumnElement[bool]:
    """The tickets whose building and stairwell this viewer reads; `conditions` are those of `rows.visible`.

    Without it, a filter by place would tell of a private matter where it is (domain rules §3.4).
    """
    private = col(Ticket.category).in_([leaf.code for leaf in catalogue.default().leaves if is_private(leaf)])
    known = [
        and_(
            condition,
            or_(
                and_(private, _reads(Item.PRIVATE_PLACE, column)),
                and_(~private, _reads(Item.PUBLIC_PLACE, column)),
            ),
        )
        for column, condition in conditions.items()
    ]
    return or_(false(), *known)


def _reads(item: Item, column: Column) -> ColumnElement[bool]:
    cell = MATRIX[item, column]
    if cell.grade not in _READABLE:
        return false()
    limits: list[ColumnElement[bool]] = [col(Ticket.id).is_not(None)]
    limits += [col(Ticket.shielded).is_(False)] if cell.unless_shielded else []
    limits += [col(Ticket.escalated_to) >= ESCALATION_LEVEL[column]] if cell.if_escalated else []
    return and_(*limits)
