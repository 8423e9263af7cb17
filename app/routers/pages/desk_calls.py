"""电话: whom to call today and why; one tap shows the number and dials it, one more says how it went."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff
from app.actions import call as actions
from app.actions import desk
from app.db import ReadSession, WriteSession
from app.errors import AppError, InvalidError, VerbNotYoursError
from app.queries import call as queries
from app.routers.deps import Db, DeskCaller, Now, desk_session
from app.routers.forms import new_key
from app.routers.pages.desk_acts import callback_form
from app.routers.pages.desk_shell import (
    Call,
    Refusal,
    Typed,
    desk_page,
    filled,
    kept,
    refusal_of,
    refused_once,
    text_of,
)
from app.rules import refusals, sla
from app.rules.vocabulary import CallKind, CallResult, RevealPurpose, Solved
from app.schemas.call import CallbackIn, CallView, ToldIn
from app.schemas.desk import DeskTicket, RevealIn

router = APIRouter(prefix="/desk/calls", include_in_schema=False)
CallId = Annotated[int, Path(ge=0, le=2**31 - 1)]
Act = Callable[[WriteSession, Staff, CallView], None]


@router.get("")
def listed(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    cursor: Annotated[str, Query(max_length=200)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The calls that wait for this account, the most urgent first."""
    with db.read() as session:
        return _page(request, session, access.staff(session, caller, now), now, cursor=cursor, ok=ok)


@router.post("/{call_id}/reveal")
def reveal(request: Request, call_id: CallId, caller: DeskCaller, db: Db, now: Now) -> Response:
    """打电话: the number on this one answer, to be tapped; given or refused, it is in the access log."""
    try:
        with db.write() as session:
            staff = access.staff(session, caller, now)
            view = queries.call(session, staff, call_id, now)
            purpose = RevealPurpose.CALLBACK if view.kind is CallKind.CALLBACK else RevealPurpose.CONTACT
            form = RevealIn(fields=[view.ask or "phone"], purpose=purpose)
            found = desk.reveal(session, staff, view.number, form, now=now)
        if found.values is None:
            raise VerbNotYoursError(found.why_not)
    except AppError as error:
        return _again(request, (caller, db, now), refusal_of(error, f"call-{call_id}"), {})
    with db.read() as session:
        staff = access.staff(session, caller, now)
        number = str(next(iter(found.values.values())) or "")
        return _page(request, session, staff, now, opened=call_id, number=number)


@router.get("/{call_id}/{rest}", dependencies=[Depends(desk_session)])
def back(call_id: CallId) -> Response:
    """The address of a form that was sent, opened again."""
    return RedirectResponse(f"/desk/calls#call-{call_id}", 303)


@router.post("/{call_id}/done")
def told(request: Request, call_id: CallId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """打通了，已告知."""

    def act(session: WriteSession, staff: Staff, _view: CallView) -> None:
        actions.told(session, staff, call_id, filled(ToldIn, {"note": text_of(typed, "note").strip()}), now=now)

    return _done(request, call_id, typed, (caller, db, now), "told", act)


@router.post("/{call_id}/missed")
def missed(request: Request, call_id: CallId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """没人接, of either kind."""

    def act(session: WriteSession, staff: Staff, view: CallView) -> None:
        if view.kind is CallKind.TELL:
            actions.missed(session, staff, call_id, now=now)
        else:
            _callback(session, staff, view, CallbackIn(result=CallResult.NOT_REACHED), now)

    return _done(request, call_id, typed, (caller, db, now), "missed", act)


@router.post("/{call_id}/callback")
def callback(request: Request, call_id: CallId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """打通了: how it went, in the resident's words."""

    def act(session: WriteSession, staff: Staff, view: CallView) -> None:
        _callback(session, staff, view, callback_form(typed), now)

    return _done(request, call_id, typed, (caller, db, now), "callback", act)


def _callback(session: WriteSession, staff: Staff, view: CallView, form: CallbackIn, now: datetime) -> DeskTicket:
    if view.kind is not CallKind.CALLBACK:
        raise InvalidError(refusals.say("call_only_tells"))
    return actions.callback(session, staff, view.number, form, now=now)


def _done(request: Request, call_id: int, typed: FormData, call: Call, said: str, act: Act) -> Response:
    """One outcome, once per submit key, then back to the list."""
    now = call[-1]

    def seen(session: WriteSession, staff: Staff) -> None:
        act(session, staff, queries.call(session, staff, call_id, now))

    if refusal := refused_once(call, f"call-{call_id}", typed, f"calls {said} {call_id}", seen):
        return _again(request, call, refusal, kept(typed))
    return RedirectResponse(f"/desk/calls?ok={said}", 303)


def _again(request: Request, call: Call, refusal: Refusal, typed: dict[str, list[str]]) -> Response:
    """The list after a refusal, the card open and everything typed still there."""
    caller, db, now = call
    opened = int(refusal.form.removeprefix("call-"))
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _page(request, session, staff, now, opened=opened, refusal=refusal, typed=typed)


def _page(
    request: Request,
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    cursor: str = "",
    ok: str = "",
    opened: int | None = None,
    number: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
) -> Response:
    view = queries.calls(session, staff, now, cursor=cursor or None)
    first = queries.call(session, staff, opened, now) if opened is not None else None
    return desk_page(
        request,
        "calls.html",
        staff,
        tab="calls",
        status=refusal.status if refusal else 200,
        now=now,
        items=[*([first] if first else []), *(one for one in view.items if one.id != opened)],
        opened=opened,
        number=number,
        today=sla.end_of(sla.local_day(now)),
        further=f"/desk/calls?{urlencode({'cursor': view.next_cursor})}" if view.next_cursor else "",
        from_start=not cursor,
        solved=list(Solved),
        refusal=refusal,
        typed=typed or {},
        form_key=new_key(),
        ok=ok,
    )
