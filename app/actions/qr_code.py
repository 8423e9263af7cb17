"""Codes for the walls: print runs, and taking a code out of use. A code is random and never used twice."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from app.access import Staff, registry
from app.db import WriteSession
from app.errors import IllegalVerbError, NotFoundError, VerbNotYoursError
from app.models.place import Building, Compound, Stairwell
from app.models.qr_code import QrBatch, QrCode
from app.rules import place, refusals, wording
from app.rules.codes import AT_ONCE, NOTED_EVERY
from app.rules.vocabulary import CodeStatus, Role
from app.schemas.qr_code import BatchIn, BatchView, CodeView, ReissueIn, RevocationIn
from qr import codes


def make_batch(session: WriteSession, staff: Staff, form: BatchIn, *, now: datetime, origin: str = "") -> BatchView:
    """A code for every stairwell without an active one; with `reissue` for all, the old ones go on in grace.

    Raises NotFoundError, VerbNotYoursError.
    """
    compound = registry.compound(session, staff, form.compound, lock=True)
    check_may_manage(staff, compound.id)
    batch = QrBatch(compound_id=compound.id, account_id=staff.account_id or None, reissue=form.reissue, created_at=now)
    session.add(batch)
    session.flush()
    stairwells = _stairwells(session, compound)
    running = select(QrCode).where(QrCode.compound_id == compound.id, QrCode.status == CodeStatus.ACTIVE)
    active = list(session.exec(running.with_for_update()))  # a code that is being revoked must not come back in grace
    if form.reissue:
        for old in active:
            old.status = CodeStatus.GRACE
    else:
        covered = {code.stairwell_id for code in active}
        stairwells = [stairwell for stairwell in stairwells if stairwell not in covered]
    versions = _versions(session, compound)
    for stairwell, code in zip(stairwells, _fresh(session, len(stairwells)), strict=True):
        session.add(
            QrCode(
                code=code,
                compound_id=compound.id,
                stairwell_id=stairwell,
                batch_id=batch.id,
                version=versions.get(stairwell, 0) + 1,
                status=CodeStatus.ACTIVE,
                created_at=now,
            )
        )
    session.flush()
    return registry.batch_view(batch, compound, registry.batch_codes(session, batch), origin)


def reissue(
    session: WriteSession, staff: Staff, text: str, form: ReissueIn, *, now: datetime, origin: str = ""
) -> BatchView:
    """换新码: one new code for the place of a code in use, as a print run of its own.

    The old one goes on in grace; where it hangs in a wrong place or may be copied, it is taken out of use at once.
    Raises NotFoundError, VerbNotYoursError, IllegalVerbError for a code that is not in use.
    """
    hung = registry.one_code(session, codes.normalise(text))
    if hung is None or not registry.sees(staff, hung.code.compound_id):
        raise NotFoundError(refusals.say("code_unknown"))
    check_may_manage(staff, hung.code.compound_id)
    compound = session.exec(select(Compound).where(Compound.id == hung.code.compound_id).with_for_update()).one()
    locked = select(QrCode).where(QrCode.id == hung.code.id).with_for_update()
    old = session.exec(locked.execution_options(populate_existing=True)).one()
    if old.status != CodeStatus.ACTIVE:
        raise IllegalVerbError(refusals.say("code_replaced"), verbs=[])
    if form.reason in AT_ONCE:
        old.status, old.revoked_at = CodeStatus.REVOKED, now
        old.revoke_reason = wording.word("code_reason", form.reason)
    else:
        old.status = CodeStatus.GRACE
    batch = QrBatch(compound_id=compound.id, account_id=staff.account_id or None, reissue=True, created_at=now)
    session.add(batch)
    session.flush()
    session.add(
        QrCode(
            code=_fresh(session, 1)[0],
            compound_id=compound.id,
            stairwell_id=old.stairwell_id,
            batch_id=batch.id,
            version=_versions(session, compound)[old.stairwell_id] + 1,
            status=CodeStatus.ACTIVE,
            created_at=now,
            why=form.reason,
        )
    )
    session.flush()
    return registry.batch_view(batch, compound, registry.batch_codes(session, batch), origin)


def note_scan(session: WriteSession, text: str, *, now: datetime) -> None:
    """Writes down that a code was scanned; within the hour after the last time it changes nothing. Raises CodeError."""
    before, code = now - NOTED_EVERY, col(QrCode.code) == codes.from_url(text)
    late = or_(col(QrCode.last_scanned_at).is_(None), col(QrCode.last_scanned_at) <= before)
    session.execute(update(QrCode).where(code, late).values(last_scanned_at=now))
    old = or_(col(QrCode.old_scanned_at).is_(None), col(QrCode.old_scanned_at) <= before)
    gone = col(QrCode.status) != CodeStatus.ACTIVE
    session.execute(update(QrCode).where(code, gone, old).values(old_scanned_at=now))


def revoke(
    session: WriteSession, staff: Staff, text: str, form: RevocationIn, *, now: datetime, origin: str = ""
) -> CodeView:
    """Takes a code out of use for good; once revoked it stays as it is. Raises NotFoundError, VerbNotYoursError."""
    locked = select(QrCode).where(QrCode.code == codes.normalise(text)).with_for_update()
    code = session.exec(locked.execution_options(populate_existing=True)).one_or_none()
    hung = registry.one_code(session, code.code) if code else None
    if code is None or hung is None or not registry.sees(staff, code.compound_id):
        raise NotFoundError(refusals.say("code_unknown"))
    check_may_manage(staff, code.compound_id)
    if code.status != CodeStatus.REVOKED:
        code.status, code.revoked_at, code.revoke_reason = CodeStatus.REVOKED, now, form.reason
        session.flush()
    return registry.code_view(hung, origin)


def check_may_manage(staff: Staff, compound_id: int) -> None:
    """Codes are the grid head's and the administrator's. Raises VerbNotYoursError for everybody else."""
    if not (staff.is_admin or Role.GRID_HEAD in staff.roles_in(compound_id)):
        raise VerbNotYoursError


def _stairwells(session: WriteSession, compound: Compound) -> list[int]:
    """In the order of a walk through the compound: 2幢 before 10幢."""
    rows = session.exec(
        select(Stairwell.id, Building.name, Stairwell.name)
        .join(Building, col(Building.id) == col(Stairwell.building_id))
        .where(Stairwell.compound_id == compound.id)
    )
    walk = sorted((place.in_order(building), place.in_order(stairwell), number) for number, building, stairwell in rows)
    return [number for _, _, number in walk]


def _versions(session: WriteSession, compound: Compound) -> dict[int, int]:
    query = select(QrCode.stairwell_id, func.max(QrCode.version)).where(QrCode.compound_id == compound.id)
    return dict(session.exec(query.group_by(col(QrCode.stairwell_id))).all())


def _fresh(session: WriteSession, wanted: int) -> list[str]:
    """Codes that were never used, by any compound."""
    drawn: dict[str, None] = {}
    while len(drawn) < wanted:
        more = {codes.new_code() for _ in range(wanted - len(drawn))}
        drawn |= dict.fromkeys(more - drawn.keys() - _used(session, more))
    return list(drawn)


def _used(session: WriteSession, drawn: Iterable[str]) -> set[str]:
    return set(session.exec(select(QrCode.code).where(col(QrCode.code).in_(list(drawn)))))
