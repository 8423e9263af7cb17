"""走访: today's list with one tap for each outcome; the grid head also plans, and a secretary reads figures."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff
from app.actions import visit as actions
from app.db import ReadSession, WriteSession
from app.errors import InvalidError
from app.queries import place as places
from app.queries import visit as queries
from app.routers.deps import Db, DeskCaller, Now, desk_session
from app.routers.forms import new_key
from app.routers.pages import desk_new
from app.routers.pages.desk_shell import (
    Act,
    Call,
    Refusal,
    Typed,
    acts_as,
    desk_page,
    filled,
    kept,
    refused_once,
    text_of,
)
from app.rules import refusals, sla, visits, wording
from app.rules.vocabulary import Channel, ConsentKind, Role, VisitKind, VisitReason, VisitResult
from app.schemas.place import TreeView
from app.schemas.visit import Revealable, VisitPlanIn, VisitPlanView, VisitResultIn, VisitRevealed, VisitRevealIn

router = APIRouter(prefix="/desk/visits", include_in_schema=False)
PlanId = Annotated[int, Path(ge=0, le=2**31 - 1)]
_LOOKS: Mapping[str, list[Revealable]] = {"phone": ["name", "phone"], "door": ["name", "room"]}
_CONSENTS = (ConsentKind.VOICE, ConsentKind.SIGNATURE_PHOTO, ConsentKind.STANDING_MANDATE)
_INPUTS = {"stairwell": "place", "person_name": "name", "person_phone": "phone", "person_room": "room"}
MOST_PLANS = 100


@router.get("")
def listed(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Whom to look after today, and for the grid head every plan."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _page(request, session, staff, now, compound=compound, cursor=cursor, ok=ok)


@router.post("")
def plan(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """安排一位."""

    def act(session: WriteSession, staff: Staff) -> object:
        tree = places.tree(session, staff, text_of(typed, "compound"))
        return actions.plan(session, staff, _planned(typed, tree), now=now)

    return _done(request, "plan", "planned", typed, (caller, db, now), act)


@router.post("/{plan_id}/result")
def result(request: Request, plan_id: PlanId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """One tap: how it went."""

    def act(session: WriteSession, staff: Staff) -> object:
        form = filled(VisitResultIn, {name: text_of(typed, name).strip() for name in ("result", "note")})
        return actions.result(session, staff, plan_id, form, now=now)

    return _done(request, f"visit-{plan_id}", "visited", typed, (caller, db, now), act)


@router.post("/{plan_id}/end")
def end(request: Request, plan_id: PlanId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """以后不用来了."""

    def act(session: WriteSession, staff: Staff) -> object:
        if not text_of(typed, "sure"):
            raise InvalidError(errors=[{"field": "sure", "message": refusals.say("end_not_confirmed")}])
        return actions.end(session, staff, plan_id, now=now)

    return _done(request, f"visit-{plan_id}", "ended", typed, (caller, db, now), act)


@router.post("/{plan_id}/reveal")
def reveal(request: Request, plan_id: PlanId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """打电话 or 看门牌: on this one answer; the look is in the access log."""
    form = VisitRevealIn(fields=_LOOKS.get(text_of(typed, "what"), _LOOKS["phone"]))
    with db.write() as session:
        shown = actions.reveal(session, access.staff(session, caller, now), plan_id, form, now=now)
    with db.read() as session:
        return _page(request, session, access.staff(session, caller, now), now, opened=plan_id, shown=shown)


@router.post("/{plan_id}/matter")
def matter(request: Request, plan_id: PlanId, caller: DeskCaller, db: Db, now: Now) -> Response:
    """有事要办: the intake form with place, person and channel filled in; a look, and so in the access log."""
    fields = VisitRevealIn(fields=["name", "phone", "room"])
    with db.write() as session:
        staff = access.staff(session, caller, now)
        view = queries.plan(session, staff, plan_id, now)
        person = actions.reveal(session, staff, plan_id, fields, now=now)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return desk_new.filled_in(request, session, staff, now, _prefilled(view, person))


@router.get("/{plan_id}/{rest}", dependencies=[Depends(desk_session)])
def back(plan_id: PlanId) -> Response:
    """The address of a form that was sent, opened again."""
    return RedirectResponse(f"/desk/visits#visit-{plan_id}", 303)


def _prefilled(view: VisitPlanView, person: VisitRevealed) -> FormData:
    """What the visitor need not type again; how the person agreed is theirs to check."""
    return FormData(
        {
            "visit": str(view.id),
            "compound": view.compound,
            "place": view.place.label,
            "stairwell": view.stairwell,
            "channel": Channel.VISIT,
            "beneficiary_name": person.name or "",
            "beneficiary_phone": person.phone or "",
            "beneficiary_room": person.room or "",
            "proxy_consent_kind": ConsentKind.VOICE,
            "proxy_consent_note": wording.word("visit_prefill", "note"),
        }
    )


def _planned(typed: FormData, tree: TreeView) -> VisitPlanIn:
    stairwell = desk_new.stairwell_code(tree, text_of(typed, "place"), text_of(typed, "stairwell"))
    wrong = {} if stairwell else {"stairwell": refusals.say("stairwell_not_typed_right")}
    days: dict[str, date] = {}
    for name in ("next_on", "ends_on"):
        try:
            if text := text_of(typed, name):
                days[name] = date.fromisoformat(text)
        except ValueError:
            wrong[name] = refusals.say("day_wrong")
    person = {name: text_of(typed, name).strip() for name in ("name", "phone", "room")}
    values: dict[str, object] = {
        "compound": tree.code,
        "stairwell": stairwell or "-",
        "person": {name: value for name, value in person.items() if value},
        **{name: text_of(typed, name).strip() for name in ("kind", "reason", "consent", "every_days", "visitor")},
        **days,
    }
    try:
        form = filled(VisitPlanIn, values)
    except InvalidError as error:
        listed = error.extra.get("errors")
        found = {one["field"]: one["message"] for one in listed} if isinstance(listed, list) else {}
        raise InvalidError(errors=[{"field": f, "message": m} for f, m in (found | wrong).items()]) from error
    if wrong:
        raise InvalidError(errors=[{"field": field, "message": message} for field, message in wrong.items()])
    return form


def _done(
    request: Request,
    form: str,
    said: str,
    typed: FormData,
    call: Call,
    act: Act,
) -> Response:
    """One form, once per submit key, then back to the list; a refusal brings the page back as it was typed."""
    if refusal := refused_once(call, form, typed, f"visits {form} {said}", act):
        return _again(request, call, refusal, typed)
    return RedirectResponse(f"/desk/visits?ok={said}", 303)


def _again(request: Request, call: Call, refusal: Refusal, typed: FormData) -> Response:
    """The page after a refusal, the card open and everything typed still there."""
    caller, db, now = call
    beside = {_INPUTS.get(name, name): said for name, said in refusal.fields.items()}
    opened = int(refusal.form.removeprefix("visit-")) if refusal.form.startswith("visit-") else None
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _page(request, session, staff, now, opened=opened, refusal=refusal._replace(fields=beside), typed=typed)


def _page(
    request: Request,
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    compound: str = "",
    cursor: str = "",
    ok: str = "",
    opened: int | None = None,
    shown: VisitRevealed | None = None,
    refusal: Refusal | None = None,
    typed: FormData | None = None,
) -> Response:
    every = queries.plans(session, staff, now, cursor=cursor or None, limit=MOST_PLANS)
    today = queries.today(session, staff, now).items
    mine = [seat.compound for seat in staff.seats if seat.role is Role.GRID_HEAD]
    wanted = text_of(typed, "compound") if typed else compound
    tree = places.tree(session, staff, wanted if wanted in mine else mine[0]) if mine else None
    planning = tree is not None and acts_as(staff, tree.code, Role.GRID_HEAD)
    due = {one.id for one in today}
    return desk_page(
        request,
        "visits.html",
        staff,
        tab="visits",
        status=refusal.status if refusal else 200,
        now=now,
        today=today,
        later=[one for one in every.items if one.id not in due],
        next_cursor=every.next_cursor,
        counts=every.counts,
        visits_somebody=bool(mine) or bool(every.items),
        tree=tree,
        compounds=[one for one in places.compounds(session, staff).items if one.code in mine],
        visitors=queries.visitors(session, staff, _id_of(staff, tree), now) if tree and planning else [],
        kinds=list(VisitKind),
        reasons=list(VisitReason),
        results=list(VisitResult),
        consents=_CONSENTS,
        most_days=visits.LONGEST_DAYS,
        first_day=sla.local_day(now),
        last_day=sla.local_day(now) + visits.LONGEST_PLAN,
        opened=opened,
        shown=shown,
        refusal=refusal,
        typed=kept(typed) if typed else {},
        form_key=new_key(),
        ok=ok,
    )


def _id_of(staff: Staff, tree: TreeView) -> int:
    return next(seat.compound_id for seat in staff.seats if seat.compound == tree.code)
