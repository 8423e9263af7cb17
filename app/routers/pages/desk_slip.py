"""任务单 for whoever holds it by account: what, where, by when; two taps to accept and finish."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Credentials, Staff
from app.actions import grant as grants
from app.actions import slip as actions
from app.actions.desk import LONGEST_PROMISE
from app.actions.once import once
from app.db import WriteSession
from app.errors import AppError, NotFoundError
from app.queries import photo as pictures
from app.queries import slip as queries
from app.routers import forms
from app.routers.deps import Config, Db, DeskCaller, Files, Now, desk_session
from app.routers.forms import Filled, Kept, Sent
from app.routers.pages.desk_shell import Refusal, desk_page, refusal_of
from app.rules import sla
from app.rules.vocabulary import ReplyKind
from app.schemas.desk import SlipView
from app.schemas.rights import AddressView

router = APIRouter(prefix="/desk", include_in_schema=False)

Act = Callable[[WriteSession, Staff, str, datetime], SlipView]


@router.get("/slips/{slip_no}")
def slip(
    request: Request,
    slip_no: str,
    caller: DeskCaller,
    db: Db,
    now: Now,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One slip; `ok` names the verb that has just been done."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.slip(session, staff, slip_no, now)
    return _page(request, staff, view, now, ok=ok)


@router.get("/slips/{slip_no}/{verb}", dependencies=[Depends(desk_session)])
def back(slip_no: str) -> Response:
    """The address of a form that was sent, opened again: a phone that woke up gets the slip."""
    return RedirectResponse(f"/desk/slips/{slip_no}", 303)


@router.post("/slips/{slip_no}/address")
def address(request: Request, slip_no: str, caller: DeskCaller, db: Db, now: Now) -> Response:
    """看门牌号: on this one answer, while the grant holds; given or refused, it is in the access log."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        queries.slip(session, staff, slip_no, now)
        found = grants.show(session, staff, slip_no, now=now)
        view = queries.slip(session, staff, slip_no, now)
    refusal = None if found.view else Refusal("address", 403, found.why_not, {})
    return _page(request, staff, view, now, refusal=refusal, door=found.view)


@router.post("/slips/{slip_no}/{verb}")
def act(
    request: Request,
    slip_no: str,
    verb: str,
    sent: Filled,
    caller: DeskCaller,
    db: Db,
    files: Files,
    settings: Config,
    now: Now,
) -> Response:
    """One verb of a slip, once per submit key. Photos are stored first, and only for whoever holds the slip."""
    if verb not in _READY:
        raise NotFoundError
    with db.read() as session:
        staff = access.staff(session, caller, now)
        queries.slip(session, staff, slip_no, now)
    kept = forms.keep_photos(sent, db, files, now, settings)
    try:
        body, do = _READY[verb](sent, kept)
        with db.write() as session:
            staff = access.staff(session, caller, now)
            scope = f"PAGE {verb} {slip_no[:40]} {staff.account_id}"
            view = once(session, scope, sent.key, body, now, SlipView, lambda: do(session, staff, slip_no, now))
    except AppError as error:
        refusal = refusal_of(error, verb)
    else:
        return RedirectResponse(f"/desk/slips/{view.slip_no}?ok={verb}", 303)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.slip(session, staff, slip_no, now)
    typed = {name: [value] for name, value in sent.given.items() if isinstance(value, str)} | {"kept": kept.keys}
    return _page(request, staff, view, now, refusal=refusal, typed=typed)


@router.get("/photos/{key}")
def photo(key: str, caller: DeskCaller, db: Db, files: Files, now: Now) -> Response:
    """A cleared photo, or one that staff took, for whoever sees its ticket."""
    with db.read() as session:
        who = Credentials(staff=access.staff(session, caller, now))
        return Response(pictures.jpeg(session, files, key, who, now), media_type="image/jpeg")


def _accept(_sent: Sent, _kept: Kept) -> tuple[str, Act]:
    return "", lambda session, staff, slip_no, now: actions.accept(session, staff, slip_no, now=now)


def _progress(sent: Sent, kept: Kept) -> tuple[str, Act]:
    form = forms.progress(sent, kept)
    body = forms.body_of(form, kept)
    return body, lambda session, staff, slip_no, now: actions.progress(session, staff, slip_no, form, now=now)


def _ask(sent: Sent, _kept: Kept) -> tuple[str, Act]:
    form = forms.question(sent)
    body = form.model_dump_json()
    return body, lambda session, staff, slip_no, now: actions.ask(session, staff, slip_no, form, now=now)


def _reply(sent: Sent, _kept: Kept) -> tuple[str, Act]:
    form = forms.reply(sent)
    body = form.model_dump_json()
    return body, lambda session, staff, slip_no, now: actions.draft_reply(session, staff, slip_no, form, now=now)


def _done(sent: Sent, kept: Kept) -> tuple[str, Act]:
    form = forms.done(sent, kept)
    body = forms.body_of(form, kept)
    return body, lambda session, staff, slip_no, now: actions.done(session, staff, slip_no, form, now=now)


def _give_back(sent: Sent, _kept: Kept) -> tuple[str, Act]:
    form = forms.reason(sent)
    body = form.model_dump_json()
    return body, lambda session, staff, slip_no, now: actions.give_back(session, staff, slip_no, form, now=now)


_READY: dict[str, Callable[[Sent, Kept], tuple[str, Act]]] = {
    "accept": _accept,
    "progress": _progress,
    "ask": _ask,
    "reply": _reply,
    "done": _done,
    "return": _give_back,
}


def _page(
    request: Request,
    staff: Staff,
    view: SlipView,
    now: datetime,
    *,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
    door: AddressView | None = None,
) -> Response:
    today = sla.local_day(now)
    return desk_page(
        request,
        "slip.html",
        staff,
        tab="slips",
        status=refusal.status if refusal else 200,
        now=now,
        slip=view,
        door=door,
        reply_kinds=list(ReplyKind),
        first_day=today,
        last_day=today + LONGEST_PROMISE,
        refusal=refusal,
        typed=typed or {},
        form_key=forms.new_key(),
        ok=ok,
    )
