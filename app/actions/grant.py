"""门牌授权: given and taken back on the desk, used from a slip (domain rules §3.3)."""

from datetime import datetime
from typing import NamedTuple

from app import access
from app.access import Held, Staff, consents, grants, reveal_requests
from app.access.grants import Given
from app.actions import looking
from app.actions.slip import Holder, in_hand
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
from app.rules.rights import Basis, ConsentItem
from app.rules.vocabulary import OPEN_SLIP, Complexity
from app.rules.workflow import Hat
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
    ticket, slip = _chief_of(session, staff, number, slip_no, now)
    if slip.status not in OPEN_SLIP:
        raise IllegalVerbError("这张任务单已经结束，不用再授权", verbs=[])
    _check(session, staff, ticket, slip, form, now)
    grant = grants.grant_door(session, slip, staff.account_id, form.basis, form.reason, form.hours, now)
    return grants.grant_view(session, Given(grant, slip))


def take_back(session: WriteSession, staff: Staff, number: str, slip_no: str, *, now: datetime) -> AddressGrantView:
    """收回授权, at once. Raises NotFoundError where nothing runs."""
    ticket, slip = _chief_of(session, staff, number, slip_no, now)
    if not grants.close_doors(session, ticket, now, slip):
        raise NotFoundError("这张任务单没有生效的门牌授权")
    newest = [given for given in grants.grants_of(session, ticket) if given.slip.id == slip.id][-1]
    return grants.grant_view(session, newest)


def show(session: WriteSession, holder: Holder, slip_no: str | None, *, now: datetime) -> Shown:
    """看门牌号. Given or refused, it is a line in the access log; the first POST by a link binds the link."""
    held = in_hand(session, holder, slip_no, now)
    door, grant = grants.show_door(session, held, now)
    _watch(session, held, given=door is not None, now=now)
    if door is None or grant is None:
        return Shown(None, "门牌号现在看不了：没有授权、已经到期，或给了另一个人。请找网格长")
    return Shown(AddressView(room=door, until=grant.until))


def _chief_of(session: WriteSession, staff: Staff, number: str, slip_no: str, now: datetime) -> tuple[Ticket, Slip]:
    seen = access.desk_ticket(session, staff, number, lock=True)
    if Hat.CHIEF not in access.hats_of(session, seen, now):
        raise VerbNotYoursError
    slip = next((s for s in access.slips_of(session, seen.ticket) if s.slip_no == slip_no.upper()), None)
    if slip is None:
        raise NotFoundError
    return seen.ticket, slip


def _check(
    session: WriteSession, staff: Staff, ticket: Ticket, slip: Slip, form: AddressGrantIn, now: datetime
) -> None:
    if not grants.may_be_granted(ticket, slip):
        raise VerbNotYoursError("这件事涉及对方，门牌号不能给他们")
    if ticket.restricted_at is not None:
        raise IllegalVerbError("居民要求暂时不使用个人信息，现在不能授权", verbs=[])
    if grants.home_of(session, ticket) is None:
        raise InvalidError(
            "居民没有留门牌号", errors=[{"field": "slip_no", "message": "居民没有留门牌号，请先联系本人"}]
        )
    if form.basis is Basis.CONSENT and not consents.agreed(session, ticket, ConsentItem.ADDRESS):
        message = "居民还没有单独同意把门牌号告诉上门的人"
        raise ConsentNeededError(message, errors=[{"field": "basis", "message": message}])
    emergency = ticket.complexity == Complexity.EMERGENCY
    if form.basis is Basis.EMERGENCY and not emergency:
        raise InvalidError(errors=[{"field": "basis", "message": "只有紧急的事才能先授权、后告知"}])
    if ticket.minor and reveal_requests.approval(session, ticket, staff.account_id, [grants.FIELD], now) is None:
        raise ApprovalNeededError("未成年人的门牌号，要先请书记批准查看，再授权")


def _watch(session: WriteSession, held: Held, *, given: bool, now: datetime) -> None:
    if held.staff is not None:
        account = held.staff.account_id
        looking.watch(session, held.ticket, account, [grants.FIELD], given=given, leads=True, now=now)
