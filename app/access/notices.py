"""What a notice may say about a ticket, and which notices a staff member's seats were given."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.access import names, sealed
from app.access.actors import Staff
from app.access.consents import agreed
from app.access.rows import visible
from app.db import ReadSession
from app.errors import VerbNotYoursError
from app.models.message import Message
from app.models.seat import Seat
from app.models.slip import Slip
from app.models.staff import Account
from app.models.ticket import Ticket
from app.rules import catalogue, notices
from app.rules.rights import ConsentItem
from app.rules.vocabulary import HELD_SLIP, SIDE_OF, Role, Side


class Facts(NamedTuple):
    """All that a notice may say: leaf, coarse place, due, the seat and its newest slip; nothing about the reporter."""

    compound: str
    seat: str
    role: Role | None
    category: str
    place: str
    due_at: datetime
    slip_no: str
    guarded: bool
    counts: Mapping[str, int]


INBOX_REACHES_BACK = timedelta(days=30)
INBOX_HOLDS = 100


class Told(NamedTuple):
    """A notice in somebody's inbox. `number` is None where the ticket itself is not theirs to open."""

    message: Message
    facts: Facts
    number: str | None
    new: bool


def notice_facts(session: ReadSession, messages: Iterable[Message]) -> dict[int, Facts]:
    """The facts of several messages by message id, in a fixed number of statements."""
    listed = list(messages)
    tickets = _tickets(session, {message.ticket_id for message in listed if message.ticket_id is not None})
    slips = _newest_slips(session, tickets)
    known = names.load(session, tickets.values(), {message.seat_id for message in listed if message.seat_id})
    compounds = names.compounds_of(session, known.seats.values())
    return {
        message.id: _of_a_desk(message, known, compounds)
        if message.ticket_id is None
        else _facts(message, tickets[message.ticket_id], known, slips)
        for message in listed
    }


def told(session: ReadSession, staff: Staff, now: datetime) -> list[Told]:
    """What the seats of this account were told, the newest first; nothing of a ticket that was closed to them since."""
    on_desk = or_(false(), *visible(staff).values())
    query = (
        select_columns(Message, col(Ticket.number), on_desk)
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id), isouter=True)
        .where(*_in_inbox(staff, now))
        .order_by(col(Message.id).desc())
        .limit(INBOX_HOLDS)
    )
    rows = list(session.execute(query.execution_options(scope="inbox")))
    facts, seen = notice_facts(session, [row[0] for row in rows]), _seen(session, staff)
    return [
        Told(message, facts[message.id], number if mine else None, message.id > seen) for message, number, mine in rows
    ]


def unread(session: ReadSession, staff: Staff, now: datetime) -> int:
    """How much of the inbox this account has not looked at."""
    newer = (
        select(Message.id)
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id), isouter=True)
        .where(*_in_inbox(staff, now), col(Message.id) > _seen(session, staff))
        .limit(INBOX_HOLDS)
    )
    count = select(func.count()).select_from(newer.subquery())
    return session.exec(count.execution_options(scope="inbox")).one()


def dead_letter_compounds(staff: Staff) -> Collection[int] | None:
    """Whose dead letters this account may list and send again; None is every compound. Raises VerbNotYoursError."""
    if staff.is_admin:
        return None
    mine = {seat.compound_id for seat in staff.seats if seat.role is Role.GRID_HEAD}
    if not mine:
        raise VerbNotYoursError
    return mine


def _in_inbox(staff: Staff, now: datetime) -> list[ColumnElement[bool]]:
    recent = col(Message.created_at) >= now - INBOX_REACHES_BACK
    return [or_(false(), *_own(staff)), recent, col(Message.way) == notices.Way.GROUP]


def _seen(session: ReadSession, staff: Staff) -> int:
    return session.exec(select(Account.inbox_seen).where(Account.id == staff.account_id)).one()


