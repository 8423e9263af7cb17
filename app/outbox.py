"""Messages are rows in the caller's transaction: sent at least once if it commits, never if it does not."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.db import ReadSession, WriteSession
from app.models.message import Message, Outlet
from app.models.place import Compound
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules import catalogue, compound_settings, notices
from app.rules.notices import Way
from app.rules.vocabulary import Complexity

LEASE = timedelta(minutes=2)
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))

_NEWEST = select(func.max(Message.id)).execution_options(scope="outbox")


class Letter(NamedTuple):
    """A message that was given up, for whoever runs the system: its seat and its fate, nothing about its ticket."""

    message: Message
    seat: Seat | None


def put(
    session: WriteSession,
    template: str,
    ticket_id: int,
    now: datetime,
    *,
    seat_id: int | None = None,
    pressed: bool = False,
) -> None:
    """One message for a seat, by every way that staff are told; in the quiet hours it waits for the morning.

    `pressed` says that the reporter pressed the red button, which may ring at any hour (domain rules §2.1).
    """
    rings = _rings(session, template, ticket_id, pressed=pressed)
    at = notices.send_at(template, now, rings=rings)
    for way in _staff_ways(session):
        session.add(
            Message(
                template=template,
                ticket_id=ticket_id,
                seat_id=seat_id,
                way=way,
                rings=rings,
                next_at=at,
                created_at=now,
            )
        )


def put_digest(session: WriteSession, seat_id: int, counts: Mapping[str, int], now: datetime) -> None:
    """What waits on a seat's desk this morning, as counts."""
    _put_about_a_desk(session, "digest", seat_id, counts, now, now)


def put_to_desk(session: WriteSession, template: str, seat_id: int, now: datetime) -> None:
    """One message for a seat that is about no ticket; in the quiet hours it waits for the morning."""
    _put_about_a_desk(session, template, seat_id, {}, notices.send_at(template, now), now)


def put_text(session: WriteSession, template: str, ticket_id: int, now: datetime) -> None:
    """One text message for the reporter, where this deployment sends any; never in the quiet hours."""
    if Way.SMS in session.ways:
        at = notices.send_at(template, now)
        session.add(Message(template=template, ticket_id=ticket_id, way=Way.SMS, next_at=at, created_at=now))


def newest(session: ReadSession) -> int:
    """The number of the last message there is; what is put after this has a higher one."""
    return session.exec(_NEWEST).one() or 0


def delay(session: WriteSession, ticket_id: int, *, after: int, until: datetime) -> None:
    """Messages about a ticket that were put after this one wait until then at least."""
    session.flush()
    new = and_(col(Message.ticket_id) == ticket_id, col(Message.id) > after, col(Message.next_at) < until)
    session.execute(update(Message).where(new).values(next_at=until))


def take_back(session: WriteSession, ticket_id: int, *, after: int) -> bool:
    """Deletes the messages about a ticket that were put after this one. False, and nothing, where one is on its way."""
    new = and_(col(Message.ticket_id) == ticket_id, col(Message.id) > after)
    query = select(Message).where(new).with_for_update()
    found = list(session.exec(query.execution_options(scope="outbox", populate_existing=True)))
    if any(message.attempts or message.status != "waiting" for message in found):
        return False
    for message in found:
        session.delete(message)
    return True


def is_due(session: ReadSession, now: datetime, *, way: str = Way.GROUP) -> bool:
    """Whether a claim would find anything. Takes no lock, so that an idle worker disturbs nobody."""
    query = select(Message.id).where(*_due(now, way)).limit(1)
    return session.exec(query.execution_options(scope="outbox")).first() is not None


