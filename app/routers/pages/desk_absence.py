"""不在 and 回来了: one tap by which a grid head is away, or back."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app import access
from app.actions import absence as actions
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages.desk_shell import Typed, text_of
from app.rules import sla
from app.rules.workdays import DAY
from app.schemas.staff import AbsenceIn

router = APIRouter(prefix="/desk", include_in_schema=False)
AWAY_DAYS = (1, 3, 7)
"""For how many days the buttons mark somebody away, today included."""


@router.post("/absence")
def absence(typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Away until the end of the last of so many days; without days, back."""
    days = text_of(typed, "days")
    until = sla.end_of(sla.local_day(now) + (int(days) - 1) * DAY) if days in map(str, AWAY_DAYS) else None
    form = AbsenceIn(until=until)
    with db.write() as session:
        actions.mark(session, access.staff(session, caller, now), text_of(typed, "compound"), form, now=now)
    return RedirectResponse(f"/desk?ok={'away' if until else 'back'}", 303)
