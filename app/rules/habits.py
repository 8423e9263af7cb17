"""What people do again and again by hand: a leaf that nearly always ends with another lead than it began with (§1)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.rules import catalogue
from app.rules.routing_rules import OVERSEERS, Rule, barred
from app.rules.vocabulary import Role

LEAST = 8
SHARE = 0.8


class Handed(NamedTuple):
    """A closed matter: its confirmed leaf, whom the rules had wanted, and who led at the end."""

    leaf: str
    wanted: Role
    lead: Role


class Habit(NamedTuple):
    """Of the `of` last matters of a leaf `times` were led by this role in the end, by hand."""

    leaf: str
    name: str
    lead: Role
    times: int
    of: int


def found(matters: Iterable[Handed], rules: Sequence[Rule]) -> list[Habit]:
    """Where at least eight matters of a leaf, four of five, went to another lead than the rules wanted; most first.

    Nothing that the domain rules bar, and nothing that a row about the very leaf says already.
    """
    known, told = catalogue.default(), {rule.category for rule in rules if rule.on}
    leads: defaultdict[str, Counter[Role]] = defaultdict(Counter)
    wanted: defaultdict[str, Counter[Role]] = defaultdict(Counter)
    for one in matters:
        leads[one.leaf][one.lead] += 1
        wanted[one.leaf][one.wanted] += 1
    habits = []
    for code, counted in leads.items():
        lead, times = counted.most_common(1)[0]
        of = counted.total()
        usual = wanted[code].most_common(1)[0][0]
        leaf = known.leaf(code)
        strong = of >= LEAST and times >= SHARE * of and lead is not usual
        if strong and code not in told and lead not in OVERSEERS and not barred(leaf, lead):
            habits.append(Habit(code, leaf.name, lead, times, of))
    return sorted(habits, key=lambda habit: (-habit.times, habit.leaf))
