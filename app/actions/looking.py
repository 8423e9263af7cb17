"""查看明文, and whoever watches over it: the secretary approves looks at minors and hears of what is unusual."""

from collections.abc import Sequence
from datetime import datetime

from app import access
from app.access import Revealed, Seen, Staff, looks, reveal_requests
from app.access.looks import Looker
from app.actions import intake
from app.db import WriteSession
from app.errors import IllegalVerbError, VerbNotYoursError
from app.models.ticket import Ticket
from app.rules import looking, refusals, sla
from app.rules.looking import Look
from app.rules.rights import APPROVAL_LIVES, RequestStatus
from app.rules.vocabulary import RevealPurpose, Role
from app.rules.workdays import DAY
from app.schemas.rights import RevealRequestView

_WORDS = frozenset({"text", "photos"})
_LOGGED = {RequestStatus.APPROVED: "approved", RequestStatus.REFUSED: "declined"}


def look(
    session: WriteSession, staff: Staff, seen: Seen, fields: Sequence[str], purpose: RevealPurpose, *, now: datetime
) -> Revealed:
    """Opens the fields, or says why not; where only the secretary's word is missing, asks for it, once."""
    found = access.reveal(session, seen, staff, fields, purpose, now)
    ticket = seen.ticket
    if found.asks:
        _, fresh = reveal_requests.ask(session, ticket, staff.account_id, found.role, fields, purpose, now)
        if fresh:
            intake.tell_role(session, ticket, Role.COMMITTEE_SECRETARY, "minor_reveal", now)
    watch(session, ticket, staff.account_id, fields, given=found.values is not None, leads=found.leads, now=now)
    return found


def watch(
    session: WriteSession,
    ticket: Ticket,
    account_id: int,
    fields: Sequence[str],
    *,
    given: bool,
    leads: bool,
    now: datetime,
) -> None:
    """Tells the secretary of a look out of the ordinary, once a day; the community too where it is the secretary's."""
    midnight = sla.end_of(sla.local_day(now) - DAY)
    at_person = [each for each in looks.fields_given(session, ticket, account_id) if _on_person(each)]
    seen = Look(
        given=given,
        on_person=_on_person(fields),
        leads=leads,
        today=looks.given_since(session, ticket.compound_id, account_id, midnight),
        same_ticket=len(at_person),
    )
    fresh = [
        looks.put_alert(session, ticket, account_id, alert, str(sla.local_day(now)), now)
        for alert in sorted(looking.alerts(seen, now))
    ]
    if any(fresh):
        intake.tell_role(session, ticket, Role.COMMITTEE_SECRETARY, "look_alert", now)
        if looks.holds_role(session, ticket.compound_id, account_id, Role.COMMITTEE_SECRETARY):
            intake.tell_role(session, ticket, Role.COMMUNITY, "look_alert", now)


def decide(
    session: WriteSession, staff: Staff, request_id: int, status: RequestStatus, *, now: datetime
) -> RevealRequestView:
    """批准 or 不批准. An approval is good for a day, for the one who asked and for the fields that were asked for.

    Raises NotFoundError, VerbNotYoursError for one's own request, IllegalVerbError where it was decided already.
    """
    asked = reveal_requests.reveal_request(session, staff, request_id, lock=True)
    request = asked.request
    if request.account_id == staff.account_id:
        raise VerbNotYoursError(refusals.say("request_own"))
    if request.status != RequestStatus.WAITING:
        raise IllegalVerbError(refusals.say("request_decided"), verbs=[])
    request.status, request.decided_by, request.decided_at = status, staff.account_id, now
    request.until = now + APPROVAL_LIVES if status is RequestStatus.APPROVED else None
    who, purpose = Looker(staff.account_id, Role.COMMITTEE_SECRETARY), RevealPurpose(request.purpose)
    looks.append(session, asked.ticket, who, request.fields, purpose, _LOGGED[status], now, {"request": request.id})
    intake.tell_role(session, asked.ticket, Role(request.role), "minor_decided", now)
    session.flush()
    return reveal_requests.request_view(asked)


def _on_person(fields: Sequence[str]) -> bool:
    return not _WORDS.issuperset(fields)
