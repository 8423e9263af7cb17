from datetime import date

import pytest

from app.rules.workdays import NATURAL, Calendar, CalendarKind, MissingYearError, is_working_day

WORKDAY = Calendar(CalendarKind.WORKDAY)
ROLLOVER = Calendar(rollover=True)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 2), True),  # an ordinary Monday
        (date(2026, 3, 7), False),  # an ordinary Saturday
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 9, 20), True),  # a Sunday worked for the holiday
        (date(2026, 10, 10), True),  # a Saturday worked for the holiday
    ],
)
def test_weekends_holidays_and_make_up_days_are_told_apart(day, works):
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("calendar", "day", "settled"),
    [
        (NATURAL, date(2026, 10, 1), date(2026, 10, 1)),
        (ROLLOVER, date(2026, 10, 1), date(2026, 10, 8)),
        (WORKDAY, date(2026, 10, 1), date(2026, 10, 8)),
        (ROLLOVER, date(2026, 3, 7), date(2026, 3, 9)),
        (ROLLOVER, date(2026, 10, 10), date(2026, 10, 10)),
        (WORKDAY, date(2026, 3, 4), date(2026, 3, 4)),
    ],
)
def test_a_period_ends_only_on_a_day_that_the_calendar_allows(calendar, day, settled):
    assert calendar.settle(day) == settled


@pytest.mark.parametrize(
    ("calendar", "day", "days", "last"),
    [
        (NATURAL, date(2026, 9, 30), 3, date(2026, 10, 3)),
        (ROLLOVER, date(2026, 9, 30), 3, date(2026, 10, 8)),
        (WORKDAY, date(2026, 9, 30), 3, date(2026, 10, 10)),  # 8, 9 and the make-up Saturday
        (WORKDAY, date(2026, 3, 7), 1, date(2026, 3, 9)),
        (WORKDAY, date(2026, 3, 7), 0, date(2026, 3, 9)),
    ],
)
def test_the_first_day_is_not_counted(calendar, day, days, last):
    assert calendar.after(day, days) == last


@pytest.mark.parametrize("calendar", [WORKDAY, ROLLOVER])
def test_a_year_that_the_table_lacks_is_a_loud_error(calendar):
    with pytest.raises(MissingYearError, match="2080") as caught:
        calendar.settle(date(2080, 1, 4))
    assert caught.value.year == 2080


def test_a_period_that_runs_into_a_missing_year_is_refused_too():
    with pytest.raises(MissingYearError):
        WORKDAY.after(date(2079, 12, 31), 3)


def test_natural_days_need_no_table():
    assert NATURAL.after(date(2080, 2, 28), 3) == date(2080, 3, 2)
