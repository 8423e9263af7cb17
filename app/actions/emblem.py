"""The compound's emblem in the middle of its printed codes: decoded and encoded anew, small, PNG."""

import io
from datetime import datetime

from PIL import Image
from sqlmodel import select

from app.access import Staff, registry
from app.actions.qr_code import check_may_manage
from app.db import ReadSession, WriteSession
from app.errors import InvalidError
from app.models.qr_code import Emblem
from app.rules import refusals

LONGEST_SIDE = 400
MOST_PIXELS = 16_000_000
LARGEST = 250_000
_UNREADABLE = refusals.say("emblem_unreadable")


def check(session: ReadSession, staff: Staff, compound_code: str) -> None:
    """Before a picture is decoded: may this account change the emblem? Raises NotFoundError, VerbNotYoursError."""
    check_may_manage(staff, registry.compound(session, staff, compound_code).id)


def put(session: WriteSession, staff: Staff, compound_code: str, png: bytes, *, now: datetime) -> None:
    """Keeps what `prepared` has made; what was there before is replaced. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, compound_code, lock=True)
    check_may_manage(staff, compound.id)
    found = session.exec(select(Emblem).where(Emblem.compound_id == compound.id)).one_or_none()
    kept = found or Emblem(compound_id=compound.id, png=png, at=now)
    kept.png, kept.account_id, kept.at = png, staff.account_id or None, now
    session.add(kept)


def remove(session: WriteSession, staff: Staff, compound_code: str) -> None:
    """Codes are printed without an emblem again. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, compound_code, lock=True)
    check_may_manage(staff, compound.id)
    found = session.exec(select(Emblem).where(Emblem.compound_id == compound.id)).one_or_none()
    if found is not None:
        session.delete(found)


def prepared(data: bytes) -> bytes:
    """A PNG of at most 400 pixels a side, with nothing but pixels in it. Raises InvalidError(file)."""
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG",))
        small = picture.convert("RGBA") if picture.width * picture.height <= MOST_PIXELS else None
    except Exception as error:  # decoders raise almost anything on hostile input
        raise InvalidError(errors=[{"field": "file", "message": _UNREADABLE}]) from error
    if small is None:
        raise InvalidError(errors=[{"field": "file", "message": _UNREADABLE}])
    for side in (LONGEST_SIDE, LONGEST_SIDE // 2):
        small.thumbnail((side, side))
        plain = Image.new("RGBA", small.size)
        plain.paste(small)
        out = io.BytesIO()
        plain.save(out, "PNG", optimize=True)
        if len(out.getvalue()) <= LARGEST:
            break
    return out.getvalue()
