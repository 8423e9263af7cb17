"""报备, as JSON."""

from fastapi import APIRouter

from app import access
from app.actions import filing as actions
from app.actions.once import once
from app.queries import filing as queries
from app.routers.deps import Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.filing import FilingIn, FilingList, FilingView

router = APIRouter(prefix="/api/v1/desk/tickets", tags=["desk"])


@router.get("/{number}/filings", responses=problems(401, 403, 404))
def listed(number: str, caller: StaffCaller, db: Db, now: Now) -> FilingList:
    """What was filed with agencies about this ticket."""
    with db.read() as session:
        return queries.listed(session, access.staff(session, caller, now), number)


@router.post("/{number}/filings", status_code=201, responses=problems(401, 403, 404))
def file(number: str, form: FilingIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> FilingView:
    """报备: an agency was told, and gave this number for it."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        access.desk_ticket(session, staff, number)  # a replay, too, is for whoever may do it now
        return once(
            session,
            f"POST filings {number[:40]} {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            FilingView,
            lambda: actions.file(session, staff, number, form, now=now),
        )
