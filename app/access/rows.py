"""Which rows. Every read of a guarded table starts here; what is not visible is the same 404 as what is not there."""

import itertools
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, true, tuple_
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access import limits
from app.access.actors import ReceiptKey, ReporterKey, Seated, SlipKey, Staff
from app.access.placing import place_known
from app.access.scans import seat_facts
from app.db import ReadSession
from app.errors import LinkBoundError, NotFoundError, SlipLinkUnknownError
from app.models.place import Stairwell
from app.models.seat import Seat
from app.models.slip import Slip, SlipLink
from app.models.ticket import Ticket
from app.rules import catalogue, refusals
from app.rules.privacy import ESCALATION_LEVEL, Column
from app.rules.vocabulary import OPEN_SLIP, Flag, Part, Role, Side, SlipStatus
from app.vault import fingerprint
from qr import codes

_SEES_PERSONS = frozenset({Column.GRID, Column.PROPERTY, Column.SELF_MGMT})
_SLIPS = (
    select(Slip)
    .where(Slip.ticket_id == bindparam("ticket"))
    .order_by(col(Slip.part) != Part.LEAD, col(Slip.id))
    .execution_options(scope="ticket")
)
_NEVER_LISTED = frozenset(leaf.code for leaf in catalogue.default().leaves if Flag.MANDATORY_REPORT in leaf.flags)
_NUMBER = re.compile(r"[0-9]{6}-[0-9A-Z]{6}$")


class Seen(NamedTuple):
    """A ticket together with the columns of the matrix that this viewer is entitled to on it."""

    ticket: Ticket
    columns: frozenset[Column]
    roles: frozenset[Role]


class Held(NamedTuple):
    """A slip in hand, its ticket, and on whose behalf: an account, or a link (then `staff` is None)."""

    slip: Slip
    ticket: Ticket
    staff: Staff | None
    link: SlipLink | None


def own_ticket(session: ReadSession, key: ReporterKey | ReceiptKey, *, lock: bool = False) -> Ticket:
    """The reporter's own ticket. A wrong secret and a wrong number are the same NotFoundError.

    Raises TooManyError, before it looks, where too many wrong secrets were tried.
    """
    query = select(Ticket)
    if isinstance(key, ReceiptKey):
        query = query.where(Ticket.receipt_hash == fingerprint(key.token))
    else:
        number = canonical_number(key.number)
        if key.asker is not None:
            opens = limits.full_until(session, limits.secret_tries(number, key.asker), key.asker.at)
            if opens is not None:
                raise limits.refuse("secret", opens, key.asker.at)
        query = query.where(Ticket.number == number, Ticket.secret_hash == secret_digest(session, number, key.secret))
    return _one(session, query, "reporter", lock=lock)


def secret_digest(session: ReadSession, number: str, secret: str) -> str:
    """How a query code is stored: keyed, bound to its number, forgiving what people mistype."""
    return session.vault.digest("ticket secret", f"{number}:{codes.normalise(secret)}")


def canonical_number(number: str) -> str:
    """A ticket number as stored, whatever its case and however O, I and L were typed."""
    plain = codes.normalise(number)
    return f"{plain[:6]}-{plain[6:]}"


def device_tickets(session: ReadSession, device: str, compound_id: int) -> list[Ticket]:
    """我的诉求: what this device reported in this compound, whatever stairwell it was said of, newest first.

    Violence at home is not among it, guessed or confirmed: the phone may be in the hands of who does it.
    """
    query = (
        select(Ticket)
        .where(
            Ticket.device_hash == session.vault.digest("device", device),
            Ticket.compound_id == compound_id,
            col(Ticket.category).not_in(sorted(_NEVER_LISTED)),
        )
        .order_by(col(Ticket.id).desc())
        .limit(20)
    )
    found = session.exec(query.execution_options(scope="device"))
    return [ticket for ticket in found if ticket.triaged_at is not None or _NEVER_LISTED.isdisjoint(ticket.suggestions)]


def number_taken(session: ReadSession, number: str) -> bool:
    """Whether a ticket number is in use; existence of a number tells nothing to its asker, who has just drawn it."""
    query = select(Ticket.id).where(Ticket.number == number)
    return session.exec(query.execution_options(scope="number")).first() is not None


