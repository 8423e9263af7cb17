"""A ticket as its reporter sees it."""

from datetime import datetime

from sqlmodel import col, select

from app.access import names, sealed, standing
from app.db import ReadSession
from app.models.access_log import AccessLog
from app.models.event import Event
from app.models.photo import Photo
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules import redaction, urging, wording, workflow
from app.rules.privacy import EVENT_ITEM, MATRIX, Column, Grade
from app.rules.vocabulary import Complexity, Kind, PromiseKind, Role, Solved, Status, Verb
from app.rules.workflow import Door, Hat
from app.schemas.ticket import LookView, PromiseView, RatingView, TicketView, TimelineEntry, UrgesView

UPLOADS = "/api/v1/uploads/"
_FROM_HANDLERS = frozenset({Verb.PROGRESS, Verb.DONE})
_NOT_FOR_RESIDENTS = frozenset({Verb.DRAFT_REPLY, Verb.REJECT_WORK})


def ticket_view(session: ReadSession, ticket: Ticket, now: datetime) -> TicketView:
    """Everything the owner may have: own words, replies, masked notes of handlers, who looked, legal verbs."""
    events = list(
        session.exec(
            select(Event).where(Event.ticket_id == ticket.id).order_by(col(Event.id)).execution_options(scope="owner")
        )
    )
    named = names.load(session, [ticket])
    rating = standing.latest_rating(session, ticket)
    facts = standing.standing(session, ticket, now)
    return TicketView(
        number=ticket.number,
        status=Status(ticket.status),
        kind=Kind(ticket.kind),
        text=sealed.text_of(session, ticket),
        spot=sealed.spot_of(session, ticket),
        place=named.place(ticket),
        submitted_at=ticket.submitted_at,
        category=names.category(ticket),
        complexity=Complexity(ticket.complexity),
        promise=promise_view(ticket, now),
        lead=named.lead(ticket),
        lead_note=wording.word("lead_note", ticket.lead_note) if ticket.lead_note else None,
        timeline=[_entry(session, event) for event in events if Verb(event.verb) not in _NOT_FOR_RESIDENTS],
        urges=UrgesView(count=sum(event.verb == Verb.URGE for event in events), next_at=next_urge(ticket, events)),
        rating=_rating(session, rating) if rating else None,
        seen_log=_looks(session, ticket),
        seen_by=names.seen_by(ticket),
        photos=[UPLOADS + key for key in _own_photos(session, ticket)],
        verbs=workflow.legal(facts, frozenset({Hat.REPORTER}), Door.RESIDENT),
    )


def promise_view(ticket: Ticket, now: datetime) -> PromiseView:
    """What was promised, as an instant and in words."""
    kind = PromiseKind(ticket.promise_kind)
    return PromiseView(
        kind=kind, due_at=ticket.due_at, text=wording.promise(kind, ticket.due_at, now, ticket.promise_note)
    )


def next_urge_of(session: ReadSession, ticket: Ticket) -> datetime | None:
    """As next_urge, for a ticket that access has handed out."""
    query = select(Event).where(Event.ticket_id == ticket.id).order_by(col(Event.id))
    return next_urge(ticket, list(session.exec(query.execution_options(scope="owner"))))


def next_urge(ticket: Ticket, events: list[Event]) -> datetime | None:
    """The first instant at which the next urge is accepted; None where urging is over."""
    status = Status(ticket.status)
    if status not in workflow.URGEABLE:
        return None
    others = [event.at for event in events if event.verb != Verb.URGE]
    return urging.next_at(
        ticket.submitted_at,
        [event.at for event in events if event.verb == Verb.URGE],
        ticket.due_at,
        emergency=ticket.complexity == Complexity.EMERGENCY,
        quiet_since=others[-1] if status is Status.REPLIED else None,
    )


def _entry(session: ReadSession, event: Event) -> TimelineEntry:
    verb = Verb(event.verb)
    text = None
    if MATRIX[EVENT_ITEM[verb], Column.OWNER].grade is Grade.FULL:
        text = sealed.words_of(session, event)
        if text and verb in _FROM_HANDLERS:
            text = redaction.masked(text)
    return TimelineEntry(at=event.at, verb=verb, text=text, photos=[UPLOADS + key for key in event.photos])


def _looks(session: ReadSession, ticket: Ticket) -> list[LookView]:
    query = (
        select(AccessLog.role, AccessLog.at)
        .where(AccessLog.ticket_id == ticket.id, AccessLog.result == "given")
        .order_by(col(AccessLog.id))
    )
    return [LookView(role=Role(role), at=at) for role, at in session.execute(query.execution_options(scope="owner"))]


def _rating(session: ReadSession, rating: Rating) -> RatingView:
    text = sealed.rating_text(session, rating)
    return RatingView(solved=Solved(rating.solved), stars=rating.stars, text=text, at=rating.at)


def _own_photos(session: ReadSession, ticket: Ticket) -> list[str]:
    query = (
        select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.from_staff).is_(False)).order_by(col(Photo.id))
    )
    return list(session.exec(query.execution_options(scope="owner")))
