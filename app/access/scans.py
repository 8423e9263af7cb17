"""From what stands on a wall to a place: codes, and the roster of a compound."""

from typing import NamedTuple

from sqlmodel import col, select

from app.db import ReadSession
from app.errors import CodeRevokedError, CodeUnknownError
from app.models.place import Building, Compound, Stairwell
from app.models.qr_code import QrCode
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules.routing import SeatFacts, Term
from app.rules.vocabulary import CodeStatus, PlaceKind, Role
from qr import codes


class Scanned(NamedTuple):
    """A code that opens a form, and where it hangs."""

    code: QrCode
    stairwell: Stairwell
    building: Building
    compound: Compound


def scanned(session: ReadSession, text: str) -> Scanned:
    """What a typed or scanned code stands for. Raises CodeUnknownError, or CodeRevokedError with the duty phone."""
    try:
        code = codes.from_url(text)
    except codes.CodeError as error:
        raise CodeUnknownError from error
    row = session.exec(
        select(QrCode, Stairwell, Building, Compound)
        .join(Stairwell, col(Stairwell.id) == col(QrCode.stairwell_id))
        .join(Building, col(Building.id) == col(Stairwell.building_id))
        .join(Compound, col(Compound.id) == col(QrCode.compound_id))
        .where(QrCode.code == code)
    ).one_or_none()
    if row is None:
        raise CodeUnknownError
    if row[0].status == CodeStatus.REVOKED:
        raise CodeRevokedError(duty_phone=row[3].duty_phone)
    return Scanned(*row)


def staffed_around_the_clock(session: ReadSession, ticket: Ticket) -> bool:
    """Whether the ticket's compound has switched on a tested 24-hour channel."""
    return session.exec(select(Compound.staffed_around_the_clock).where(Compound.id == ticket.compound_id)).one()


def roster(session: ReadSession, compound_id: int) -> list[SeatFacts]:
    """Every seat of a compound as routing sees it."""
    seats = session.exec(select(Seat).where(Seat.compound_id == compound_id).order_by(col(Seat.id)))
    return [seat_facts(seat) for seat in seats]


def seat_facts(seat: Seat) -> SeatFacts:
    """A seat's plain values. A deputy counts only where one is named."""
    return SeatFacts(
        id=seat.id,
        role=Role(seat.role),
        title=seat.title,
        scope=PlaceKind(seat.scope),
        building_id=seat.building_id,
        stairwell_id=seat.stairwell_id,
        term=Term(seat.starts_at, seat.ends_at),
        deputy_term=Term(seat.deputy_starts_at, seat.deputy_ends_at) if seat.deputy else None,
    )
