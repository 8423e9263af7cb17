"""Somebody rings up or comes by: a member of staff types what they say, and reads the number out to them."""

from datetime import datetime

from app import access
from app.access import Mandate, Person, Staff
from app.actions import call_tasks, intake
from app.db import WriteSession
from app.errors import InvalidError, NotFoundError, VerbNotYoursError
from app.models.ticket import Ticket
from app.rules import calls, phones, refusals
from app.rules.privacy import Column
from app.rules.vocabulary import SEATED, CallKind, Channel, ConsentKind, Role
from app.schemas.intake import BeneficiaryIn, DeskTicketIn, ProxyConsentIn
from app.schemas.ticket import SubmittedView

_COLUMNS = frozenset({Column.GRID, Column.PROPERTY, Column.SELF_MGMT, Column.SECRETARY, Column.COMMUNITY})
_VISITORS = SEATED - {Role.STREET}


def channels(staff: Staff, compound_id: int | None = None) -> frozenset[Channel]:
    """How this account may take something in, in one compound or in any (domain rules §3.4, "submit / by proxy")."""
    seats = [seat for seat in staff.seats if compound_id in {None, seat.compound_id}]
    found = {Channel.PHONE, Channel.VISIT} if any(seat.column in _COLUMNS for seat in seats) else set()
    return frozenset(found | ({Channel.VISIT} if any(seat.role in _VISITORS for seat in seats) else set()))


def record(session: WriteSession, staff: Staff, form: DeskTicketIn, *, now: datetime) -> SubmittedView:
    """代记: stores, routes and promises as for any resident; the account that typed it is kept with the ticket.

    Raises VerbNotYoursError, NotFoundError for another compound's place, CodeUnknownError, CodeRevokedError,
    ConsentNeededError, InvalidError (place, category, notice, proxy_consent, a proxy who is in office here).
    """
    if not channels(staff):
        raise VerbNotYoursError
    at: access.Here | access.Scanned
    if form.code is not None:
        at = access.scanned(session, form.code)
    else:
        at = access.here(session, staff.compounds(), form.compound or "", form.stairwell or "")
    if at.compound.id not in staff.compounds():
        raise NotFoundError(refusals.say("stairwell_unknown"))
    if form.channel not in channels(staff, at.compound.id):
        raise VerbNotYoursError(refusals.say("intake_by_visit_only"))
    _check_proxy(session, form, at.compound.id, now)
    view = intake.take_in(session, form, at, device=None, now=now, channel=form.channel, recorded_by=staff.account_id)
    if form.beneficiary is not None and form.proxy_consent is not None:
        ticket = access.recorded_ticket(session, staff, view.number, now)
        _speak_for(session, ticket, form.beneficiary, form.proxy_consent, now)
    return view


def _check_proxy(session: WriteSession, form: DeskTicketIn, compound_id: int, now: datetime) -> None:
    """Whoever speaks for somebody else has that person's consent, and is not in office here (domain rules §5)."""
    wrong: list[tuple[str, str]] = []
    consent = form.proxy_consent
    if form.beneficiary is not None and consent is None:
        wrong.append(("proxy_consent", refusals.say("proxy_needs_consent")))
    if form.beneficiary is None and consent is not None:
        wrong.append(("beneficiary", refusals.say("beneficiary_missing")))
    if form.beneficiary is not None and form.minor:
        wrong.append(("minor", refusals.say("minor_is_no_proxy")))
    if consent is not None and consent.until is not None and not now < consent.until <= calls.longest_mandate(now):
        wrong.append(("proxy_consent.until", refusals.say("mandate_too_long")))
    wrong += _phones_in_the_way(session, form, compound_id) if form.beneficiary is not None else []
    if wrong:
        raise InvalidError(errors=[{"field": field, "message": message} for field, message in wrong])


def _phones_in_the_way(session: WriteSession, form: DeskTicketIn, compound_id: int) -> list[tuple[str, str]]:
    """Whoever is asked how it went is the person concerned: neither an office nor the one who spoke for them."""
    proxy, own = form.contact and form.contact.phone, form.beneficiary and form.beneficiary.phone
    offices = access.duty_phones(session, compound_id)
    wrong = [
        (field, refusals.say("handler_is_no_proxy"))
        for field, phone in (("contact.phone", proxy), ("beneficiary.phone", own))
        if phone and any(phones.same(phone, office) for office in offices)
    ]
    if proxy and own and phones.same(proxy, own):
        wrong.append(("beneficiary.phone", refusals.say("phone_of_the_proxy")))
    return wrong


def _speak_for(
    session: WriteSession, ticket: Ticket, person: BeneficiaryIn, consent: ProxyConsentIn, now: datetime
) -> None:
    """Keeps the beneficiary apart, and tells whom the rules want told."""
    access.put_proxy(
        session,
        ticket,
        Person(person.name, person.phone, person.room),
        Mandate(consent.kind, consent.note, consent.until),
        now,
    )
    if consent.kind is ConsentKind.EMERGENCY:
        call_tasks.put(session, ticket, CallKind.TELL, calls.CONSENT_AFTERWARDS, calls.tell_due(now), now)
    if access.households_spoken_for(session, ticket) > calls.MOST_HOUSEHOLDS:
        intake.tell_role(session, ticket, Role.COMMITTEE_SECRETARY, "many_proxies", now)
