"""From words to a ticket: category, place, promise, lead, and a slip where the rules allow one at once."""

from datetime import datetime
from typing import Any

from app import access, history, outbox
from app.access import Here, Scanned
from app.actions import admission, dispatching
from app.actions.admission import Lane
from app.actions.dispatching import Routed
from app.actions.stepping import advance, record
from app.db import WriteSession
from app.errors import ConsentNeededError, InvalidError
from app.models.slip import Slip
from app.models.ticket import Consent, Ticket
from app.rules import bands, catalogue, choosing, classify, privacy, redaction, refusals, routing, sla, wording
from app.rules.bands import Band
from app.rules.catalogue import Leaf
from app.rules.choosing import Choice
from app.rules.classify import LIKELY
from app.rules.limits import Asker
from app.rules.routing import Decision, Spot
from app.rules.vocabulary import (
    OPEN_SLIP,
    SIDE_OF,
    CategorySource,
    Channel,
    Complexity,
    Kind,
    Part,
    PromiseKind,
    Role,
    Side,
    SlipStatus,
    Status,
    Verb,
)
from app.rules.workflow import Hat
from app.schemas.ticket import CategoryRef, LeadView, MatterIn, PromiseView, SubmittedView
from app.vault import fingerprint
from qr import codes

_KIND_OF = {"SVC-09": Kind.CONSULT, "GOV-09": Kind.PRAISE, "GOV-07": Kind.SUGGESTION}
_SYSTEM = frozenset({Hat.SYSTEM})


def take_in(
    session: WriteSession,
    form: MatterIn,
    at: Scanned | Here,
    *,
    device: str | None,
    now: datetime,
    channel: Channel = Channel.SCAN,
    recorded_by: int | None = None,
    asker: Asker | None = None,
    placed: bool = True,
) -> SubmittedView:
    """Stores, routes and promises; see actions.ticket.submit and actions.desk_intake.record.

    Not `placed`: it is not where `at` says, but where its words say, which no slip carries before somebody read them.
    """
    _check_consent(form)
    own = access.settings_of(session, at.compound.id)
    choice = _choose(form, own.choose)
    leaf = choice.leaf
    emergency = form.emergency or leaf.complexity is Complexity.EMERGENCY or bool(choice.alarms)
    # Naming other stairwells lifts no limit of the code; danger is counted where it is, too.
    hangs_at = at.code.stairwell_id if isinstance(at, Scanned) else at.stairwell.id
    lane = admission.lane(session, asker, hangs_at, at.stairwell.id, leaf.code, emergency=emergency)
    avoid = frozenset(form.avoid)
    spot = Spot(at.building.id, at.stairwell.id)
    routed = dispatching.route(session, at.compound.id, leaf, spot, avoid, now)
    band = None if choice.probability is None else bands.band(choice.probability, own.auto, own.choose)
    ticket = _new_ticket(session, form, at, choice, routed.decision, device, channel, now, emergency=emergency)
    ticket.recorded_by = recorded_by
    if lane is Lane.SLOW or not placed:
        ticket.lead_note = ticket.lead_note or "slow_lane"
    session.add(ticket)
    session.flush()
    _keep_aside(session, ticket, form, at, now)
    said: dict[str, Any] = {
        "category": leaf.code,
        "source": choice.source,
        "complexity": ticket.complexity,
        "pressed": form.emergency,
        "top": None if choice.source is CategorySource.REPORTER else choice.top,
        "evidence": {guess.leaf: list(guess.evidence) for guess in (*choice.alarms, *choice.guesses)},
        "guesses": {guess.leaf: round(guess.probability, 4) for guess in choice.guesses},
        "alarms": [alarm.leaf for alarm in choice.alarms],
        "model": choice.model,
        "lead": routed.reason(),
        "lane": lane,
        "recorded": recorded_by is not None,
    }
    if choice.probability is not None:
        said |= {"probability": round(choice.probability, 4), "band": band}
    record(session, ticket, Verb.SUBMIT, Status.SUBMITTED, history.REPORTER, now, said=said, photos=form.photos)
    sure = (placed and band in {None, Band.AUTO}) or emergency  # nobody in danger waits until somebody is sure
    if sure and lane is Lane.NORMAL:
        auto_assign(session, ticket, routed, now)
    _tell(session, ticket, leaf, now, pressed=form.emergency, rung=lane is Lane.REPEATED)
    return _submitted_view(session, ticket, routed.decision, now)


def new_slip(session: WriteSession, ticket: Ticket, seat: int, role: Role, part: Part, ask: str, now: datetime) -> Slip:
    """One seat's slip, under a random number of its own kind."""
    slip = Slip(
        slip_no=codes.with_check(codes.symbols(8)),
        ticket_id=ticket.id,
        compound_id=ticket.compound_id,
        seat_id=seat,
        role=role,
        part=part,
        status=SlipStatus.ASSIGNED,
        round=ticket.round,
        ask=redaction.masked(ask),  # slips carry no person, and nobody confirms these words
        created_at=now,
    )
    session.add(slip)
    session.flush()
    outbox.put(session, "assigned", ticket.id, now, seat_id=seat)
    return slip


