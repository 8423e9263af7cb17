"""A compound's routing rules: set anew as a whole, taken back, and worked on as a draft that nobody else sees."""

from collections.abc import Callable, Sequence
from datetime import datetime

from app import access
from app.access import Ground, Staff, registry
from app.actions import compound as versions
from app.db import WriteSession
from app.errors import IllegalVerbError, InvalidError
from app.models.compound_version import RoutingDraft
from app.models.place import Compound
from app.rules import refusals
from app.rules.routing_rules import MOST_RULES, Rule
from app.rules.vocabulary import Role
from app.schemas.routing_rule import RulesIn

SETTERS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
_PART = "rules"


def set_rules(session: WriteSession, staff: Staff, code: str, form: RulesIn, *, now: datetime) -> None:
    """Sets all rows of a compound; what is assigned already stays where it is.

    Raises NotFoundError, VerbNotYoursError, InvalidError naming each field that does not fit.
    """
    compound, role = _locked(session, staff, code)
    rules = access.rules_from(access.ground_of(session, compound.id), form.rules)
    _put(session, compound, rules, staff, role, now)


def undo_rules(session: WriteSession, staff: Staff, code: str, *, now: datetime) -> None:
    """Brings back the rows from before the last change. Raises IllegalVerbError where nothing was changed yet."""
    compound, role = _locked(session, staff, code)
    last = versions.last_change(session, compound, _PART)
    before = {"rules": list(compound.routing_rules)}
    versions.keep(session, compound, _PART, before, last.before, staff, role, now, undone=last.version)
    compound.routing_rules = list(last.before["rules"])
    session.flush()


def change_draft(
    session: WriteSession,
    staff: Staff,
    code: str,
    change: Callable[[list[Rule], Ground], list[Rule]],
    *,
    now: datetime,
) -> None:
    """One more change of this account's draft, which begins as the rows in force. Raises InvalidError."""
    compound, _ = _locked(session, staff, code)
    draft = access.draft_of(session, staff, compound)
    if draft is None:
        draft = RoutingDraft(
            compound_id=compound.id,
            account_id=staff.account_id,
            base=_version(session, compound),
            rules=list(compound.routing_rules),
            at=now,
        )
        session.add(draft)
    rules = change([Rule.model_validate(row) for row in draft.rules], access.ground_of(session, compound.id))
    if len(rules) > MOST_RULES:
        raise InvalidError(errors=[{"field": "rules", "message": refusals.say("rules_too_many", most=MOST_RULES)}])
    draft.rules, draft.at = [rule.stored for rule in rules], now
    session.flush()


def save_draft(session: WriteSession, staff: Staff, code: str, *, now: datetime) -> None:
    """Puts this account's draft in force. Raises IllegalVerbError where others changed the rows meanwhile."""
    compound, role = _locked(session, staff, code)
    draft = access.draft_of(session, staff, compound)
    if draft is None:
        raise IllegalVerbError(refusals.say("rules_unchanged"))
    if draft.base != _version(session, compound):
        raise IllegalVerbError(refusals.say("rules_changed_meanwhile"))
    rules = [Rule.model_validate(row) for row in draft.rules]
    access.check_rules(access.ground_of(session, compound.id), rules)
    _put(session, compound, rules, staff, role, now)
    session.delete(draft)
    session.flush()


def drop_draft(session: WriteSession, staff: Staff, code: str) -> None:
    """Throws this account's draft away."""
    compound, _ = _locked(session, staff, code)
    draft = access.draft_of(session, staff, compound)
    if draft is not None:
        session.delete(draft)
        session.flush()


def _locked(session: WriteSession, staff: Staff, code: str) -> tuple[Compound, Role]:
    compound = registry.compound(session, staff, code, lock=True)
    return compound, access.overseeing(staff, compound, SETTERS)


def _version(session: WriteSession, compound: Compound) -> int:
    last = access.last_version(session, compound, _PART)
    return last.version if last else 0


def _put(
    session: WriteSession, compound: Compound, rules: Sequence[Rule], staff: Staff, role: Role, now: datetime
) -> None:
    before, wanted = list(compound.routing_rules), [rule.stored for rule in rules]
    if wanted != before:
        versions.keep(session, compound, _PART, {"rules": before}, {"rules": wanted}, staff, role, now)
        compound.routing_rules = wanted
    session.flush()
