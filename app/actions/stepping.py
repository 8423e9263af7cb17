"""The only place that changes a ticket's state: ask the table, move, say what happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app import history
from app.access import Seen, Staff
from app.db import WriteSession
from app.history import By
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import workflow
from app.rules.vocabulary import Role, Verb
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
    ticket.closed_at = now if ticket.status in workflow.CLOSED_OUT else None
    session.flush()
    history.say(
        session, ticket, verb, by, now, words=words, facts=said, photos=photos, slip_id=slip.id if slip else None
    )


def by_staff(staff: Staff, seen: Seen, preferred: Sequence[Role]) -> By:
    """The staff member in the role that allows the call: the first preferred one that they hold on this ticket."""
    role = next((role for role in preferred if role in seen.roles), None) or min(seen.roles)
    seat = staff.seat_in(seen.ticket.compound_id, frozenset({role}))
    return By(role, staff.account_id, seat.seat_id if seat else None)