def claim(
    session: WriteSession,
    now: datetime,
    limit: int = 20,
    *,
    way: str = Way.GROUP,
    outlet: str = "",
    pause: timedelta = timedelta(),
) -> list[Message]:
    """Leases due messages of one way to this worker, alarms first. Others skip them until the lease runs out.

    With a `pause`, the outlet is then shut that long for every worker of every process; while it is, nothing is leased.
    """
    gate = _outlet(session, outlet, now) if pause else None
    if gate is not None and gate.opens_at > now:
        return []
    query = (
        select(Message)
        .where(*_due(now, way))
        .order_by(col(Message.rings).desc(), col(Message.next_at), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    messages = list(session.exec(query.execution_options(scope="outbox")))
    for message in messages:
        message.leased_until = now + LEASE
        message.attempts += 1
    if gate is not None and messages:
        gate.opens_at = now + pause
    return messages


def release(session: WriteSession, message_ids: Collection[int]) -> None:
    """Gives leased messages back untried, due as they were."""
    for message in read(session, message_ids):
        message.leased_until = None
        message.attempts -= 1


def hold(session: WriteSession, outlet: str, until: datetime) -> None:
    """Shuts an outlet that asked for a rest."""
    way = _outlet(session, outlet, until)
    way.opens_at = max(way.opens_at, until)


def read(session: ReadSession, message_ids: Collection[int]) -> list[Message]:
    """Messages by their ids."""
    query = select(Message).where(col(Message.id).in_(list(message_ids))).order_by(col(Message.id))
    return list(session.exec(query.execution_options(scope="outbox")))


def settle(
    session: WriteSession, message_ids: Collection[int], now: datetime, *, error: str = "", final: bool = False
) -> None:
    """Marks leased messages sent; or, with an error, puts them back with a growing pause, and finally aside as dead."""
    for message in read(session, message_ids):
        message.leased_until = None
        message.last_error = error[:200]
        if not error:
            message.status, message.sent_at = "sent", now
        elif final or message.attempts > len(BACK_OFF):
            message.status = "dead"
        else:
            message.next_at = now + BACK_OFF[message.attempts - 1]


def dead(session: ReadSession, compounds: Collection[int] | None, limit: int = 200) -> list[Letter]:
    """Messages that were given up, the newest first. `compounds` None: all; else what their grid heads may know of."""
    query = (
        select(Message, Seat)
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id), isouter=True)
        .join(Seat, col(Seat.id) == col(Message.seat_id), isouter=True)
        .where(Message.status == "dead", *_known_to(compounds))
        .order_by(col(Message.id).desc())
        .limit(limit)
    )
    rows = session.execute(query.execution_options(scope="outbox"))
    return [Letter(row[0], row[1]) for row in rows]


def revive(
    session: WriteSession, now: datetime, *, compounds: Collection[int] | None, message_ids: Collection[int] | None
) -> int:
    """Dead messages start over, as if put now; all of them where no ids are given. How many."""
    query = (
        select(Message)
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id), isouter=True)
        .join(Seat, col(Seat.id) == col(Message.seat_id), isouter=True)
        .where(Message.status == "dead", *_known_to(compounds))
        .with_for_update(of=Message)
    )
    if message_ids is not None:
        query = query.where(col(Message.id).in_(list(message_ids)))
    messages = list(session.exec(query.execution_options(scope="outbox")))
    for message in messages:
        message.status, message.attempts = "waiting", 0
        message.next_at = notices.send_at(message.template, now, rings=message.rings)
    return len(messages)


def hurry(session: WriteSession, now: datetime) -> int:
    """Messages that pause after a failure are due at once. How many."""
    query = select(Message).where(Message.status == "waiting", Message.attempts > 0, Message.next_at > now)
    messages = list(session.exec(query.with_for_update().execution_options(scope="outbox")))
    for message in messages:
        message.next_at = now
    return len(messages)


def _put_about_a_desk(
    session: WriteSession, template: str, seat_id: int, counts: Mapping[str, int], at: datetime, now: datetime
) -> None:
    for way in _staff_ways(session):
        facts = dict(counts)
        session.add(Message(template=template, seat_id=seat_id, way=way, facts=facts, next_at=at, created_at=now))


def _staff_ways(session: WriteSession) -> list[Way]:
    return [Way.GROUP, *([Way.WEBHOOK] if Way.WEBHOOK in session.ways else [])]


def _due(now: datetime, way: str) -> list[ColumnElement[bool]]:
    """Waiting, due, leased to nobody; in the quiet hours alarms only, however long the others have been due."""
    free = or_(col(Message.leased_until).is_(None), col(Message.leased_until) <= now)
    limits = [col(Message.status) == "waiting", col(Message.way) == way, col(Message.next_at) <= now, free]
    return [*limits, col(Message.rings).is_(True)] if notices.is_quiet(now) else limits


def _known_to(compounds: Collection[int] | None) -> list[ColumnElement[bool]]:
    if compounds is None:
        return []
    mine = list(compounds)
    about_a_ticket = and_(col(Ticket.compound_id).in_(mine), col(Ticket.hidden_grid).is_(False))
    return [or_(about_a_ticket, and_(col(Message.ticket_id).is_(None), col(Seat.compound_id).in_(mine)))]


def _rings(session: WriteSession, template: str, ticket_id: int, *, pressed: bool) -> bool:
    if not notices.is_alarm(template):
        return False
    query = (
        select(Ticket.category, Ticket.complexity, Compound.settings)
        .join(Compound, col(Compound.id) == col(Ticket.compound_id))
        .where(Ticket.id == ticket_id)
    )
    category, complexity, settings = session.exec(query.execution_options(scope="outbox")).one()
    leaf, own = catalogue.default().leaf(category), compound_settings.of(settings).night_alarms
    return notices.rings_at_night(template, leaf, Complexity(complexity), pressed=pressed, alarms=own)


def _outlet(session: WriteSession, name: str, opens_at: datetime) -> Outlet:
    """The outlet's row, locked; made on first use."""
    query = select(Outlet).where(Outlet.name == name).with_for_update()
    way = session.exec(query).one_or_none()
    if way is None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(dialect.insert(Outlet).values(name=name, opens_at=opens_at).on_conflict_do_nothing())
        way = session.exec(query).one()
    return way
