"""A ticket as its reporter sees it."""

from datetime import datetime

from sqlmodel import col, select

from app.access import grants, names, sealed, standing
from app.access.clocks import events_of
from app.access.proxies import proxied
from app.db import ReadSession
from app.models.access_log import AccessLog
from app.models.event import Event
from app.models.photo import Photo
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules import catalogue, redaction, rights, urging, wording, workflow
from app.rules.privacy import EVENT_ITEM, MATRIX, Column, Grade
from app.rules.rights import Basis
from app.rules.vocabulary import Clock, Complexity, Kind, PromiseKind, RatingSource, Role, Solved, Status, Verb
from app.rules.workflow import Door, Hat
from app.schemas.place import HotlineView
from app.schemas.ticket import (
    ChoiceView,
    DoorShown,
    LookView,
    PromiseView,
    RatingView,
    TicketView,
    TimelineEntry,
    UrgesView,
)

UPLOADS = "/api/v1/uploads/"
_FROM_HANDLERS = frozenset({Verb.PROGRESS, Verb.DONE})
_ADDED_LATER = frozenset({Verb.INFO, Verb.CALLBACK})
_NOT_FOR_RESIDENTS = frozenset({Verb.DRAFT_REPLY, Verb.REJECT_WORK, Verb.REMIND})
_PROMISES = frozenset({Clock.HANDLED, Clock.CLEAR_REPLY, Clock.PROMISE, Clock.EMERGENCY})


def ticket_view(session: ReadSession, ticket: Ticket, now: datetime) -> TicketView:
    """Everything the owner may have: own words, replies, masked notes of handlers, who looked, legal verbs.

    Who reported for somebody else reads state and replies, not what was added later (domain rules §3.4, note 6).
    """
    events = events_of(session, ticket)
    named = names.load(session, [ticket])
    rating = standing.latest_rating(session, ticket)
    facts = standing.standing(session, ticket, now)
    closed = _ADDED_LATER if proxied(session, ticket) else frozenset()
    verbs = workflow.legal(facts, frozenset({Hat.REPORTER}), Door.RESIDENT)
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
        hotlines=hotlines(ticket),
        lead=named.lead(ticket),
        lead_note=wording.word("lead_note", ticket.lead_note) if ticket.lead_note else None,
        timeline=[_entry(session, event, closed) for event in events if _is_told(event)],
        urges=UrgesView(count=sum(event.verb == Verb.URGE for event in events), next_at=next_urge(ticket, events)),
        rating=_rating(session, rating, closed) if rating else None,
        seen_log=_looks(session, ticket),
        seen_by=names.seen_by(ticket),
        photos=[UPLOADS + key for key in (_first_photos(events) if closed else _own_photos(session, ticket))],
        goes_on=rights.goes_on(catalogue.default().leaf(ticket.category)),
        restricted=ticket.restricted_at is not None,
        erased_at=ticket.erased_at,
        person_expired_at=ticket.person_erased_at,
        doors=_doors(session, ticket),
        choices=_choices(events) if Verb.CHOOSE in verbs else [],
        verbs=verbs,
    )


def _choices(events: list[Event]) -> list[ChoiceView]:
    """What was guessed at the beginning, best first."""
    known = catalogue.default()
    first = (event.facts.get("guesses", {}) for event in events if event.verb == Verb.SUBMIT)
    guessed: dict[str, float] = next(first, {})
    leaves = [known.leaf(code) for code in sorted(guessed, key=lambda code: -guessed[code]) if code != catalogue.OTHER]
    return [ChoiceView(code=leaf.code, name=leaf.name) for leaf in leaves]


def _is_told(event: Event) -> bool:
    """Whether the reporter reads of it: of a missed promise yes, of what staff owe each other no."""
    if event.verb == Verb.BREACH:
        return event.facts.get("clock") in _PROMISES
    return Verb(event.verb) not in _NOT_FOR_RESIDENTS


def hotlines(ticket: Ticket) -> list[HotlineView]:
    """Whom to call first in an emergency: the leaf's own numbers, then those that everybody knows. Else nobody."""
    if ticket.complexity != Complexity.EMERGENCY:
        return []
    known = catalogue.default()
    guessed = (known.leaf(code) for code in ticket.suggestions)
    feared = [leaf for leaf in guessed if leaf.complexity is Complexity.EMERGENCY]
    return [HotlineView(**line) for line in wording.hotlines([known.leaf(ticket.category), *feared])]


def promise_view(ticket: Ticket, now: datetime) -> PromiseView:
    """What was promised, as an instant and in words."""
    kind = PromiseKind(ticket.promise_kind)
    return PromiseView(
        kind=kind, due_at=ticket.due_at, text=wording.promise(kind, ticket.due_at, now, ticket.promise_note)
    )


def next_urge_of(session: ReadSession, ticket: Ticket) -> datetime | None:
    """As next_urge, for a ticket that access has handed out."""
    return next_urge(ticket, events_of(session, ticket))


def next_urge(ticket: Ticket, events: list[Event]) -> datetime | None:
    """The first instant at which the next urge is accepted; None where urging is over."""
    status = Status(ticket.status)
    if status not in workflow.URGEABLE:
        return None
    others = [event.at for event in events if event.verb != Verb.URGE and event.actor != "system"]
    return urging.next_at(
        ticket.submitted_at,
        [event.at for event in events if event.verb == Verb.URGE],
        ticket.due_at,
        emergency=ticket.complexity == Complexity.EMERGENCY,
        quiet_since=others[-1] if status is Status.REPLIED else None,
    )


def _entry(session: ReadSession, event: Event, closed: frozenset[Verb]) -> TimelineEntry:
    verb = Verb(event.verb)
    text = None
    if verb in closed:
        return TimelineEntry(at=event.at, verb=verb, text=None, photos=[])
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


def _doors(session: ReadSession, ticket: Ticket) -> list[DoorShown]:
    return [
        DoorShown(
            role=Role(slip.role),
            basis=Basis(grant.basis),
            given_at=grant.given_at,
            until=min(grant.until, grant.revoked_at or grant.until),
            shown_at=grant.shown_at,
        )
        for grant, slip in grants.grants_of(session, ticket)
    ]


def _rating(session: ReadSession, rating: Rating, closed: frozenset[Verb]) -> RatingView:
    source = RatingSource(rating.source)
    said_by_another = source is RatingSource.CALLBACK and Verb.CALLBACK in closed
    text = None if said_by_another else sealed.rating_text(session, rating)
    return RatingView(solved=Solved(rating.solved), stars=rating.stars, text=text, at=rating.at, source=source)


def _first_photos(events: list[Event]) -> list[str]:
    """The pictures that came with the report."""
    return [key for event in events if event.verb == Verb.SUBMIT for key in event.photos]


def _own_photos(session: ReadSession, ticket: Ticket) -> list[str]:
    query = (
        select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.from_staff).is_(False)).order_by(col(Photo.id))
    )
    return list(session.exec(query.execution_options(scope="owner")))
