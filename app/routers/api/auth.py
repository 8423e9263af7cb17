"""Staff logins, as JSON: an opaque token that can be taken back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from app import access
from app.actions import staff as actions
from app.queries import staff as queries
from app.routers import guesses
from app.routers.deps import Anyone, Asking, Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.staff import MeView, PasswordIn, SessionList, TokenView

router = APIRouter(prefix="/api/v1/auth", tags=["staff"])


@router.post("/token", dependencies=[Anyone], responses=problems(401, 429))
def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], db: Db, now: Now, asker: Asking) -> TokenView:
    """OAuth2 password form in, bearer token out."""
    with guesses.passwords(db, form.username, asker), db.read() as session:
        account = actions.verify(session, form.username, form.password)
    with db.write() as session:
        return actions.log_in(session, account, now=now)


@router.get("/me", responses=problems(401, 403))
def me(caller: StaffCaller, db: Db, now: Now) -> MeView:
    """Who am I, and what may I act as at this minute?"""
    with db.read() as session:
        return queries.me(access.staff(session, caller, now))


@router.get("/sessions", responses=problems(401, 403))
def sessions(caller: StaffCaller, db: Db, now: Now) -> SessionList:
    """Where this account is logged in, the newest first."""
    with db.read() as session:
        return queries.sessions(session, access.staff(session, caller, now), caller.token, now)


@router.delete("/sessions", status_code=204, response_class=Response, responses=problems(401, 403))
def log_out_everywhere(caller: StaffCaller, db: Db, now: Now) -> None:
    """Ends every session of this account, this one too."""
    with db.write() as session:
        actions.end_sessions(session, access.staff(session, caller, now).account_id, now=now)


@router.put("/password", status_code=204, response_class=Response, responses=problems(401, 403, 429))
def change_password(form: PasswordIn, caller: StaffCaller, db: Db, asker: Asking) -> None:
    """A new password, for whoever knows the old one. Every other session of the account ends."""
    guesses.change_password(db, caller, form, asker)


@router.delete("/token", status_code=204, response_class=Response, responses=problems(401, 403))
def log_out(caller: StaffCaller, db: Db, now: Now) -> None:
    """Ends this token."""
    with db.write() as session:
        access.staff(session, caller, now)
        actions.log_out(session, caller.token, now=now)
