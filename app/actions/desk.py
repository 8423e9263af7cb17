"""Every verb of the desk: one function each, from the gate to the new view."""

from datetime import datetime, timedelta

from app import access
from app.access import Revealed, Staff
from app.actions import board, dispatching, intake, looking
from app.actions.work import CHIEFS, TRIAGERS, Work
from app.db import WriteSession
from app.errors import InvalidError, SelfCheckError
from app.models.ticket import Ticket
from app.rules import catalogue, privacy, refusals, router_model, routing, sla, wording, workflow
from app.rules.catalogue import Leaf
from app.rules.routing import SeatFacts, Spot
from app.rules.vocabulary import (
    OPEN_SLIP,
    CategorySource,
    Part,
    ReplyKind,
    Role,
    Side,
    SlipStatus,
    Status,
    Verb,
)
from app.rules.workflow import Hat
from app.schemas.desk import (
    AssignIn,
    ConfirmIn,
    DeskTicket,
    PartyRef,
    ReasonIn,
    RejectIn,
    ReplyIn,
    RevealIn,
    TextIn,
    TriageIn,
)

OVERSEERS = frozenset({Role.COMMUNITY, Role.STREET})  # they see what is escalated; they take no slips
LONGEST_PROMISE = timedelta(days=30)


def triage(session: WriteSession, staff: Staff, number: str, form: TriageIn, *, now: datetime) -> DeskTicket:
    """受理: confirms the category, the complexity, the redacted words and which photos may be handed on.

    With `assign` the same tap hands it to the lead that the rules find.
    """
    work = Work(session, staff, number, Verb.TRIAGE, now)
    ticket, leaf = work.ticket, _leaf(form.category)
    before = {"category": ticket.category, "complexity": ticket.complexity}
    avoid = frozenset(Side(side) for side in ticket.avoid)
    routed = dispatching.route(
        session, ticket.compound_id, leaf, _spot(ticket), avoid, now, submitted=ticket.submitted_at
    )
    called_off = bool(leaf.flags & routing.NEVER_AUTO)  # no slip of the system's own making may carry such a matter
    work.step(
        Verb.TRIAGE,
        TRIAGERS,
        outcome="called_off" if called_off else "kept",
        words=form.redacted_text,
        said={
            "before": before,
            "category": leaf.code,
            "complexity": form.complexity or leaf.complexity,
            "cleared": len(form.cleared_photos),
            "model": router_model.in_use().version,
            "lead": routed.reason(),
        },
    )
    if called_off:
        work.call_off_slips()
    if leaf.code != ticket.category:
        ticket.category, ticket.category_source = leaf.code, CategorySource.TRIAGER
    ticket.triaged_at, ticket.redacted_text = now, form.redacted_text
    with session.no_autoflush:  # nothing that waits to be written concerns which photos there are
        access.clear_photos(session, form.cleared_photos, ticket)
    hidden = privacy.exclusion(leaf, [], avoid)
    ticket.hidden_grid, ticket.hidden_property = hidden.grid, hidden.property
    ticket.hidden_self_mgmt, ticket.shielded = hidden.self_mgmt, hidden.shielded
    if ticket.status == Status.ACCEPTED:
        decision = routed.decision
        ticket.lead_seat_id, ticket.lead_role, ticket.lead_note = decision.seat_id, decision.role, decision.note
    if form.assign and ticket.status == Status.ACCEPTED and ticket.lead_seat_id is not None:
        session.flush()
        return assign(
            session,
            staff,
            number,
            AssignIn(lead=str(ticket.lead_seat_id), co=[str(seat) for seat in routed.decision.co]),
            now=now,
        )
    return work.view()


def reject(session: WriteSession, staff: Staff, number: str, form: RejectIn, *, now: datetime) -> DeskTicket:
    """不受理, with a reason code and words that say where else to go."""
    work = Work(session, staff, number, Verb.REJECT, now)
    work.step(Verb.REJECT, TRIAGERS, words=form.text, said={"reason": form.reason})
    return work.view()


def answer(session: WriteSession, staff: Staff, number: str, form: TextIn, *, now: datetime) -> DeskTicket:
    """直接答复: consultations and praise need no slip; marked self-checked, since nobody else confirms."""
    work = Work(session, staff, number, Verb.ANSWER, now)
    work.step(Verb.ANSWER, CHIEFS, words=form.text, said={"self_checked": True})
    ticket = work.ticket
    ticket.self_checked, ticket.done_at, ticket.replied_at, ticket.answered_at = True, now, now, now
    return work.view()


def assign(session: WriteSession, staff: Staff, number: str, form: AssignIn, *, now: datetime) -> DeskTicket:
    """派单: one lead seat, co seats by hand; only these get slips. The first lead stays of record for now."""
    work = Work(session, staff, number, Verb.ASSIGN, now)
    ticket = work.ticket
    seats = access.roster(session, ticket.compound_id)
    lead, note = _seat(form.lead, ticket, seats, now, "lead")
    co = [_seat(party, ticket, seats, now, f"co.{place}")[0] for place, party in enumerate(form.co)]
    again = ticket.status == Status.REOPENED
    work.step(
        Verb.ASSIGN,
        CHIEFS,
        words=form.ask or None,
        said={"lead": lead.id, "co": [seat.id for seat in co], "note": note},
    )
    slips = access.slips_of(session, ticket)
    for slip in slips:
        if slip.status in OPEN_SLIP:
            slip.status = SlipStatus.CANCELLED
    ticket.round += 1 if again else 0
    received = any(slip.taken_at or slip.status == SlipStatus.RETURNED for slip in slips if slip.part == Part.LEAD)
    if again or not received:
        ticket.lead_seat_id, ticket.lead_role, ticket.lead_note = lead.id, lead.role, note
    intake.new_slip(session, ticket, lead.id, lead.role, Part.LEAD, form.ask, now)
    for seat in {seat.id: seat for seat in co if seat.id != lead.id}.values():
        intake.new_slip(session, ticket, seat.id, seat.role, Part.CO, form.ask, now)
    return work.view()


