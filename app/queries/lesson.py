"""What the router may learn from this deployment's own closed tickets, and what the grid heads do again and again."""

from app import access
from app.access import Staff, registry
from app.db import ReadSession
from app.queries.routing_rule import SETS_RULES
from app.rules import habits
from app.rules.habits import Habit
from app.training.sentences import Example


def examples(session: ReadSession) -> list[Example]:
    """Redacted words and confirmed leaves of every compound's closed tickets, the oldest first."""
    return [Example(one.leaf, one.text, at=one.closed_at) for one in access.lessons(session)]


def rule_habits(session: ReadSession, staff: Staff, code: str) -> list[Habit]:
    """Leaves that this compound hands to another than the rules would, nearly every time: rows worth proposing."""
    compound = registry.compound(session, staff, code)
    access.overseeing(staff, compound, SETS_RULES)
    return habits.found(access.handed_over(session, staff, compound.id), access.rules_of(session, compound.id))
