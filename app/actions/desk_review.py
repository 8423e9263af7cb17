"""The desk's verbs before and beside the work: ask back, decide, merge, hand over."""

from datetime import datetime

from app import access
from app.access import Staff
from app.actions import case
from app.actions.stepping import by_staff, record
from app.actions.work import SECRETARY, TRIAGERS, Work
from app.db import WriteSession
from app.errors import InvalidError
from app.models.ticket import Ticket
from app.rules import catalogue, refusals, wording, workflow
from app.rules.vocabulary import Scope, Status, Verb
from app.schemas.desk import DecideIn, DeskTicket, MergeIn, QuestionIn, TransferIn


def need_info(session: WriteSession, staff: Staff, number: str, form: QuestionIn, *, now: datetime) -> DeskTicket:
    """请居民补充: one question, once; after 48 silent hours it goes on as it is."""
    work = Work(session, staff, number, Verb.NEED_INFO, now)
    work.step(Verb.NEED_INFO, TRIAGERS, words=form.question)
    work.ticket.paused_at = now
    return work.view()


def transfer_out(session: WriteSession, staff: Staff, number: str, form: TransferIn, *, now: datetime) -> DeskTicket:
    """转办: to an agency or a hotline, with its receipt number; the resident is told."""
    work = Work(session, staff, number, Verb.TRANSFER_OUT, now)
    words = wording.transferred(form.agency, form.receipt_no)
    work.step(Verb.TRANSFER_OUT, TRIAGERS, words=words, said={"receipt": bool(form.receipt_no)})
    work.call_off_slips()
    return work.view()


def decide(session: WriteSession, staff: Staff, number: str, form: DecideIn, *, now: datetime) -> DeskTicket:
    """复核决定 by the secretary, reasoned. What was wrongly rejected keeps its original submission (§2.3)."""
    work = Work(session, staff, number, Verb.DECIDE, now)
    allowed = workflow.outcomes(Verb.DECIDE, work.facts, work.hats)
    if allowed and form.outcome not in allowed:
        said = "、".join(wording.word("decision", outcome) for outcome in sorted(allowed))
        raise InvalidError(errors=[{"field": "outcome", "message": refusals.say("decision_wrong", choices=said)}])
    work.step(Verb.DECIDE, SECRETARY, outcome=form.outcome, words=form.text, said={"outcome": form.outcome})
    return work.view()


def merge(session: WriteSession, staff: Staff, number: str, form: MergeIn, *, now: datetime) -> DeskTicket:
    """并单: a person decides that two are one matter. The parent takes the earlier due (domain rules §2.7).

    Raises InvalidError for another compound's, a closed, a merged or a private matter.
    """
    work = Work(session, staff, number, Verb.MERGE, now)
    workflow.step(Verb.MERGE, work.facts, work.hats)
    parent = access.desk_ticket(session, staff, form.into, lock=True).ticket
    why_not = _not_mergeable(work.ticket, parent)
    if why_not:
        raise InvalidError(errors=[{"field": "into", "message": why_not}])
    taken_over = {"from": work.ticket.number, "due": work.ticket.due_at}
    work.step(Verb.MERGE, TRIAGERS, said={"into": parent.number})
    work.call_off_slips()
    work.ticket.merged_into_id = parent.id
    case.move_on(session, work.ticket, parent)
    by = by_staff(staff, work.seen, TRIAGERS)
    record(session, parent, Verb.MERGE, Status(parent.status), by, now, said=taken_over)
    return work.view()


def unmerge(session: WriteSession, staff: Staff, number: str, *, now: datetime) -> DeskTicket:
    """拆单: as long as the parent is not closed out."""
    work = Work(session, staff, number, Verb.UNMERGE, now)
    work.step(Verb.UNMERGE, TRIAGERS)
    work.ticket.merged_into_id = None
    return work.view()


def _not_mergeable(child: Ticket, parent: Ticket) -> str:
    """Why not, in Chinese; empty where it may be merged."""
    known = catalogue.default()
    if child.id == parent.id or child.compound_id != parent.compound_id:
        return refusals.say("merge_needs_another")
    if Status(parent.status) not in workflow.OPEN:
        return refusals.say("merge_target_not_open")
    if Scope.PRIVATE in {known.leaf(child.category).scope, known.leaf(parent.category).scope}:
        return refusals.say("merge_private")
    return ""
