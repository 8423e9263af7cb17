"""A compound's own routing rules: who takes what, where and when, in an order (domain rules §1, §2.5)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from app.rules import refusals, sla
from app.rules.catalogue import Catalogue, Leaf, UnknownCategoryError
from app.rules.vocabulary import SEATED, SIDE_OF, Flag, Role, Side

MOST_RULES = 60
MOST_CO = 6
AGENCIES = frozenset({Role.POLICE, Role.TRAFFIC_POLICE, Role.URBAN_MGMT, Role.MARKET_REG})
"""Who has the power that leaves marked `needs_power` need (domain rules §2.5)."""
OVERSEERS = frozenset({Role.COMMUNITY, Role.STREET})
_ACCUSED = {
    Flag.CONFLICT_PROPERTY: Side.PROPERTY,
    Flag.CONFLICT_SELF_MGMT: Side.SELF_MGMT_GROUP,
    Flag.CONFLICT_TARGET: Side.GRID_HEAD,
}
_DAYS = frozenset(range(1, 8))
Party = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^([a-z_]{3,32}|[0-9]{1,9})$")]
"""A role code, or a seat's id."""


class Rule(BaseModel):
    """One row. What is not named does not matter; places by id, a stairwell always with its building.

    `opens`/`closes`: a local time of day, half-open; from 20:00 to 08:00 goes over midnight. `days`: 1 Monday to
    7 Sunday. `category`: a leaf or a top class. `conflict`: only matters about this side.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = True
    building: int | None = None
    stairwell: int | None = None
    opens: time | None = None
    closes: time | None = None
    days: Annotated[tuple[int, ...], Field(max_length=7)] = ()
    category: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=16)] | None = None
    conflict: Side | None = None
    lead: Party
    co: Annotated[tuple[Party, ...], Field(max_length=MOST_CO)] = ()

    @field_validator("days")
    @classmethod
    def _weekdays(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if not _DAYS.issuperset(days):
            message = refusals.say("weekday_wrong")
            raise ValueError(message)
        return tuple(sorted(set(days))) if len(set(days)) < len(_DAYS) else ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.opens is None) is not (self.closes is None):
            message = refusals.say("hours_incomplete")
            raise ValueError(message)
        if self.opens is not None and self.opens == self.closes:
            message = refusals.say("hours_empty")
            raise ValueError(message)
        return self

    @property
    def stored(self) -> dict[str, object]:
        """Only what the rule says, as JSON."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Book(NamedTuple):
    """A compound's rules in their order, how many slips each seat has open, and beyond how many it is passed over."""

    rules: tuple[Rule, ...] = ()
    load: Mapping[int, int] = {}
    most_open: int | None = None


def accused(leaf: Leaf) -> frozenset[Side]:
    """The sides that a leaf is about."""
    return frozenset(side for flag, side in _ACCUSED.items() if flag in leaf.flags)


def barred(leaf: Leaf, role: Role) -> bool:
    """Whether a role may not lead this leaf by a rule: its side is accused, or it has not the power.

    The taxonomy's own lead may, for it is written there that the side answers on a slip.
    """
    if role is leaf.lead:
        return False
    return SIDE_OF.get(role) in accused(leaf) or (Flag.NEEDS_POWER in leaf.flags and role not in AGENCIES)


def matches(rule: Rule, leaf: Leaf, building: int, stairwell: int, at: datetime) -> bool:
    """Whether a rule that is switched on speaks about this matter."""
    return (
        rule.on
        and rule.building in {None, building}
        and rule.stairwell in {None, stairwell}
        and rule.category in {None, leaf.parent, leaf.code}
        and (rule.conflict is None or rule.conflict in accused(leaf))
        and _is_time(rule, at)
    )


def shadowed(rules: Sequence[Rule], catalogue: Catalogue) -> dict[int, int]:
    """Per row (from 1) that can never be reached the first earlier row that takes everything it would take."""
    found = {}
    for number, rule in enumerate(rules, start=1):
        earlier = enumerate(rules[: number - 1], start=1)
        above = next((n for n, other in earlier if other.on and _covers(other, rule, catalogue)), None)
        if rule.on and above is not None:
            found[number] = above
    return found


def problems(
    rule: Rule, catalogue: Catalogue, seats: Mapping[int, Role], stairwells: Mapping[int, int]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a row: the field, and Chinese words for why. `stairwells` maps them to their buildings."""
    if rule.stairwell is not None and stairwells.get(rule.stairwell) != rule.building:
        yield "stairwell", refusals.say("stairwell_not_in_building")
    elif rule.building is not None and rule.building not in stairwells.values():
        yield "building", refusals.say("building_unknown")
    leaf = None
    if rule.category is not None:
        try:
            leaf = catalogue.leaf(rule.category) if "-" in rule.category else None
            if leaf is None:
                catalogue.top(rule.category)
        except UnknownCategoryError:
            yield "category", refusals.say("category_unknown")
    role = role_of(rule.lead, seats)
    if role is None:
        yield "lead", refusals.say("seat_unknown")
    elif leaf is not None and barred(leaf, role):
        about_it = SIDE_OF.get(role) in accused(leaf)
        yield "lead", refusals.say("lead_is_the_accused") if about_it else refusals.say("lead_lacks_power")
    for place, party in enumerate(rule.co):
        if role_of(party, seats) is None:
            yield f"co.{place}", refusals.say("seat_unknown")


def role_of(party: str, seats: Mapping[int, Role]) -> Role | None:
    """The role that a party stands for; None where there is no such seat, or it takes no slips."""
    by_name = Role(party) if party in SEATED else None
    role = seats.get(int(party)) if party.isdecimal() else by_name
    return None if role in OVERSEERS else role


def _is_time(rule: Rule, at: datetime) -> bool:
    local = at.astimezone(sla.SHANGHAI)
    if rule.days and local.isoweekday() not in rule.days:
        return False
    if rule.opens is None or rule.closes is None:
        return True
    clock = local.time()
    if rule.opens < rule.closes:
        return rule.opens <= clock < rule.closes
    return clock >= rule.opens or clock < rule.closes


def _covers(wide: Rule, narrow: Rule, catalogue: Catalogue) -> bool:
    """Whether every matter that the narrow one speaks about is one of the wide one's."""
    return (
        wide.building in {None, narrow.building}
        and wide.stairwell in {None, narrow.stairwell}
        and _covers_category(wide, narrow, catalogue)
        and wide.conflict in {None, narrow.conflict}
        and (not wide.days or (bool(narrow.days) and set(narrow.days) <= set(wide.days)))
        and _minutes(narrow) <= _minutes(wide)
    )


def _covers_category(wide: Rule, narrow: Rule, catalogue: Catalogue) -> bool:
    if wide.category in {None, narrow.category}:
        return True
    if narrow.category is None or "-" not in narrow.category:
        return False
    try:
        return catalogue.leaf(narrow.category).parent == wide.category
    except UnknownCategoryError:
        return False


def _minutes(rule: Rule) -> frozenset[int]:
    """The minutes of the day at which a rule speaks."""
    day = range(24 * 60)
    if rule.opens is None or rule.closes is None:
        return frozenset(day)
    opens, closes = (edge.hour * 60 + edge.minute for edge in (rule.opens, rule.closes))
    if opens < closes:
        return frozenset(range(opens, closes))
    return frozenset(minute for minute in day if minute >= opens or minute < closes)
