"""A compound's own decisions: settings set anew as a whole, each change kept so that it can be taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import access
from app.access import Staff, registry
from app.db import WriteSession
from app.errors import IllegalVerbError, InvalidError
from app.models.compound_version import CompoundVersion
from app.models.place import Compound
from app.rules import refusals, sla
from app.rules.vocabulary import Role
from app.schemas.compound import SettingsIn, ThresholdsIn

SETTERS = frozenset({Role.COMMITTEE_SECRETARY, Role.ADMIN})
_OWN_COLUMNS = {"staffed_around_the_clock": "staffed_around_the_clock", "board": "has_board"}


def set_settings(session: WriteSession, staff: Staff, code: str, form: SettingsIn, *, now: datetime) -> None:
    """Sets a compound's settings; running clocks keep what was promised.

    Raises NotFoundError, VerbNotYoursError, InvalidError (a working-day calendar without its holiday table).
    """
    compound = registry.compound(session, staff, code, lock=True)
    role = access.overseeing(staff, compound, SETTERS)
    year = form.lacks_year(sla.local_day(now))
    if year is not None:
        message = refusals.say("holidays_missing", year=year)
        raise InvalidError(errors=[{"field": "calendar", "message": message}])
    before = _settings_now(compound)
    wanted = {"settings": form.model_dump(mode="json", exclude_defaults=True, exclude=set(_OWN_COLUMNS))}
    wanted |= {name: before[name] if getattr(form, name) is None else getattr(form, name) for name in _OWN_COLUMNS}
    if wanted != before:
        keep(session, compound, "settings", before, wanted, staff, role, now)
        _put_settings(compound, wanted)
    session.flush()


def undo_settings(session: WriteSession, staff: Staff, code: str, *, now: datetime) -> None:
    """Brings back what was in force before the last change. Raises IllegalVerbError where nothing was changed yet."""
    compound = registry.compound(session, staff, code, lock=True)
    role = access.overseeing(staff, compound, SETTERS)
    last = last_change(session, compound, "settings")
    keep(session, compound, "settings", _settings_now(compound), last.before, staff, role, now, undone=last.version)
    _put_settings(compound, last.before)
    session.flush()


def accept_thresholds(session: WriteSession, staff: Staff, code: str, form: ThresholdsIn, *, now: datetime) -> None:
    """Takes over thresholds; everything else stays. Raises as `set_settings`."""
    own = access.settings_of(session, registry.compound(session, staff, code, lock=True).id)
    values = own.model_dump() | form.model_dump()
    if form.choose > form.auto:
        message = refusals.say("thresholds_crossed")
        raise InvalidError(errors=[{"field": "choose", "message": message}])
    set_settings(session, staff, code, SettingsIn(**values), now=now)


def last_change(session: WriteSession, compound: Compound, part: str) -> CompoundVersion:
    """The change that is in force. Raises IllegalVerbError where there is none to take back."""
    last = access.last_version(session, compound, part)
    if last is None:
        raise IllegalVerbError(refusals.say("nothing_to_undo"))
    return last


def keep(
    session: WriteSession,
    compound: Compound,
    part: str,
    before: Mapping[str, Any],
    value: Mapping[str, Any],
    staff: Staff,
    role: Role,
    now: datetime,
    *,
    undone: int | None = None,
) -> CompoundVersion:
    """One more version, with what it replaced. The compound's row is locked by the caller, so numbers never clash."""
    last = access.last_version(session, compound, part)
    version = CompoundVersion(
        compound_id=compound.id,
        part=part,
        version=(last.version if last else 0) + 1,
        value=dict(value),
        before=dict(before),
        undone=undone,
        account_id=staff.account_id or None,
        role=role,
        at=now,
    )
    session.add(version)
    session.flush()
    return version


def _settings_now(compound: Compound) -> dict[str, Any]:
    own = {name: getattr(compound, column) for name, column in _OWN_COLUMNS.items()}
    return {"settings": dict(compound.settings)} | own


def _put_settings(compound: Compound, value: Mapping[str, Any]) -> None:
    compound.settings = dict(value["settings"])
    for name, column in _OWN_COLUMNS.items():
        setattr(compound, column, bool(value[name]))
