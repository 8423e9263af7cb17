"""开通清单: the five steps of a new compound, each with what to do next."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app import access
from app.queries import onboarding as queries
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages.desk_figures import own_compound
from app.routers.pages.desk_shell import acts_as, desk_page
from app.rules.vocabulary import Role

router = APIRouter(prefix="/desk/onboarding", include_in_schema=False)


@router.get("")
def shown(
    request: Request, caller: DeskCaller, db: Db, now: Now, compound: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    """The checklist of one compound; without a name, of the account's first."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen, _ = own_compound(session, staff, compound)
        view = queries.view(session, staff, chosen, now)
    return desk_page(
        request,
        "onboarding.html",
        staff,
        tab="registry",
        now=now,
        view=view,
        may_seat=staff.is_admin or acts_as(staff, view.compound, Role.COMMITTEE_SECRETARY),
        may_make=staff.is_admin or acts_as(staff, view.compound, Role.GRID_HEAD),
    )
