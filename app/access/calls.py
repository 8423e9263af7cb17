"""Whom this account has to call: tell what was answered, or ask how it went. Rows first, as everywhere."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.access import callers, rows
from app.access.actors import Staff
from app.access.rows import Seen
from app.db import ReadSession, WriteSession
from app.errors import NotFoundError
from app.models.call_task import CallTask, note_context
from app.models.ticket import Ticket
from app.rules import refusals
from app.rules.privacy import Column
from app.rules.vocabulary import CallKind, CallReason, CallStatus

_CALLS = (
    select(CallTask)
    .where(CallTask.ticket_id == bindparam("ticket"))
    .order_by(col(CallTask.id))
    .execution_options(scope="ticket")
)
_HANDLED = (
    select(Ticket.id)
    .where(Ticket.id == bindparam("ticket"), callers.handled(bindparam("account")))
    .execution_options(scope="ticket")
)


class Call(NamedTuple):
    """A call to make, and what its viewer may have of the ticket."""

    task: CallTask
    seen: Seen


def call(session: ReadSession, staff: Staff, call_id: int, now: datetime, *, lock: bool = False) -> Call:
    """One call that this account may make. Raises NotFoundError where it is not theirs, or not there."""
    conditions = rows.visible(staff)
    query = select_columns(CallTask, Ticket, *conditions.values()).join(
        Ticket, col(Ticket.id) == col(CallTask.ticket_id)
    )
    query = query.where(col(CallTask.id) == call_id, callers.theirs(staff, conditions, now))
    if lock:
        query = query.with_for_update(of=[Ticket, CallTask], key_share=True)
    row = session.execute(query.execution_options(scope="calls", populate_existing=lock)).one_or_none()
    if row is None:
        raise NotFoundError(refusals.say("call_gone"))
    return _call(row, list(conditions), staff)


def calls(
    session: ReadSession,
    staff: Staff,
    compound_id: int | None,
    after: tuple[datetime, int] | None,
    limit: int,
    now: datetime,
) -> list[Call]:
    """The next `limit` open calls of this account, the most urgent first."""
    conditions = rows.visible(staff)
    query = (
        select_columns(CallTask, Ticket, *conditions.values())
        .join(Ticket, col(Ticket.id) == col(CallTask.ticket_id))
        .where(
            col(CallTask.compound_id).in_(sorted(staff.compounds())),
            col(CallTask.status) == CallStatus.OPEN,
            callers.theirs(staff, conditions, now),
        )
    )
    if compound_id is not None:
        query = query.where(col(CallTask.compound_id) == compound_id)
    if after is not None:
        due, row_id = after
        later = and_(col(CallTask.due_at) == due, col(CallTask.id) > row_id)
        query = query.where(or_(col(CallTask.due_at) > due, later))
    query = query.order_by(col(CallTask.due_at), col(CallTask.id)).limit(limit)
    found = session.execute(query.execution_options(scope="calls"))
    return [_call(row, list(conditions), staff) for row in found]


def calls_of(session: ReadSession, ticket: Ticket) -> list[CallTask]:
    """Every call about a ticket that access has handed out, oldest first."""
    return list(session.exec(_CALLS, params={"ticket": ticket.id}))


def call_note(session: ReadSession, task: CallTask) -> str | None:
    """What the caller wrote down."""
    return session.vault.open(task.note_sealed, note_context(task.ticket_id)) if task.note_sealed else None


def seal_note(session: WriteSession, task: CallTask, plain: str) -> bytes:
    """Ciphertext of a caller's note."""
    return session.vault.seal(plain, note_context(task.ticket_id))


def handled_it(session: ReadSession, ticket: Ticket, account_id: int) -> bool:
    """Whether this account recorded or handled the ticket (domain rules §2.6, §5)."""
    return session.exec(_HANDLED, params={"ticket": ticket.id, "account": account_id}).first() is not None


def may_not_ask(session: ReadSession, ticket: Ticket, account_id: int, now: datetime) -> bool:
    """Whether this account handled the ticket and leaves it to somebody else to ask how it went."""
    if not handled_it(session, ticket, account_id):
        return False
    query = select(Ticket.id).where(Ticket.id == ticket.id, callers.somebody_else_asks(account_id, now))
    return session.exec(query.execution_options(scope="ticket")).first() is not None


def has_open_callback(session: ReadSession, ticket: Ticket, account_id: int, now: datetime) -> bool:
    """Whether this account is asked to call the ticket's reporter back, who spoke for themselves."""
    query = (
        select(CallTask.id)
        .join(Ticket, col(Ticket.id) == col(CallTask.ticket_id))
        .where(
            CallTask.ticket_id == ticket.id,
            CallTask.reason != CallReason.BY_HAND,  # nobody gives themselves a reason to look
            CallTask.kind == CallKind.CALLBACK,
            CallTask.status == CallStatus.OPEN,
            callers.own_words(),
        )
    )
    waiting = session.exec(query.execution_options(scope="ticket")).first() is not None
    return waiting and not may_not_ask(session, ticket, account_id, now)


def has_open_tell(session: ReadSession, staff: Staff, ticket: Ticket, now: datetime) -> bool:
    """Whether an answer to the ticket's reporter waits to be told, and it falls to this account to tell it."""
    query = (
        select(CallTask.id)
        .join(Ticket, col(Ticket.id) == col(CallTask.ticket_id))
        .where(
            CallTask.ticket_id == ticket.id,
            CallTask.kind == CallKind.TELL,
            CallTask.status == CallStatus.OPEN,
            callers.falls_to(rows.visible(staff), now),
        )
    )
    return session.exec(query.execution_options(scope="calls")).first() is not None


def _call(row: Row[Any], columns: Iterable[Column], staff: Staff) -> Call:
    return Call(row[0], rows.seen(row[1:], columns, staff))
