"""The roster, as JSON: who holds which seat of a compound."""

from fastapi import APIRouter

from app import access
from app.actions import absence as absence_actions
from app.actions import seat as actions
from app.queries import seat as queries
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.staff import AbsenceIn, HeadsIn, RosterView

router = APIRouter(prefix="/api/v1/compounds/{code}/heads", tags=["registry"])


@router.put("", responses=problems(401, 403, 404))
def set_heads(code: str, form: HeadsIn, caller: StaffCaller, db: Db, now: Now) -> RosterView:
    """Sets the named seats, all or none; other seats stay. Committee secretary or administrator."""
    with db.write() as session:
        return actions.set_heads(session, access.staff(session, caller, now), code, form, now=now)


@router.post("/absence", responses=problems(401, 403, 404))
def absence(code: str, form: AbsenceIn, caller: StaffCaller, db: Db, now: Now) -> RosterView:
    """Marks a grid head away until an instant, or back (null). Grid heads themselves, or the committee secretary."""
    with db.write() as session:
        return absence_actions.mark(session, access.staff(session, caller, now), code, form, now=now)


@router.get("", responses=problems(401, 403, 404))
def heads(code: str, caller: StaffCaller, db: Db, now: Now) -> RosterView:
    """Every seat as it stands now, and the roles that nobody holds."""
    with db.read() as session:
        return queries.roster(session, access.staff(session, caller, now), code, now)
