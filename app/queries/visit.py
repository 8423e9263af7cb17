"""Visits and greeting calls: whom to look after today, every plan, and figures."""

from datetime import datetime, timedelta

from app.access import Staff, visits
from app.db import ReadSession
from app.errors import NotFoundError
from app.queries.desk import bad_cursor, number, pack, unpack
from app.rules import sla
from app.schemas.visit import VisitorView, VisitPlanList, VisitPlanView, VisitToday

COUNTED_OVER = timedelta(days=30)
MOST_A_DAY = 200


def plans(
    session: ReadSession, staff: Staff, now: datetime, *, cursor: str | None = None, limit: int = 50
) -> VisitPlanList:
    """Every running plan that this account may see, the next one first; figures where it may have figures.

    Raises NotFoundError for an account that neither visits anybody nor heads a grid nor is secretary.
    """
    _check(session, staff, now)
    after = None
    if cursor:
        day, row = unpack(cursor, 2)
        if not isinstance(day, str):
            raise bad_cursor()
        after = (day, number(row))
    found = visits.visit_plans(session, staff, now, until=None, after=after, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return VisitPlanList(
        items=visits.visit_views(session, staff, page, now),
        counts=[] if cursor else visits.visit_counts(session, staff, now - COUNTED_OVER, now),
        next_cursor=pack(page[-1].next_on, page[-1].id) if more else None,
    )


def today(session: ReadSession, staff: Staff, now: datetime) -> VisitToday:
    """Whom to visit or to ring up today, those of days before first. Raises NotFoundError as `plans` does."""
    _check(session, staff, now)
    found = visits.visit_plans(session, staff, now, until=sla.local_day(now), after=None, limit=MOST_A_DAY)
    return VisitToday(items=visits.visit_views(session, staff, found, now))


def plan(session: ReadSession, staff: Staff, plan_id: int, now: datetime) -> VisitPlanView:
    """One plan. Raises NotFoundError."""
    return visits.visit_views(session, staff, [visits.visit_plan(session, staff, plan_id, now)], now)[0]


def visitors(session: ReadSession, staff: Staff, compound_id: int, now: datetime) -> list[VisitorView]:
    """Who may be asked to visit, for whoever plans. Raises NotFoundError for everybody else."""
    if not visits.heads_grid(staff, compound_id):
        raise NotFoundError
    return list(visits.visitors(session, compound_id, now).values())


def _check(session: ReadSession, staff: Staff, now: datetime) -> None:
    if not visits.has_visits(session, staff, now):
        raise NotFoundError