def visible(staff: Staff) -> dict[Column, ColumnElement[bool]]:
    """Per column of the matrix: the SQL condition under which this viewer is that column on a ticket.

    Conflicts take the accused side out here, in the rows (domain rules §3.3): out of lists, counts and searches too.
    Where the grid head is out, the head of the self-management group stands in, unless that side is out as well.
    """
    return dict(_visible(staff.seats, staff.sides))


@lru_cache(maxsize=512)
def _visible(
    seats: tuple[Seated, ...], sides: frozenset[tuple[int, Side]]
) -> tuple[tuple[Column, ColumnElement[bool]], ...]:
    """It follows from the seats alone, so that it is put together once for each set of them."""
    columns = {column: [seat.compound_id for seat in seats if seat.column is column] for column in Column}
    limits: dict[Column, ColumnElement[bool]] = {
        Column.GRID: col(Ticket.hidden_grid).is_(False),
        Column.PROPERTY: col(Ticket.hidden_property).is_(False),
        Column.SELF_MGMT: col(Ticket.hidden_self_mgmt).is_(False),
        Column.SECRETARY: true(),
        Column.COMMUNITY: true(),
        Column.STREET: col(Ticket.escalated_to) >= ESCALATION_LEVEL[Column.STREET],
    }
    conditions = {
        column: and_(col(Ticket.compound_id).in_(columns[column]), limit)
        for column, limit in limits.items()
        if columns[column]
    }
    unbiased = _unbiased(sides)
    for column in conditions.keys() & _SEES_PERSONS:
        conditions[column] = and_(conditions[column], *unbiased)
    stand_in = [seat.compound_id for seat in seats if seat.role is Role.SELF_MGMT_HEAD]
    if stand_in:
        recused = and_(col(Ticket.hidden_grid).is_(True), col(Ticket.hidden_self_mgmt).is_(False))
        substitute = and_(col(Ticket.compound_id).in_(stand_in), recused, *unbiased)
        conditions[Column.GRID] = or_(conditions.get(Column.GRID, false()), substitute)
    return tuple(conditions.items())


def _unbiased(sides: frozenset[tuple[int, Side]]) -> list[ColumnElement[bool]]:
    """A side that is taken out goes with its people, whatever other hat they wear: a conflict is a person's."""
    hidden = {
        Side.GRID_HEAD: col(Ticket.hidden_grid),
        Side.PROPERTY: col(Ticket.hidden_property),
        Side.SELF_MGMT_GROUP: col(Ticket.hidden_self_mgmt),
    }
    return [or_(hidden[side].is_(False), col(Ticket.compound_id) != compound_id) for compound_id, side in sorted(sides)]


def _rows(seats: Iterable[Seated], conditions: dict[Column, ColumnElement[bool]]) -> ColumnElement[bool]:
    """Any of the conditions. The compounds stand alone in front, so that the queue's index serves the query."""
    compounds = sorted({seat.compound_id for seat in seats})
    return and_(col(Ticket.compound_id).in_(compounds), or_(false(), *conditions.values()))


def desk_ticket(session: ReadSession, staff: Staff, number: str, *, lock: bool = False) -> Seen:
    """A ticket on the desk, with what the viewer is on it. Raises NotFoundError where it is not theirs to see."""
    columns, query = _desk_ticket(staff.seats, staff.sides, lock)
    row = session.execute(query, {"number": canonical_number(number)}).one_or_none()
    if row is None:
        raise NotFoundError
    return seen(row, columns, staff)


@lru_cache(maxsize=512)
def _desk_ticket(
    seats: tuple[Seated, ...],
    sides: frozenset[tuple[int, Side]],
    lock: bool,
) -> tuple[tuple[Column, ...], Select[Ticket, *tuple[Any, ...]]]:
    conditions = dict(_visible(seats, sides))
    query = select_columns(Ticket, *conditions.values()).where(
        col(Ticket.number) == bindparam("number"), _rows(seats, conditions)
    )
    if lock:
        query = query.with_for_update(of=Ticket, key_share=True)
    return tuple(conditions), query.execution_options(scope="desk", populate_existing=lock)


class QueueFilter(NamedTuple):
    """What narrows the queue; None and empty mean no limit. `queue_below` 2 leaves out what is closed out."""

    compound_id: int | None = None
    statuses: tuple[str, ...] = ()
    category: str | None = None
    lead: str | None = None
    overdue: bool | None = None
    q: str | None = None
    queue_below: int = 2
    stairwell: str | None = None


