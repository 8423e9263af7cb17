"""Which calls follow from a step of a ticket: telling people who cannot look, and asking how it went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import access, outbox
from app.db import WriteSession
from app.models.call_task import CallTask
from app.models.ticket import Ticket
from app.rules import calls, catalogue
from app.rules.calls import Answered
from app.rules.vocabulary import CallKind, CallResult, CallStatus, Complexity, Flag, Solved, Verb

_ANSWERS = frozenset({Verb.ANSWER, Verb.CONFIRM})
_CHANGES = calls.TELLS | {Verb.RATE, Verb.CALLBACK, Verb.INFO, Verb.WITHDRAW, Verb.MERGE}


def arrange(session: WriteSession, ticket: Ticket, verb: Verb, said: Mapping[str, Any], now: datetime) -> None:
    """Called after every step: puts the calls that it makes necessary, and takes back those that lost their sense."""
    if verb not in _CHANGES:
        return
    with session.no_autoflush:  # the step itself changes neither who can be called nor which calls there are
        reach = access.reach_of(session, ticket)
        if not reach.anyone:
            return
        listed = access.calls_of(session, ticket)
    _take_back(ticket, listed, heard=verb is Verb.RATE or said.get("result") == CallResult.REACHED)
    if verb in calls.TELLS and access.may_text(session, ticket):
        outbox.put_text(session, verb, ticket.id, now)
    if verb in calls.TELLS and ticket.channel in calls.UNSCANNED:
        _tell(session, ticket, verb, listed, now)
    if (verb in _ANSWERS or verb is Verb.RATE) and ticket.status in calls.CALLABLE:
        why = calls.reason(_answered(session, ticket, said, proxied=reach.proxied))
        asked = any(task.kind == CallKind.CALLBACK and task.round == ticket.round for task in listed)
        if why is not None and not asked:
            put(session, ticket, CallKind.CALLBACK, why, calls.callback_due(now), now)


def put(
    session: WriteSession, ticket: Ticket, kind: CallKind, reason: str, due_at: datetime, now: datetime
) -> CallTask:
    """One call to make."""
    task = CallTask(
        ticket_id=ticket.id,
        compound_id=ticket.compound_id,
        kind=kind,
        reason=reason,
        round=ticket.round,
        status=CallStatus.OPEN,
        due_at=due_at,
        tries=[],
        created_at=now,
    )
    session.add(task)
    session.flush()
    return task


def no_answer(task: CallTask, now: datetime) -> None:
    """One more try in vain; after three on two days nobody has to try again."""
    task.tries = [*task.tries, now.isoformat()]
    task.status = calls.after_tries(access.tries_of(task))
    if task.status == CallStatus.UNREACHED:
        task.result = CallResult.NOT_REACHED


def _tell(session: WriteSession, ticket: Ticket, verb: Verb, listed: list[CallTask], now: datetime) -> None:
    """One open call a ticket, about the newest answer: whoever calls tells how it stands now."""
    waiting = [task for task in listed if task.kind == CallKind.TELL and task.status == CallStatus.OPEN]
    about = [task for task in waiting if task.reason != calls.CONSENT_AFTERWARDS]
    for task in about[:1]:
        task.reason, task.round, task.due_at = verb, ticket.round, calls.tell_due(now)
    if not about:
        put(session, ticket, CallKind.TELL, verb, calls.tell_due(now), now)


def _take_back(ticket: Ticket, listed: list[CallTask], *, heard: bool) -> None:
    """Nobody asks how it went while it is done again, or tells an answer to somebody who has `heard` it."""
    for task in listed:
        ask, tell = task.kind == CallKind.CALLBACK, task.reason in calls.TELLS
        moot = ask and ticket.status not in calls.CALLABLE
        moot = moot or (tell and (heard or ticket.status in calls.ENDED))
        if task.status == CallStatus.OPEN and moot:
            task.status = CallStatus.VOID


def _answered(session: WriteSession, ticket: Ticket, said: Mapping[str, Any], *, proxied: bool) -> Answered:
    solved = said.get("solved")
    return Answered(
        draw=calls.draw(session.vault.digest("callback draw", ticket.number)),
        proxied=proxied,
        elder=Flag.ELDER_CARE in catalogue.default().leaf(ticket.category).flags,
        emergency=ticket.complexity == Complexity.EMERGENCY,
        self_checked=bool(said.get("self_checked", ticket.self_checked)),
        solved=Solved(solved) if solved else None,
        stars=said.get("stars"),
    )
