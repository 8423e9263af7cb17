"""From what stands on a wall to a place: codes, and the roster of a compound."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlmodel import col, select

from app.db import ReadSession
from app.errors import CodeRevokedError, CodeUnknownError, NotFoundError
from app.models.place import Building, Compound, Stairwell
from app.models.qr_code import QrCode
from app.models.seat import Seat
from app.rules import refusals
from app.rules.routing import SeatFacts, Term
from app.rules.vocabulary import CodeStatus, PlaceKind, Role
from qr import codes

_ROSTER = select(Seat).where(Seat.compound_id == bindparam("compound")).order_by(col(Seat.id))


class Scanned(NamedTuple):
    """A code that opens a form, and where it hangs."""

    code: QrCode
    stairwell: Stairwell
    building: Building
    compound: Compound


class Here(NamedTuple):
    """A stairwell that somebody named on the telephone or stands in: a place without a code."""

    stairwell: Stairwell
    building: Building
    compound: Compound


def here(session: ReadSession, compounds: Collection[int], compound: str, stairwell: str) -> Here:
    """The stairwell with this code in one of these compounds. Absent and foreign are the same NotFoundError."""
    row = session.exec(
        select(Stairwell, Building, Compound)
        .join(Building, col(Building.id) == col(Stairwell.building_id))
        .join(Compound, col(Compound.id) == col(Stairwell.compound_id))
        .where(Compound.code == compound, Stairwell.code == stairwell, col(Compound.id).in_(sorted(compounds)))
    ).one_or_none()
    if row is None:
        raise NotFoundError(refusals.say("stairwell_unknown"))
    return Here(*row)


def duty_phones(session: ReadSession, compound_id: int) -> frozenset[str]:
    """Every office telephone of a compound as it was typed: nobody in office is a proxy from there."""
    seats = session.exec(select(Seat.duty_phone, Seat.deputy_phone).where(Seat.compound_id == compound_id))
    own = session.exec(select(Compound.duty_phone).where(Compound.id == compound_id)).one()
    return frozenset(filter(None, (own, *(phone for seat in seats for phone in seat))))


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


def roster(session: ReadSession, compound_id: int) -> list[SeatFacts]:
    """Every seat of a compound as routing sees it."""

    def read() -> list[Seat]:
        return list(session.exec(_ROSTER, params={"compound": compound_id}))

    return [seat_facts(seat) for seat in session.once("seat", compound_id, read)]


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
        absent_until=seat.absent_until,
    )
