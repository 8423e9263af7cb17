"""What waits on a grid head's desk in the morning, as counts."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import col, select

from app.access.actors import in_term
from app.db import ReadSession, WriteSession
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules import sla
from app.rules.vocabulary import PlaceKind, Role, Status


def is_undigested(session: ReadSession, today: date, now: datetime) -> bool:
    """Whether there is any such seat. Takes no lock."""
    return session.exec(select(Seat.id).where(*_undigested(today, now)).limit(1)).first() is not None


def undigested(session: WriteSession, today: date, now: datetime) -> list[Seat]:
    """Grid heads' seats with somebody in office whose desk was not yet counted today, locked; others' are skipped."""
    query = select(Seat).where(*_undigested(today, now)).order_by(col(Seat.id))
    return list(session.exec(query.with_for_update(skip_locked=True, key_share=True)))


def desk_counts(session: ReadSession, seat: Seat, now: datetime) -> dict[str, int]:
    """New, due today, overdue and waiting for a check, at the places that a grid head's seat answers for."""
    owed = col(Ticket.queue) == 0
    tonight = sla.end_of(sla.local_day(now))
    wanted: dict[str, ColumnElement[bool]] = {
        "new": col(Ticket.status) == Status.SUBMITTED,
        "today": and_(owed, col(Ticket.due_at) > now, col(Ticket.due_at) <= tonight),
        "overdue": and_(owed, col(Ticket.due_at) <= now),
        "check": col(Ticket.status) == Status.PENDING_CHECK,
    }
    counted = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in wanted.values()]
    query = select(*counted).where(
        Ticket.compound_id == seat.compound_id, owed, col(Ticket.hidden_grid).is_(False), *_inside(seat)
    )
    row = session.execute(query.execution_options(scope="digest")).one()
    return {name: int(count) for name, count in zip(wanted, row, strict=True)}


def _undigested(today: date, now: datetime) -> list[ColumnElement[bool]]:
    deputised = and_(col(Seat.deputy) != "", in_term(col(Seat.deputy_starts_at), col(Seat.deputy_ends_at), now))
    return [
        col(Seat.role) == Role.GRID_HEAD,
        or_(col(Seat.digest_on).is_(None), col(Seat.digest_on) < today),
        or_(in_term(col(Seat.starts_at), col(Seat.ends_at), now), deputised),
    ]


def _inside(seat: Seat) -> list[ColumnElement[bool]]:
    match PlaceKind(seat.scope):
        case PlaceKind.COMPOUND:
            return []
        case PlaceKind.BUILDING:
            return [col(Ticket.building_id) == seat.building_id]
        case PlaceKind.STAIRWELL:
            return [col(Ticket.stairwell_id) == seat.stairwell_id]
