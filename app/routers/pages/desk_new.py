"""记一件: filled in while somebody is on the telephone, and read out to them when it is stored."""

import unicodedata
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff
from app.actions import desk_intake
from app.actions import visit as visits
from app.actions.once import once
from app.actions.ticket import derived_secrets
from app.db import ReadSession, WriteSession
from app.errors import AppError, InvalidError, VerbNotYoursError
from app.queries import call as queries
from app.queries import place as places
from app.routers.deps import Db, DeskCaller, Now
from app.routers.forms import new_key
from app.routers.pages.desk_shell import (
    Refusal,
    Typed,
    desk_page,
    filled,
    form_key,
    kept,
    refusal_of,
    text_of,
    texts_of,
)
from app.rules import calls, catalogue, classify, place, refusals, sla, wording
from app.rules.classify import LIKELY
from app.rules.vocabulary import Channel, ConsentKind, Side
from app.schemas.intake import DeskTicketIn
from app.schemas.place import TreeView
from app.schemas.ticket import SubmittedView

router = APIRouter(prefix="/desk/new", include_in_schema=False)
_PERSON = ("name", "phone", "room")
_LONGEST_ID = 10


@router.get("")
def blank(
    request: Request, caller: DeskCaller, db: Db, now: Now, compound: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    """An empty form, for the compound that was named or the account's first."""
    with db.read() as session:
        return _form(request, session, access.staff(session, caller, now), now, compound=compound)


@router.post("")
def record(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Stores it; what is wrong brings the page back with everything that was typed."""
    try:
        with db.write() as session:
            staff = access.staff(session, caller, now)
            form = _filled(typed, _tree(session, staff, text_of(typed, "compound")))
            view = once(
                session,
                f"PAGE new {staff.account_id}",
                form_key(typed),
                repr(sorted(kept(typed).items())),
                now,
                SubmittedView,
                lambda: _stored(session, staff, typed, form, now),
                derived=lambda answer: derived_secrets(session, answer),
            )
    except AppError as error:
        refusal = refusal_of(error, "new")
    else:
        return RedirectResponse(f"/desk/new/{view.number}", 303)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _form(request, session, staff, now, refusal=refusal, typed=typed)


@router.post("/guess")
def guess(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """The same page with the categories that the words suggest; nothing is stored."""
    with db.read() as session:
        return _form(request, session, access.staff(session, caller, now), now, typed=typed)


@router.get("/{number}")
def recorded(request: Request, number: str, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Number, query code and promise to read out and to print; for whoever typed it, within the hour."""
    if number == "guess":  # the address of a form that was sent, opened again
        return RedirectResponse("/desk/new", 303)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.recorded(session, staff, number, now)
    on = f"{view.submitted_at.astimezone(sla.SHANGHAI):%Y-%m-%d %H:%M}"  # paper outlives the word "today"
    return desk_page(request, "new_done.html", staff, tab="new", now=now, ticket=view, recorded_on=on)


def filled_in(request: Request, session: ReadSession, staff: Staff, now: datetime, typed: FormData) -> Response:
    """The form with something in it already, for a page that leads here."""
    return _form(request, session, staff, now, typed=typed)


def _stored(session: WriteSession, staff: Staff, typed: FormData, form: DeskTicketIn, now: datetime) -> SubmittedView:
    """What came out of a visit is kept with the visit."""
    visit = text_of(typed, "visit")
    if visit.isdecimal() and len(visit) < _LONGEST_ID:
        return visits.take_down(session, staff, int(visit), form, now=now)
    return desk_intake.record(session, staff, form, now=now)


def _filled(typed: FormData, tree: TreeView) -> DeskTicketIn:
    """The form as the API knows it. Raises InvalidError with everything that is wrong at once."""
    stairwell = stairwell_code(tree, text_of(typed, "place"), text_of(typed, "stairwell"))
    contact, theirs = _person(typed, "contact"), _person(typed, "beneficiary")
    consent = {name: text_of(typed, f"proxy_consent_{name}").strip() for name in ("kind", "note")}
    until, wrong = _until(text_of(typed, "proxy_consent_until"))
    given = {name: value for name, value in consent.items() if value} | ({"until": until} if until else {})
    values: dict[str, object] = {
        "compound": tree.code,
        "stairwell": stairwell or "-",
        "channel": text_of(typed, "channel"),
        "text": text_of(typed, "text"),
        "spot": text_of(typed, "spot").strip(),
        "category": text_of(typed, "other") or text_of(typed, "category"),
        "emergency": bool(text_of(typed, "emergency")),
        "avoid": texts_of(typed, "avoid"),
        "contact": contact or None,
        "consent": {
            "notice_version": text_of(typed, "notice_version"),
            "contact": bool(text_of(typed, "consent_contact")),
        },
        "beneficiary": theirs or None,
        "proxy_consent": given or None,
    }
    if not stairwell:
        wrong.append({"field": "place", "message": refusals.say("stairwell_not_typed_right")})
    try:
        form = filled(DeskTicketIn, values)
    except InvalidError as error:
        listed = error.extra.get("errors")
        raise InvalidError(errors=[*wrong, *(listed if isinstance(listed, list) else [])]) from error
    if wrong:
        raise InvalidError(errors=wrong)
    return form


def _person(typed: FormData, who: str) -> dict[str, str]:
    found = {name: text_of(typed, f"{who}_{name}").strip() for name in _PERSON}
    if found["phone"]:
        found["phone"] = unicodedata.normalize("NFKC", found["phone"])
    return {name: value for name, value in found.items() if value}


def _until(text: str) -> tuple[datetime | None, list[dict[str, str]]]:
    """The end of the last day of a mandate, or what is wrong with it."""
    try:
        return (sla.end_of(date.fromisoformat(text)) if text else None), []
    except ValueError:
        return None, [{"field": "proxy_consent.until", "message": refusals.say("day_wrong")}]


def stairwell_code(tree: TreeView, typed: str, chosen: str) -> str:
    """The code of the stairwell that was typed, else chosen; "" where there is none like it."""
    doors = {(building.name, one.name): one.code for building in tree.buildings for one in building.stairwells}
    if not typed.strip():
        return chosen if chosen in doors.values() else ""
    return place.among(doors, typed) or ""


def _tree(session: ReadSession, staff: Staff, code: str) -> TreeView:
    """The places of a compound that this account may record for. Raises VerbNotYoursError, NotFoundError."""
    mine = _mine(staff)
    if not mine:
        raise VerbNotYoursError
    return places.tree(session, staff, code if code in mine else mine[0])


def _mine(staff: Staff) -> list[str]:
    """The codes of the compounds that this account may record for."""
    return [seat.compound for seat in staff.seats if desk_intake.channels(staff, seat.compound_id)]


def _form(
    request: Request,
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    compound: str = "",
    refusal: Refusal | None = None,
    typed: FormData | None = None,
) -> Response:
    tree = _tree(session, staff, text_of(typed, "compound") if typed else compound)
    seat = next(seat for seat in staff.seats if seat.compound == tree.code)
    known = catalogue.default()
    handler, text = places.handler(session, staff, tree.code), text_of(typed, "text") if typed else ""
    version, notice = wording.notice(handler)
    open_ = [one for one in Channel if one in desk_intake.channels(staff, seat.compound_id)]
    guesses = [found for found in classify.suggest(known, text) if found.probability >= LIKELY] if text.strip() else []
    return desk_page(
        request,
        "new.html",
        staff,
        tab="new",
        status=refusal.status if refusal else 200,
        now=now,
        tree=tree,
        compounds=[one for one in places.compounds(session, staff).items if one.code in _mine(staff)],
        known=known,
        guesses=[known.leaf(found.leaf) for found in guesses],
        channels=open_,
        consent_kinds=list(ConsentKind),
        sides=list(Side),
        notice=notice,
        notice_version=version,
        hotlines=wording.words()["hotlines"],
        mandate_from=sla.local_day(now),
        mandate_to=sla.shown_deadline(calls.longest_mandate(now))[0],
        read_out=wording.word("read_out", "contact").format(handler=handler),
        refusal=refusal,
        typed=kept(typed) if typed else {},
        typing="new" if typed else "",
        form_key=new_key(),
    )
