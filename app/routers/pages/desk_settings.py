"""规则和设置: what a compound decides for itself, each value with what it means; the last change can be taken back."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff
from app.actions import compound as actions
from app.db import ReadSession, WriteSession
from app.errors import InvalidError
from app.queries import compound as queries
from app.queries import place as places
from app.routers.deps import Db, DeskCaller, Now, desk_session
from app.routers.pages.desk_shell import (
    Call,
    Refusal,
    Typed,
    desk_page,
    filled,
    kept,
    refused,
    text_of,
    texts_of,
)
from app.rules import catalogue, compound_settings, refusals, sla
from app.rules.compound_settings import NightAlarms
from app.rules.workdays import CalendarKind
from app.schemas.compound import SettingsIn, ThresholdsIn
from app.schemas.place import CompoundView

router = APIRouter(prefix="/desk/settings", include_in_schema=False)
_PLAIN = ("calendar", "cut_off", "service_from", "service_to", "clear_reply_days", "most_open", "night_alarms")
_TICKED = ("rollover", "staffed_around_the_clock", "board")
_PERCENT = 100


class Shown(NamedTuple):
    """The compounds to pick from, and the one that is looked at ("" while none is)."""

    compounds: list[CompoundView]
    code: str


@router.get("")
def settings(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The settings of a compound; first which one, where the account looks after several."""
    with db.read() as session:
        return _page(request, session, access.staff(session, caller, now), compound, now, ok=ok)


@router.post("")
def save(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Sets them all as they stand in the form."""

    def act(session: WriteSession, staff: Staff, code: str) -> None:
        actions.set_settings(session, staff, code, _filled(typed), now=now)

    return _done(request, (caller, db, now), typed, "settings", "saved", act)


@router.post("/undo")
def undo(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Brings back what was in force before the last change."""

    def act(session: WriteSession, staff: Staff, code: str) -> None:
        actions.undo_settings(session, staff, code, now=now)

    return _done(request, (caller, db, now), typed, "undo", "undone", act)


@router.post("/thresholds")
def accept(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Takes over the thresholds that were learnt; the other settings stay."""

    def act(session: WriteSession, staff: Staff, code: str) -> None:
        values = {name: text_of(typed, name) for name in ("auto", "choose")}
        actions.accept_thresholds(session, staff, code, filled(ThresholdsIn, values), now=now)

    return _done(request, (caller, db, now), typed, "thresholds", "saved", act)


@router.get("/{rest:path}", dependencies=[Depends(desk_session)])
def back() -> Response:
    """The address of a form that was sent, opened again."""
    return RedirectResponse("/desk/settings", 303)


def pick(session: ReadSession, staff: Staff, wanted: str) -> Shown:
    """The compounds whose settings the account sees, and the one that was named, or the only one."""
    mine = {seat.compound for seat in staff.seats if seat.role in queries.SEES_SETTINGS}
    known = [one for one in places.compounds(session, staff).items if staff.is_admin or one.code in mine]
    return Shown(known, wanted or (known[0].code if len(known) == 1 else ""))


def _done(
    request: Request,
    call: Call,
    typed: FormData,
    form: str,
    ok: str,
    act: Callable[[WriteSession, Staff, str], None],
) -> Response:
    caller, db, now = call
    code = text_of(typed, "compound")
    refusal = refused(call, form, lambda session, staff: act(session, staff, code))
    if refusal is None:
        return RedirectResponse(f"/desk/settings?compound={code}&ok={ok}", 303)
    with db.read() as session:
        return _page(
            request, session, access.staff(session, caller, now), code, now, refusal=refusal, typed=kept(typed)
        )


def _filled(typed: FormData) -> SettingsIn:
    """The form as the API knows it. Raises InvalidError, field by field."""
    values: dict[str, object] = {name: text_of(typed, name).strip() for name in _PLAIN}
    values |= {name: bool(text_of(typed, name)) for name in _TICKED}
    values |= {name: _share(typed, name) for name in ("auto", "choose")}
    values["menu"] = list(dict.fromkeys(texts_of(typed, "menu")))
    values["announcements"] = _announcements(typed)
    return filled(SettingsIn, values)


def _share(typed: FormData, name: str) -> float:
    try:
        return int(text_of(typed, name)) / _PERCENT
    except ValueError as error:
        raise InvalidError(errors=[{"field": name, "message": refusals.say("percentage_wrong")}]) from error


def _announcements(typed: FormData) -> list[dict[str, str]]:
    columns = [
        [one if isinstance(one, str) else "" for one in typed.getlist(f"announcements_{name}")] for name in _LINE
    ]
    rows = [dict(zip(_LINE, row, strict=True)) for row in zip(*columns, strict=False)]
    return [row for row in rows if row["text"].strip()]


_LINE = ("text", "first", "last")


def _page(
    request: Request,
    session: ReadSession,
    staff: Staff,
    wanted: str,
    now: datetime,
    *,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
) -> Response:
    shown = pick(session, staff, wanted)
    known = catalogue.default()
    view = queries.settings(session, staff, shown.code, now) if shown.code else None
    return desk_page(
        request,
        "settings.html",
        staff,
        tab="settings",
        status=refusal.status if refusal else 200,
        now=now,
        compounds=shown.compounds,
        view=view,
        learnt=queries.thresholds(session, staff, shown.code) if shown.code else None,
        calendars=list(CalendarKind),
        alarms=list(NightAlarms),
        tiles=compound_settings.MOST_TILES - 1,
        tops=known.tops,
        known=known,
        menu={leaf.code for leaf in known.menu()},
        most_announcements=compound_settings.MOST_ANNOUNCEMENTS,
        today=sla.local_day(now),
        refusal=refusal,
        typed=typed or {},
        ok=ok,
    )
