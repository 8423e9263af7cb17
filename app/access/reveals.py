"""查看明文: plain values for a purpose, by those who may, every time with a line in the hash-chained access log."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from app.access import sealed
from app.access.actors import Staff
from app.access.owner_view import UPLOADS
from app.access.photos import reveal_passes
from app.access.rows import Seen, slips_of
from app.db import WriteSession
from app.models.access_log import AccessLog
from app.models.photo import Photo
from app.models.place import Compound
from app.models.ticket import Ticket
from app.rules.privacy import Column, Grade, Item, Shown, grade
from app.rules.vocabulary import OPEN_SLIP, SIDE_OF, RevealPurpose, Role, Side, SlipStatus

_ITEM_OF = {"name": Item.PERSON, "phone": Item.PERSON, "room": Item.DOOR, "text": Item.RAW, "photos": Item.RAW}
_HELD = frozenset({*OPEN_SLIP, SlipStatus.DONE})
_SIDE_COLUMN = {Side.PROPERTY: Column.PROPERTY, Side.SELF_MGMT_GROUP: Column.SELF_MGMT}


class Revealed(NamedTuple):
    """`values` is None where it was refused; the refusal is in the log too."""

    values: dict[str, object] | None
    why_not: str = ""


def reveal(
    session: WriteSession, seen: Seen, staff: Staff, fields: Sequence[str], purpose: RevealPurpose, now: datetime
) -> Revealed:
    """Opens the named fields for one purpose and writes who, what, why and the result into the log."""
    ticket = seen.ticket
    held = {SIDE_OF.get(Role(slip.role)) for slip in slips_of(session, ticket) if slip.status in _HELD}
    why_not = _refusal(seen, held, fields)
    role = _role(seen)
    _log(session, ticket, staff, role, fields, purpose, "refused" if why_not else "given", now)
    if why_not:
        return Revealed(None, why_not)
    person = sealed.person_of(session, ticket) or sealed.Person(None, None, None)
    values: dict[str, object] = {field: value for field, value in person._asdict().items() if field in fields}
    if "text" in fields:
        values["text"] = sealed.text_of(session, ticket)
    if "photos" in fields:
        values["photos"] = _raw_photos(session, ticket, now)
    return Revealed(values)


def _role(seen: Seen) -> Role:
    """The role that stands in the log: the one that allows it, the grid head before a leading side."""
    own_side = SIDE_OF.get(Role(seen.ticket.lead_role))
    return min(seen.roles, key=lambda role: (role is not Role.GRID_HEAD, SIDE_OF.get(role) != own_side, role))


def _refusal(seen: Seen, held: set[Side | None], fields: Sequence[str]) -> str:
    """Why not, in Chinese; empty where it is allowed (domain rules §3.4, "reveal a field")."""
    ticket = seen.ticket
    if ticket.minor:
        return "未成年人的信息要先经小区党委书记批准"
    lead = SIDE_OF.get(Role(ticket.lead_role), Side.GRID_HEAD)
    own_side = _SIDE_COLUMN.get(lead) if lead in held else None  # a slip, not a guess, makes a side the lead
    columns = frozenset(column for column in seen.columns if column is Column.GRID or column is own_side)
    shown = Shown(shielded=ticket.shielded, escalated_to=ticket.escalated_to)
    if all(grade(_ITEM_OF[field], columns, shown) is Grade.MASKED for field in fields):
        return ""
    return "只有网格长，或主办这件事的物业、自管小组可以查看明文"


def _raw_photos(session: WriteSession, ticket: Ticket, now: datetime) -> list[str]:
    query = (
        select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.from_staff).is_(False)).order_by(col(Photo.id))
    )
    keys = session.exec(query.execution_options(scope="reveal"))
    return [f"{UPLOADS}{key}?pass={reveal_passes(session, key, now)[0]}" for key in keys]


def _log(
    session: WriteSession,
    ticket: Ticket,
    staff: Staff,
    role: Role,
    fields: Sequence[str],
    purpose: RevealPurpose,
    result: str,
    now: datetime,
) -> None:
    """Appends to the compound's chain. The compound's row is locked, so that the chain has no forks."""
    session.exec(select(Compound).where(Compound.id == ticket.compound_id).with_for_update(key_share=True)).one()
    query = (
        select(AccessLog)
        .where(AccessLog.compound_id == ticket.compound_id)
        .order_by(col(AccessLog.seq).desc())
        .limit(1)
    )
    last = session.exec(query.execution_options(scope="log")).first()
    line = AccessLog(
        compound_id=ticket.compound_id,
        seq=last.seq + 1 if last else 1,
        at=now,
        account_id=staff.account_id,
        role=role,
        ticket_id=ticket.id,
        fields=list(fields),
        purpose=purpose,
        result=result,
        facts={},
        previous=last.hash if last else "",
        hash="",
    )
    line.hash = chain_hash(line)
    session.add(line)


def chain_hash(line: AccessLog) -> str:
    """The hash of a line's content and of the line before it."""
    content = [line.compound_id, line.seq, line.at.isoformat(), line.account_id, line.role, line.ticket_id]
    content += [line.fields, line.purpose, line.result, line.facts, line.previous]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
