"""A ticket as staff see it: every field passes the matrix, and what does not pass is absent."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from app.access import cases, clocks, grants, names, sealed, standing, undoing
from app.access.actors import Staff
from app.access.call_view import call_lines, proxy_masked
from app.access.owner_view import UPLOADS, promise_view
from app.access.rights_view import rights_state
from app.access.routing_view import routing_view
from app.access.rows import Seen, slips_of
from app.db import ReadSession
from app.models.event import Event
from app.models.photo import Photo
from app.models.rating import Rating
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import bands, catalogue, classify, redaction, sla, wording, workflow
from app.rules.privacy import EVENT_ITEM, Grade, Item, Shown, grade, masked_name, masked_phone, place_item
from app.rules.undoing import effective
from app.rules.vocabulary import (
    Channel,
    Complexity,
    Kind,
    Part,
    RatingSource,
    ReplyKind,
    Role,
    SlipStatus,
    Solved,
    Status,
    Verb,
)
from app.rules.workflow import Door
from app.schemas.desk import (
    ContactMasked,
    DeskPhoto,
    DeskRating,
    DeskTicket,
    DraftView,
    EventView,
    FindingView,
    QueueItem,
    SlipRef,
    SuggestionView,
)
from app.schemas.ticket import LeadView

_READABLE = frozenset({Grade.FULL, Grade.SLIP})
_SUMMARY = 60
_GUESSED = frozenset({"evidence", "guesses", "alarms"})
_INNER = frozenset({undoing.BACK})  # what was so before a step may tell who was taken out then


class _Gate:
    """The grades of one viewer on one ticket."""

    def __init__(self, seen: Seen) -> None:
        ticket = seen.ticket
        self.private = names.private(ticket)
        self._columns = seen.columns
        self._shown = Shown(shielded=ticket.shielded, escalated_to=ticket.escalated_to)

    def of(self, item: Item) -> Grade:
        return grade(item, self._columns, self._shown)

    def reads(self, item: Item) -> bool:
        """Whether the words of this item are readable as they are."""
        return self.of(item) in _READABLE


def desk_ticket_view(session: ReadSession, seen: Seen, staff: Staff, now: datetime) -> DeskTicket:
    """Everything this viewer may have of a ticket, and the verbs that would be accepted from them now."""
    ticket, gate = seen.ticket, _Gate(seen)
    slips = slips_of(session, ticket)
    named = names.load(session, [ticket], [slip.seat_id for slip in slips])
    facts = standing.standing(session, ticket, now, account_id=staff.account_id)
    fields: dict[str, Any] = {"number": ticket.number}
    if gate.reads(Item.PUBLIC_PLACE):
        fields |= _state(ticket, slips, named, now)
    if gate.reads(place_item(private=gate.private)):
        fields["place"] = named.place(ticket)
    if gate.reads(Item.REDACTED):
        fields["redacted_text"] = ticket.redacted_text
        fields["photos"] = _photos(session, ticket, uncleared=gate.of(Item.RAW) is Grade.MASKED)
    if gate.of(Item.RAW) is Grade.MASKED:
        fields |= _raw(session, ticket)
    fields |= _contact(session, ticket, gate)
    if gate.of(Item.PROXY) is Grade.MASKED:
        fields["proxy"] = proxy_masked(session, ticket)
    fields |= _inside(session, staff, ticket, slips, named, gate, now)
    fields["verbs"] = workflow.legal(facts, standing.hats_of(session, seen, now), Door.DESK)
    return DeskTicket(**fields)


def _state(ticket: Ticket, slips: list[Slip], named: names.Names, now: datetime) -> dict[str, Any]:
    """Leaf, state and due, and who works on it."""
    return {
        "status": Status(ticket.status),
        "kind": Kind(ticket.kind),
        "channel": Channel(ticket.channel),
        "category": names.category(ticket),
        "complexity": Complexity(ticket.complexity),
        "promise": promise_view(ticket, now),
        "submitted_at": ticket.submitted_at,
        "due_at": ticket.due_at,
        "triaged": ticket.triaged_at is not None,
        "lead": named.lead(ticket),
        "co": [
            LeadView(role=Role(slip.role), title=named.seats[slip.seat_id].title, assigned=True)
            for slip in slips
            if slip.part == Part.CO and slip.status != SlipStatus.CANCELLED
        ],
        "escalated_to": ticket.escalated_to,
    }


def _raw(session: ReadSession, ticket: Ticket) -> dict[str, Any]:
    """The reporter's own words with what looks personal masked, and what they suggest."""
    text, spot = sealed.text_of(session, ticket), sealed.spot_of(session, ticket)
    known = catalogue.default()
    found, masked = redaction.draft(text)
    return {
        "text": masked,
        "findings": [
            FindingView(kind=kind, name=wording.word("private", kind), count=count)
            for kind, count in Counter(span.kind for span in found).items()
        ],
        "spot": redaction.masked(spot) if spot else None,
        "suggestions": [
            SuggestionView(
                code=guess.leaf,
                name=known.leaf(guess.leaf).name,
                evidence=list(guess.evidence),
                probability=round(guess.probability, 4),
                sureness=bands.sureness(guess.probability),
            )
            for guess in (classify.suggest(known, text) if text else ())
        ],
    }


