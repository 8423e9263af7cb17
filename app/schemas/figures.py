"""The published figures, each with what it is made of."""

from datetime import date

from pydantic import Field

from app.rules.figures import Unit
from app.rules.vocabulary import Role
from app.schemas.base import View


class FigureView(View):
    """`numerator` out of `denominator`. `share` (0 to 1) is null below ten; both counts are null where totals of
    fewer than ten are not for this account. `hours` belongs to figures whose unit is `hours`.
    """

    key: str
    name: str
    group: str
    unit: Unit
    numerator: int | None
    denominator: int | None
    share: float | None
    hours: float | None = None
    formula: str
    tickets: str | None = None  # where the tickets behind it are listed, for whoever may see them


class StatsView(View):
    """One compound's figures for what fell due from one local day to another, both included.

    `whole`: all tickets of the compound are counted, and not only those that this account may see.
    """

    compound: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    category: str | None
    party: Role | None
    whole: bool
    figures: list[FigureView]


class LineView(View):
    """Some figures of one class, category or party."""

    code: str
    name: str
    figures: dict[str, FigureView]


class DayView(View):
    """How many fell due in the week that begins on this day, and how many of them were in time."""

    first: date
    base: int
    over: int


class ChartsView(View):
    """The figures page: the figures, then the same by class and by week."""

    stats: StatsView
    classes: list[LineView]
    weeks: list[DayView]
