"""The append-only history: say what happened, and ask about it. Nothing here edits."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import col, select

from app.db import ReadSession, WriteSession
from app.models.event import Event, words_context
from app.models.ticket import Ticket
from app.rules.vocabulary import Verb


class By(NamedTuple):
    """Who did it: a role code, "reporter" or "system", and the account and seat where there is one."""

    actor: str
    account_id: int | None = None
    seat_id: int | None = None


REPORTER = By("reporter")
SYSTEM = By("system")


def say(
    session: WriteSession,
    ticket: Ticket,
    verb: Verb,
    by: By,
    now: datetime,
    *,
    words: str | None = None,
    facts: Mapping[str, Any] | None = None,
    photos: Sequence[str] = (),
    slip_id: int | None = None,
) -> Event:
    """Adds one event. Words are sealed; facts are codes, roles and instants only."""
    event = Event(
        ticket_id=ticket.id,
        slip_id=slip_id,
        at=now,
        verb=verb,
        status=ticket.status,
        actor=by.actor,
        account_id=by.account_id,
        seat_id=by.seat_id,
        facts=json.loads(json.dumps(dict(facts or {}), default=str)),
        words_sealed=session.vault.seal(words, words_context(ticket.id)) if words else None,
        photos=list(photos),
    )
    session.add(event)
    return event


def instants(session: ReadSession, ticket: Ticket, verb: Verb) -> list[datetime]:
    """When `verb` happened to a ticket that access has already handed out, oldest first."""
    query = select(Event.at).where(Event.ticket_id == ticket.id, Event.verb == verb).order_by(col(Event.id))
    return list(session.exec(query.execution_options(scope="history")))


def said(session: ReadSession, ticket: Ticket, verb: Verb) -> list[dict[str, Any]]:
    """The facts of every such event of a ticket, oldest first."""
    query = select(Event.facts).where(Event.ticket_id == ticket.id, Event.verb == verb).order_by(col(Event.id))
    return [dict(facts) for facts in session.exec(query.execution_options(scope="history"))]


def count(session: ReadSession, ticket: Ticket, verb: Verb) -> int:
    """How often `verb` happened to a ticket."""
    query = select(func.count()).select_from(Event).where(Event.ticket_id == ticket.id, Event.verb == verb)
    return session.exec(query.execution_options(scope="history")).one()
