"""A slip holder's reads."""

from datetime import datetime

from app import access
from app.access import SlipKey, Staff
from app.db import ReadSession
from app.queries.desk import number, pack, unpack
from app.schemas.desk import SlipList, SlipView


def slips(
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    statuses: tuple[str, ...] = (),
    cursor: str | None = None,
    limit: int = 20,
) -> SlipList:
    """The slips of this account's seats, the most urgent first."""
    after = None
    if cursor:
        after = number(unpack(cursor, 1)[0])
    rows = access.own_slips(session, staff, statuses, after, limit + 1)
    page, more = rows[:limit], len(rows) > limit
    named = access.names_for(session, [ticket for _, ticket in page])
    return SlipList(
        items=[access.slip_line(slip, ticket, named, now) for slip, ticket in page],
        next_cursor=pack(page[-1][0].id) if more else None,
    )


def slip(session: ReadSession, holder: Staff | SlipKey, slip_no: str | None, now: datetime) -> SlipView:
    """One slip. Raises NotFoundError, LinkBoundError."""
    return access.slip_view(session, access.slip(session, holder, slip_no, now), now)