def widen_exclusion(ticket: Ticket, text: str) -> None:
    """Words added before triage count as pessimistically as the first ones; they only ever hide more."""
    known = catalogue.default()
    guesses = [known.leaf(guess.leaf) for guess in classify.suggest(known, text) if guess.probability >= LIKELY]
    avoid = frozenset(Side(side) for side in ticket.avoid)
    hidden = privacy.exclusion(known.leaf(ticket.category), guesses, avoid)
    ticket.hidden_property = ticket.hidden_property or hidden.property
    ticket.hidden_self_mgmt = ticket.hidden_self_mgmt or hidden.self_mgmt
    ticket.shielded = ticket.shielded or hidden.shielded


def tell_lead(session: WriteSession, ticket: Ticket, template: str, now: datetime) -> None:
    """A message to the lead and to the grid head; never lost where nobody is assigned."""
    if ticket.lead_role != Role.GRID_HEAD:
        for seat_id in working_seats(session, ticket):
            outbox.put(session, template, ticket.id, now, seat_id=seat_id)
    tell_role(session, ticket, Role.GRID_HEAD, template, now)


def working_seats(session: WriteSession, ticket: Ticket) -> list[int]:
    """The lead's seat while it holds an open slip; empty where nobody is at it."""
    held = {slip.seat_id for slip in access.slips_of(session, ticket) if slip.status in OPEN_SLIP}
    return [ticket.lead_seat_id] if ticket.lead_seat_id in held and ticket.lead_seat_id is not None else []


def tell_role(
    session: WriteSession, ticket: Ticket, role: Role, template: str, now: datetime, *, pressed: bool = False
) -> None:
    """A message to whoever holds a role at the ticket's place."""
    for seat_id in seats_of(session, ticket, role, now):
        outbox.put(session, template, ticket.id, now, seat_id=seat_id, pressed=pressed)


def seats_of(session: WriteSession, ticket: Ticket, role: Role, now: datetime) -> list[int]:
    """The seat of a role at the ticket's place; empty where nobody is in office.

    Where the grid head is taken out, their substitute for triage and the secretary hear instead.
    """
    wanted = [role]
    if role is Role.GRID_HEAD and ticket.hidden_grid:
        wanted = [Role.COMMITTEE_SECRETARY] + ([] if ticket.hidden_self_mgmt else [Role.SELF_MGMT_HEAD])
    seats, spot = access.roster(session, ticket.compound_id), Spot(ticket.building_id, ticket.stairwell_id)
    return [found[0].id for one in wanted if (found := routing.seat_for(one, spot, seats, now))]


def _check_consent(form: MatterIn) -> None:
    if form.contact and form.contact.given() and not (form.consent and form.consent.contact):
        raise ConsentNeededError(errors=[{"field": "consent.contact", "message": ConsentNeededError.title}])


def _choose(form: MatterIn, least: float) -> Choice:
    """The leaf that the matter begins with. Raises InvalidError for a category that does not exist."""
    try:
        return choosing.choose(catalogue.default(), form.text, form.category, least=least)
    except catalogue.UnknownCategoryError as error:
        raise InvalidError(errors=[{"field": "category", "message": refusals.say("category_unknown")}]) from error


def _new_ticket(
    session: WriteSession,
    form: MatterIn,
    at: Scanned | Here,
    choice: Choice,
    decision: Decision,
    device: str | None,
    channel: Channel,
    now: datetime,
    *,
    emergency: bool,
) -> Ticket:
    known, leaf, guesses = catalogue.default(), choice.leaf, choice.guesses
    complexity = Complexity.EMERGENCY if emergency else leaf.complexity
    terms = access.terms_of(session, at.compound.id)
    due = terms.due(complexity, now)
    hidden = privacy.exclusion(leaf, [known.leaf(guess.leaf) for guess in guesses], frozenset(form.avoid))
    number = new_number(session, now)
    derived = access.secrets_of(session.vault, number, 1)
    return Ticket(
        number=number,
        secret_hash=access.secret_digest(session, number, derived["secret"]),
        receipt_hash=fingerprint(derived["url"].rsplit("/", 1)[1]),
        device_hash=session.vault.digest("device", device) if device else None,
        compound_id=at.compound.id,
        building_id=at.building.id,
        stairwell_id=at.stairwell.id,
        channel=channel,
        kind=form.kind or _KIND_OF.get(leaf.code, Kind.HELP),
        category=leaf.code,
        category_source=choice.source,
        complexity=complexity,
        suggestions=[guess.leaf for guess in guesses],
        avoid=list(form.avoid),
        minor=form.minor,
        hidden_grid=hidden.grid,
        hidden_property=hidden.property,
        hidden_self_mgmt=hidden.self_mgmt,
        shielded=hidden.shielded,
        text_sealed=access.seal_words(session, number, "text", form.text),
        spot_sealed=access.seal_words(session, number, "spot", form.spot) if form.spot else None,
        status=Status.SUBMITTED,
        lead_seat_id=decision.seat_id,
        lead_role=decision.role,
        lead_note=decision.note,
        submitted_at=now,
        promise_kind=due.kind,
        promise_note=terms.note(due),
        due_at=due.at,
    )