def desk_queue(
    session: ReadSession,
    staff: Staff,
    wanted: QueueFilter,
    after: tuple[int, datetime, int] | None,
    limit: int,
    now: datetime,
) -> list[Seen]:
    """The next `limit` tickets of the queue: what somebody owes first, then by due instant."""
    conditions = visible(staff)
    order = (col(Ticket.queue), col(Ticket.due_at), col(Ticket.id))
    query = select_columns(Ticket, *conditions.values()).where(
        _rows(staff.seats, conditions), *_filters(wanted, conditions, now)
    )
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    rows = session.execute(query.order_by(*order).limit(limit).execution_options(scope="desk"))
    return [seen(row, list(conditions), staff) for row in rows]


def slip(
    session: ReadSession, holder: Staff | SlipKey, slip_no: str | None, now: datetime, *, lock: bool = False
) -> Held:
    """A slip that the holder may act on. With `lock`, ticket first and slip second, always in this order."""
    link = _link(session, holder, now, lock=False) if isinstance(holder, SlipKey) else None
    query = select(Slip)
    if link is not None:
        query = query.where(Slip.id == link.slip_id)
        if slip_no is not None:
            query = query.where(Slip.slip_no == codes.normalise(slip_no))
    else:
        query = query.where(Slip.slip_no == codes.normalise(slip_no or ""))
    found = session.exec(query.execution_options(scope="slip")).one_or_none()
    if found is None:
        raise NotFoundError
    ticket = _one(session, select(Ticket).where(Ticket.id == found.ticket_id), "slip", lock=lock)
    if isinstance(holder, Staff) and not _may_hold(holder, found, ticket):
        raise NotFoundError
    if lock:
        session.refresh(found, with_for_update={"key_share": True})
        link = _link(session, holder, now, lock=True) if isinstance(holder, SlipKey) else None
    if link is not None and not (found.status != SlipStatus.CANCELLED and _seated(session, found, now)):
        raise LinkBoundError
    return Held(found, ticket, holder if isinstance(holder, Staff) else None, link)


def own_slips(
    session: ReadSession, staff: Staff, statuses: tuple[str, ...], after: int | None, limit: int
) -> list[tuple[Slip, Ticket]]:
    """The slips of this account's seats, the most urgent first; open ones unless statuses are named.

    `after` is a slip's id: the due instant that it stands at tells the minute of a shielded report, and stays here.
    """
    order = (col(Ticket.due_at), col(Slip.id))
    query = (
        select(Slip, Ticket)
        .join(Ticket, col(Ticket.id) == col(Slip.ticket_id))
        .where(
            col(Slip.seat_id).in_([seat.seat_id for seat in staff.seats]), col(Slip.status).in_(statuses or OPEN_SLIP)
        )
    )
    if after is not None:
        place = select(Ticket.due_at).join(Slip, col(Slip.ticket_id) == col(Ticket.id)).where(Slip.id == after)
        mine = place.where(col(Slip.seat_id).in_([seat.seat_id for seat in staff.seats])).scalar_subquery()
        query = query.where(or_(col(Ticket.due_at) > mine, and_(col(Ticket.due_at) == mine, col(Slip.id) > after)))
    rows = session.execute(query.order_by(*order).limit(limit).execution_options(scope="slip"))
    return [(row[0], row[1]) for row in rows]


def slips_of(session: ReadSession, ticket: Ticket) -> list[Slip]:
    """Every slip of a ticket that access has handed out, lead first."""

    def read() -> list[Slip]:
        return list(session.exec(_SLIPS, params={"ticket": ticket.id}))

    return list(session.once("slip", ticket.id, read))


def open_links(session: ReadSession, slip_ids: Iterable[int], now: datetime) -> list[SlipLink]:
    """Links of these slips that would still open."""
    query = select(SlipLink).where(
        col(SlipLink.slip_id).in_(list(slip_ids)), col(SlipLink.revoked_at).is_(None), SlipLink.expires_at > now
    )
    return list(session.exec(query.execution_options(scope="ticket")))


def _one(session: ReadSession, query: SelectOfScalar[Ticket], scope: str, *, lock: bool) -> Ticket:
    if lock:
        query = query.with_for_update(key_share=True)
    ticket: Ticket | None = session.exec(query.execution_options(scope=scope, populate_existing=lock)).one_or_none()
    if ticket is None:
        raise NotFoundError
    return ticket


