"""A compound's routing rules, as they cross the edge: places by code, what a row says in words."""

from datetime import time
from typing import Annotated

from pydantic import Field, StringConstraints

from app.rules.routing_rules import MOST_CO, MOST_RULES
from app.rules.vocabulary import Side
from app.schemas.base import Form, Moment, View
from app.schemas.compound import ChangeView
from app.schemas.desk import PartyRef
from app.schemas.ticket import CategoryRef

Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]


class RuleIn(Form):
    """One row. What is left out does not matter; `opens`/`closes` are local, half-open, and may go over midnight.

    `building`, `stairwell`: code or name. `days`: 1 Monday to 7 Sunday. `category`: a leaf or a top class. `conflict`:
    only matters about this side. `lead`, `co`: role codes or seats' ids.
    """

    on: bool = True
    building: Place | None = None
    stairwell: Place | None = None
    opens: time | None = None
    closes: time | None = None
    days: Annotated[list[int], Field(max_length=7)] = []
    category: Annotated[str, StringConstraints(strip_whitespace=True, max_length=16)] | None = None
    conflict: Side | None = None
    lead: PartyRef
    co: Annotated[list[PartyRef], Field(max_length=MOST_CO)] = []


class RulesIn(Form):
    """All rows of a compound in their order: the first that speaks and can be followed wins."""

    rules: Annotated[list[RuleIn], Field(max_length=MOST_RULES)]


class RuleView(View):
    """One row with what it says. `shadowed_by`: an earlier row leaves nothing to it. `vacant`: nobody is in office."""

    no: int
    on: bool
    building: str | None
    stairwell: str | None
    opens: time | None
    closes: time | None
    days: list[int]
    category: str | None
    conflict: Side | None
    lead: str
    co: list[str]
    says: str
    leads: str
    shadowed_by: int | None = None
    vacant: bool = False


class RulesView(ChangeView):
    compound: str
    name: str
    rules: list[RuleView]
    may_set: bool


class MovedView(View):
    """A past ticket that would have gone elsewhere."""

    number: str
    category: CategoryRef
    submitted_at: Moment
    before: str
    after: str
    rule_before: int | None
    rule_after: int | None


class DryRunView(View):
    """What rules would have done with the last tickets: how many were tried, and which would have gone elsewhere."""

    compound: str
    tried: int
    changed: int
    items: list[MovedView]
