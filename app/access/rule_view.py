"""Routing rules in words: places, categories and seats by name, for the editor and for the reason on a ticket."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import select

from app.access.scans import roster
from app.db import ReadSession
from app.models.place import Building, Stairwell
from app.rules import catalogue, routing_rules, wording
from app.rules.routing import SeatFacts
from app.rules.routing_rules import Rule
from app.rules.vocabulary import Role
from app.schemas.routing_rule import RuleView


class Ground(NamedTuple):
    """A compound as its rules name it: buildings and stairwells by id as (code, name), and the roster."""

    buildings: Mapping[int, tuple[str, str]]
    stairwells: Mapping[int, tuple[str, str]]
    inside: Mapping[int, int]  # stairwell → its building
    seats: Sequence[SeatFacts]

    def roles(self) -> dict[int, Role]:
        """Every seat's role."""
        return {seat.id: seat.role for seat in self.seats}

    def title(self, party: str) -> str:
        """What people call a rule's party."""
        if not party.isdecimal():
            return catalogue.default().title(party)
        seat = next((seat for seat in self.seats if seat.id == int(party)), None)
        return seat.title if seat else wording.word("rule", "gone")

    def vacant(self, party: str, now: datetime) -> bool:
        """Whether nobody is in office on any seat that the party may stand for."""
        mine = [seat for seat in self.seats if party in {str(seat.id), str(seat.role)}]
        return not any(seat.filled(now) for seat in mine)


def ground_of(session: ReadSession, compound_id: int) -> Ground:
    """The places and seats of a compound."""
    buildings = list(session.exec(select(Building).where(Building.compound_id == compound_id)))
    stairwells = list(session.exec(select(Stairwell).where(Stairwell.compound_id == compound_id)))
    names = {one.id: one.name for one in buildings}
    return Ground(
        {one.id: (one.code, one.name) for one in buildings},
        {one.id: (one.code, names[one.building_id] + one.name) for one in stairwells},
        {one.id: one.building_id for one in stairwells},
        roster(session, compound_id),
    )


def says(ground: Ground, rule: Rule) -> str:
    """What a row speaks about, in words: 4幢、电梯故障、20:00–08:00."""
    parts = []
    if rule.stairwell is not None:
        parts.append(ground.stairwells.get(rule.stairwell, ("", ""))[1])
    elif rule.building is not None:
        parts.append(ground.buildings.get(rule.building, ("", ""))[1])
    if rule.category is not None:
        parts.append(_category(rule.category))
    if rule.conflict is not None:
        parts.append(wording.word("rule", "about").format(side=wording.word("sides", rule.conflict)))
    if rule.days:
        parts.append(wording.weekdays(rule.days))
    if rule.opens is not None and rule.closes is not None:
        parts.append(f"{rule.opens:%H:%M}–{rule.closes:%H:%M}")
    return "、".join(filter(None, parts)) or wording.word("rule", "everything")


def leads(ground: Ground, rule: Rule) -> str:
    """Who takes it, in words: 物业，协办 楼道长."""
    beside = "、".join(ground.title(party) for party in rule.co)
    lead = ground.title(rule.lead)
    return wording.word("rule", "beside").format(lead=lead, co=beside) if beside else lead


def rule_views(ground: Ground, rules: Sequence[Rule], now: datetime) -> list[RuleView]:
    """The rows as the editor shows them."""
    hidden = routing_rules.shadowed(rules, catalogue.default())
    return [
        RuleView(
            no=number,
            on=rule.on,
            building=_code(ground.buildings, rule.building),
            stairwell=_code(ground.stairwells, rule.stairwell),
            opens=rule.opens,
            closes=rule.closes,
            days=list(rule.days),
            category=rule.category,
            conflict=rule.conflict,
            lead=rule.lead,
            co=list(rule.co),
            says=says(ground, rule),
            leads=leads(ground, rule),
            shadowed_by=hidden.get(number),
            vacant=ground.vacant(rule.lead, now),
        )
        for number, rule in enumerate(rules, start=1)
    ]


def _code(places: Mapping[int, tuple[str, str]], number: int | None) -> str | None:
    return places[number][0] if number is not None and number in places else None


def _category(code: str) -> str:
    known = catalogue.default()
    try:
        return known.leaf(code).name if "-" in code else known.top(code).name
    except catalogue.UnknownCategoryError:
        return code
