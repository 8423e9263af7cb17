"""Who looked at what, as JSON; and looks at minors' data, which the secretary approves or not."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app import access
from app.access.looks import LookFilter
from app.actions import looking as actions
from app.queries import look as queries
from app.queries import place as places
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.rules import sla
from app.rules.rights import RequestStatus
from app.rules.workdays import DAY
from app.schemas.rights import LookLog, RevealRequestList, RevealRequestView

router = APIRouter(prefix="/api/v1", tags=["desk"])
RequestId = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/access-log", response_model_exclude_unset=True, responses=problems(401, 403, 404))
def log(
    caller: StaffCaller,
    db: Db,
    now: Now,
    compound: Annotated[str | None, Query(max_length=32)] = None,
    number: Annotated[str | None, Query(max_length=40)] = None,
    account: Annotated[str | None, Query(max_length=40)] = None,
    since: Annotated[date | None, Query(alias="from")] = None,
    to: date | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> LookLog:
    """Reveals and refusals, the newest first. Whole compounds for secretary and community, own lines for everybody.

    `from` and `to` are local days, both included.
    """
    with db.read() as session:
        staff = access.staff(session, caller, now)
        wanted = LookFilter(
            compound_id=places.compound_id(session, staff, compound) if compound else None,
            number=number,
            username=account,
            since=sla.end_of(since - DAY) if since else None,
            until=sla.end_of(to) if to else None,
        )
        return queries.log(session, staff, now, wanted, cursor=cursor, limit=limit)


@router.get("/desk/reveal_requests", responses=problems(401, 403))
def requests(
    caller: StaffCaller,
    db: Db,
    now: Now,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> RevealRequestList:
    """Looks at minors' data that were asked for, the newest first: number, leaf and who asks; no content."""
    with db.read() as session:
        return queries.requests(session, access.staff(session, caller, now), cursor=cursor, limit=limit)


@router.post("/desk/reveal_requests/{request_id}/approve", responses=problems(401, 403, 404, 409))
def approve(request_id: RequestId, caller: StaffCaller, db: Db, now: Now) -> RevealRequestView:
    """批准: for 24 hours, for the one who asked and the fields that were asked for."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return actions.decide(session, staff, request_id, RequestStatus.APPROVED, now=now)


@router.post("/desk/reveal_requests/{request_id}/refuse", responses=problems(401, 403, 404, 409))
def refuse(request_id: RequestId, caller: StaffCaller, db: Db, now: Now) -> RevealRequestView:
    """不批准."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return actions.decide(session, staff, request_id, RequestStatus.REFUSED, now=now)
