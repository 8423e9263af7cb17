"""Whom this account has to call, and what it reads out to whoever has just called it."""

from datetime import datetime, timedelta

from app import access
from app.access import Staff
from app.db import ReadSession
from app.queries.desk import instant, number, pack, unpack
from app.schemas.call import CallList, CallView
from app.schemas.intake import RecordedView

READ_OUT_WITHIN = timedelta(hours=1)


def calls(
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    compound_id: int | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> CallList:
    """The open calls of this account, the most urgent first."""
    after = None
    if cursor:
        due, row = unpack(cursor, 2)
        after = (instant(due), number(row))
    found = access.calls(session, staff, compound_id, after, limit + 1, now)
    page, more = found[:limit], len(found) > limit
    last = page[-1].task if page else None
    return CallList(
        items=access.call_views(session, page, now),
        next_cursor=pack(last.due_at.isoformat(), last.id) if more and last else None,
    )


def recorded(session: ReadSession, staff: Staff, number: str, now: datetime) -> RecordedView:
    """What this very account recorded within the hour; later the query code is the caller's alone. NotFoundError."""
    ticket = access.recorded_ticket(session, staff, number, now - READ_OUT_WITHIN)
    return access.recorded_view(session, ticket, now)


def call(session: ReadSession, staff: Staff, call_id: int, now: datetime) -> CallView:
    """One call of this account. Raises NotFoundError."""
    return access.call_views(session, [access.call(session, staff, call_id, now)], now)[0]