def reply(session: WriteSession, staff: Staff, number: str, form: ReplyIn, *, now: datetime) -> DeskTicket:
    """明确回复: a result, a plan with its date, or a refusal with its reason. It stops the clear-reply clock."""
    work = Work(session, staff, number, Verb.REPLY, now)
    ticket = work.ticket
    if form.kind is ReplyKind.PLAN:
        _check_promise(ticket, promised_until(form, now), now)
    work.step(Verb.REPLY, CHIEFS, words=form.text, said={"kind": form.kind, "promise_date": form.promise_date})
    ticket.replied_at = ticket.replied_at or now
    return work.view()


def confirm(session: WriteSession, staff: Staff, number: str, form: ConfirmIn, *, now: datetime) -> DeskTicket:
    """核实办结: another account than the one that did the work; the text goes to the resident.

    Raises SelfCheckError where the same account did the work and another checker exists.
    """
    work = Work(session, staff, number, Verb.CONFIRM, now)
    facts = work.facts
    if facts.status is Status.PENDING_CHECK and facts.did_the_work and facts.other_checkers and Hat.CHIEF in work.hats:
        raise SelfCheckError(verbs=workflow.legal(facts, work.hats, workflow.Door.DESK))
    work.step(
        Verb.CONFIRM, CHIEFS, words=form.text, said={"self_checked": facts.did_the_work, "round": work.ticket.round}
    )
    work.ticket.self_checked, work.ticket.answered_at = facts.did_the_work, now
    if form.public_text:
        board.release(session, work.ticket, form.public_text, staff.account_id, now=now)
    return work.view()


def reject_work(session: WriteSession, staff: Staff, number: str, form: ReasonIn, *, now: datetime) -> DeskTicket:
    """退回重做: the clock goes on as if the work had never been called done."""
    work = Work(session, staff, number, Verb.REJECT_WORK, now)
    work.step(Verb.REJECT_WORK, CHIEFS, words=form.reason)
    work.ticket.done_at = None
    leads = [s for s in access.slips_of(session, work.ticket) if s.part == Part.LEAD and s.status == SlipStatus.DONE]
    for slip in leads[-1:]:
        slip.status, slip.done_at = SlipStatus.IN_PROGRESS, None
    return work.view()


def reveal(session: WriteSession, staff: Staff, number: str, form: RevealIn, *, now: datetime) -> Revealed:
    """查看明文. Refusals are answers too, so that their line in the log is committed."""
    seen = access.desk_ticket(session, staff, number)
    return looking.look(session, staff, seen, form.fields, form.purpose, now=now)


def _check_promise(ticket: Ticket, until: datetime, now: datetime) -> None:
    """A promise that still holds is moved by an extension, not by promising again (domain rules §2.4)."""
    held = ticket.promised_until
    if held is not None and now < held < until:
        message = refusals.say("promised_already", day=wording.day(sla.shown_deadline(held)[0], sla.local_day(now)))
        raise InvalidError(errors=[{"field": "promise_date", "message": message}])


def promised_until(form: ReplyIn, now: datetime) -> datetime:
    """The end of the promised day. Raises InvalidError without a date, in the past, or more than 30 days away."""
    today = sla.local_day(now)
    if form.promise_date is None or not today <= form.promise_date <= today + LONGEST_PROMISE:
        raise InvalidError(errors=[{"field": "promise_date", "message": refusals.say("plan_needs_a_day")}])
    return sla.end_of(form.promise_date)


def _leaf(code: str) -> Leaf:
    try:
        return catalogue.default().leaf(code.upper())
    except catalogue.UnknownCategoryError as error:
        raise InvalidError(errors=[{"field": "category", "message": refusals.say("category_unknown")}]) from error


def _spot(ticket: Ticket) -> Spot:
    return Spot(ticket.building_id, ticket.stairwell_id)


def _seat(party: PartyRef, ticket: Ticket, seats: list[SeatFacts], now: datetime, field: str) -> tuple[SeatFacts, str]:
    """The seat that a role code or a seat id stands for at the ticket's place."""
    text = str(party)
    seats = [seat for seat in seats if seat.role not in OVERSEERS]
    if text.isdecimal():
        named = [seat for seat in seats if seat.id == int(text)]
        found = routing.seat_for(named[0].role, _spot(ticket), named, now) if named else None
        if found:
            return found
    elif text in set(Role):
        found = routing.seat_for(Role(text), _spot(ticket), seats, now)
        if found:
            return found
    raise InvalidError(errors=[{"field": field, "message": refusals.say("seat_empty")}])
