"""How much is open behind each door to a stairwell: counts of what this viewer may see there, and of nothing else."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func
from sqlalchemy import select as select_columns
from sqlmodel import col

from app.access.actors import Staff
from app.access.placing import place_known
from app.access.rows import visible
from app.db import ReadSession
from app.models.place import Compound
from app.models.ticket import Ticket
from app.rules.privacy import SEES_TICKETS

_CLOSED_OUT = 2


class StairwellLoad(NamedTuple):
    """Tickets of one stairwell: what somebody owes, how much of that is late, and what waits for its reporter."""

    open: int = 0
    overdue: int = 0
    waiting: int = 0


NOTHING = StairwellLoad()


def sees_tickets(staff: Staff, compound_id: int) -> bool:
    """Whether any of the compound's tickets may be this account's to see, and not only slips."""
    return any(seat.compound_id == compound_id and seat.column in SEES_TICKETS for seat in staff.seats)


def stairwell_loads(session: ReadSession, staff: Staff, compound: Compound, now: datetime) -> dict[int, StairwellLoad]:
    """Per stairwell with anything in it: the tickets that this viewer would find by the queue's filter by stairwell."""
    owed = col(Ticket.queue) == 0
    query = (
        select_columns(
            col(Ticket.stairwell_id),
            _many(owed),
            _many(and_(owed, col(Ticket.due_at) <= now)),
            _many(col(Ticket.queue) == 1),
        )
        .where(
            col(Ticket.compound_id) == compound.id,
            col(Ticket.queue) < _CLOSED_OUT,
            place_known(visible(staff)),
        )
        .group_by(col(Ticket.stairwell_id))
    )
    rows = session.execute(query.execution_options(scope="map"))
    return {row[0]: StairwellLoad(row[1], row[2], row[3]) for row in rows}


def _many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
