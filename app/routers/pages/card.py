"""连心卡: whom to call, to be kept, printed and put on the fridge."""

from fastapi import APIRouter
from starlette.responses import Response

from app.queries import card as queries
from app.routers import guesses
from app.routers.deps import Anyone
from app.routers.pages.frame import Visiting
from app.routers.render import unless_same

router = APIRouter(include_in_schema=False, dependencies=[Anyone])
KEPT_FOR = 600


@router.get("/card/{code}")
def shown(code: str, visit: Visiting) -> Response:
    """The duty phones behind a code on a wall, or of a compound. A browser keeps the page for ten minutes."""
    with guesses.codes(visit.db, visit.asker), visit.db.read() as session:
        view = queries.card(session, code, visit.now)
    response = unless_same(visit.request, visit.page("card.html", card=view))
    response.headers["Cache-Control"] = f"private, max-age={KEPT_FOR}"
    response.headers["Vary"] = "Cookie"
    return response