def _inside(
    session: ReadSession,
    staff: Staff,
    ticket: Ticket,
    slips: list[Slip],
    named: names.Names,
    gate: _Gate,
    now: datetime,
) -> dict[str, Any]:
    """Internal notes, history, urges and the rating, each by its own row of the matrix."""
    fields: dict[str, Any] = {}
    events = clocks.events_of(session, ticket)
    if gate.reads(Item.NOTES):
        fields |= _notes(session, ticket, slips, named, now)
        fields["calls"] = call_lines(session, ticket, knows_proxy=gate.of(Item.PROXY) is Grade.MASKED)
        fields["rights"] = rights_state(session, ticket)
        fields["routing"] = routing_view(session, ticket, events)
        hidden = cases.unnameable(session, staff, [event.facts for event in events if event.verb == Verb.MERGE])
        stand = {event.id for event in effective(events, lambda event: event.verb)}
        fields["events"] = [_event(session, event, gate, hidden, stands=event.id in stand) for event in events]
    if gate.reads(Item.URGES):
        fields["urges"] = sum(event.verb == Verb.URGE for event in events)
    if gate.of(Item.RATING) is Grade.FULL:
        rating = standing.latest_rating(session, ticket)
        fields["rating"] = _rating(session, rating) if rating else None
    return fields


def _rating(session: ReadSession, rating: Rating) -> DeskRating:
    text = redaction.masked(sealed.rating_text(session, rating) or "")
    return DeskRating(
        solved=Solved(rating.solved),
        stars=rating.stars,
        text=text or None,
        at=rating.at,
        source=RatingSource(rating.source),
        explained=rating.explained,
    )


def queue_items(session: ReadSession, rows: list[Seen], now: datetime) -> list[QueueItem]:
    """Lines of the queue, each with what its viewer may have."""
    named = names.load(session, [seen.ticket for seen in rows])
    urges = _urges(session, [seen.ticket.id for seen in rows])
    return [_queue_item(session, seen, named, urges.get(seen.ticket.id, 0), now) for seen in rows]


def _queue_item(session: ReadSession, seen: Seen, named: names.Names, urges: int, now: datetime) -> QueueItem:
    ticket, gate = seen.ticket, _Gate(seen)
    fields: dict[str, Any] = {"number": ticket.number}
    if gate.reads(Item.PUBLIC_PLACE):
        fields |= {
            "status": Status(ticket.status),
            "category": names.category(ticket),
            "complexity": Complexity(ticket.complexity),
            "due_at": ticket.due_at,
            "overdue": ticket.queue == 0 and ticket.due_at <= now,
            "submitted_at": ticket.submitted_at,
            "lead": named.lead(ticket),
            "triaged": ticket.triaged_at is not None,
        }
    if gate.reads(place_item(private=gate.private)):
        fields["place"] = named.place(ticket)
    if gate.reads(Item.URGES):
        fields["urges"] = urges
    if gate.reads(Item.REDACTED) and ticket.redacted_text:
        fields["summary"] = ticket.redacted_text[:_SUMMARY]
    elif gate.of(Item.RAW) is Grade.MASKED:
        fields["summary"] = redaction.masked(sealed.text_of(session, ticket))[:_SUMMARY]
    return QueueItem(**fields)


