"""The ledger's rows: a month of a compound's tickets and the open ones by age, through the gate, without persons."""

import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select

from app.access.actors import Staff
from app.access.rows import visible
from app.db import ReadSession
from app.models.common_issue import IssueTicket
from app.models.event import Event
from app.models.filing import Filing
from app.models.place import Building, Stairwell
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules import catalogue, ledger, redaction, workflow
from app.rules.vocabulary import Channel, Complexity, Role, Solved, Status, Verb
from app.schemas.ledger import LedgerLine

AT_ONCE = 500
_BETWEEN = "、"
_CLOSED_OUT = workflow.queue(Status.CLOSED)


class Month(NamedTuple):
    """One compound's tickets that came in from `start` until just before `end`."""

    compound_id: int
    start: datetime
    end: datetime


class Sums(NamedTuple):
    """How many, and how many of them are open."""

    total: int
    open: int


def lines(
    session: ReadSession,
    staff: Staff,
    month: Month,
    after: tuple[datetime, int] | None = None,
    limit: int | None = None,
) -> Iterator[tuple[LedgerLine, tuple[datetime, int]]]:
    """The month's lines, oldest first, each with its place in the list; a few hundred are in memory at a time."""
    order = (col(Ticket.submitted_at), col(Ticket.id))
    query = _line_columns().where(_rows(staff, month))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    query = query.order_by(*order).limit(limit)
    places = _places(session, month.compound_id)
    for row in session.execute(query.execution_options(scope="ledger", yield_per=AT_ONCE)):
        yield _line(row, places), (row.submitted_at, row.id)


def sums(session: ReadSession, staff: Staff, month: Month, axis: str) -> dict[str, Sums]:
    """Per `top` (class), `lead_role`, `status` or `channel`: how many came in, and how many are open."""
    by = func.substr(col(Ticket.category), 1, 3) if axis == "top" else getattr(Ticket, axis)
    query = select_columns(by, func.count(), func.sum(_one(col(Ticket.queue) < _CLOSED_OUT)))
    query = query.where(_rows(staff, month)).group_by(by).order_by(by)
    rows = session.execute(query.execution_options(scope="ledger"))
    return {row[0]: Sums(int(row[1]), int(row[2])) for row in rows}


def marked(session: ReadSession, staff: Staff, month: Month) -> tuple[int, int]:
    """How many belong to a common issue, and how many were filed with an agency."""
    query = select_columns(func.sum(_one(_in_issue())), func.sum(_one(_is_filed()))).where(_rows(staff, month))
    row = session.execute(query.execution_options(scope="ledger")).one()
    return int(row[0] or 0), int(row[1] or 0)


def ages(session: ReadSession, staff: Staff, compound_id: int, axis: str, now: datetime) -> dict[str, list[int]]:
    """Open tickets per `category` or `lead_role`: all, past due, filed, and how many of each age of `ledger.AGES`."""
    submitted, by = col(Ticket.submitted_at), getattr(Ticket, axis)
    edges = [now - age for age in ledger.AGES]
    between = [submitted > edges[0]]
    between += [and_(submitted <= young, submitted > old) for young, old in itertools.pairwise(edges)]
    between.append(submitted <= edges[-1])
    late = and_(col(Ticket.due_at) <= now, col(Ticket.queue) == 0)
    counts = [func.sum(_one(condition)) for condition in (late, _is_filed(), *between)]
    query = select_columns(by, func.count(), *counts).where(
        col(Ticket.compound_id) == compound_id,
        col(Ticket.queue) < _CLOSED_OUT,
        or_(false(), *visible(staff).values()),
    )
    rows = session.execute(query.group_by(by).execution_options(scope="ledger"))
    return {row[0]: [int(count) for count in row[1:]] for row in rows}


def _rows(staff: Staff, month: Month) -> ColumnElement[bool]:
    return and_(
        col(Ticket.compound_id) == month.compound_id,
        col(Ticket.submitted_at) >= month.start,
        col(Ticket.submitted_at) < month.end,
        or_(false(), *visible(staff).values()),
    )


def _line_columns() -> Select[Any]:
    rating = _named(Rating)
    newest = (
        select_columns(func.max(rating.id)).where(rating.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
    )
    judged, event, filing = _named(Rating), _named(Event), _named(Filing)
    urges = select_columns(func.count()).where(event.ticket_id == Ticket.id, event.verb == Verb.URGE)
    agencies = select_columns(func.aggregate_strings(filing.agency, _BETWEEN)).where(filing.ticket_id == Ticket.id)
    wanted = (
        *(getattr(Ticket, name) for name in _OF_A_TICKET),
        judged.solved,
        judged.stars,
        urges.correlate(Ticket).scalar_subquery().label("urges"),
        agencies.correlate(Ticket).scalar_subquery().label("agencies"),
        _one(_in_issue()).label("common"),
    )
    return select_columns(*wanted).select_from(Ticket).outerjoin(judged, judged.id == newest)


_OF_A_TICKET = (
    "id",
    "number",
    "submitted_at",
    "category",
    "complexity",
    "channel",
    "stairwell_id",
    "shielded",
    "status",
    "lead_role",
    "due_at",
    "answered_at",
    "closed_at",
    "round",
)


def _line(row: Any, places: dict[int, str]) -> LedgerLine:  # noqa: ANN401 -- a row of columns
    leaf = catalogue.default().leaf(row.category)
    told = ledger.tells_place(leaf, shielded=row.shielded)
    return LedgerLine.model_validate(
        {
            "number": row.number,
            "submitted": ledger.day_of(row.submitted_at),
            "category": row.category,
            "category_name": leaf.name,
            "complexity": Complexity(row.complexity),
            "channel": Channel(row.channel),
            "place": places[row.stairwell_id] if told else ledger.words()["not_told"],
            "status": Status(row.status),
            "party": Role(row.lead_role),
            "due": ledger.due_day(row.due_at),
            "done": ledger.day_of(row.answered_at) or None,
            "closed": ledger.day_of(row.closed_at) or None,
            "rounds": row.round,
            "urges": row.urges,
            "solved": Solved(row.solved) if row.solved else None,
            "stars": row.stars,
            "filings": redaction.masked(row.agencies) if row.agencies else "",
            "common": bool(row.common),
        }
    )


def _places(session: ReadSession, compound_id: int) -> dict[int, str]:
    query = (
        select(Stairwell.id, Building.name, Stairwell.name)
        .join(Building, col(Building.id) == col(Stairwell.building_id))
        .where(Stairwell.compound_id == compound_id)
    )
    return {row[0]: row[1] + row[2] for row in session.execute(query)}


def _in_issue() -> ColumnElement[bool]:
    linked = _named(IssueTicket)
    return select_columns(linked.issue_id).where(linked.ticket_id == Ticket.id).correlate(Ticket).exists()


def _is_filed() -> ColumnElement[bool]:
    filing = _named(Filing)
    return select_columns(filing.id).where(filing.ticket_id == Ticket.id).correlate(Ticket).exists()


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _named(table: type[SQLModel]) -> Any:  # noqa: ANN401 -- fields of a table are typed as their values, not as columns
    return aliased(table)
