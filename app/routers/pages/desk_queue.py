"""The queue: the next thing on top. Whoever only holds slips finds those instead."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import QueueFilter, Staff
from app.db import ReadSession
from app.queries import compound as settings
from app.queries import compound_map as maps
from app.queries import desk as queries
from app.queries import onboarding
from app.queries import place as places
from app.queries import seat as seats
from app.queries import slip as slips
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages.desk_absence import AWAY_DAYS
from app.routers.pages.desk_shell import desk_page, sees_queue
from app.routers.render import unless_same
from app.rules import catalogue, sla, workflow
from app.rules.vocabulary import SlipStatus, Status
from app.schemas.desk import QueueItem

router = APIRouter(prefix="/desk", include_in_schema=False)
_CLOSED_SLIPS = (SlipStatus.DONE, SlipStatus.RETURNED, SlipStatus.CANCELLED)


class Wanted(NamedTuple):
    """The filters as the page has them; "" is no filter."""

    compound: str = ""
    status: str = ""
    category: str = ""
    overdue: str = ""
    q: str = ""
    stairwell: str = ""

    def address(self, cursor: str = "", path: str = "/desk") -> str:
        """The queue's address, or that of another page over it, with these filters."""
        given = {name: value for name, value in {**self._asdict(), "cursor": cursor}.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


def _wanted(
    compound: Annotated[str, Query(max_length=32)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    category: Annotated[str, Query(max_length=16)] = "",
    overdue: Annotated[str, Query(max_length=5)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    stairwell: Annotated[str, Query(max_length=64)] = "",
) -> Wanted:
    return Wanted(compound, status if status in set(Status) else "", category, overdue, q.strip(), stairwell)


Narrowed = Annotated[Wanted, Depends(_wanted)]


@router.get("")
def queue(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    wanted: Narrowed,
    cursor: Annotated[str, Query(max_length=200)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Most urgent first, in lanes: overdue, today, later, waiting for the resident. 304 where nothing moved."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        if not sees_queue(staff):
            return RedirectResponse("/desk/registry" if staff.is_admin and not staff.seats else "/desk/slips", 303)
        view = queries.queue(
            session, staff, now, wanted=narrowed(session, staff, wanted), cursor=cursor or None, limit=20
        )
        compounds = places.compounds(session, staff).items
        stairwell_name = maps.stairwell_name(session, staff, wanted.stairwell) if wanted.stairwell else ""
        own_seats = seats.own_absences(session, staff, now)
        short = settings.missing_years(session, staff, now)
        unfinished = onboarding.unfinished(session, staff, now)
    shown = desk_page(
        request,
        "queue.html",
        staff,
        tab="queue",
        now=now,
        lanes=lanes(view.items, now),
        short_tables=short,
        unfinished=unfinished,
        wanted=wanted,
        stairwell_name=stairwell_name,
        further=wanted.address(view.next_cursor) if view.next_cursor else "",
        from_start=not cursor,
        compounds=compounds,
        tops=catalogue.default().tops,
        statuses=list(Status),
        own_seats=own_seats,
        away_days=AWAY_DAYS,
        ok=ok,
    )
    return unless_same(request, shown)


@router.get("/slips")
def own_slips(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    which: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """我的任务单: the open ones, or those that are over."""
    closed = which == "closed"
    with db.read() as session:
        staff = access.staff(session, caller, now)
        statuses = _CLOSED_SLIPS if closed else ()
        view = slips.slips(session, staff, now, statuses=statuses, cursor=cursor or None, limit=20)
    further = {"which": "closed" if closed else "open", "cursor": view.next_cursor}
    return desk_page(
        request,
        "slips.html",
        staff,
        tab="slips",
        now=now,
        items=view.items,
        closed=closed,
        further=f"/desk/slips?{urlencode(further)}" if view.next_cursor else "",
        from_start=not cursor,
    )


def narrowed(session: ReadSession, staff: Staff, wanted: Wanted) -> QueueFilter:
    """The filters as the gate takes them. Raises NotFoundError for a compound that is not this account's."""
    return QueueFilter(
        compound_id=places.compound_id(session, staff, wanted.compound) if wanted.compound else None,
        statuses=(wanted.status,) if wanted.status else (),
        category=wanted.category or None,
        overdue=True if wanted.overdue else None,
        q=wanted.q or None,
        stairwell=wanted.stairwell or None,
    )


def lanes(items: Iterable[QueueItem], now: datetime) -> list[tuple[str, list[QueueItem]]]:
    """The lines under their headings. The queue's order keeps each heading in one piece."""
    return [(lane, list(found)) for lane, found in groupby(items, lambda item: _lane(item, now))]


def _lane(item: QueueItem, now: datetime) -> str:
    rank = workflow.queue(item.status)
    if rank:
        return ("", "waiting", "closed")[rank]
    if item.overdue:
        return "overdue"
    return "today" if item.due_at and sla.shown_deadline(item.due_at)[0] <= sla.local_day(now) else "later"
