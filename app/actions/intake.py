"""From words to a ticket: category, place, promise, lead, and a slip where the rules allow one at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import access, history, outbox
from app.access import Scanned
from app.actions.stepping import advance
from app.db import WriteSession
from app.errors import ConsentNeededError, InvalidError
from app.models.slip import Slip
from app.models.ticket import Consent, Ticket
from app.rules import catalogue, classify, privacy, redaction, routing, sla, wording
from app.rules.catalogue import Leaf
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
from app.rules.workdays import NATURAL
from app.rules.workflow import Hat
from app.schemas.ticket import CategoryRef, LeadView, PromiseView, SubmittedView, TicketIn
from app.vault import fingerprint
from qr import codes

_KIND_OF = {"SVC-09": Kind.CONSULT, "GOV-09": Kind.PRAISE, "GOV-07": Kind.SUGGESTION}
_SYSTEM = frozenset({Hat.SYSTEM})


def take_in(
    session: WriteSession, form: TicketIn, *, device: str | None, now: datetime, channel: Channel = Channel.SCAN
) -> SubmittedView:
    """Stores, routes and promises; see actions.ticket.submit."""
    _check_consent(form)
    at = access.scanned(session, form.code)
    leaf, source, guesses = _choose(form)
    avoid = frozenset(form.avoid)
    spot = Spot(at.building.id, at.stairwell.id)
    decision = routing.decide(leaf, spot, access.roster(session, at.compound.id), avoid, now)
    ticket = _new_ticket(session, form, at, leaf, source, guesses, decision, device, channel, now)
    session.add(ticket)
    session.flush()
    _keep_aside(session, ticket, form, at, now)
    said = {
        "category": leaf.code,
        "source": source,
        "top": None if "-" in (form.category or "-") else form.category,
        "evidence": {guess.leaf: list(guess.evidence) for guess in guesses},
        "lead": _reason(decision),
    }
    history.say(session, ticket, Verb.SUBMIT, history.REPORTER, now, facts=said, photos=form.photos)
    if decision.auto and ticket.kind not in {Kind.CONSULT, Kind.PRAISE}:
        _auto_assign(session, ticket, decision, now)
    _tell(session, ticket, leaf, now, pressed=form.emergency)
    return _submitted_view(session, ticket, decision, now)


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
    guesses = [known.leaf(guess.leaf) for guess in classify.suggest(known, text) if guess.evidence]
    avoid = frozenset(Side(side) for side in ticket.avoid)
    hidden = privacy.exclusion(known.leaf(ticket.category), guesses, avoid)
    ticket.hidden_property = ticket.hidden_property or hidden.property
    ticket.hidden_self_mgmt = ticket.hidden_self_mgmt or hidden.self_mgmt
    ticket.shielded = ticket.shielded or hidden.shielded


def tell_lead(session: WriteSession, ticket: Ticket, template: str, now: datetime) -> None:
    """A message to the lead and to the grid head; never lost where nobody is assigned."""
    holds = any(
        slip.seat_id == ticket.lead_seat_id and slip.status in OPEN_SLIP for slip in access.slips_of(session, ticket)
    )
    if holds and ticket.lead_role != Role.GRID_HEAD:
        outbox.put(session, template, ticket.id, now, seat_id=ticket.lead_seat_id)
    tell_role(session, ticket, Role.GRID_HEAD, template, now)


def tell_role(
    session: WriteSession, ticket: Ticket, role: Role, template: str, now: datetime, *, pressed: bool = False
) -> None:
    """A message to whoever holds a role at the ticket's place.

    Where the grid head is taken out, their substitute for triage and the secretary hear instead.
    """
    wanted = [role]
    if role is Role.GRID_HEAD and ticket.hidden_grid:
        wanted = [Role.COMMITTEE_SECRETARY] + ([] if ticket.hidden_self_mgmt else [Role.SELF_MGMT_HEAD])
    seats, spot = access.roster(session, ticket.compound_id), Spot(ticket.building_id, ticket.stairwell_id)
    for found in filter(None, (routing.seat_for(one, spot, seats, now) for one in wanted)):
        outbox.put(session, template, ticket.id, now, seat_id=found[0].id, pressed=pressed)


def _check_consent(form: TicketIn) -> None:
    if form.contact and form.contact.given() and not (form.consent and form.consent.contact):
        raise ConsentNeededError(errors=[{"field": "consent.contact", "message": ConsentNeededError.title}])


def _choose(form: TicketIn) -> tuple[Leaf, CategorySource, list[classify.Suggestion]]:
    """The reporter's leaf; else the best guess, inside their top class where they named one; else 其他."""
    known = catalogue.default()
    guesses = [guess for guess in classify.suggest(known, form.text) if guess.evidence]
    wanted = (form.category or "").upper()
    try:
        if "-" in wanted:
            return known.leaf(wanted), CategorySource.REPORTER, guesses
        inside = [g for g in classify.suggest(known, form.text, top=wanted or None) if g.evidence]
    except catalogue.UnknownCategoryError as error:
        raise InvalidError(errors=[{"field": "category", "message": "没有这个类别"}]) from error
    best = inside or guesses
    return known.leaf(best[0].leaf if best else catalogue.OTHER), CategorySource.SUGGESTED, guesses


