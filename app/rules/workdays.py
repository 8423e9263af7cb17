"""Which days count, and where may a period end? (domain rules §2.3)"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import chinese_calendar

from app.errors import MissingYearError

DAY = timedelta(days=1)


class CalendarKind(StrEnum):
    NATURAL = "natural"
    WORKDAY = "workday"


@dataclass(frozen=True)
class Calendar:
    """How a compound counts days. Natural days need no table; working days and rollover do, and say so.

    `rollover`: a period that would end on a day of rest ends on the next working day.
    """

    kind: CalendarKind = CalendarKind.NATURAL
    rollover: bool = False

    def settle(self, day: date) -> date:
        """The first day from `day` on on which a period may end; raises MissingYearError."""
        if self.kind is CalendarKind.NATURAL and not self.rollover:
            return day
        while not is_working_day(day):
            day += DAY
        return day

    def after(self, day: date, days: int) -> date:
        """The last day of a period of `days` days, the first of which is not counted; raises MissingYearError."""
        if self.kind is CalendarKind.NATURAL:
            return self.settle(day + days * DAY)
        for _ in range(days):
            day = self.settle(day + DAY)
        return self.settle(day)


NATURAL = Calendar()


def is_working_day(day: date) -> bool:
    """Whether people work on this day, make-up days included; raises MissingYearError."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise MissingYearError(day.year) from None


def missing_year(calendar: Calendar, today: date, ahead: int) -> int | None:
    """The first year that the table lacks for a period beginning within `ahead` days; None where all is there."""
    if calendar.kind is CalendarKind.NATURAL and not calendar.rollover:
        return None
    for days in range(ahead + 1):
        try:
            is_working_day(today + days * DAY)
        except MissingYearError as error:
            return error.year
    return None
