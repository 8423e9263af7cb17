"""Staff logins, as JSON: an opaque token that can be taken back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from app import access
from app.actions import staff as actions
from app.queries import staff as queries
from app.routers.deps import Anyone, Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.staff import MeView, TokenView

router = APIRouter(prefix="/api/v1/auth", tags=["staff"])


@router.post("/token", dependencies=[Anyone], responses=problems(401, 429))
def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], db: Db, now: Now) -> TokenView:
    """OAuth2 password form in, bearer token out."""
    with db.read() as session:
        account = actions.verify(session, form.username, form.password)
    with db.write() as session:
        return actions.log_in(session, account, now=now)


@router.get("/me", responses=problems(401, 403))
def me(caller: StaffCaller, db: Db, now: Now) -> MeView:
    """Who am I, and what may I act as at this minute?"""
    with db.read() as session:
        return queries.me(access.staff(session, caller, now))


@router.delete("/token", status_code=204, response_class=Response, responses=problems(401, 403))
def log_out(caller: StaffCaller, db: Db, now: Now) -> None:
    """Ends this token."""
    with db.write() as session:
        access.staff(session, caller, now)
        actions.log_out(session, caller.token, now=now)
