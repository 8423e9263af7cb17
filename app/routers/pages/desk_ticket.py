"""One ticket on the desk: everything the viewer may have, and a form for each verb that is legal now."""

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
from app.db import Database, ReadSession
from app.errors import AppError, ApprovalNeededError, NotFoundError, VerbNotYoursError
from app.queries import desk as queries
from app.queries import issue as issues
from app.routers.deps import Config, Db, DeskCaller, Now, desk_session
from app.routers.forms import new_key
from app.routers.pages.desk_acts import ACTS
from app.routers.pages.desk_choices import Choices, choices
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
from app.rules.bands import Band, Sureness
from app.rules.undoing import UNDOABLE
from app.rules.vocabulary import OPEN_SLIP, Complexity, PauseReason, RejectReason, ReplyKind, RevealPurpose, Role, Verb
from app.schemas.desk import (
    DeskTicket,
    RevealIn,
    RevealView,
    SlipRef,
)
from app.schemas.issue import RelatedView

router = APIRouter(prefix="/desk/tickets", include_in_schema=False)
_ALWAYS_THERE = ("reveal", "address_grant", "address_revoke", "file", "issue")
_CHIEFS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})


class Seen(NamedTuple):
    """A ticket as one viewer has it, with what its forms offer."""

    staff: Staff
    ticket: DeskTicket
    parties: list[Party]
    choices: Choices
    related: RelatedView


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
        until = queries.may_undo_until(session, seen.staff, number, now) if ok in UNDOABLE else None
    return _page(request, seen, now, ok=ok, undo_for=int((until - now).total_seconds()) if until else 0)


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
            raise (ApprovalNeededError if found.asks else VerbNotYoursError)(found.why_not)
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
    if verb not in ACTS:
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
                lambda: ACTS[verb](session, staff, number, typed, now),
            )
    except NotFoundError as error:  # what the form names is absent; so is the page, where the ticket itself is
        return _again(request, (caller, db, now), number, Refusal(verb, error.status, error.detail, {}), typed)
    except AppError as error:
        return _again(request, (caller, db, now), number, refusal_of(error, verb), typed)
    if view.model_fields_set == {"number"}:
        return RedirectResponse("/desk?ok=gone", 303)
    return RedirectResponse(f"/desk/tickets/{view.number}?ok={verb}", 303)


def _seen(session: ReadSession, staff: Staff, number: str, now: datetime) -> Seen:
    view = queries.ticket(session, staff, number, now)
    offered = parties(session, staff, number, now) if Verb.ASSIGN in view.verbs else []
    related = issues.related(session, staff, number, now)
    return Seen(staff, view, offered, choices(session, staff, view, now), related)


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
    undo_for: int = 0,
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
        categories=_categories(view),
        choose=seen.choices,
        related=seen.related,
        leaf=known.leaf(view.category.code) if view.category else None,
        complexities=list(Complexity),
        reasons=list(RejectReason),
        pause_reasons=list(PauseReason),
        reply_kinds=list(ReplyKind),
        purposes=list(RevealPurpose),
        first_day=today,
        last_day=today + actions.LONGEST_PROMISE,
        links=links,
        own_slip=_own_slip(seen),
        may_dial=_may_dial(seen),
        is_chief=_is_chief(seen),
        may_hand_out=any("link" in ways for ways in links.values()),
        formless=refusal is not None and not _has_form(seen.choices, refusal, typed or {}),
        late=view.due_at is not None and view.due_at <= now and workflow.queue(view.status) == 0,
        raw_photos={url.rsplit("/", 1)[-1].split("?")[0]: url for url in (revealed and revealed.photos) or []},
        revealed=revealed,
        refusal=refusal,
        typed=typed or {},
        typing=refusal.form if refusal else typing,
        form_key=new_key(),
        ok=ok,
        undo_for=undo_for,
    )


def _may_dial(seen: Seen) -> bool:
    """Whether one tap reveals the number: for whoever triages. A leading side names its purpose in the form below."""
    return "proxy" in seen.ticket.model_fields_set


class Quick(NamedTuple):
    """One quick choice of a category; `sureness` is None where nobody guessed it."""

    code: str
    name: str
    evidence: list[str]
    sureness: Sureness | None = None


def _categories(view: DeskTicket) -> list[Quick]:
    """The quick choices of a category: the present one and the guesses, each once, with what was guessed from.

    Where the system was not sure enough to act, its guesses come first.
    """
    guesses = {one.code: Quick(one.code, one.name, one.evidence, one.sureness) for one in view.suggestions or []}
    if view.category is None or view.category.code in guesses:
        return list(guesses.values())
    present = Quick(view.category.code, view.category.name, [])
    if view.routing and view.routing.band is Band.CHOOSE and not view.triaged:
        return [*guesses.values(), present]
    return [present, *guesses.values()]


def _has_form(choices: Choices, refusal: Refusal, typed: dict[str, list[str]]) -> bool:
    """Whether the page still has the form that was refused, to show the message in."""
    if refusal.form == Verb.CANCEL_SLIP:
        return any(slip_no in choices.beside for slip_no in typed.get("slip_no", []))
    return refusal.form in {*_ALWAYS_THERE, *choices.first, *choices.seldom}


def _links(seen: Seen) -> dict[str, list[str]]:
    """Per slip, what this account can do about it from here: open it, or hand out its link."""
    roles = {seat.role for seat in seen.staff.seats}
    chief = _is_chief(seen)
    return {slip.slip_no: _ways(slip, roles, chief=chief) for slip in seen.ticket.slips or []}


def _is_chief(seen: Seen) -> bool:
    """Whether this account hands out the work on this ticket."""
    roles = {seat.role for seat in seen.staff.seats}
    return Role.GRID_HEAD in roles or bool(roles & _CHIEFS and seen.ticket.verbs)


def _own_slip(seen: Seen) -> str:
    """The number of the open slip that this account itself has to work on; "" where there is none."""
    roles = {seat.role for seat in seen.staff.seats}
    return next(
        (slip.slip_no for slip in seen.ticket.slips or [] if slip.role in roles and slip.status in OPEN_SLIP), ""
    )


def _ways(slip: SlipRef, roles: set[Role], *, chief: bool) -> list[str]:
    found = ["open"] if slip.role in roles or Role.GRID_HEAD in roles else []
    return [*found, "link"] if chief and slip.status in OPEN_SLIP else found