def _own(staff: Staff) -> list[ColumnElement[bool]]:
    """Per seat: its messages; where the ticket has taken out the seat's side, only with a slip in hand (§3.3)."""
    closed = {
        Side.GRID_HEAD: col(Ticket.hidden_grid),
        Side.PROPERTY: col(Ticket.hidden_property),
        Side.SELF_MGMT_GROUP: col(Ticket.hidden_self_mgmt),
    }
    slip = select(Slip.id).where(Slip.ticket_id == Message.ticket_id, Slip.seat_id == Message.seat_id)
    own: list[ColumnElement[bool]] = []
    for seat in staff.seats:
        side = SIDE_OF.get(seat.role)
        handed = slip.where(_in_hand()).exists()
        still_open = true() if side is None else or_(col(Message.ticket_id).is_(None), not_(closed[side]), handed)
        own.append(and_(col(Message.seat_id) == seat.seat_id, still_open))
    return own


def _tickets(session: ReadSession, ids: set[int]) -> dict[int, Ticket]:
    query = select(Ticket).where(col(Ticket.id).in_(sorted(ids)))
    return {ticket.id: ticket for ticket in session.exec(query.execution_options(scope="notice"))}


def _newest_slips(session: ReadSession, ticket_ids: Iterable[int]) -> dict[tuple[int, int], str]:
    """The number of the newest slip that is not over, by ticket and seat."""
    newest = (
        select(func.max(Slip.id))
        .where(col(Slip.ticket_id).in_(sorted(ticket_ids)), _in_hand())
        .group_by(col(Slip.ticket_id), col(Slip.seat_id))
    )
    query = select(Slip).where(col(Slip.id).in_(newest))
    return {
        (slip.ticket_id, slip.seat_id): slip.slip_no for slip in session.exec(query.execution_options(scope="notice"))
    }


def _in_hand() -> ColumnElement[bool]:
    """A slip that was called off or given back is a reason to read nothing more."""
    return col(Slip.status).in_(HELD_SLIP)


def _facts(message: Message, ticket: Ticket, known: names.Names, slips: dict[tuple[int, int], str]) -> Facts:
    seat: Seat | None = known.seats.get(message.seat_id or 0)
    place = known.place(ticket)
    hidden = ticket.shielded or ticket.hidden_grid or ticket.hidden_property or ticket.hidden_self_mgmt
    return Facts(
        compound=place.compound,
        seat=seat.title if seat else "",
        role=Role(seat.role) if seat else None,
        category=names.category(ticket).name,
        place=place.label,
        due_at=ticket.due_at,
        slip_no=slips.get((ticket.id, message.seat_id or 0), ""),
        guarded=notices.guarded(catalogue.default().leaf(ticket.category), closed_to_a_side=hidden, minor=ticket.minor),
        counts={},
    )


def _of_a_desk(message: Message, known: names.Names, compounds: Mapping[int, str]) -> Facts:
    """A notice about no ticket: counts of everything on a seat's desk; a group reads no more than the guarded words."""
    seat = known.seats[message.seat_id or 0]
    return Facts(
        compound=compounds[seat.compound_id],
        seat=seat.title,
        role=Role(seat.role),
        category="",
        place="",
        due_at=message.created_at,
        slip_no="",
        guarded=message.template != "digest",
        counts=message.facts or {},
    )


def may_text(session: ReadSession, ticket: Ticket) -> bool:
    """Whether the reporter left a phone, agreed to be contacted, and has not taken that back or stopped everything."""
    if ticket.restricted_at is not None or not agreed(session, ticket, ConsentItem.CONTACT):
        return False
    person = sealed.person_of(session, ticket)
    return bool(person and person.phone)


def to_text(session: ReadSession, ticket_id: int) -> tuple[str, str]:
    """A ticket's number and the phone for a text message about it; "" where nobody may be texted any more."""
    query = select(Ticket).where(Ticket.id == ticket_id)
    ticket = session.exec(query.execution_options(scope="text message")).one()
    person = sealed.person_of(session, ticket) if may_text(session, ticket) else None
    return ticket.number, (person.phone or "") if person else ""
