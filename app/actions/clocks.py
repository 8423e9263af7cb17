"""The one place that changes clocks, and what a ticket shows of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import access
from app.db import WriteSession
from app.models.clock import Clock as ClockRow
from app.models.ticket import Ticket
from app.rules import chains, clocks
from app.rules.course import ClockState, Course, Happening
from app.rules.terms import USUAL
from app.rules.vocabulary import Clock, Complexity, PromiseKind, Status, Verb

_PROMISED = {
    Clock.HANDLED: PromiseKind.HANDLED,
    Clock.PROMISE: PromiseKind.HANDLED,
    Clock.CLEAR_REPLY: PromiseKind.CLEAR_REPLY,
    Clock.REVIEW: PromiseKind.CLEAR_REPLY,
    Clock.EMERGENCY: PromiseKind.CONTACT,
}


def happened(
    session: WriteSession,
    ticket: Ticket,
    verb: Verb,
    before: Status,
    actor: str,
    now: datetime,
    said: Mapping[str, Any],
) -> dict[str, Any]:
    """Moves the clocks by what has just happened; returns the event's facts, with whatever a replay needs.

    The ticket's state is already the new one, its complexity still the old one. Its due instant, its promise and the
    sweep's next look follow.
    """
    terms = USUAL if verb in clocks.CALLED_FOR else access.terms_of(session, ticket.compound_id)
    facts = dict(said) | (terms.kept() if verb in clocks.EFFECTS else {})
    rows = access.clock_rows(session, ticket)
    course = Course(
        ticket.submitted_at,
        Complexity(ticket.complexity),
        max((row.round for row in rows), default=1),
        tuple(access.clock_state(row) for row in rows),
        terms,
    )
    what = Happening(verb, now, before, Status(ticket.status), actor, facts)
    after = clocks.apply(course, what)
    _write(session, ticket, rows, after)
    _show(ticket, after)
    if ticket.status != before:
        _settle(ticket, before)
    if ticket.status != before or verb in {Verb.ASSIGN, Verb.AUTO_ASSIGN}:
        ticket.lapse_at = clocks.lapses_at(Status(ticket.status), what.instant, facts, terms.window)
    _look(ticket, after)
    return facts


def rebuilt(session: WriteSession, ticket: Ticket) -> None:
    """Builds the clocks of a ticket that has none from its history: it was open before there were clocks."""
    happenings = access.happenings(session, ticket)
    after = clocks.replay(happenings, Complexity(ticket.complexity))
    _write(session, ticket, [], after)
    since = [what for what in happenings if what.after is not what.before or what.verb is Verb.ASSIGN]
    if since and ticket.lapse_at is None:
        ticket.lapse_at = clocks.lapses_at(Status(ticket.status), since[-1].instant, since[-1].facts)
    _look(ticket, after)


def wound_back(session: WriteSession, ticket: Ticket) -> None:
    """After something was taken back, the clocks are as if it had never been; its state and instants are put back."""
    rows = access.clock_rows(session, ticket)
    after = clocks.replay(access.happenings(session, ticket), Complexity(ticket.complexity))
    for row in rows[len(after.clocks) :]:
        session.delete(row)
    _write(session, ticket, rows[: len(after.clocks)], after)
    _show(ticket, after)
    _look(ticket, after)


def _write(session: WriteSession, ticket: Ticket, rows: list[ClockRow], course: Course) -> None:
    for place, state in enumerate(course.clocks):
        if place >= len(rows):
            made = _columns(state) | {"ticket_id": ticket.id, "compound_id": ticket.compound_id}
            session.add(ClockRow(**made))  # the order of starting is the order of the ids
        elif access.clock_state(rows[place]) != state:
            _put(rows[place], _columns(state))


def _columns(state: ClockState) -> dict[str, Any]:
    return vars(state) | {"next_at": chains.next_at(state)}


def _put(row: ClockRow | Ticket, values: Mapping[str, Any]) -> None:
    """Sets what differs: a column that is set to what it was costs as much as one that changes."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _show(ticket: Ticket, course: Course) -> None:
    """The ticket's own columns follow its clocks."""
    main, promise = course.main(), course.clock(Clock.PROMISE)
    shown: dict[str, Any] = {"promised_until": promise.due_at if promise else None, "complexity": course.complexity}
    if main is not None:
        shown |= {"due_at": main.due_at, "promise_kind": _PROMISED[main.kind], "promise_note": main.note}
    _put(ticket, shown)


def _settle(ticket: Ticket, before: Status) -> None:
    """A rest is over, or an earlier round's end no longer counts."""
    if before in {Status.PAUSED, Status.NEED_INFO}:
        ticket.paused_from = ticket.paused_at = ticket.paused_until = None
    if ticket.status in {Status.REOPENED, Status.REVIEW}:
        ticket.done_at = ticket.answered_at = ticket.replied_at = None


def _look(ticket: Ticket, course: Course) -> None:
    instants = [ticket.lapse_at, *(chains.next_at(state) for state in course.clocks)]
    ticket.look_at = min((at for at in instants if at is not None), default=None)
