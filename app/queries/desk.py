"""The desk's reads: the queue, and one ticket."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime

from app import access
from app.access import QueueFilter, Staff, undoing
from app.db import ReadSession
from app.errors import InvalidError
from app.rules import refusals, workflow
from app.rules.undoing import WITHIN
from app.rules.vocabulary import Verb
from app.rules.workflow import Door
from app.schemas.desk import DeskTicket, QueueView

_EMPTY = QueueFilter()
_BEYOND_EVERY_ROW = 2**31


def queue(
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    wanted: QueueFilter = _EMPTY,
    cursor: str | None = None,
    limit: int = 20,
) -> QueueView:
    """The most urgent first: what somebody owes, then what waits for the resident; closed-out ones by status only."""
    after = None
    if cursor:
        rank, due, row = unpack(cursor, 3)
        after = (number(rank), instant(due), number(row))
    rows = access.desk_queue(session, staff, wanted, after, limit + 1, now)
    page, more = rows[:limit], len(rows) > limit
    last = page[-1].ticket if page else None
    return QueueView(
        items=access.queue_items(session, page, now),
        next_cursor=pack(last.queue, last.due_at.isoformat(), last.id) if more and last else None,
    )


def ticket(session: ReadSession, staff: Staff, number: str, now: datetime) -> DeskTicket:
    """One ticket on the desk. Raises NotFoundError."""
    return access.desk_ticket_view(session, access.desk_ticket(session, staff, number), staff, now)


def may_undo_until(session: ReadSession, staff: Staff, number: str, now: datetime) -> datetime | None:
    """Until when this account may take back the last step on a ticket; None where it may not. Raises NotFoundError."""
    seen = access.desk_ticket(session, staff, number)
    last, verb = undoing.last_step(session, seen.ticket), undoing.undoable(session, staff, seen.ticket, now)
    facts = access.standing(session, seen.ticket, now, account_id=staff.account_id)._replace(undoes=verb)
    offered = Verb.UNDO in workflow.legal(facts, access.hats_of(session, seen, now), Door.DESK)
    return last.at + WITHIN if last and offered else None


def pack(*position: object) -> str:
    """A place in a list as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def unpack(cursor: str, parts: int) -> Sequence[object]:
    """The place that a cursor stands for. Raises InvalidError for one that we did not make."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error
    if (
        not isinstance(position, list)
        or len(position) != parts
        or not all(isinstance(part, int | str) for part in position)
    ):
        raise bad_cursor()
    return position


def number(part: object) -> int:
    """A row's number out of a cursor. Raises InvalidError for what no row can have."""
    if isinstance(part, int) and not isinstance(part, bool) and 0 <= part < _BEYOND_EVERY_ROW:
        return part
    raise bad_cursor()


def instant(part: object) -> datetime:
    """An instant out of a cursor. Raises InvalidError."""
    try:
        at = datetime.fromisoformat(str(part))
    except ValueError as error:
        raise bad_cursor() from error
    if at.tzinfo is None:
        raise bad_cursor()
    return at


def bad_cursor() -> InvalidError:
    """The refusal of a cursor that we did not make."""
    return InvalidError(errors=[{"field": "cursor", "message": refusals.say("cursor_wrong")}])
