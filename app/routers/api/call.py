"""Calls, as JSON: whom to call, that it was told, that nobody answered, and how it went."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app import access
from app.access import Staff
from app.actions import call as actions
from app.actions.once import once
from app.db import WriteSession
from app.queries import call as queries
from app.queries import place as places
from app.routers.api.desk import run_verb
from app.routers.deps import Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.call import CallbackIn, CallList, CallView, ToldIn
from app.schemas.desk import DeskTicket

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])
CallId = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/calls", response_model_exclude_unset=True, responses=problems(401, 403, 404))
def listed(
    caller: StaffCaller,
    db: Db,
    now: Now,
    compound: Annotated[str | None, Query(max_length=32)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> CallList:
    """The calls that this account has to make, the most urgent first."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        wanted = places.compound_id(session, staff, compound) if compound else None
        return queries.calls(session, staff, now, compound_id=wanted, cursor=cursor, limit=limit)


@router.post("/calls/{call_id}/done", response_model_exclude_unset=True, responses=problems(401, 403, 404, 409))
def told(call_id: CallId, caller: StaffCaller, key: Key, db: Db, now: Now, form: ToldIn | None = None) -> CallView:
    """打通了，已告知: of a call that tells an answer."""
    wanted = form or ToldIn()
    with db.write() as session:
        staff = access.staff(session, caller, now)
        queries.call(session, staff, call_id, now)  # a replay, too, is for whoever may do it now
        return once(
            session,
            f"POST calls done {call_id} {staff.account_id}",
            key,
            wanted.model_dump_json(),
            now,
            CallView,
            lambda: actions.told(session, staff, call_id, wanted, now=now),
        )


@router.post("/calls/{call_id}/missed", response_model_exclude_unset=True, responses=problems(401, 403, 404, 409))
def missed(call_id: CallId, caller: StaffCaller, key: Key, db: Db, now: Now) -> CallView:
    """没人接: of a call that tells an answer; three tries on two days end it."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        queries.call(session, staff, call_id, now)
        return once(
            session,
            f"POST calls missed {call_id} {staff.account_id}",
            key,
            "",
            now,
            CallView,
            lambda: actions.missed(session, staff, call_id, now=now),
        )


@router.post("/tickets/{number}/callback", response_model_exclude_unset=True, responses=problems(401, 403, 404, 409))
def callback(number: str, form: CallbackIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """回访: how it went, asked by somebody who did not handle it; "not solved" reopens the matter."""

    def act(session: WriteSession, staff: Staff) -> DeskTicket:
        return actions.callback(session, staff, number, form, now=now)

    return run_verb((caller, key, db, now), "callback", number, form.model_dump_json(), act)
