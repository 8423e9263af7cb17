"""开通清单 of a compound, for those who set it up."""

from datetime import datetime

from app import access
from app.access import Staff, onboarding, registry
from app.db import ReadSession
from app.models.place import Compound
from app.rules import onboarding as rules
from app.rules.onboarding import Facts
from app.rules.vocabulary import Role
from app.schemas.onboarding import OnboardingView, StepView

SETS_UP = frozenset({Role.ADMIN, Role.COMMITTEE_SECRETARY, Role.GRID_HEAD})
_REMINDED = frozenset({Role.COMMITTEE_SECRETARY})
_MOST = 200


def view(session: ReadSession, staff: Staff, code: str, now: datetime) -> OnboardingView:
    """The checklist of one compound. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, code)
    access.overseeing(staff, compound, SETS_UP)
    return _view(compound, onboarding.facts_of(session, [compound.id], now)[compound.id])


def unfinished(session: ReadSession, staff: Staff, now: datetime) -> list[OnboardingView]:
    """The checklists that are not done yet, of the compounds that this account has to set up."""
    found = [
        one
        for one in registry.compounds(session, staff, "", _MOST)
        if staff.is_admin or staff.roles_in(one.id) & _REMINDED
    ]
    facts = onboarding.facts_of(session, [one.id for one in found], now) if found else {}
    return [_view(one, facts[one.id]) for one in found if rules.left(facts[one.id])]


def _view(compound: Compound, facts: Facts) -> OnboardingView:
    return OnboardingView(
        compound=compound.code,
        name=compound.name,
        left=rules.left(facts),
        steps=[
            StepView(step=one.step, progress=one.progress, done=one.done, whole=one.whole, roles=list(one.roles))
            for one in rules.standings(facts)
        ],
    )
