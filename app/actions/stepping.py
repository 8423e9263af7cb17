"""The only place that changes a ticket's state: ask the table, move, say what happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app import history
from app.access import Seen, Staff
from app.actions import call_tasks, clocks
from app.db import WriteSession
from app.history import By
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import workflow
from app.rules.vocabulary import Role, Status, Verb
from app.rules.workflow import Facts, Hat


def advance(
    session: WriteSession,
    ticket: Ticket,
    verb: Verb,
    facts: Facts,
    hats: frozenset[Hat],
    by: By,
    now: datetime,
    *,
    outcome: str = "",
    words: str | None = None,
    said: Mapping[str, Any] | None = None,
    photos: Sequence[str] = (),
    slip: Slip | None = None,
) -> None:
    """Takes one step of the transition table and writes its event.

    Raises VerbNotYoursError or IllegalVerbError(verbs); then nothing has changed.
    """
    ticket.status = workflow.step(verb, facts, hats, outcome)
    ticket.queue = workflow.queue(ticket.status)
    closed_out = ticket.status in workflow.CLOSED_OUT
    ticket.closed_at = (ticket.closed_at or now) if closed_out else None  # what happens to it later closes nothing anew
    slip_id = slip.id if slip else None
    record(session, ticket, verb, facts.status, by, now, words=words, said=said, photos=photos, slip_id=slip_id)
    call_tasks.arrange(session, ticket, verb, said or {}, now)


def record(
    session: WriteSession,
    ticket: Ticket,
    verb: Verb,
    before: Status,
    by: By,
    now: datetime,
    *,
    words: str | None = None,
    said: Mapping[str, Any] | None = None,
    photos: Sequence[str] = (),
    slip_id: int | None = None,
) -> None:
    """Moves the clocks of a ticket that was `before` in another state, or in this one, and writes the event."""
    facts = clocks.happened(session, ticket, verb, before, by.actor, now, said or {})
    history.say(session, ticket, verb, by, now, words=words, facts=facts, photos=photos, slip_id=slip_id)


def by_staff(staff: Staff, seen: Seen, preferred: Sequence[Role]) -> By:
    """The staff member in the role that allows the call: the first preferred one that they hold on this ticket."""
    role = next((role for role in preferred if role in seen.roles), None) or min(seen.roles)
    seat = staff.seat_in(seen.ticket.compound_id, frozenset({role}))
    return By(role, staff.account_id, seat.seat_id if seat else None)
