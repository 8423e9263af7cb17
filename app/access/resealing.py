"""Every sealed column, and what its values are bound to, so that they can be sealed anew with another key."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, func, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app.db import ReadSession, WriteSession
from app.models.address_grant import AddressGrant
from app.models.call_task import CallTask
from app.models.common_issue import CommonIssue
from app.models.contact import Contact, Proxy
from app.models.event import Event
from app.models.filing import Filing
from app.models.idempotency import IdempotencyKey
from app.models.key_mark import KeyMark
from app.models.rating import Rating
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.models.visit import SEALED as VISIT_FIELDS
from app.models.visit import Visit, VisitPlan
from app.vault import KEY_ID

_SCOPE = "keys"


class Sealed(NamedTuple):
    """A sealed column. `context` is what its values are bound to, with `by` put in; `via` leads to another table."""

    table: Any
    column: str
    context: str
    by: Mapped[Any]
    via: tuple[Any, Mapped[Any]] | None = None

    @property
    def name(self) -> str:
        """table.column"""
        return f"{self.table.__tablename__}.{self.column}"

    @property
    def values(self) -> Mapped[Any]:
        return col(getattr(self.table, self.column))


def _of_ticket(table: Any, column: str, context: str) -> Sealed:  # noqa: ANN401 -- a table, whichever
    return Sealed(table, column, context, col(Ticket.number), (Ticket, col(table.ticket_id)))


_FIELDS = ("name", "phone", "room")

COLUMNS: tuple[Sealed, ...] = (
    Sealed(KeyMark, "sealed", "key mark", col(KeyMark.id)),
    Sealed(Ticket, "text_sealed", "ticket {} text", col(Ticket.number)),
    Sealed(Ticket, "spot_sealed", "ticket {} spot", col(Ticket.number)),
    *(_of_ticket(Contact, f"{field}_sealed", f"contact of {{}} {field}") for field in _FIELDS),
    *(_of_ticket(Proxy, f"{field}_sealed", f"beneficiary of {{}} {field}") for field in (*_FIELDS, "note")),
    Sealed(Event, "words_sealed", "event of {}", col(Event.ticket_id)),
    Sealed(Rating, "text_sealed", "rating of {}", col(Rating.ticket_id)),
    Sealed(Slip, "draft_sealed", "draft of {}", col(Slip.slip_no)),
    Sealed(CallTask, "note_sealed", "call about {}", col(CallTask.ticket_id)),
    *(Sealed(VisitPlan, f"{field}_sealed", f"visit plan {{}} {field}", col(VisitPlan.id)) for field in VISIT_FIELDS),
    Sealed(Visit, "note_sealed", "visit of plan {}", col(Visit.plan_id)),
    Sealed(AddressGrant, "reason_sealed", "door grant of {}", col(Slip.slip_no), (Slip, col(AddressGrant.slip_id))),
    Sealed(Filing, "note_sealed", "filing of {}", col(Filing.ticket_id)),
    Sealed(CommonIssue, "outcome_sealed", "outcome of issue {}", col(CommonIssue.id)),
    Sealed(IdempotencyKey, "answer_sealed", "answer {}", col(IdempotencyKey.scope)),
)


def key_ids(session: ReadSession, sealed: Sealed) -> Mapping[bytes, int]:
    """How many values of a column each key has sealed."""
    by_key = _key_id(sealed).label("by_key")
    query = select(by_key, func.count()).where(*_there(sealed)).group_by("by_key")
    counts: Counter[bytes] = Counter()
    for key_id, count in session.execute(query.execution_options(scope=_SCOPE)):
        counts[bytes(key_id)] += count
    return counts


def reseal(session: WriteSession, sealed: Sealed, after: int, limit: int) -> list[int]:
    """Seals up to `limit` values, in rows after an id, with the newest key that another has sealed. Which rows.

    Raises KeyError for a value whose key is lost, InvalidTag for one that is damaged.
    """
    vault, table_id = session.vault, col(sealed.table.id)
    query = select(table_id, sealed.values, sealed.by).where(
        *_there(sealed), _key_id(sealed) != vault.newest, table_id > after
    )
    if sealed.via is not None:
        other, by_id = sealed.via
        query = query.join(other, col(other.id) == by_id)
    rows = session.execute(
        query.order_by(table_id).limit(limit).with_for_update(of=sealed.table).execution_options(scope=_SCOPE)
    ).all()
    for row_id, value, by in rows:
        context = sealed.context.format(by)
        anew = vault.seal_bytes(vault.open_bytes(value, context), context)
        session.execute(update(sealed.table).where(table_id == row_id).values({sealed.column: anew}))
    return [row[0] for row in rows]


def _key_id(sealed: Sealed) -> Any:  # noqa: ANN401 -- an SQL function has no narrower type
    return func.substr(sealed.values, 1, KEY_ID, type_=LargeBinary())


def _there(sealed: Sealed) -> tuple[Any, ...]:
    """Neither empty nor erased."""
    return (sealed.values.is_not(None), sealed.values != b"")
