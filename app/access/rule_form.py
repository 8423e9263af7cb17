"""Routing rules as they are typed, turned into rows with places by id; or every reason why they do not fit."""

from collections.abc import Sequence
from typing import Any

from app.access.rule_view import Ground
from app.errors import InvalidError
from app.rules import catalogue, place, refusals, routing_rules
from app.rules.routing_rules import Rule
from app.schemas.routing_rule import RuleIn


def rules_from(ground: Ground, rows: Sequence[RuleIn]) -> list[Rule]:
    """Rows with places by id. Raises InvalidError with everything that does not fit, field by field."""
    rules, errors = [], []
    for at, row in enumerate(rows):
        try:
            rules.append(_resolved(ground, row))
        except InvalidError as error:
            errors += [(f"rules.{at}.{name}", message) for name, message in _listed(error)]
    if errors:
        raise _invalid(errors)
    check_rules(ground, rules)
    return rules


def check_rules(ground: Ground, rules: Sequence[Rule]) -> None:
    """Raises InvalidError for rows that name what the compound does not have, or whom the domain rules bar."""
    known, roles = catalogue.default(), ground.roles()
    errors = [
        (f"rules.{at}.{name}", message)
        for at, rule in enumerate(rules)
        for name, message in routing_rules.problems(rule, known, roles, ground.inside)
    ]
    if errors:
        raise _invalid(errors)


def _resolved(ground: Ground, row: RuleIn) -> Rule:
    buildings = {name: number for number, names in ground.buildings.items() for name in names}
    stairwells = {name: number for number, names in ground.stairwells.items() for name in names}
    building = _found(buildings, row.building, "building", refusals.say("building_unknown"))
    stairwell = _found(stairwells, row.stairwell, "stairwell", refusals.say("stairwell_not_in_compound"))
    if stairwell is not None and building is None:
        building = ground.inside[stairwell]
    values = row.model_dump() | {"building": building, "stairwell": stairwell, "lead": str(row.lead)}
    values |= {"co": [str(party) for party in row.co]}
    try:
        return Rule.model_validate(values)
    except ValueError as error:
        raise _invalid(_wrongs(error)) from error


def _found(known: dict[str, int], name: str | None, field: str, why: str) -> int | None:
    if not name:
        return None
    typed = place.mark(name)
    found = known.get(typed, known.get(place.building_name(typed)))
    if found is None:
        raise _invalid([(field, why)])
    return found


def _wrongs(error: ValueError) -> list[tuple[str, str]]:
    """What pydantic finds wrong with a row, field by field."""
    listed: list[dict[str, Any]] = error.errors() if hasattr(error, "errors") else []
    found = []
    for one in listed:
        field = ".".join(map(str, one["loc"])) or "opens"
        own = str(one.get("ctx", {}).get("error", ""))
        found.append((field, own or refusals.say("value_wrong")))
    return found


def _listed(error: InvalidError) -> list[tuple[str, str]]:
    listed = error.extra["errors"]
    return [(one["field"], one["message"]) for one in listed] if isinstance(listed, list) else []


def _invalid(errors: Sequence[tuple[str, str]]) -> InvalidError:
    return InvalidError(errors=[{"field": field, "message": message} for field, message in errors])
