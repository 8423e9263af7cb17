"""连心卡 and the foot of a scan page: public things only, the same for everybody who stands there."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from app import access
from app.access import figures as counted
from app.access.board import NOBODY
from app.access.figures import Slice
from app.db import ReadSession
from app.errors import NotFoundError
from app.models.place import Compound
from app.queries import place as places
from app.rules import board, figures, refusals, sla, wording
from app.rules.routing import Spot
from app.schemas.card import CardView, KeptView
from app.schemas.place import HotlineView
from qr import codes

_NOWHERE = Spot(0, 0)  # no building has this number: only offices for the whole compound answer there


def card(session: ReadSession, text: str, now: datetime) -> CardView:
    """The card behind a code on a wall, or of a compound by its own code.

    Raises CodeUnknownError, CodeRevokedError, and NotFoundError for what is neither.
    """
    try:
        codes.from_url(text)
    except codes.CodeError:
        compound, spot, label = _compound(session, text), _NOWHERE, ""
    else:
        at = access.scanned(session, text)
        compound, spot = at.compound, Spot(at.building.id, at.stairwell.id)
        label = at.building.name + at.stairwell.name
    return CardView(
        compound=compound.name,
        label=label,
        contacts=places.contacts(session, compound, spot, now),
        hotlines=[HotlineView(**hotline) for hotline in wording.words()["hotlines"]],
    )


def board_of(session: ReadSession, text: str) -> tuple[int, str | None]:
    """The compound behind a code by its id, and its own code where it has a public board.

    Raises CodeUnknownError, CodeRevokedError.
    """
    compound = access.scanned(session, text).compound
    return compound.id, compound.code if compound.has_board else None


def kept(session: ReadSession, compound_id: int, now: datetime) -> KeptView | None:
    """How many promises were kept lately. None below ten cases: two of three would say nothing about a compound."""
    days = board.words()["figures_days"]
    until = sla.local_day(now) - timedelta(days=1)
    period = counted.period(until - timedelta(days=days - 1), until)
    found = counted.count_of(session, NOBODY, Slice(compound_id, *period), now, "on_time")
    if found.base < figures.table().smallest_base:
        return None
    return KeptView(days=days, due=found.base, on_time=found.over)


def _compound(session: ReadSession, code: str) -> Compound:
    query = select(Compound).where(col(Compound.code) == code)
    found = session.exec(query).one_or_none() if code.isprintable() else None
    if found is None:
        raise NotFoundError(refusals.say("card_unknown"))
    return found
