"""我的账号: one's password, where one is logged in, and logging out everywhere."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.actions import staff as actions
from app.errors import AppError, InvalidError
from app.queries import staff as queries
from app.routers import guesses
from app.routers.deps import DESK_COOKIE, Asking, Db, DeskCaller, Now
from app.routers.pages.desk_shell import Typed, desk_page, filled, refusal_of, text_of
from app.rules import refusals
from app.schemas.staff import PasswordIn

router = APIRouter(prefix="/desk/account", include_in_schema=False)
HOME = "/desk/account"


@router.get("")
def account(
    request: Request, caller: DeskCaller, db: Db, now: Now, ok: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Who I am, and every session of mine that still opens the desk."""
    return _shown(request, caller, db, now, ok=ok)


@router.post("/password")
def change(request: Request, caller: DeskCaller, typed: Typed, db: Db, now: Now, asker: Asking) -> Response:
    """A new password, for whoever knows the old one; every other session ends."""
    try:
        form = filled(PasswordIn, {name: text_of(typed, name) for name in ("old", "new")})
        if form.new != text_of(typed, "again"):
            raise InvalidError(errors=[{"field": "again", "message": refusals.say("new_passwords_differ")}])
        guesses.change_password(db, caller, form, asker)
    except AppError as error:
        return _shown(request, caller, db, now, error=error)
    return RedirectResponse(f"{HOME}?ok=password", 303)


@router.post("/sessions/{session_id}/end")
def end(session_id: int, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Ends one of one's own sessions."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.end_session(session, staff, session_id, now=now)
    return RedirectResponse(f"{HOME}?ok=ended", 303)


@router.post("/sessions/end")
def end_all(caller: DeskCaller, db: Db, now: Now) -> Response:
    """Logs out everywhere, here too."""
    with db.write() as session:
        actions.end_sessions(session, access.staff(session, caller, now).account_id, now=now)
    answer = RedirectResponse("/desk/login?ok=bye", 303)
    answer.delete_cookie(DESK_COOKIE, path="/desk")
    return answer


def _shown(
    request: Request, caller: access.StaffKey, db: Db, now: Now, *, ok: str = "", error: AppError | None = None
) -> Response:
    with db.read() as session:
        staff = access.staff(session, caller, now)
        mine = queries.sessions(session, staff, caller.token, now)
    refusal = refusal_of(error, "password") if error else None
    response = desk_page(
        request,
        "account.html",
        staff,
        now=now,
        status=refusal.status if refusal else 200,
        sessions=mine.items,
        ok=ok,
        refusal=refusal,
    )
    if error is not None and "retry_after" in error.extra:
        response.headers["Retry-After"] = str(error.extra["retry_after"])
    return response
