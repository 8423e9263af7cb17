"""The registry for those who look after it: which compounds an account may see, their rosters and their codes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from app.access.actors import Staff
from app.access.scans import seat_facts
from app.db import ReadSession, WriteSession
from app.errors import NotFoundError
from app.models.place import Building, Compound, Household, Stairwell
from app.models.qr_code import Emblem, QrBatch, QrCode
from app.models.seat import Seat
from app.rules import codes, place, refusals
from app.rules.vocabulary import SEATED, CodeReason, CodeStatus, PlaceKind, Role
from app.schemas.qr_code import BatchView, CodeLine, CodeView
from app.schemas.staff import RosterView, SeatView


class Hung(NamedTuple):
    """A code and where it hangs."""

    code: QrCode
    stairwell: Stairwell
    building: Building

    @property
    def label(self) -> str:
        """The place as people say it: 4幢2单元."""
        return self.building.name + self.stairwell.name


def compound(session: ReadSession, staff: Staff, code: str, *, lock: bool = False) -> Compound:
    """A compound that this account may see. Absent and invisible are the same NotFoundError."""
    query = select(Compound).where(Compound.code == code)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.exec(query).one_or_none() if code.isprintable() else None
    if found is None or not sees(staff, found.id):
        raise NotFoundError(refusals.say("compound_unknown"))
    return found


def compounds(session: ReadSession, staff: Staff, after: str, limit: int) -> list[Compound]:
    """The next `limit` compounds that this account may see, in the order of their codes."""
    query = select(Compound).where(Compound.code > after)
    if not staff.is_admin:
        query = query.where(col(Compound.id).in_(sorted(staff.compounds())))
    return list(session.exec(query.order_by(col(Compound.code)).limit(limit)))


def sees(staff: Staff, compound_id: int) -> bool:
    """Whether this account has anything to do with a compound: a seat there, or the whole system to look after."""
    return staff.is_admin or compound_id in staff.compounds()


def roster_view(session: ReadSession, compound: Compound, now: datetime) -> RosterView:
    """Every seat as it stands at this minute, and the roles that nobody holds."""
    rows = session.exec(
        select(Seat, Building.code, Stairwell.code)
        .join(Building, col(Building.id) == col(Seat.building_id), isouter=True)
        .join(Stairwell, col(Stairwell.id) == col(Seat.stairwell_id), isouter=True)
        .where(Seat.compound_id == compound.id)
        .order_by(col(Seat.id))
    )
    order = list(Role)
    seats = sorted((_seat_view(*row, now) for row in rows), key=lambda seat: order.index(seat.role))
    held = {seat.role for seat in seats if not seat.vacant or seat.deputy_acts}
    vacant = [role for role in order if role in SEATED and role not in held]
    return RosterView(compound=compound.code, seats=seats, vacant_roles=vacant)


def grid_seats(session: ReadSession, compound_id: int, *, lock: bool = False) -> list[Seat]:
    """The grid heads' seats of a compound."""
    query = select(Seat).where(Seat.compound_id == compound_id, Seat.role == Role.GRID_HEAD).order_by(col(Seat.id))
    return list(session.exec(query.with_for_update(key_share=True) if lock else query))


def batch_codes(session: ReadSession, run: QrBatch) -> list[Hung]:
    """Every code of a print run, whatever has become of it, in the order of a walk: 2幢 before 10幢."""
    return _hung(session, col(QrCode.batch_id) == run.id)


def active_codes(session: ReadSession, compound: Compound) -> list[Hung]:
    """Every code of a compound that is to be scanned now, in the order of a walk."""
    return _hung(session, col(QrCode.compound_id) == compound.id, col(QrCode.status) == CodeStatus.ACTIVE)


def all_codes(session: ReadSession, compound: Compound) -> list[Hung]:
    """Every code that a compound ever had, in the order of a walk; of one place the newest first."""
    found = _hung(session, col(QrCode.compound_id) == compound.id)
    newest = sorted(found, key=lambda hung: hung.code.id, reverse=True)
    return sorted(newest, key=lambda hung: (place.in_order(hung.building.name), place.in_order(hung.stairwell.name)))