def seen(row: Sequence[Any], columns: Iterable[Column], staff: Staff) -> Seen:
    """A row of a ticket and one flag per column, as its viewer has it."""
    ticket: Ticket = row[0]
    mine = frozenset(itertools.compress(columns, row[1:]))
    roles = frozenset(
        seat.role for seat in staff.seats if seat.compound_id == ticket.compound_id and seat.column in mine
    )
    return Seen(ticket, mine, roles)


def _filters(
    wanted: QueueFilter, conditions: dict[Column, ColumnElement[bool]], now: datetime
) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if wanted.compound_id is not None:
        limits.append(col(Ticket.compound_id) == wanted.compound_id)
    if wanted.statuses:
        limits.append(col(Ticket.status).in_(wanted.statuses))
    elif not (wanted.q and _NUMBER.match(canonical_number(wanted.q))):  # who names a number wants that ticket
        limits.append(col(Ticket.queue) < wanted.queue_below)
    if wanted.category:
        category = wanted.category.upper()
        limits.append(
            col(Ticket.category) == category
            if "-" in category
            else col(Ticket.category).startswith(category + "-", autoescape=True)
        )
    if wanted.lead:
        limits.append(col(Ticket.lead_role) == wanted.lead)
    if wanted.overdue is not None:
        late = and_(col(Ticket.due_at) <= now, col(Ticket.queue) == 0)
        limits.append(late if wanted.overdue else ~late)
    if wanted.stairwell:
        limits += [_at_stairwell(wanted.stairwell), place_known(conditions)]
    if wanted.q:
        limits.append(_matches(wanted.q, conditions))
    return limits


def _at_stairwell(code: str) -> ColumnElement[bool]:
    if not code.isprintable():
        return false()
    return col(Ticket.stairwell_id).in_(select_columns(col(Stairwell.id)).where(col(Stairwell.code) == code))


def _matches(q: str, conditions: dict[Column, ColumnElement[bool]]) -> ColumnElement[bool]:
    """Search runs over confirmed redacted text only, and only where the viewer may read that text."""
    text = or_(
        col(Ticket.redacted_text).contains(q, autoescape=True),
        col(Ticket.category).in_([leaf.code for leaf in catalogue.default().leaves if q in leaf.name]),
    )
    readable = [
        and_(condition, col(Ticket.escalated_to) >= ESCALATION_LEVEL[column])
        if column in {Column.COMMUNITY, Column.STREET}
        else condition
        for column, condition in conditions.items()
    ]
    return or_(col(Ticket.number) == canonical_number(q), and_(or_(false(), *readable), text))


def _link(session: ReadSession, key: SlipKey, now: datetime, *, lock: bool) -> SlipLink:
    query = select(SlipLink).where(SlipLink.token_hash == fingerprint(key.token))
    if lock:
        query = query.with_for_update(key_share=True)
    link = session.exec(query.execution_options(scope="slip", populate_existing=lock)).one_or_none()
    if link is None:
        raise SlipLinkUnknownError
    if link.revoked_at is not None or link.expires_at <= now:
        raise LinkBoundError
    if link.device_hash is not None and link.device_hash != session.vault.digest("device", key.device):
        raise LinkBoundError(refusals.say("link_on_another_phone"))
    return link


def _seated(session: ReadSession, slip: Slip, now: datetime) -> bool:
    """Whether the slip's seat has a holder or a deputy in term: a link does not outlive the office."""
    seat = seat_facts(session.exec(select(Seat).where(Seat.id == slip.seat_id)).one())
    return seat.term.holds(now) or (seat.deputy_term is not None and seat.deputy_term.holds(now))


def _may_hold(staff: Staff, slip: Slip, ticket: Ticket) -> bool:
    """The slip's own seat; or the grid head, who acts for a head without a phone, unless taken out of the ticket.

    Whoever sits on a side that is taken out is out of it as a grid head too.
    """
    if any(seat.seat_id == slip.seat_id for seat in staff.seats):
        return True
    out = {Side.GRID_HEAD: ticket.hidden_grid, Side.PROPERTY: ticket.hidden_property}
    out[Side.SELF_MGMT_GROUP] = ticket.hidden_self_mgmt
    biased = any(out[side] for compound_id, side in staff.sides if compound_id == ticket.compound_id)
    return not (biased or ticket.hidden_grid) and Role.GRID_HEAD in staff.roles_in(ticket.compound_id)
