"""The map of a compound, as JSON."""

from fastapi import APIRouter

from app import access
from app.queries import compound_map as queries
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.compound_map import MapView

router = APIRouter()


@router.get("/api/v1/compounds/{code}/map", tags=["desk"], responses=problems(401, 403, 404))
def shown(code: str, caller: StaffCaller, db: Db, now: Now) -> MapView:
    """Buildings and stairwells, with how many tickets that this account may see are open behind each."""
    with db.read() as session:
        return queries.view(session, access.staff(session, caller, now), code, now)
