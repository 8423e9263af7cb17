"""Everything held about a ticket's reporter, for the reporter; and what the desk may know of their requests."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from app.access import consents, grants, looks, names, sealed
from app.access.owner_view import UPLOADS
from app.access.proxies import beneficiary_of
from app.access.rows import slips_of
from app.access.slip_view import duty_phone
from app.db import ReadSession, WriteSession
from app.models.event import Event
from app.models.photo import Photo
from app.models.rating import Rating
from app.models.rights import RightsRequest
from app.models.ticket import Consent, Ticket
from app.rules import catalogue, data_map, rights, wording
from app.rules.privacy import masked_name, masked_phone
from app.rules.rights import Basis, ConsentItem, Outcome, Right
from app.rules.vocabulary import Channel, RatingSource, RevealPurpose, Role, Side, SlipStatus, Solved, Status, Verb
from app.schemas.rights import (
    BeneficiaryView,
    ConsentView,
    ContactView,
    DataView,
    DoorGrantView,
    KeptView,
    RequestView,
    RightsLine,
    RightsState,
    SaidEntry,
    SeenView,
    SharedView,
)
from app.schemas.ticket import RatingView

_SAID = frozenset({Verb.INFO, Verb.OBJECT, Verb.WITHDRAW, Verb.CALLBACK})


def data_view(session: ReadSession, ticket: Ticket) -> DataView:
    """查看我的信息. Who spoke for somebody else sees that person masked, and nothing that was added later (§3.4, 6)."""
    named = names.load(session, [ticket])
    events = _events(session, ticket)
    beneficiary = beneficiary_of(session, ticket)
    return DataView(
        number=ticket.number,
        status=Status(ticket.status),
        channel=Channel(ticket.channel),
        category=names.category(ticket),
        place=named.place(ticket),
        submitted_at=ticket.submitted_at,
        minor=ticket.minor,
        contact=_contact(session, ticket),
        beneficiary=BeneficiaryView(
            name=masked_name(beneficiary[0].name or "") or None,
            phone=masked_phone(beneficiary[0].phone) if beneficiary[0].phone else None,
            room="***" if beneficiary[0].room else None,
            consent=beneficiary[1].kind,
        )
        if beneficiary
        else None,
        text=sealed.text_of(session, ticket),
        spot=sealed.spot_of(session, ticket),
        redacted_text=ticket.redacted_text,
        said=[_said(session, event, hidden=beneficiary is not None) for event in events if Verb(event.verb) in _SAID],
        photos=_photos(session, ticket, events, first_only=beneficiary is not None),
        ratings=[_rating(session, rating, hidden=beneficiary is not None) for rating in _ratings(session, ticket)],
        urges=[event.at for event in events if event.verb == Verb.URGE],
        device=ticket.device_hash is not None,
        avoid=[Side(side) for side in ticket.avoid],
        consents=_consents(session, ticket),
        routing=_routing(ticket, events, named),
        seen_by=names.seen_by(ticket),
        seen_log=_looks(session, ticket),
        shared=_shared(session, ticket),
        door_grants=door_views(session, ticket),
        retention=retention_views(ticket),
        requests=[
            RequestView(kind=Right(r.kind), at=r.at, outcome=Outcome(r.outcome)) for r in requests_of(session, ticket)
        ],
        restricted_at=ticket.restricted_at,
        erased_at=ticket.erased_at,
        goes_on=rights.goes_on(catalogue.default().leaf(ticket.category)),
        handler=handler_of(session, ticket),
        duty_phone=duty_phone(session, ticket, named),
    )


def handler_of(session: ReadSession, ticket: Ticket) -> str:
    """Who answers for the data: the community, else the compound."""
    compound = names.load(session, [ticket]).compounds[ticket.compound_id]
    return compound.community or compound.name


def put_request(
    session: WriteSession, ticket: Ticket, kind: Right, outcome: Outcome, facts: Mapping[str, object], now: datetime
) -> None:
    """Keeps that a right was used."""
    session.add(RightsRequest(ticket_id=ticket.id, kind=kind, outcome=outcome, facts=dict(facts), at=now))
    session.flush()


def requests_of(session: ReadSession, ticket: Ticket) -> list[RightsRequest]:
    """The rights that were used on a ticket that access has handed out, oldest first."""
    query = select(RightsRequest).where(RightsRequest.ticket_id == ticket.id).order_by(col(RightsRequest.id))
    return list(session.exec(query.execution_options(scope="rights")))


def rights_state(session: ReadSession, ticket: Ticket) -> RightsState:
    """What the desk has to respect."""
    return RightsState(
        restricted=ticket.restricted_at is not None,
        erased_at=ticket.erased_at,
        person_expired_at=ticket.person_erased_at,
        address_consent=consents.agreed(session, ticket, ConsentItem.ADDRESS),
        requests=[
            RightsLine(kind=Right(r.kind), at=r.at, outcome=Outcome(r.outcome)) for r in requests_of(session, ticket)
        ],
    )


def door_views(session: ReadSession, ticket: Ticket) -> list[DoorGrantView]:
    """To whom the door number was opened, as its owner reads it."""
    given = grants.grants_of(session, ticket)
    named = names.load(session, [ticket], [one.slip.seat_id for one in given])
    return [
        DoorGrantView(
            role=Role(slip.role),
            title=named.seats[slip.seat_id].title,
            basis=Basis(grant.basis),
            given_at=grant.given_at,
            until=grant.until,
            revoked_at=grant.revoked_at,
            shown_at=grant.shown_at,
        )
        for grant, slip in given
    ]


def retention_views(ticket: Ticket) -> list[KeptView]:
    """How long each kind of data is kept, with the day where one can be named."""
    begun = {data_map.Since.CLOSED: ticket.closed_at, data_map.Since.MADE: ticket.submitted_at}
    found = []
    for period in data_map.TOLD_TO_REPORTERS:
        since = begun[period.since]
        until = since + period.span if since is not None else None
        found.append(KeptView(what=wording.word("kept", period.name), rule=wording.kept(period), until=until))
    return found


def _contact(session: ReadSession, ticket: Ticket) -> ContactView | None:
    person = sealed.person_of(session, ticket)
    return ContactView(name=person.name, phone=person.phone, room=person.room) if person else None


def _events(session: ReadSession, ticket: Ticket) -> list[Event]:
    query = select(Event).where(Event.ticket_id == ticket.id).order_by(col(Event.id))
    return list(session.exec(query.execution_options(scope="owner")))


def _said(session: ReadSession, event: Event, *, hidden: bool) -> SaidEntry:
    text = None if hidden and event.verb != Verb.WITHDRAW else sealed.words_of(session, event)
    return SaidEntry(at=event.at, verb=Verb(event.verb), text=text)


def _photos(session: ReadSession, ticket: Ticket, events: list[Event], *, first_only: bool) -> list[str]:
    if first_only:
        return [UPLOADS + key for event in events if event.verb == Verb.SUBMIT for key in event.photos]
    own = select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.from_staff).is_(False))
    return [UPLOADS + key for key in session.exec(own.order_by(col(Photo.id)).execution_options(scope="owner"))]


def _ratings(session: ReadSession, ticket: Ticket) -> list[Rating]:
    query = select(Rating).where(Rating.ticket_id == ticket.id).order_by(col(Rating.id))
    return list(session.exec(query.execution_options(scope="owner")))


def _rating(session: ReadSession, rating: Rating, *, hidden: bool) -> RatingView:
    source = RatingSource(rating.source)
    text = None if hidden and source is RatingSource.CALLBACK else sealed.rating_text(session, rating)
    return RatingView(solved=Solved(rating.solved), stars=rating.stars, text=text, at=rating.at, source=source)


def _consents(session: ReadSession, ticket: Ticket) -> list[ConsentView]:
    return [_consent(consent) for consent in consents.consents_of(session, ticket)]


def _consent(consent: Consent) -> ConsentView:
    """As it was given, taken back or not."""
    ended = consent.withdrawn or {}
    return ConsentView(
        notice_version=consent.notice_version,
        at=consent.at,
        contact=consent.contact or ConsentItem.CONTACT in ended,
        address=consent.address or ConsentItem.ADDRESS in ended,
        publish=consent.publish or ConsentItem.PUBLISH in ended,
        withdrawn={item: datetime.fromisoformat(at) for item, at in ended.items()},
    )


def _routing(ticket: Ticket, events: list[Event], named: names.Names) -> list[str]:
    """Why it is called what it is called and went where it went, in plain words (PIPL 24)."""
    known = catalogue.default()
    submitted = next((event for event in events if event.verb == Verb.SUBMIT), None)
    facts = submitted.facts if submitted else {}
    first = str(facts.get("category", ticket.category))
    evidence = [word for word in facts.get("evidence", {}).get(first, []) if isinstance(word, str)]
    by_reporter = facts.get("source") == "reporter"
    said = [wording.routing("chosen" if by_reporter else "guessed", category=known.leaf(first).name)]
    if evidence and not by_reporter:
        said.append(wording.routing("evidence", words="、".join(evidence)))
    auto = any(event.verb == Verb.AUTO_ASSIGN for event in events)
    said.append(wording.routing("auto" if auto else "by_hand", lead=named.lead(ticket).title))
    if ticket.triaged_at is not None:
        said.append(wording.routing("confirmed", category=known.leaf(ticket.category).name))
    if ticket.shielded:
        said.append(wording.routing("shielded"))
    if ticket.hidden_grid or ticket.hidden_property or ticket.hidden_self_mgmt:
        said.append(wording.routing("hidden"))
    return [*said, wording.routing("human")]


def _looks(session: ReadSession, ticket: Ticket) -> list[SeenView]:
    return [
        SeenView(role=Role(line.role), at=line.at, fields=line.fields, purpose=RevealPurpose(line.purpose))
        for line in looks.looks_at(session, ticket)
        if line.result == looks.GIVEN
    ]


def _shared(session: ReadSession, ticket: Ticket) -> list[SharedView]:
    slips = slips_of(session, ticket)
    named = names.load(session, [ticket], [slip.seat_id for slip in slips])
    return [
        SharedView(role=Role(slip.role), title=named.seats[slip.seat_id].title, at=slip.created_at)
        for slip in slips
        if slip.status != SlipStatus.CANCELLED or slip.taken_at is not None
    ]
