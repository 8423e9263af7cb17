"""公示栏 for the neighbours, and 我也遇到 from the scan page. No page here knows a person."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.actions import board as actions
from app.errors import InvalidError, NotFoundError
from app.queries import board as queries
from app.routers import guesses
from app.routers.deps import Anyone, device_of
from app.routers.forms import Filled
from app.routers.pages.desk_shell import filled
from app.routers.pages.frame import Visiting
from app.rules import board
from app.schemas.board import MeTooIn
from qr import codes

router = APIRouter(include_in_schema=False, dependencies=[Anyone])


@router.get("/board/{compound}")
def shown(compound: str, visit: Visiting) -> HTMLResponse:
    """What was reported and done lately, and whether promises are kept."""
    with visit.db.read() as session:
        view = queries.view(session, compound, visit.now)
    return visit.page("board.html", board=view, board_words=board.words())


@router.post("/s/{code}/me-too")
def me_too(code: str, visit: Visiting, sent: Filled) -> Response:
    """我也遇到: one tap; what is no longer listed is simply not counted."""
    answer = RedirectResponse(f"/s/{codes.normalise(code)[-8:]}#matters", 303)
    device = device_of(visit.request, answer, secure=visit.settings.secure)
    try:
        form = filled(MeTooIn, sent.said("category"))
        with guesses.codes(visit.db, visit.asker), visit.db.write() as session:
            actions.me_too(session, code, form, asker=visit.asker._replace(device=device))
    except (InvalidError, NotFoundError):
        return answer
    return answer
