"""Every verb of a slip, and the link by which one person without an account holds it."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app import access
from app.access import Held, SlipKey, Staff
from app.actions import desk, intake
from app.actions.stepping import advance
from app.db import WriteSession
from app.errors import IllegalVerbError, NotFoundError, VerbNotYoursError
from app.history import By
from app.models.slip import Slip, SlipLink
from app.models.ticket import Ticket
from app.rules import refusals, workflow
from app.rules.vocabulary import OPEN_SLIP, Part, ReplyKind, Role, SlipStatus, Status, Verb
from app.rules.workflow import Hat
from app.schemas.desk import DoneIn, LinkView, ProgressIn, QuestionIn, ReasonIn, ReplyIn, SlipView
from app.vault import fingerprint

LINK_LIVES = timedelta(hours=72)
Holder = Staff | SlipKey


def accept(session: WriteSession, holder: Holder, slip_no: str | None, *, now: datetime) -> SlipView:
    """接单. The lead's acceptance makes them lead of record."""
    held = in_hand(session, holder, slip_no, now)
    _take(session, held, now)
    return _view(session, held, now)


def progress(
    session: WriteSession, holder: Holder, slip_no: str | None, form: ProgressIn, *, now: datetime
) -> SlipView:
    """记进展. Takes an untaken slip first; the resident reads it with personal details masked."""
    held = in_hand(session, holder, slip_no, now)
    _take_first(session, held, now)
    _step(session, held, Verb.PROGRESS, now, words=form.text, photos=form.photos)
    return _view(session, held, now)


def ask(session: WriteSession, holder: Holder, slip_no: str | None, form: QuestionIn, *, now: datetime) -> SlipView:
    """问一个问题: relayed through the grid head, who asks the resident; the holder never learns who that is."""
    held = in_hand(session, holder, slip_no, now)
    _step(session, held, Verb.ASK, now, words=form.question)
    intake.tell_role(session, held.ticket, Role.GRID_HEAD, "asked", now)
    return _view(session, held, now)


def draft_reply(
    session: WriteSession, holder: Holder, slip_no: str | None, form: ReplyIn, *, now: datetime
) -> SlipView:
    """拟答复: a draft that the grid head finds prefilled."""
    held = in_hand(session, holder, slip_no, now)
    until = desk.promised_until(form, now) if form.kind is ReplyKind.PLAN else None
    _step(
        session,
        held,
        Verb.DRAFT_REPLY,
        now,
        words=form.text,
        said={"kind": form.kind, "promise_date": form.promise_date},
    )
    held.slip.draft_kind, held.slip.draft_until = form.kind, until
    held.slip.draft_sealed = access.seal_draft(session, held.slip, form.text)
    return _view(session, held, now)


def done(session: WriteSession, holder: Holder, slip_no: str | None, form: DoneIn, *, now: datetime) -> SlipView:
    """办完了. The ticket waits for its check once no slip is open."""
    held = in_hand(session, holder, slip_no, now)
    _take_first(session, held, now)
    others = [s for s in access.slips_of(session, held.ticket) if s.status in OPEN_SLIP and s.id != held.slip.id]
    said = {"evidence": bool(form.evidence or form.photos), "round": held.ticket.round}
    words = f"{form.text}\n{form.evidence}" if form.evidence else form.text
    _step(
        session, held, Verb.DONE, now, outcome="more" if others else "last", words=words, said=said, photos=form.photos
    )
    held.slip.status, held.slip.done_at = SlipStatus.DONE, now
    held.slip.done_by = held.staff.account_id if held.staff else None
    if held.ticket.status == Status.PENDING_CHECK:
        held.ticket.done_at = now
        intake.tell_role(session, held.ticket, Role.GRID_HEAD, "done", now)
    return _view(session, held, now)


def give_back(session: WriteSession, holder: Holder, slip_no: str | None, form: ReasonIn, *, now: datetime) -> SlipView:
    """退单: at most twice a ticket, the clock runs on. Other open slips are called off; the grid head assigns anew."""
    held = in_hand(session, holder, slip_no, now)
    _step(session, held, Verb.RETURN, now, words=form.reason)
    held.slip.status = SlipStatus.RETURNED
    for slip in access.slips_of(session, held.ticket):
        if slip.status in OPEN_SLIP:
            slip.status = SlipStatus.CANCELLED
    intake.tell_role(session, held.ticket, Role.GRID_HEAD, "returned", now)
    return _view(session, held, now)


