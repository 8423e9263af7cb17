"""Logging in to the desk and out of it."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app.actions import staff as actions
from app.errors import AppError
from app.routers import guesses
from app.routers.deps import (
    DESK_COOKIE,
    Anyone,
    Asking,
    Config,
    Db,
    DeskCaller,
    Now,
    known_device,
    remember_device,
)
from app.routers.pages.desk_shell import Typed, text_of
from app.routers.render import page

router = APIRouter(prefix="/desk", include_in_schema=False)
HOME = "/desk"
_LOCAL = re.compile(r"/desk(?:[/?][\x21-\x5b\x5d-\x7e]*)?")
_TRY_AGAIN = frozenset({401, 429})


def _next(wanted: str) -> str:
    """Where to go after the login: a page of the desk and nothing else."""
    return wanted if _LOCAL.fullmatch(wanted) else HOME


@router.get("/login", dependencies=[Anyone])
def ask(
    request: Request,
    wanted: Annotated[str, Query(alias="next", max_length=500)] = HOME,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """User name and password."""
    return page(request, "desk/login.html", next=_next(wanted), ok=ok, username="", problem="")


@router.post("/login", dependencies=[Anyone])
def log_in(request: Request, typed: Typed, db: Db, now: Now, settings: Config, asker: Asking) -> Response:
    """Sets the desk's cookie and goes on; a wrong password keeps the user name."""
    username, wanted = text_of(typed, "username").strip(), _next(text_of(typed, "next"))
    try:
        with guesses.passwords(db, username, asker, known=known_device(request, username)), db.read() as session:
            account = actions.verify(session, username, text_of(typed, "password"))
        with db.write() as session:
            token = actions.log_in(session, account, now=now, via="desk")
    except AppError as error:
        if error.status not in _TRY_AGAIN:
            raise
        problem = error.detail
        response = page(
            request,
            "desk/login.html",
            status=error.status,
            next=wanted,
            ok="",
            username=username,
            problem=problem,
            wait="retry_after" in error.extra,
        )
        if "retry_after" in error.extra:
            response.headers["Retry-After"] = str(error.extra["retry_after"])
        return response
    answer = RedirectResponse(wanted, 303)
    # Lax, not strict: a link in a message must find the login. Posts from other sites are refused at the edge.
    answer.set_cookie(
        DESK_COOKIE,
        token.access_token,
        max_age=token.expires_in,
        path=HOME,
        httponly=True,
        secure=settings.secure,
        samesite="lax",
    )
    remember_device(request, answer, username, secure=settings.secure)
    return answer


@router.post("/logout")
def log_out(caller: DeskCaller, db: Db, now: Now) -> Response:
    """Ends the token and forgets the cookie."""
    with db.write() as session:
        actions.log_out(session, caller.token, now=now)
    answer = RedirectResponse("/desk/login?ok=bye", 303)
    answer.delete_cookie(DESK_COOKIE, path=HOME)
    return answer
