"""查看明文: plain values for a purpose, by those who may, every time with a line in the hash-chained access log."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from app.access import looks, reveal_requests, sealed
from app.access.actors import Staff
from app.access.calls import has_open_callback, has_open_tell
from app.access.owner_view import UPLOADS
from app.access.photos import reveal_pass
from app.access.proxies import beneficiary_of
from app.access.rows import Seen, slips_of
from app.db import WriteSession
from app.models.photo import Photo
from app.models.ticket import Ticket
from app.rules import refusals
from app.rules.privacy import Column, Grade, Item, Shown, grade
from app.rules.vocabulary import OPEN_SLIP, SIDE_OF, RevealPurpose, Role, Side, SlipStatus

_ITEM_OF = {"name": Item.PERSON, "phone": Item.PERSON, "room": Item.DOOR, "text": Item.RAW, "photos": Item.RAW}
_ITEM_OF |= dict.fromkeys(("beneficiary_name", "beneficiary_phone", "beneficiary_room"), Item.PROXY)
_TO_CALL = frozenset({"name", "phone"})
_TO_TELL = _TO_CALL | {"beneficiary_name", "beneficiary_phone"}
_BENEFICIARY = "beneficiary_"
_HELD = frozenset({*OPEN_SLIP, SlipStatus.DONE})
_SIDE_COLUMN = {Side.PROPERTY: Column.PROPERTY, Side.SELF_MGMT_GROUP: Column.SELF_MGMT}


class Revealed(NamedTuple):
    """`values` is None where it was refused; the refusal is in the log too.

    `asks`: only the secretary's word is missing. `leads`: the looker's side leads or triages the matter, or calls back.
    """

    values: dict[str, object] | None
    why_not: str = ""
    asks: bool = False
    leads: bool = True
    role: Role = Role.GRID_HEAD


def reveal(
    session: WriteSession, seen: Seen, staff: Staff, fields: Sequence[str], purpose: RevealPurpose, now: datetime
) -> Revealed:
    """Opens the named fields for one purpose and writes who, what, why and the result into the log."""
    ticket = seen.ticket
    held = {SIDE_OF.get(Role(slip.role)) for slip in slips_of(session, ticket) if slip.status in _HELD}
    calls_back = purpose is RevealPurpose.CALLBACK and _TO_CALL.issuperset(fields)
    calls_back = calls_back and has_open_callback(session, ticket, staff.account_id, now)
    tells = purpose is RevealPurpose.CONTACT and _TO_TELL.issuperset(fields) and Column.GRID not in seen.columns
    tells = tells and has_open_tell(session, staff, ticket, now)
    allowed = _allowed(seen, held, calls_back=calls_back)
    leads, role = tells or _leads(seen, held, calls_back=calls_back), _role(seen)
    approval = reveal_requests.approval(session, ticket, staff.account_id, fields, now) if ticket.minor else None
    why_not, asks = _refusal(seen, fields, allowed, tells=tells, approved=approval is not None)
    facts = {"approval": approval.id} if approval else {}
    result = looks.REFUSED if why_not else looks.GIVEN
    looks.append(session, ticket, looks.Looker(staff.account_id, role), fields, purpose, result, now, facts)
    if why_not:
        return Revealed(None, why_not, asks, leads, role)
    person = sealed.person_of(session, ticket) or sealed.Person(None, None, None)
    values: dict[str, object] = {field: value for field, value in person._asdict().items() if field in fields}
    if "text" in fields:
        values["text"] = sealed.text_of(session, ticket)
    if any(field.startswith(_BENEFICIARY) for field in fields):
        found = beneficiary_of(session, ticket)
        theirs = found[0]._asdict() if found else {}
        values |= {
            field: theirs.get(field.removeprefix(_BENEFICIARY)) for field in fields if field.startswith(_BENEFICIARY)
        }
    if "photos" in fields:
        values["photos"] = _raw_photos(session, ticket, staff.account_id, now)
    return Revealed(values, leads=leads, role=role)


def may_dial(seen: Seen, field: str, *, callback: bool) -> bool:
    """Whether this viewer may reveal a telephone to make a call that is on their list.

    An answer to tell is on the list of the property or the secretary only where nobody before them may tell it.
    """
    if seen.ticket.minor or seen.ticket.restricted_at is not None:
        return False
    tells = not callback and Column.GRID not in seen.columns
    return tells or _masked(seen, [field], _dialling(seen, callback=callback))


def _dialling(seen: Seen, *, callback: bool) -> frozenset[Column]:
    """The triaging column; and, to ask how it went, the head of the self-management group within the matrix."""
    mine = {Column.SELF_MGMT} if callback and Role.SELF_MGMT_HEAD in seen.roles else set()
    return frozenset(column for column in seen.columns if column is Column.GRID or column in mine)


def _masked(seen: Seen, fields: Sequence[str], columns: frozenset[Column]) -> bool:
    shown = Shown(shielded=seen.ticket.shielded, escalated_to=seen.ticket.escalated_to)
    return all(grade(_ITEM_OF[field], columns, shown) is Grade.MASKED for field in fields)


def _role(seen: Seen) -> Role:
    """The role that stands in the log: the one that allows it, the grid head before a leading side."""
    own_side = SIDE_OF.get(Role(seen.ticket.lead_role))
    return min(seen.roles, key=lambda role: (role is not Role.GRID_HEAD, SIDE_OF.get(role) != own_side, role))


def _leads(seen: Seen, held: set[Side | None], *, calls_back: bool) -> bool:
    """Whether the looker has the matter in hand, whatever they may see of it."""
    lead = SIDE_OF.get(Role(seen.ticket.lead_role))
    own = lead is not None and lead in held and lead in {SIDE_OF.get(role) for role in seen.roles}
    return calls_back or Column.GRID in seen.columns or own


def _allowed(seen: Seen, held: set[Side | None], *, calls_back: bool) -> frozenset[Column]:
    """The columns in which this viewer may have something opened (domain rules §3.4, "reveal a field")."""
    lead = SIDE_OF.get(Role(seen.ticket.lead_role), Side.GRID_HEAD)
    own_side = _SIDE_COLUMN.get(lead) if lead in held else None  # a slip, not a guess, makes a side the lead
    return _dialling(seen, callback=calls_back) | (seen.columns & {own_side})


def _refusal(
    seen: Seen, fields: Sequence[str], columns: frozenset[Column], *, tells: bool, approved: bool
) -> tuple[str, bool]:
    """Why not, in Chinese, empty where it is allowed; and whether only the secretary's approval is missing."""
    if not (tells or _masked(seen, fields, columns)):
        return refusals.say("look_not_leading"), False
    if seen.ticket.restricted_at is not None:
        return refusals.say("look_restricted"), False
    if seen.ticket.minor and not approved:
        return refusals.say("look_asked_for"), True
    return "", False


def _raw_photos(session: WriteSession, ticket: Ticket, account_id: int, now: datetime) -> list[str]:
    query = (
        select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.from_staff).is_(False)).order_by(col(Photo.id))
    )
    keys = session.exec(query.execution_options(scope="reveal"))
    return [f"{UPLOADS}{key}?pass={reveal_pass(session, key, account_id, now)}" for key in keys]