def of_chief(session: WriteSession, staff: Staff, number: str, slip_no: str, now: datetime) -> tuple[Ticket, Slip]:
    """A slip and its ticket, locked, for whoever hands out the work on it. Raises NotFoundError, VerbNotYoursError."""
    seen = access.desk_ticket(session, staff, number, lock=True)
    if Hat.CHIEF not in access.hats_of(session, seen, now):
        raise VerbNotYoursError
    slip = next((s for s in access.slips_of(session, seen.ticket) if s.slip_no == slip_no.upper()), None)
    if slip is None:
        raise NotFoundError
    return seen.ticket, slip


def hand_out(session: WriteSession, staff: Staff, number: str, slip_no: str, origin: str, *, now: datetime) -> LinkView:
    """复制任务单: a fresh link for one person's phone; earlier links of the slip stop working."""
    _, slip = of_chief(session, staff, number, slip_no, now)
    if slip.status not in OPEN_SLIP:
        raise IllegalVerbError(refusals.say("slip_over"), verbs=[])
    for link in access.open_links(session, [slip.id], now):
        link.revoked_at = now
    token = secrets.token_urlsafe(16)
    session.add(SlipLink(slip_id=slip.id, token_hash=fingerprint(token), issued_at=now, expires_at=now + LINK_LIVES))
    return LinkView(slip_no=slip.slip_no, token=token, url=f"{origin}/slip/{token}", expires_at=now + LINK_LIVES)


def in_hand(session: WriteSession, holder: Holder, slip_no: str | None, now: datetime) -> Held:
    """The slip under lock. The first POST by a link binds it to the device; a GET never does (previews open pages)."""
    held = access.slip(session, holder, slip_no, now, lock=True)
    if held.link is not None and held.link.device_hash is None and isinstance(holder, SlipKey):
        held.link.device_hash = session.vault.digest("device", holder.device)
    return held


def _take_first(session: WriteSession, held: Held, now: datetime) -> None:
    if held.slip.status == SlipStatus.ASSIGNED and held.ticket.status in {
        Status.ASSIGNED,
        Status.IN_PROGRESS,
        Status.REPLIED,
    }:
        _take(session, held, now)


def _take(session: WriteSession, held: Held, now: datetime) -> None:
    _step(session, held, Verb.TAKE, now)
    held.slip.status, held.slip.taken_at = SlipStatus.IN_PROGRESS, now
    if held.slip.part == Part.LEAD:
        if held.ticket.lead_seat_id != held.slip.seat_id:
            held.ticket.lead_note = ""
        held.ticket.lead_seat_id, held.ticket.lead_role = held.slip.seat_id, held.slip.role
    session.flush()


def _step(
    session: WriteSession,
    held: Held,
    verb: Verb,
    now: datetime,
    *,
    outcome: str = "",
    words: str | None = None,
    said: Mapping[str, object] | None = None,
    photos: Sequence[str] = (),
) -> None:
    facts = access.standing(session, held.ticket, now, slip=held.slip)
    hats = frozenset({workflow.hat_of(Part(held.slip.part))})
    advance(
        session,
        held.ticket,
        verb,
        facts,
        hats,
        _by(held),
        now,
        outcome=outcome,
        words=words,
        said=said,
        photos=photos,
        slip=held.slip,
    )
    access.take_photos(session, photos, held.ticket, now, slip_id=held.slip.id)


def _by(held: Held) -> By:
    """The slip's own seat; the grid head where they act for a head who has no phone."""
    if held.staff is None or any(seat.seat_id == held.slip.seat_id for seat in held.staff.seats):
        return By(held.slip.role, held.staff.account_id if held.staff else None, held.slip.seat_id)
    return By(Role.GRID_HEAD, held.staff.account_id, held.slip.seat_id)


def _view(session: WriteSession, held: Held, now: datetime) -> SlipView:
    session.flush()
    return access.slip_view(session, held, now)
