"""One ticket on the desk: everything the viewer may have, and a form for each verb that is legal now."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff, StaffKey
from app.actions import desk as actions
from app.actions import slip as slip_actions
from app.actions.once import once
from app.db import Database, ReadSession, WriteSession
from app.errors import AppError, NotFoundError, VerbNotYoursError
from app.queries import desk as queries
from app.routers.deps import Config, Db, DeskCaller, Now, desk_session
from app.routers.forms import new_key
from app.routers.pages.desk_parties import Party, parties
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
from app.rules import catalogue, sla, workflow
from app.rules.vocabulary import OPEN_SLIP, Complexity, RejectReason, ReplyKind, RevealPurpose, Role, Verb
from app.schemas.desk import (
    AssignIn,
    DeskTicket,
    ReasonIn,
    RejectIn,
    ReplyIn,
    RevealIn,
    RevealView,
    SlipRef,
    TextIn,
    TriageIn,
)

router = APIRouter(prefix="/desk/tickets", include_in_schema=False)
_CHIEFS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})


class Seen(NamedTuple):
    """A ticket as one viewer has it, with what its forms offer."""

    staff: Staff
    ticket: DeskTicket
    parties: list[Party]


Act = Callable[[WriteSession, Staff, str, FormData, datetime], DeskTicket]


@router.get("/{number}")
def ticket(
    request: Request,
    number: str,
    caller: DeskCaller,
    db: Db,
    now: Now,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The ticket; `ok` names the verb that has just been done."""
    with db.read() as session:
        seen = _seen(session, access.staff(session, caller, now), number, now)
    return _page(request, seen, now, ok=ok)


