"""What a compound still needs before its residents can scan, as JSON."""

from fastapi import APIRouter

from app import access
from app.queries import onboarding as queries
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.onboarding import OnboardingView

router = APIRouter()


@router.get("/api/v1/compounds/{code}/onboarding", tags=["registry"], responses=problems(401, 403, 404))
def shown(code: str, caller: StaffCaller, db: Db, now: Now) -> OnboardingView:
    """Import, heads, codes, print, test scan: how far each is. Administrators, the secretary, the grid head."""
    with db.read() as session:
        return queries.view(session, access.staff(session, caller, now), code, now)
