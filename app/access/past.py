"""What became of past matters: for trying out rules, for thresholds, and for the router to learn from."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, false, or_
from sqlmodel import col, select

from app.access.actors import Staff
from app.access.rows import visible
from app.db import ReadSession
from app.models.event import Event
from app.models.ticket import Ticket
from app.rules import catalogue
from app.rules.bands import Sample
from app.rules.habits import Handed
from app.rules.vocabulary import CategorySource, Flag, Role, Status, Verb

MOST_LOOKED_AT = 2000

ELSEWHERE = (Status.REJECTED, Status.CLOSED_REJECTED, Status.TRANSFERRED, Status.WITHDRAWN, Status.MERGED)
"""What ended before anybody here took it on: nothing is learnt from it about who should."""


class Lesson(NamedTuple):
    """A closed matter: the words that a person made fit to be read, the confirmed leaf, who led last, and when."""

    text: str
    leaf: str
    lead: str
    closed_at: datetime


def past_matters(session: ReadSession, staff: Staff, compound_id: int, limit: int) -> list[Ticket]:
    """The last tickets of a compound that this viewer may see and that somebody here took on, newest first."""
    conditions = visible(staff)
    query = (
        select(Ticket)
        .where(
            Ticket.compound_id == compound_id,
            col(Ticket.status).not_in(ELSEWHERE),
            and_(or_(false(), *conditions.values())),
        )
        .order_by(col(Ticket.id).desc())
        .limit(limit)
    )
    return list(session.exec(query.execution_options(scope="desk")))


def judged_guesses(session: ReadSession, compound_id: int, limit: int) -> list[Sample]:
    """The last guesses of a compound that a person has confirmed or corrected, each with how sure it was."""
    query = (
        select(Event.facts, Ticket.category)
        .join(Ticket, col(Ticket.id) == col(Event.ticket_id))
        .where(
            Ticket.compound_id == compound_id,
            col(Ticket.triaged_at).is_not(None),
            Event.verb == Verb.SUBMIT,
        )
        .order_by(col(Ticket.id).desc())
        .limit(limit)
    )
    rows = session.exec(query.execution_options(scope="thresholds"))
    return [
        Sample(float(facts["probability"]), facts["category"] == leaf, leaf in {facts["category"], *facts["guesses"]})
        for facts, leaf in rows
        if facts.get("source") == CategorySource.SUGGESTED and "probability" in facts
    ]


def lessons(session: ReadSession) -> Iterator[Lesson]:
    """Every closed matter that may teach, the oldest first: redacted words only, confirmed by a person.

    Nothing of a child, nothing whose reporter objects, and nothing of the leaves that must be reported to the police.
    """
    barred = {leaf.code for leaf in catalogue.default().leaves if Flag.MANDATORY_REPORT in leaf.flags}
    query = (
        select(Ticket.redacted_text, Ticket.category, Ticket.lead_role, Ticket.closed_at)
        .where(
            col(Ticket.status).in_((Status.CLOSED, Status.CLOSED_UNRATED)),
            col(Ticket.triaged_at).is_not(None),
            col(Ticket.redacted_text).is_not(None),
            col(Ticket.closed_at).is_not(None),
            col(Ticket.minor).is_(False),
            col(Ticket.restricted_at).is_(None),
            col(Ticket.erased_at).is_(None),
            col(Ticket.category).not_in(sorted(barred)),
        )
        .order_by(col(Ticket.closed_at), col(Ticket.id))
    )
    for text, leaf, lead, closed_at in session.exec(query.execution_options(scope="lessons")):
        if text and closed_at is not None:
            yield Lesson(text, leaf, lead, closed_at)


def handed_over(session: ReadSession, staff: Staff, compound_id: int) -> list[Handed]:
    """Whom the rules wanted and who led in the end, of the last closed matters that this viewer may see."""
    tickets = [ticket for ticket in past_matters(session, staff, compound_id, MOST_LOOKED_AT) if ticket.closed_at]
    query = (
        select(Event.ticket_id, Event.facts)
        .where(col(Event.ticket_id).in_([ticket.id for ticket in tickets]), Event.verb == Verb.TRIAGE)
        .order_by(col(Event.id))
    )
    wanted = {row[0]: row[1].get("lead") for row in session.exec(query.execution_options(scope="desk"))}
    return [
        Handed(ticket.category, Role(said["role"]), Role(ticket.lead_role))
        for ticket in tickets
        if (said := wanted.get(ticket.id))
    ]