def _new_ticket(
    session: WriteSession,
    form: TicketIn,
    at: Scanned,
    leaf: Leaf,
    source: CategorySource,
    guesses: list[classify.Suggestion],
    decision: Decision,
    device: str | None,
    channel: Channel,
    now: datetime,
) -> Ticket:
    known = catalogue.default()
    complexity = Complexity.EMERGENCY if form.emergency else leaf.complexity
    due = sla.due(complexity, now, NATURAL, staffed_around_the_clock=at.compound.staffed_around_the_clock)
    hidden = privacy.exclusion(leaf, [known.leaf(guess.leaf) for guess in guesses], frozenset(form.avoid))
    number = _new_number(session, now)
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
        category_source=source,
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
        promise_note=due.note or "",
        due_at=due.at,
    )


def _keep_aside(session: WriteSession, ticket: Ticket, form: TicketIn, at: Scanned, now: datetime) -> None:
    """Contact and consent in their own tables, photos attached."""
    if form.contact and form.contact.given():
        access.put_person(session, ticket, access.Person(form.contact.name, form.contact.phone, form.contact.room), now)
    version, text = wording.notice(at.compound.community or at.compound.name)
    if form.consent:
        if form.consent.notice_version != version:
            raise InvalidError(
                "隐私说明更新过了，请重新看一眼再提交",
                errors=[{"field": "consent.notice_version", "message": f"现行版本是 {version}"}],
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


def _auto_assign(session: WriteSession, ticket: Ticket, decision: Decision, now: datetime) -> None:
    facts = access.standing(session, ticket, now)
    advance(session, ticket, Verb.AUTO_ASSIGN, facts, _SYSTEM, history.SYSTEM, now, said={"lead": _reason(decision)})
    if decision.seat_id is not None:
        new_slip(session, ticket, decision.seat_id, decision.role, Part.LEAD, "", now)


def _tell(session: WriteSession, ticket: Ticket, leaf: Leaf, now: datetime, *, pressed: bool) -> None:
    """The grid head hears of everything; an emergency alerts the leaf's own owners too, unless it is shielded.

    `pressed`: the reporter pressed the red button, which rings at night for every leaf.
    """
    template = "emergency" if ticket.complexity == Complexity.EMERGENCY else "submitted"
    tell_role(session, ticket, Role.GRID_HEAD, template, now, pressed=pressed)
    if template == "emergency" and not ticket.shielded:
        out = {Side(side) for side in ticket.avoid} | _hidden(ticket)
        for role in dict.fromkeys((leaf.lead, *leaf.co)):
            if role is not Role.GRID_HEAD and SIDE_OF.get(role) not in out:
                tell_role(session, ticket, role, template, now, pressed=pressed)


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
        **access.secrets_of(session.vault, ticket.number, 1),
    )


def _reason(decision: Decision) -> Mapping[str, Any]:
    """Why it came to this seat, kept in the event."""
    return {
        "seat": decision.seat_id,
        "role": decision.role,
        "wanted": decision.wanted,
        "note": decision.note,
        "auto": decision.auto,
    }


def _new_number(session: WriteSession, now: datetime) -> str:
    """YYMMDD of the local day, a hyphen, five random symbols and a check symbol."""
    while True:
        number = f"{sla.local_day(now):%y%m%d}-{codes.with_check(codes.symbols(5))}"
        if not access.number_taken(session, number):
            return number