def _keep_aside(session: WriteSession, ticket: Ticket, form: MatterIn, at: Scanned | Here, now: datetime) -> None:
    """Contact and consent in their own tables, photos attached."""
    if form.contact and form.contact.given():
        access.put_person(session, ticket, access.Person(form.contact.name, form.contact.phone, form.contact.room), now)
    version, text = wording.notice(at.compound.community or at.compound.name)
    if form.consent:
        if form.consent.notice_version != version:
            raise InvalidError(
                refusals.say("notice_changed"),
                errors=[
                    {"field": "consent.notice_version", "message": refusals.say("notice_version", version=version)}
                ],
            )
        session.add(
            Consent(
                ticket_id=ticket.id,
                notice_version=version,
                notice_hash=fingerprint(text),
                contact=form.consent.contact,
                address=form.consent.address,
                publish=form.consent.publish,
                at=now,
            )
        )
    access.take_photos(session, form.photos, ticket, now)


def auto_assign(session: WriteSession, ticket: Ticket, routed: Routed, now: datetime) -> None:
    """A slip for the lead, and for whoever a rule of the compound names beside it, where the rules let it go unseen."""
    decision = routed.decision
    if not decision.auto or decision.seat_id is None or ticket.kind in {Kind.CONSULT, Kind.PRAISE}:
        return
    facts = access.standing(session, ticket, now)
    said = {"lead": routed.reason()}
    advance(session, ticket, Verb.AUTO_ASSIGN, facts, _SYSTEM, history.SYSTEM, now, said=said)
    new_slip(session, ticket, decision.seat_id, decision.role, Part.LEAD, "", now)
    roles = {seat.id: seat.role for seat in access.roster(session, ticket.compound_id)}
    avoided = {Side(side) for side in ticket.avoid}
    for seat_id in decision.co:
        if SIDE_OF.get(roles[seat_id]) not in avoided:
            new_slip(session, ticket, seat_id, roles[seat_id], Part.CO, "", now)


def _tell(session: WriteSession, ticket: Ticket, leaf: Leaf, now: datetime, *, pressed: bool, rung: bool) -> None:
    """The grid head hears of everything; an emergency alerts the leaf's own owners too, unless it is shielded.

    `pressed`: the reporter pressed the red button, which rings at night for every leaf. `rung`: it has rung for this
    emergency a moment ago, so that only the grid head hears of one more, without an alarm.
    """
    template = "emergency" if ticket.complexity == Complexity.EMERGENCY and not rung else "submitted"
    if template == "emergency":
        tell_emergency(session, ticket, leaf, now, pressed=pressed)
    else:
        tell_role(session, ticket, Role.GRID_HEAD, template, now, pressed=pressed)


def tell_emergency(session: WriteSession, ticket: Ticket, leaf: Leaf, now: datetime, *, pressed: bool = False) -> None:
    """The grid head, and the leaf's own owners unless it is shielded."""
    tell_role(session, ticket, Role.GRID_HEAD, "emergency", now, pressed=pressed)
    if not ticket.shielded:
        out = {Side(side) for side in ticket.avoid} | _hidden(ticket)
        for role in dict.fromkeys((leaf.lead, *leaf.co)):
            if role is not Role.GRID_HEAD and SIDE_OF.get(role) not in out:
                tell_role(session, ticket, role, "emergency", now, pressed=pressed)


def _hidden(ticket: Ticket) -> set[Side]:
    """The sides that are taken out, guesses before triage included."""
    out = {Side.PROPERTY: ticket.hidden_property, Side.SELF_MGMT_GROUP: ticket.hidden_self_mgmt}
    return {side for side, hidden in out.items() if hidden}


def _submitted_view(session: WriteSession, ticket: Ticket, decision: Decision, now: datetime) -> SubmittedView:
    known = catalogue.default()
    kind = PromiseKind(ticket.promise_kind)
    return SubmittedView(
        number=ticket.number,
        status=Status(ticket.status),
        category=CategoryRef(
            code=ticket.category, name=known.leaf(ticket.category).name, source=CategorySource(ticket.category_source)
        ),
        complexity=Complexity(ticket.complexity),
        promise=PromiseView(
            kind=kind, due_at=ticket.due_at, text=wording.promise(kind, ticket.due_at, now, ticket.promise_note)
        ),
        lead=LeadView(
            role=decision.role,
            title=decision.title or known.title(decision.role),
            assigned=ticket.status == Status.ASSIGNED,
        ),
        seen_by=access.seen_by(ticket),
        hotlines=access.hotlines(ticket),
        **access.secrets_of(session.vault, ticket.number, 1),
    )


def new_number(session: WriteSession, now: datetime) -> str:
    """YYMMDD of the local day, a hyphen, five random symbols and a check symbol."""
    while True:
        number = f"{sla.local_day(now):%y%m%d}-{codes.with_check(codes.symbols(5))}"
        if not access.number_taken(session, number):
            return number
