"""The plan of a compound: put by an administrator, drawn on its map, taken away again."""

from datetime import datetime

from sqlmodel import col, select

from app.access import Staff, registry
from app.actions.place import check_may_import
from app.db import WriteSession
from app.errors import InvalidError
from app.models.outline import Outline
from app.rules import outline, refusals


def put(session: WriteSession, staff: Staff, code: str, data: bytes, *, now: datetime) -> int:
    """Keeps the plan in a GeoJSON file in the place of an earlier one; how many outlines it has.

    Raises VerbNotYoursError, NotFoundError, InvalidError(file).
    """
    check_may_import(staff)
    compound = registry.compound(session, staff, code, lock=True)
    try:
        plan = outline.read(data)
    except outline.OutlineError as error:
        raise InvalidError(errors=[{"field": "outline", "message": refusals.say("outline_unreadable")}]) from error
    query = select(Outline).where(col(Outline.compound_id) == compound.id)
    kept = session.exec(query).one_or_none() or Outline(compound_id=compound.id, plan={}, at=now)
    kept.plan, kept.account_id, kept.at = plan.stored(), staff.account_id or None, now
    session.add(kept)
    return len(plan.shapes)


def remove(session: WriteSession, staff: Staff, code: str) -> None:
    """The map is drawn as plain rows again. Raises VerbNotYoursError, NotFoundError."""
    check_may_import(staff)
    compound = registry.compound(session, staff, code, lock=True)
    found = session.exec(select(Outline).where(col(Outline.compound_id) == compound.id)).one_or_none()
    if found is not None:
        session.delete(found)