def code_line(hung: Hung, origin: str, now: datetime) -> CodeLine:
    """One code with what its scans say about it."""
    code, status = hung.code, CodeStatus(hung.code.status)
    return CodeLine(
        **dict(code_view(hung, origin)),
        batch=code.batch_id,
        building=hung.building.code,
        created_at=code.created_at,
        last_scanned_at=code.last_scanned_at,
        why=CodeReason(code.why) if code.why else None,
        revoke_reason=code.revoke_reason,
        signals=codes.signals(status, code.created_at, code.last_scanned_at, code.old_scanned_at, now),
    )


def emblem(session: ReadSession, compound_id: int) -> bytes | None:
    """The PNG in the middle of a compound's printed codes, if it has one."""
    return session.exec(select(Emblem.png).where(Emblem.compound_id == compound_id)).one_or_none()


def one_code(session: ReadSession, code: str) -> Hung | None:
    """A code by its eight symbols, whoever asks: the caller decides who may see it."""
    return next(iter(_hung(session, col(QrCode.code) == code)), None)


def batch_view(run: QrBatch, compound: Compound, hung: Sequence[Hung], origin: str) -> BatchView:
    """A print run with its codes. `origin` is the public address, such as https://mq.example.cn."""
    return BatchView(
        id=run.id,
        compound=compound.code,
        created_at=run.created_at,
        codes=[code_view(one, origin) for one in hung],
        sheet=f"{origin}/api/v1/qr/batches/{run.id}/sheet.pdf",
    )


def code_view(hung: Hung, origin: str) -> CodeView:
    """One code with the address that it opens."""
    return CodeView(
        code=hung.code.code,
        status=CodeStatus(hung.code.status),
        version=hung.code.version,
        stairwell=hung.stairwell.code,
        label=hung.label,
        url=f"{origin}/s/{hung.code.code}",
    )


def _hung(session: ReadSession, *conditions: ColumnElement[bool]) -> list[Hung]:
    rows = session.exec(
        select(QrCode, Stairwell, Building)
        .join(Stairwell, col(Stairwell.id) == col(QrCode.stairwell_id))
        .join(Building, col(Building.id) == col(Stairwell.building_id))
        .where(*conditions)
        .order_by(col(QrCode.id))
    )
    found = (Hung(*row) for row in rows)
    return sorted(found, key=lambda hung: (place.in_order(hung.building.name), place.in_order(hung.stairwell.name)))


def _seat_view(seat: Seat, building: str | None, stairwell: str | None, now: datetime) -> SeatView:
    facts = seat_facts(seat)
    in_term = facts.term.holds(now)
    return SeatView(
        id=seat.id,
        role=facts.role,
        title=seat.title,
        scope=PlaceKind(seat.scope),
        building=building,
        stairwell=stairwell,
        name=seat.holder,
        duty_phone=seat.duty_phone,
        valid_from=seat.starts_at,
        valid_to=seat.ends_at,
        vacant=not in_term,
        deputy=seat.deputy,
        deputy_acts=not in_term and facts.deputy_term is not None and facts.deputy_term.holds(now),
        absent_until=seat.absent_until if seat.absent_until is not None and now < seat.absent_until else None,
    )


def household_counts(session: ReadSession, compound_id: int) -> dict[int, int]:
    """Doors per stairwell, as counts only."""
    query = (
        select(Household.stairwell_id, func.count())
        .where(Household.compound_id == compound_id)
        .group_by(col(Household.stairwell_id))
    )
    return {row[0]: row[1] for row in session.execute(query.execution_options(scope="registry"))}


def doors(session: WriteSession, stairwell_ids: Iterable[int]) -> set[tuple[int, str]]:
    """The doors that the registry has already, for an import that adds the missing ones."""
    query = select(Household.stairwell_id, Household.door).where(col(Household.stairwell_id).in_(list(stairwell_ids)))
    return {(row[0], row[1]) for row in session.execute(query.execution_options(scope="registry"))}
