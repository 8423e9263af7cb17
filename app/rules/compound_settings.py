"""What one compound may decide for itself, each value within the bounds of the domain rules (§2.3, §2.5, §6)."""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from app.rules import catalogue, refusals, sla
from app.rules.workdays import Calendar, CalendarKind, missing_year

MOST_TILES = 8
LONGEST_CLEAR_REPLY = 7
MOST_ANNOUNCEMENTS = 5
LONGEST_PERIOD = 45  # days ahead that a promise made today may reach
_STRICT = ConfigDict(extra="forbid", frozen=True)

Hour = Annotated[time, WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"})]
"""A time of the day on the compound's own clock. JSON Schema's `time` would ask for a zone."""


class NightAlarms(StrEnum):
    """What may ring between 22:00 and 07:00 (domain rules §2.1 "Emergency")."""

    DANGER = "danger"  # leaves that show a hotline first, and the red button
    EVERY = "every"  # every emergency
    NONE = "none"


class Announcement(BaseModel):
    """A line on the scan page, on the days from `first` to `last`, both included."""

    model_config = _STRICT

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            message = refusals.say("days_crossed")
            raise ValueError(message)
        return self


class CompoundSettings(BaseModel):
    """A compound's own values; what is not set is as the domain rules have it. Times are local; 00:00 may end a day.

    `auto` and `choose` are probabilities: from `auto` on a guess sends a slip out by itself, from `choose` on the grid
    head picks among three, below it the ticket waits in the grid head's queue. `most_open`: a seat with
    more open slips than this is passed over for the next seat of its role; None never.
    """

    model_config = _STRICT

    calendar: CalendarKind = CalendarKind.NATURAL
    rollover: bool = False
    cut_off: Hour = sla.CUT_OFF
    service_from: Hour = sla.SERVICE_WINDOW[0]
    service_to: Hour = sla.SERVICE_WINDOW[1]
    clear_reply_days: Annotated[int, Field(ge=1, le=LONGEST_CLEAR_REPLY)] = sla.CLEAR_REPLY_DAYS
    menu: Annotated[tuple[str, ...], Field(max_length=MOST_TILES)] = ()
    auto: Annotated[float, Field(ge=0, le=1)] = 0.8
    choose: Annotated[float, Field(ge=0, le=1)] = 0.35
    most_open: Annotated[int, Field(ge=1, le=999)] | None = None
    announcements: Annotated[tuple[Announcement, ...], Field(max_length=MOST_ANNOUNCEMENTS)] = ()
    night_alarms: NightAlarms = NightAlarms.DANGER

    @field_validator("cut_off", "service_from", "service_to")
    @classmethod
    def _to_the_minute(cls, at: time) -> time:
        if at.tzinfo is not None or at.second or at.microsecond:
            message = refusals.say("hour_wrong")
            raise ValueError(message)
        return at

    @field_validator("menu")
    @classmethod
    def _leaves(cls, menu: tuple[str, ...]) -> tuple[str, ...]:
        """Leaves that exist, each once; 其他 is always there and takes one of the tiles."""
        known = {leaf.code for leaf in catalogue.default().leaves}
        wanted = tuple(code.upper() for code in menu)
        if not known.issuperset(wanted) or len(set(wanted)) < len(wanted):
            message = refusals.say("menu_wrong")
            raise ValueError(message)
        if len(set(wanted) - {catalogue.OTHER}) >= MOST_TILES:
            message = refusals.say("menu_too_long", most=MOST_TILES - 1)
            raise ValueError(message)
        return wanted

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.service_to != sla.MIDNIGHT and self.service_to <= self.service_from:
            message = refusals.say("window_crossed")
            raise ValueError(message)
        if self.choose > self.auto:
            message = refusals.say("thresholds_crossed")
            raise ValueError(message)
        return self

    @property
    def days(self) -> Calendar:
        """How this compound counts days."""
        return Calendar(self.calendar, rollover=self.rollover)

    @property
    def window(self) -> sla.Window:
        """From when to when the desk is staffed."""
        return self.service_from, self.service_to

    def stored(self) -> dict[str, object]:
        """Only what differs from the usual, as JSON: a better default reaches whoever never chose another."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def told(self, today: date) -> list[str]:
        """The announcements of this day."""
        return [one.text for one in self.announcements if one.first <= today <= one.last]

    def lacks_year(self, today: date) -> int | None:
        """The first year that the holiday table would need within the next weeks and lacks; None where all is well."""
        return missing_year(self.days, today, LONGEST_PERIOD)


USUAL = CompoundSettings()


def of(stored: Mapping[str, Any]) -> CompoundSettings:
    """The settings that a row holds; raises ValidationError for a row that this version does not understand."""
    return CompoundSettings.model_validate(stored) if stored else USUAL
