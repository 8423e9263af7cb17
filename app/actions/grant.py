"""门牌授权: given and taken back on the desk, used from a slip (domain rules §3.3)."""

from datetime import datetime
from typing import NamedTuple

from app import access
from app.access import Held, Staff, consents, grants, reveal_requests
from app.access.grants import Given
from app.actions import looking
from app.actions.slip import Holder, in_hand, of_chief
from app.db import WriteSession
from app.errors import (
    ApprovalNeededError,
    ConsentNeededError,
    IllegalVerbError,
    InvalidError,
    NotFoundError,
    VerbNotYoursError,
)
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import refusals, wording
from app.rules.rights import Basis, ConsentItem
from app.rules.vocabulary import OPEN_SLIP, Complexity
from app.schemas.rights import AddressGrantIn, AddressGrantView, AddressView


class Shown(NamedTuple):
    """`view` is None where it was refused; the refusal is in the log, which is why it is an answer."""

    view: AddressView | None
    why_not: str = ""


def give(
    session: WriteSession, staff: Staff, number: str, slip_no: str, form: AddressGrantIn, *, now: datetime
) -> AddressGrantView:
    """Opens the door number to one slip's holder, and to nobody else. Never a name or a telephone.

    Raises NotFoundError, VerbNotYoursError, IllegalVerbError for a slip that is over, InvalidError and
    ConsentNeededError where the basis does not hold, ApprovalNeededError for a minor's door.
    """
    ticket, slip = of_chief(session, staff, number, slip_no, now)
    if slip.status not in OPEN_SLIP:
        raise IllegalVerbError(refusals.say("door_slip_over"), verbs=[])
    _check(session, staff, ticket, slip, form, now)
    reason = wording.door_reason(form.reason, form.agreed) if form.agreed else form.reason
    grant = grants.grant_door(session, slip, staff.account_id, form.basis, reason, form.hours, now)
    return grants.grant_view(session, Given(grant, slip))


def take_back(session: WriteSession, staff: Staff, number: str, slip_no: str, *, now: datetime) -> AddressGrantView:
    """收回授权, at once. Raises NotFoundError where nothing runs."""
    ticket, slip = of_chief(session, staff, number, slip_no, now)
    if not grants.close_doors(session, ticket, now, slip):
        raise NotFoundError(refusals.say("door_not_granted"))
    newest = [given for given in grants.grants_of(session, ticket) if given.slip.id == slip.id][-1]
    return grants.grant_view(session, newest)


def show(session: WriteSession, holder: Holder, slip_no: str | None, *, now: datetime) -> Shown:
    """看门牌号. Given or refused, it is a line in the access log; the first POST by a link binds the link."""
    held = in_hand(session, holder, slip_no, now)
    door, grant = grants.show_door(session, held, now)
    _watch(session, held, given=door is not None, now=now)
    if door is None or grant is None:
        return Shown(None, refusals.say("door_shut"))
    return Shown(AddressView(room=door, until=grant.until))


def _check(
    session: WriteSession, staff: Staff, ticket: Ticket, slip: Slip, form: AddressGrantIn, now: datetime
) -> None:
    if not grants.may_be_granted(ticket, slip):
        raise VerbNotYoursError(refusals.say("door_conflict"))
    if ticket.restricted_at is not None:
        raise IllegalVerbError(refusals.say("door_restricted"), verbs=[])
    if grants.home_of(session, ticket) is None:
        raise InvalidError(
            refusals.say("door_missing_title"), errors=[{"field": "slip_no", "message": refusals.say("door_missing")}]
        )
    if form.basis is Basis.CONSENT:
        _check_consent(session, ticket, form)
    emergency = ticket.complexity == Complexity.EMERGENCY
    if form.basis is Basis.EMERGENCY and not emergency:
        raise InvalidError(errors=[{"field": "basis", "message": refusals.say("door_not_urgent")}])
    if ticket.minor and reveal_requests.approval(session, ticket, staff.account_id, [grants.FIELD], now) is None:
        raise ApprovalNeededError(refusals.say("door_of_a_minor"))


def _check_consent(session: WriteSession, ticket: Ticket, form: AddressGrantIn) -> None:
    """Whose door it is agrees: whoever reported, or the one they spoke for, whom the chief has asked (§3.3, §5)."""
    if access.proxied(session, ticket):
        field, agreed, message = "agreed", form.agreed is not None, refusals.say("door_needs_their_own_consent")
    else:
        agreed = consents.agreed(session, ticket, ConsentItem.ADDRESS)
        field, message = "basis", refusals.say("door_needs_consent")
    if not agreed:
        raise ConsentNeededError(message, errors=[{"field": field, "message": message}])


def _watch(session: WriteSession, held: Held, *, given: bool, now: datetime) -> None:
    if held.staff is not None:
        account = held.staff.account_id
        looking.watch(session, held.ticket, account, [grants.FIELD], given=given, leads=True, now=now)
