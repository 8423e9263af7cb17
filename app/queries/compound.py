"""What a compound decided for itself, for those who look after it."""

from datetime import datetime
from typing import Any

from app import access
from app.access import Staff, registry
from app.db import ReadSession
from app.models.compound_version import CompoundVersion
from app.rules import bands, sla
from app.rules.bands import Reach
from app.rules.vocabulary import Role
from app.schemas.compound import BandView, SettingsIn, SettingsView, ThresholdsView

SEES_SETTINGS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.COMMUNITY, Role.ADMIN})
SETS_SETTINGS = frozenset({Role.COMMITTEE_SECRETARY, Role.ADMIN})
LEARNT_FROM = 2000


def settings(session: ReadSession, staff: Staff, code: str, now: datetime) -> SettingsView:
    """A compound's settings as they are in force. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, code)
    access.overseeing(staff, compound, SEES_SETTINGS)
    own = access.settings_of(session, compound.id)
    shown = SettingsIn(
        **own.model_dump(), staffed_around_the_clock=compound.staffed_around_the_clock, board=compound.has_board
    )
    held = staff.roles_in(compound.id) | ({Role.ADMIN} if staff.is_admin else set())
    return SettingsView(
        **changed(access.last_version(session, compound, "settings")),
        compound=compound.code,
        name=compound.name,
        settings=shown,
        lacks_year=own.lacks_year(sla.local_day(now)),
        may_set=bool(held & SETS_SETTINGS),
    )


def thresholds(session: ReadSession, staff: Staff, code: str) -> ThresholdsView:
    """What the last confirmed tickets say about thresholds. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, code)
    access.overseeing(staff, compound, SEES_SETTINGS)
    own = access.settings_of(session, compound.id)
    samples = access.judged_guesses(session, compound.id, LEARNT_FROM)
    found = bands.propose(samples)
    return ThresholdsView(
        compound=compound.code,
        samples=len(samples),
        enough=len(samples) >= bands.LEAST_SAMPLES,
        auto=_band(found.auto) if found.auto else None,
        choose=_band(found.choose) if found.choose else None,
        now_auto=_band(bands.reach(samples, own.auto)),
        now_choose=_band(bands.reach(samples, own.choose, among=True)),
    )


def _band(reach: Reach) -> BandView:
    return BandView(threshold=reach.threshold, above=reach.above, right=reach.right)


def changed(last: CompoundVersion | None) -> dict[str, Any]:
    """The fields that say which version is in force."""
    if last is None:
        return {}
    return {"version": last.version, "changed_at": last.at, "changed_by": Role(last.role), "undoable": True}


def missing_years(session: ReadSession, staff: Staff, now: datetime) -> list[tuple[str, int]]:
    """The compounds of this account that count working days and whose holiday table ends too soon: name and year."""
    found = []
    for compound in registry.compounds(session, staff, "", 200):
        year = access.settings_of(session, compound.id).lacks_year(sla.local_day(now))
        found += [(compound.name, year)] if year is not None else []
    return found
