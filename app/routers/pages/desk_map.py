"""小区图: where it burns, one square per stairwell, each a way into the queue; the same as a table beside it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app import access
from app.errors import NotFoundError
from app.queries import compound_map as queries
from app.queries import place as places
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages.desk_shell import desk_page, sees_tickets_of
from app.routers.render import unless_same
from app.rules import refusals

router = APIRouter(prefix="/desk/map", include_in_schema=False)
_SHADES = (1, 3, 6)
"""From how many open tickets on a square is shaded one step darker."""


@router.get("")
def shown(
    request: Request, caller: DeskCaller, db: Db, now: Now, compound: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    """The map of one compound; without a name, of the account's first. 304 where nothing moved."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        compounds = [one for one in places.compounds(session, staff).items if sees_tickets_of(staff, one.code)]
        if not compound and not compounds:
            raise NotFoundError(refusals.say("no_compound_of_yours"))
        view = queries.view(session, staff, compound or compounds[0].code, now)
    page = desk_page(
        request,
        "map.html",
        staff,
        tab="queue",
        now=now,
        map=view,
        compounds=compounds,
        shade=lambda many: sum(many >= least for least in _SHADES),
        queue_of=lambda code: f"/desk?{urlencode({'compound': view.code, 'stairwell': code})}",
    )
    return unless_same(request, page)
