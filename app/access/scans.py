"""From what stands on a wall to a place: codes, and the roster of a compound."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, inspect
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.db import ReadSession
from app.errors import CodeRevokedError, CodeUnknownError, InvalidError, NotFoundError
from app.models.place import Building, Compound, Stairwell
from app.models.qr_code import QrCode
from app.models.seat import Seat
from app.rules import place, refusals
from app.rules.routing import SeatFacts, Term
from app.rules.vocabulary import CodeStatus, PlaceKind, Role
from qr import codes

_ROSTER = (
    select_columns(inspect(Seat).local_table)
    .where(col(Seat.compound_id).in_(bindparam("compounds", expanding=True)))
    .order_by(col(Seat.id))
)


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


def beside(session: ReadSession, at: Scanned, typed: str) -> tuple[Scanned | None, str]:
    """Where somebody behind a code says that it is, and the words of it that are to be kept.

    A stairwell of the same compound (4-2, 4幢2单元) says it all; 4幢2单元门口 is that stairwell and words; 车棚 is
    words alone, and no place. Raises InvalidError for the number of a stairwell that the compound does not have.
    """
    query = select(Building.name, Stairwell.name, Stairwell.id).join(
        Building, col(Building.id) == col(Stairwell.building_id)
    )
    rows = session.exec(query.where(Stairwell.compound_id == at.compound.id))
    doors = {(building, stairwell): key for building, stairwell, key in rows}
    named = place.among(doors, typed)
    found = named if named is not None else doors.get(place.leading(typed))
    if found is not None:
        there = session.exec(
            select(Stairwell, Building)
            .join(Building, col(Building.id) == col(Stairwell.building_id))
            .where(Stairwell.id == found)
        ).one()
        return at._replace(stairwell=there[0], building=there[1]), "" if named is not None else typed
    if any(place.stairwell(typed)) or any(place.leading(typed)):
        raise InvalidError(errors=[{"field": "elsewhere", "message": refusals.say("elsewhere_unknown")}])
    return None, typed


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
    return list(session.once("seat", compound_id, lambda: rosters(session, [compound_id])[compound_id], plain=True))


def rosters(session: ReadSession, compounds: Collection[int]) -> dict[int, list[SeatFacts]]:
    """The rosters of several compounds in one statement."""
    found: dict[int, list[SeatFacts]] = {compound_id: [] for compound_id in compounds}
    for seat in session.execute(_ROSTER, {"compounds": list(found)}):
        found[seat.compound_id].append(seat_facts(seat))
    return found


def seat_facts(seat: Seat | Row[Any]) -> SeatFacts:
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