def _photos(session: ReadSession, ticket: Ticket, *, uncleared: bool) -> list[DeskPhoto]:
    """Cleared photos with their address; a raw one only as something that can be revealed."""
    query = select(Photo).where(Photo.ticket_id == ticket.id).order_by(col(Photo.id))
    photos = session.exec(query.execution_options(scope="desk"))
    return [
        DeskPhoto(
            id=p.key,
            cleared=p.cleared,
            from_staff=p.from_staff,
            url=UPLOADS + p.key if p.cleared or p.from_staff else None,
        )
        for p in photos
        if uncleared or p.cleared or p.from_staff
    ]


def _contact(session: ReadSession, ticket: Ticket, gate: _Gate) -> dict[str, Any]:
    """What was left about the reporter, masked; nothing at all where the viewer may not have it."""
    shown: dict[str, str] = {}
    if Grade.MASKED not in {gate.of(Item.PERSON), gate.of(Item.DOOR)}:
        return {}
    person = sealed.person_of(session, ticket)
    if person is not None and gate.of(Item.PERSON) is Grade.MASKED:
        shown |= {"name": masked_name(person.name)} if person.name else {}
        shown |= {"phone": masked_phone(person.phone)} if person.phone else {}
    if person is not None and person.room and gate.of(Item.DOOR) is Grade.MASKED:
        shown["room"] = "***"
    return {"contact": ContactMasked(**shown)}


def _notes(
    session: ReadSession, ticket: Ticket, slips: list[Slip], named: names.Names, now: datetime
) -> dict[str, Any]:
    drafts = [slip for slip in slips if slip.draft_kind]
    doors = {given.slip.id: given for given in grants.grants_of(session, ticket)}  # of several, the newest
    return {
        "lead_note": wording.word("lead_note", ticket.lead_note) if ticket.lead_note else None,
        "slips": [
            SlipRef(
                slip_no=slip.slip_no,
                role=Role(slip.role),
                title=named.seats[slip.seat_id].title,
                part=Part(slip.part),
                status=SlipStatus(slip.status),
                due_at=ticket.due_at,
                ask=slip.ask,
                door=grants.grant_view(session, doors[slip.id]) if slip.id in doors else None,
            )
            for slip in slips
        ],
        "draft_reply": _draft(session, drafts[-1]) if drafts else None,
        "clocks": clocks.clock_views(session, ticket, now),
    }


def _draft(session: ReadSession, slip: Slip) -> DraftView:
    until = slip.draft_until and sla.shown_deadline(slip.draft_until)[0]
    return DraftView(
        kind=ReplyKind(slip.draft_kind or ""),
        text=redaction.masked(sealed.draft_of(session, slip) or ""),
        promise_date=until,
    )


def _event(session: ReadSession, event: Event, gate: _Gate, hidden: frozenset[str], *, stands: bool) -> EventView:
    """One event, which `stands` unless it was taken back; its facts name no ticket that is not the viewer's to see."""
    facts = {n: v for n, v in event.facts.items() if n not in _INNER and not (hidden and str(v) in hidden)}
    fields: dict[str, Any] = {
        "at": event.at,
        "verb": Verb(event.verb),
        "status": Status(event.status),
        "actor": event.actor,
        "facts": facts if gate.of(Item.RAW) is Grade.MASKED else _without_words(facts),
    }
    allowed = gate.of(EVENT_ITEM[Verb(event.verb)])
    words = sealed.words_of(session, event) if allowed in _READABLE | {Grade.MASKED} else None
    if words is not None:
        confirmed = stands and event.verb == Verb.TRIAGE  # a person has read it for just this; other words are masked
        fields["text"] = words if confirmed else redaction.masked(words)
    if allowed in _READABLE:
        fields["photos"] = [UPLOADS + key for key in event.photos]
    return EventView(**fields)


def _without_words(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts without what was guessed from the reporter's words: evidence is pieces of them, guesses tell of them."""
    return {name: value for name, value in facts.items() if name not in _GUESSED}


def _urges(session: ReadSession, ticket_ids: Iterable[int]) -> dict[int, int]:
    query = (
        select(Event.ticket_id, func.count())
        .where(col(Event.ticket_id).in_(list(ticket_ids)), Event.verb == Verb.URGE)
        .group_by(col(Event.ticket_id))
    )
    return {row[0]: row[1] for row in session.execute(query.execution_options(scope="desk"))}
