"""What a compound decides for itself, as it crosses the edge."""

from typing import Annotated

from pydantic import Field

from app.rules.compound_settings import CompoundSettings
from app.rules.vocabulary import Role
from app.schemas.base import Form, Moment, View


class SettingsIn(CompoundSettings, Form):
    """All settings of a compound; what is left out is as usual. Null leaves these two as they are."""

    staffed_around_the_clock: bool | None = None
    board: bool | None = None


class ChangeView(View):
    """Which version is in force, and who made it when; version 0 was never changed."""

    version: int = 0
    changed_at: Moment | None = None
    changed_by: Role | None = None
    undoable: bool = False


class SettingsView(ChangeView):
    """`lacks_year`: a year that the holiday table would need within the next weeks, and lacks."""

    compound: str
    name: str
    settings: SettingsIn
    lacks_year: int | None = None
    may_set: bool


class BandView(View):
    """What would happen from a threshold on: how many of the past tickets, and how many of those would be right."""

    threshold: float
    above: int
    right: int


class ThresholdsView(View):
    """Thresholds learnt from the compound's own confirmed tickets; a person accepts them, or does not.

    `enough` is false while there are too few tickets to learn from, and then nothing is proposed.
    """

    compound: str
    samples: int
    enough: bool
    auto: BandView | None = None
    choose: BandView | None = None
    now_auto: BandView
    now_choose: BandView


class ThresholdsIn(Form):
    auto: Annotated[float, Field(ge=0, le=1)]
    choose: Annotated[float, Field(ge=0, le=1)]
