"""The desk's verbs that change a ticket's course in time: pause, extend, reclassify, escalate."""

from datetime import datetime, timedelta

from app import access
from app.access import Staff
from app.actions import intake
from app.actions.work import CHIEFS, SECRETARY, TRIAGERS, Work
from app.db import WriteSession
from app.errors import InvalidError, NotFoundError, VerbNotYoursError
from app.rules import chains, refusals, sla, wording, workflow
from app.rules.vocabulary import OPEN_SLIP, Part, PauseReason, SlipStatus, Verb
from app.rules.workflow import Hat
from app.schemas.desk import DeskTicket, ExtendIn, PauseIn, ReasonIn, ReclassifyIn

SHORT_PAUSE = timedelta(hours=48)
LONGEST_PAUSE = timedelta(days=15)
FIRST_EXTENSION, SECOND_EXTENSION = timedelta(days=7), timedelta(days=15)


def pause(session: WriteSession, staff: Staff, number: str, form: PauseIn, *, now: datetime) -> DeskTicket:
    """暂停: at most 48 hours by the grid head, up to 15 days by the secretary; the resident reads why and how long."""
    work = Work(session, staff, number, Verb.PAUSE, now)
    longest = SHORT_PAUSE if form.reason is PauseReason.WAITING_REPORTER else LONGEST_PAUSE
    if not now < form.until <= now + longest:
        message = refusals.say("pause_too_long", days=longest // timedelta(hours=24))
        raise InvalidError(errors=[{"field": "until", "message": message}])
    came_from = work.ticket.status
    work.step(
        Verb.PAUSE, CHIEFS, words=wording.word("pause", form.reason), said={"reason": form.reason, "until": form.until}
    )
    if form.until > now + SHORT_PAUSE and Hat.SECRETARY not in work.hats:
        raise VerbNotYoursError(refusals.say("long_pause_needs_the_secretary"))
    work.ticket.paused_from, work.ticket.paused_at, work.ticket.paused_until = came_from, now, form.until
    return work.view()


def resume(session: WriteSession, staff: Staff, number: str, *, now: datetime) -> DeskTicket:
    """恢复办理. The rest moves what was promised to be handled, never the clear reply (domain rules §2.4)."""
    work = Work(session, staff, number, Verb.RESUME, now)
    work.step(Verb.RESUME, CHIEFS, outcome=work.ticket.paused_from or "")
    return work.view()


def extend(session: WriteSession, staff: Staff, number: str, form: ExtendIn, *, now: datetime) -> DeskTicket:
    """延期: of the promise only, asked for before it is due; 7 days by the grid head, then 15 by the secretary."""
    work = Work(session, staff, number, Verb.EXTEND, now)
    ticket, until = work.ticket, sla.end_of(form.until)
    roles = CHIEFS if work.facts.extensions == 0 else SECRETARY
    promised = ticket.promised_until or ticket.due_at
    work.step(Verb.EXTEND, roles, words=form.reason, said={"from": promised, "until": until})
    longest = FIRST_EXTENSION if work.facts.extensions == 0 else SECOND_EXTENSION
    if not promised < until <= promised + longest:
        raise InvalidError(
            errors=[{"field": "until", "message": refusals.say("extension_too_long", days=longest.days)}]
        )
    return work.view()


def reclassify(session: WriteSession, staff: Staff, number: str, form: ReclassifyIn, *, now: datetime) -> DeskTicket:
    """调整难易: once, before it is due, with a reason that the resident reads (domain rules §2.3)."""
    work = Work(session, staff, number, Verb.RECLASSIFY, now)
    if form.complexity == work.ticket.complexity:
        raise InvalidError(errors=[{"field": "complexity", "message": refusals.say("complexity_unchanged")}])
    said = {"before": work.ticket.complexity, "complexity": form.complexity}
    work.step(Verb.RECLASSIFY, TRIAGERS, words=form.reason, said=said)
    return work.view()


def escalate(session: WriteSession, staff: Staff, number: str, form: ReasonIn, *, now: datetime) -> DeskTicket:
    """吹哨: one level up, secretary, community, street; each gets the slip's view, never personal data."""
    work = Work(session, staff, number, Verb.ESCALATE, now)
    level = work.ticket.escalated_to + 1
    work.step(Verb.ESCALATE, CHIEFS, words=form.reason, said={"level": level})
    work.ticket.escalated_to = level
    intake.tell_role(session, work.ticket, chains.LEVELS[level - 1], "escalated", now)
    return work.view()


def deescalate(session: WriteSession, staff: Staff, number: str, form: ReasonIn, *, now: datetime) -> DeskTicket:
    """解除督办: by the level that holds it, back to the level below."""
    work = Work(session, staff, number, Verb.DEESCALATE, now)
    work.step(Verb.DEESCALATE, chains.LEVELS[::-1], words=form.reason, said={"level": work.ticket.escalated_to - 1})
    work.ticket.escalated_to -= 1
    return work.view()


def cancel_slip(
    session: WriteSession, staff: Staff, number: str, slip_no: str, form: ReasonIn, *, now: datetime
) -> DeskTicket:
    """取消协办: one co slip that is no longer needed."""
    work = Work(session, staff, number, Verb.CANCEL_SLIP, now)
    slips = access.slips_of(session, work.ticket)
    still_open = [s for s in slips if s.status in OPEN_SLIP]
    slip = next((s for s in still_open if s.slip_no == slip_no.upper() and s.part == Part.CO), None)
    if slip is None:
        raise NotFoundError(refusals.say("co_slip_unknown"))
    last = len(still_open) == 1 and work.facts.status in workflow.AT_WORK
    work.step(Verb.CANCEL_SLIP, CHIEFS, outcome="last" if last else "more", words=form.reason, slip=slip)
    slip.status = SlipStatus.CANCELLED
    if last:
        work.ticket.done_at = now
    return work.view()