@router.post("/{number}/reveal")
def reveal(request: Request, number: str, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """查看明文: the plain values on this one answer; given or refused, it is in the access log.

    Asked for from within another form (`form`), what was typed there stays.
    """
    try:
        form = filled(RevealIn, {"fields": texts_of(typed, "fields"), "purpose": text_of(typed, "purpose")})
        with db.write() as session:
            found = actions.reveal(session, access.staff(session, caller, now), number, form, now=now)
        if found.values is None:
            raise VerbNotYoursError(found.why_not)
    except AppError as error:
        return _again(request, (caller, db, now), number, refusal_of(error, "reveal"), typed)
    with db.read() as session:
        seen = _seen(session, access.staff(session, caller, now), number, now)
    revealed = RevealView.model_validate(found.values)
    return _page(request, seen, now, revealed=revealed, typed=kept(typed), typing=text_of(typed, "form"))


@router.post("/{number}/slips/{slip_no}/link")
def hand_out(
    request: Request, number: str, slip_no: str, caller: DeskCaller, db: Db, now: Now, settings: Config
) -> Response:
    """复制任务单: the link is shown on this one answer."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        link = slip_actions.hand_out(session, staff, number, slip_no, settings.origin, now=now)
        view = queries.ticket(session, staff, number, now)
    slip = next(slip for slip in view.slips or [] if slip.slip_no == link.slip_no)
    return desk_page(request, "link.html", staff, tab="queue", now=now, link=link, ticket=view, slip=slip)


@router.get("/{number}/{rest:path}", dependencies=[Depends(desk_session)])
def back(number: str) -> Response:
    """The address of a form that was sent, opened again: a phone that woke up gets the ticket."""
    return RedirectResponse(f"/desk/tickets/{number}", 303)


@router.post("/{number}/{verb}")
def act(request: Request, number: str, verb: str, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """One verb. A double tap does it once; a refusal brings the page back with everything typed."""
    if verb not in _ACTS:
        raise NotFoundError
    try:
        with db.write() as session:
            staff = access.staff(session, caller, now)
            view = once(
                session,
                f"PAGE {verb} {number[:40]} {staff.account_id}",
                form_key(typed),
                repr(sorted(kept(typed).items())),
                now,
                DeskTicket,
                lambda: _ACTS[verb](session, staff, number, typed, now),
            )
    except AppError as error:
        return _again(request, (caller, db, now), number, refusal_of(error, verb), typed)
    if view.model_fields_set == {"number"}:
        return RedirectResponse("/desk?ok=gone", 303)
    return RedirectResponse(f"/desk/tickets/{view.number}?ok={verb}", 303)


def _triage(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {
        "category": text_of(typed, "other") or text_of(typed, "category"),
        "complexity": text_of(typed, "complexity"),
        "redacted_text": text_of(typed, "redacted_text"),
        "cleared_photos": texts_of(typed, "cleared_photos"),
    }
    return actions.triage(session, staff, number, filled(TriageIn, values), now=now)


def _assign(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {"lead": text_of(typed, "lead"), "co": texts_of(typed, "co"), "ask": text_of(typed, "ask")}
    return actions.assign(session, staff, number, filled(AssignIn, values), now=now)


def _answer(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.answer(session, staff, number, filled(TextIn, {"text": text_of(typed, "text")}), now=now)


def _reject(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {"reason": text_of(typed, "reason"), "text": text_of(typed, "text")}
    return actions.reject(session, staff, number, filled(RejectIn, values), now=now)


def _reply(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.reply(session, staff, number, reply_form(typed), now=now)


def _confirm(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.confirm(session, staff, number, filled(TextIn, {"text": text_of(typed, "text")}), now=now)


def _reject_work(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.reject_work(session, staff, number, filled(ReasonIn, {"reason": text_of(typed, "reason")}), now=now)


_ACTS: dict[str, Act] = {
    Verb.TRIAGE: _triage,
    Verb.ASSIGN: _assign,
    Verb.ANSWER: _answer,
    Verb.REJECT: _reject,
    Verb.REPLY: _reply,
    Verb.CONFIRM: _confirm,
    Verb.REJECT_WORK: _reject_work,
}


def reply_form(typed: FormData) -> ReplyIn:
    """A clear reply as typed. A date counts for a plan only. Raises InvalidError."""
    kind = text_of(typed, "kind")
    promised = text_of(typed, "promise_date") if kind == ReplyKind.PLAN else ""
    return filled(ReplyIn, {"kind": kind, "text": text_of(typed, "text"), "promise_date": promised or None})


def _seen(session: ReadSession, staff: Staff, number: str, now: datetime) -> Seen:
    view = queries.ticket(session, staff, number, now)
    offered = parties(session, staff, number, now) if Verb.ASSIGN in view.verbs else []
    return Seen(staff, view, offered)


def _again(
    request: Request, call: tuple[StaffKey, Database, datetime], number: str, refusal: Refusal, typed: FormData
) -> Response:
    """The page after a refusal, with the message beside its form and everything typed still there."""
    caller, db, now = call
    with db.read() as session:
        seen = _seen(session, access.staff(session, caller, now), number, now)
    return _page(request, seen, now, refusal=refusal, typed=kept(typed))


def _page(
    request: Request,
    seen: Seen,
    now: datetime,
    *,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
    revealed: RevealView | None = None,
    typing: str = "",
) -> Response:
    known, today = catalogue.default(), sla.local_day(now)
    view, links = seen.ticket, _links(seen)
    return desk_page(
        request,
        "ticket.html",
        seen.staff,
        tab="queue",
        status=refusal.status if refusal else 200,
        now=now,
        ticket=view,
        has=view.model_fields_set,
        parties=seen.parties,
        known=known,
        choices=_choices(view),
        leaf=known.leaf(view.category.code) if view.category else None,
        complexities=list(Complexity),
        reasons=list(RejectReason),
        reply_kinds=list(ReplyKind),
        purposes=list(RevealPurpose),
        first_day=today,
        last_day=today + actions.LONGEST_PROMISE,
        links=links,
        own_slip=_own_slip(seen),
        may_hand_out=any("link" in ways for ways in links.values()),
        late=view.due_at is not None and view.due_at <= now and workflow.queue(view.status) == 0,
        raw_photos={url.rsplit("/", 1)[-1].split("?")[0]: url for url in (revealed and revealed.photos) or []},
        revealed=revealed,
        refusal=refusal,
        typed=typed or {},
        typing=refusal.form if refusal else typing,
        form_key=new_key(),
        ok=ok,
    )


def _choices(view: DeskTicket) -> list[tuple[str, str, list[str]]]:
    """The quick choices of a category: the present one and the guesses, each once, with what was guessed from."""
    guesses = {guess.code: (guess.code, guess.name, guess.evidence) for guess in view.suggestions or []}
    if view.category and view.category.code not in guesses:
        return [(view.category.code, view.category.name, []), *guesses.values()]
    return list(guesses.values())


def _links(seen: Seen) -> dict[str, list[str]]:
    """Per slip, what this account can do about it from here: open it, or hand out its link."""
    roles = {seat.role for seat in seen.staff.seats}
    chief = Role.GRID_HEAD in roles or bool(roles & _CHIEFS and seen.ticket.verbs)
    return {slip.slip_no: _ways(slip, roles, chief=chief) for slip in seen.ticket.slips or []}


def _own_slip(seen: Seen) -> str:
    """The number of the open slip that this account itself has to work on; "" where there is none."""
    roles = {seat.role for seat in seen.staff.seats}
    return next(
        (slip.slip_no for slip in seen.ticket.slips or [] if slip.role in roles and slip.status in OPEN_SLIP), ""
    )


def _ways(slip: SlipRef, roles: set[Role], *, chief: bool) -> list[str]:
    found = ["open"] if slip.role in roles or Role.GRID_HEAD in roles else []
    return [*found, "link"] if chief and slip.status in OPEN_SLIP else found
