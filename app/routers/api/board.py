"""公示栏 and 我也遇到, as JSON: for everybody, without a person, a text of the reporter or a number of a ticket."""

from fastapi import APIRouter, Request, Response

from app.actions import board as actions
from app.queries import board as queries
from app.routers import guesses
from app.routers.deps import Anyone, Asking, Config, Db, Now, device_in, device_of
from app.routers.problems import problems
from app.schemas.board import BoardView, MattersView, MeTooIn

router = APIRouter(prefix="/api/v1", tags=["resident"], dependencies=[Anyone])


@router.get("/board/{compound}", responses=problems(404))
def board(compound: str, db: Db, now: Now) -> BoardView:
    """What was reported and done lately; kinds, buildings and states only, and no count below three."""
    with db.read() as session:
        return queries.view(session, compound, now)


@router.get("/codes/{code}/matters", responses=problems(404, 410, 429))
def matters(code: str, request: Request, db: Db, asker: Asking) -> MattersView:
    """What is under way in the shared space behind a code: kind and state."""
    with guesses.codes(db, asker), db.read() as session:
        return queries.matters(session, code, device_in(request))


@router.post("/codes/{code}/me_too", responses=problems(404, 410, 429))
def me_too(
    code: str, form: MeTooIn, request: Request, response: Response, db: Db, asker: Asking, settings: Config
) -> MattersView:
    """我也遇到: counted once for each device (by cookie); the answer is the list as it now is."""
    device = device_of(request, response, secure=settings.secure)
    with guesses.codes(db, asker), db.write() as session:
        actions.me_too(session, code, form, asker=asker._replace(device=device))
        return queries.matters(session, code, device)
