"""The roster of a compound."""

from datetime import datetime

from app.access import Staff, registry
from app.db import ReadSession
from app.rules.vocabulary import Role
from app.schemas.staff import OwnSeatView, RosterView


def own_absences(session: ReadSession, staff: Staff, now: datetime) -> list[OwnSeatView]:
    """The grid head's seats that this account may act for, each with until when it is marked away."""
    mine = {seat.seat_id: seat for seat in staff.seats if seat.role is Role.GRID_HEAD}
    found = []
    for compound_id in sorted({seat.compound_id for seat in mine.values()}):
        for seat in registry.grid_seats(session, compound_id):
            if seat.id in mine:
                away = seat.absent_until if seat.absent_until is not None and now < seat.absent_until else None
                found.append(OwnSeatView(compound=mine[seat.id].compound, title=seat.title, absent_until=away))
    return found


def roster(session: ReadSession, staff: Staff, compound_code: str, now: datetime) -> RosterView:
    """Every seat as it stands at this minute, and the roles that nobody holds. Raises NotFoundError."""
    return registry.roster_view(session, registry.compound(session, staff, compound_code), now)
