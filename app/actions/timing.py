"""What a pause, a new class or a new round does to a ticket's promise."""

from datetime import datetime, timedelta

from app import access
from app.db import WriteSession
from app.models.ticket import Ticket
from app.rules import sla
from app.rules.vocabulary import Complexity, PromiseKind
from app.rules.workdays import NATURAL

LONGEST_REST = {Complexity.SIMPLE: timedelta(hours=24), Complexity.COMPLEX: timedelta(hours=48)}


def rested(ticket: Ticket, now: datetime) -> None:
    """After a pause: what was promised to be handled moves by the rest; the clear reply never does."""
    if ticket.paused_at is not None and ticket.promise_kind == PromiseKind.HANDLED:
        pause = now - ticket.paused_at
        if ticket.promised_until is None:
            pause = min(pause, LONGEST_REST[Complexity.SIMPLE])
        ticket.due_at = sla.paused_due(ticket.due_at, pause)
        ticket.promised_until = ticket.promised_until and ticket.due_at
    ticket.paused_from = ticket.paused_at = ticket.paused_until = None


def answered_question(ticket: Ticket, now: datetime) -> None:
    """After need_info: a simple matter's clock moves by at most 24 hours, a clear reply's by at most 48, no other."""
    longest = LONGEST_REST.get(Complexity(ticket.complexity))
    if ticket.paused_at is not None and longest is not None:
        ticket.due_at = sla.paused_due(ticket.due_at, min(now - ticket.paused_at, longest))
    ticket.paused_at = None


def reclassified(session: WriteSession, ticket: Ticket, to: Complexity, now: datetime) -> None:
    """A new class, counted from submission (domain rules §2.3)."""
    staffed = access.staffed_around_the_clock(session, ticket)
    due = sla.reclassified_due(to, ticket.submitted_at, now, NATURAL, staffed_around_the_clock=staffed)
    ticket.complexity, ticket.promise_kind, ticket.due_at, ticket.promise_note = to, due.kind, due.at, due.note or ""


def started_again(session: WriteSession, ticket: Ticket, now: datetime) -> None:
    """A redo has a clock of its own, counted from the moment it was asked for."""
    staffed = access.staffed_around_the_clock(session, ticket)
    due = sla.due(Complexity(ticket.complexity), now, NATURAL, staffed_around_the_clock=staffed)
    ticket.promise_kind, ticket.due_at, ticket.promise_note = due.kind, due.at, due.note or ""
    ticket.done_at = ticket.answered_at = ticket.replied_at = ticket.promised_until = ticket.clear_reply_due_at = None
