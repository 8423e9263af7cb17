"""Visits and greeting calls, as JSON. A plan is there for its visitor and the grid head, and for nobody else."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app import access
from app.actions import visit as actions
from app.actions.once import once
from app.queries import visit as queries
from app.routers.deps import Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.visit import (
    VisitPlanIn,
    VisitPlanList,
    VisitPlanView,
    VisitResultIn,
    VisitRevealed,
    VisitRevealIn,
    VisitToday,
)

router = APIRouter(prefix="/api/v1/desk/visits", tags=["desk"])
PlanId = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("", responses=problems(401, 403, 404))
def listed(
    caller: StaffCaller,
    db: Db,
    now: Now,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> VisitPlanList:
    """Every running plan of this visitor or grid head, the next one first; for a secretary figures only."""
    with db.read() as session:
        return queries.plans(session, access.staff(session, caller, now), now, cursor=cursor, limit=limit)


@router.post("", status_code=201, responses=problems(401, 403, 404))
def plan(form: VisitPlanIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> VisitPlanView:
    """安排走访 or 问候电话. Grid heads only."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST visits {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            VisitPlanView,
            lambda: actions.plan(session, staff, form, now=now),
        )


@router.get("/today", responses=problems(401, 403, 404))
def today(caller: StaffCaller, db: Db, now: Now) -> VisitToday:
    """Whom to visit or to ring up today, those of days before first."""
    with db.read() as session:
        return queries.today(session, access.staff(session, caller, now), now)


@router.post("/{plan_id}/result", responses=problems(401, 403, 404))
def result(plan_id: PlanId, form: VisitResultIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> VisitPlanView:
    """How it went; the answer says when the next one is."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        queries.plan(session, staff, plan_id, now)  # a replay, too, is for whoever may do it now
        return once(
            session,
            f"POST visits result {plan_id} {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            VisitPlanView,
            lambda: actions.result(session, staff, plan_id, form, now=now),
        )


@router.post("/{plan_id}/reveal", response_model_exclude_unset=True, responses=problems(401, 403, 404))
def reveal(plan_id: PlanId, form: VisitRevealIn, caller: StaffCaller, db: Db, now: Now) -> VisitRevealed:
    """Name, telephone or door in plain, to call or to ring the bell; every look is in the access log."""
    with db.write() as session:
        return actions.reveal(session, access.staff(session, caller, now), plan_id, form, now=now)


@router.post("/{plan_id}/end", responses=problems(401, 403, 404))
def end(plan_id: PlanId, caller: StaffCaller, key: Key, db: Db, now: Now) -> VisitPlanView:
    """No more visits: at one word of the person."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST visits end {plan_id} {staff.account_id}",
            key,
            "",
            now,
            VisitPlanView,
            lambda: actions.end(session, staff, plan_id, now=now),
        )
