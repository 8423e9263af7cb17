"""Calls that were made: told, asked how it went, or nobody answered."""

from datetime import datetime

from app import access
from app.access import Call, Staff
from app.actions import call_tasks, judging
from app.actions.work import Work
from app.db import WriteSession
from app.errors import IllegalVerbError, InvalidError, OtherCallerError
from app.models.call_task import CallTask
from app.rules import calls, refusals
from app.rules.vocabulary import CallKind, CallReason, CallResult, CallStatus, RatingSource, Role, Verb
from app.schemas.call import CallbackIn, CallView, ToldIn
from app.schemas.desk import DeskTicket

_CALLERS = (Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.SELF_MGMT_HEAD)


def told(session: WriteSession, staff: Staff, call_id: int, form: ToldIn, *, now: datetime) -> CallView:
    """打通了，已告知. Raises NotFoundError, IllegalVerbError for a call that is over or that asks for a judgement."""
    found = _to_tell(session, staff, call_id, now)
    task = found.task
    task.status, task.result = CallStatus.DONE, CallResult.REACHED
    task.done_by, task.done_at = staff.account_id, now
    task.note_sealed = access.seal_note(session, task, form.note) if form.note else None
    return _view(session, found, now)


def missed(session: WriteSession, staff: Staff, call_id: int, *, now: datetime) -> CallView:
    """没人接. Three tries on two days, then it counts as not reached (domain rules §2.6)."""
    found = _to_tell(session, staff, call_id, now)
    call_tasks.no_answer(found.task, now)
    return _view(session, found, now)


def callback(session: WriteSession, staff: Staff, number: str, form: CallbackIn, *, now: datetime) -> DeskTicket:
    """回访: asked by somebody who did not handle it; "not solved" reopens as the reporter's own judgement does.

    Raises OtherCallerError where this account recorded or handled the ticket and anybody else may ask.
    """
    work = Work(session, staff, number, Verb.CALLBACK, now)
    ticket = work.ticket
    if work.facts.handled_it and work.facts.status in calls.CALLABLE:
        raise OtherCallerError(verbs=[])
    task = _asked(work) or call_tasks.put(
        session, ticket, CallKind.CALLBACK, CallReason.BY_HAND, calls.callback_due(now), now
    )
    solved, stars = form.solved, form.stars
    said: dict[str, object] = {"result": form.result, "solved": solved, "stars": stars}
    said |= {"explained": form.explained, "round": ticket.round}
    if access.handled_it(session, ticket, staff.account_id):
        said["own_work"] = True  # nobody else was there to ask; the history says so
    outcome = judging.outcome(session, ticket, solved, explained=form.explained)
    if form.result is CallResult.NOT_REACHED:
        call_tasks.no_answer(task, now)
    else:
        task.status, task.result, task.judged = CallStatus.DONE, CallResult.REACHED, solved is not None
        task.done_by, task.done_at = staff.account_id, now
    work.step(Verb.CALLBACK, _CALLERS, outcome=outcome, words=form.text, said=said)
    if solved is not None and stars is not None:
        judging.put_down(
            session,
            ticket,
            solved,
            stars,
            form.text,
            now,
            source=RatingSource.CALLBACK,
            explained=form.explained,
        )
    return work.view()


def _asked(work: Work) -> CallTask | None:
    """The open callback of the ticket, if it was asked for."""
    listed = access.calls_of(work.session, work.ticket)
    return next((t for t in listed if t.kind == CallKind.CALLBACK and t.status == CallStatus.OPEN), None)


def _to_tell(session: WriteSession, staff: Staff, call_id: int, now: datetime) -> Call:
    found = access.call(session, staff, call_id, now, lock=True)
    if found.task.kind != CallKind.TELL:
        raise InvalidError(refusals.say("call_is_a_callback"))
    if found.task.status != CallStatus.OPEN:
        raise IllegalVerbError(refusals.say("call_done"), verbs=[])
    return found


def _view(session: WriteSession, found: Call, now: datetime) -> CallView:
    session.flush()
    return access.call_views(session, [found], now)[0]
