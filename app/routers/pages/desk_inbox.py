"""消息: what one's seats were told, the new ones marked; and, for whoever may send them again, what did not arrive."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.actions import message as actions
from app.errors import InvalidError
from app.queries import message as queries
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages.desk_shell import Typed, desk_page, filled, resends, text_of, texts_of
from app.rules import refusals
from app.schemas.message import ResendIn

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/inbox")
def inbox(request: Request, caller: DeskCaller, db: Db, now: Now) -> Response:
    """What this account's seats were told; opening the page is having seen it."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.inbox(session, staff, now)
        dead = len(queries.dead_letters(session, staff)) if resends(staff) else 0
    if view.unread:
        with db.write() as session:
            actions.seen(session, staff, view.items[0].id)
    seen = staff._replace(unread=0)
    return desk_page(request, "inbox.html", seen, tab="inbox", now=now, inbox=view, dead=dead)


@router.get("/messages")
def messages(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    ok: Annotated[str, Query(pattern=r"^[0-9]{1,4}$")] = "",
) -> Response:
    """What could not be sent, and why."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        letters = queries.dead_letters(session, staff)
    return desk_page(request, "messages.html", staff, tab="messages", now=now, letters=letters, ok=ok)


@router.post("/messages")
def resend(typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """重发: the one whose button was pressed, or all of them."""
    chosen = texts_of(typed, "id")
    if not chosen and not text_of(typed, "all"):
        raise InvalidError(refusals.say("message_missing"))
    form = filled(ResendIn, {"ids": chosen} if chosen else {})
    with db.write() as session:
        resent = actions.resend(session, access.staff(session, caller, now), form.ids, now=now)
    return RedirectResponse(f"/desk/messages?ok={resent}", 303)
