from datetime import date, time

import pytest
from pydantic import ValidationError

from app.rules import compound_settings
from app.rules.compound_settings import USUAL, Announcement, CompoundSettings
from app.rules.workdays import Calendar, CalendarKind

DAY = date(2026, 3, 2)


def test_a_compound_that_decided_nothing_has_the_values_of_the_domain_rules_and_stores_none():
    assert (USUAL.days, USUAL.cut_off, USUAL.window, USUAL.clear_reply_days) == (
        Calendar(),
        time(18),
        (time(8), time(20)),
        3,
    )
    assert USUAL.stored() == {}
    assert compound_settings.of({}) is USUAL


def test_only_what_differs_is_stored_and_comes_back_equal():
    own = CompoundSettings(
        calendar="workday",
        cut_off="17:30",
        menu=["bld-09", "ENV-02"],
        announcements=[Announcement(text="周三停水", first=DAY, last=DAY)],
    )
    assert own.stored() == {
        "calendar": "workday",
        "cut_off": "17:30:00",
        "menu": ["BLD-09", "ENV-02"],
        "announcements": [{"text": "周三停水", "first": "2026-03-02", "last": "2026-03-02"}],
    }
    assert compound_settings.of(own.stored()) == own
    assert own.days == Calendar(CalendarKind.WORKDAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendar": "lunar"},
        {"service_from": "20:00", "service_to": "08:00"},
        {"service_from": "08:00", "service_to": "08:00"},
        {"cut_off": "17:30:15"},
        {"clear_reply_days": 0},
        {"clear_reply_days": 8},
        {"menu": ["BLD-09", "BLD-09"]},
        {"menu": ["XXX-01"]},
        {"menu": ["BLD-01", "BLD-02", "BLD-03", "BLD-04", "BLD-05", "BLD-06", "BLD-07", "BLD-08"]},
        {"auto": 0.3, "choose": 0.5},
        {"auto": 1.2},
        {"most_open": 0},
        {"announcements": [{"text": "停水", "first": "2026-03-03", "last": "2026-03-02"}]},
        {"announcements": [{"text": " ", "first": "2026-03-03", "last": "2026-03-03"}]},
        {"night_alarms": "sometimes"},
        {"unheard_of": 1},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValidationError):
        CompoundSettings(**wrong)


def test_the_end_of_a_service_window_may_be_the_end_of_the_day():
    assert CompoundSettings(service_to="00:00").window == (time(8), time(0))


def test_other_takes_one_of_eight_tiles():
    seven = ["BLD-01", "BLD-02", "BLD-03", "BLD-04", "BLD-05", "BLD-06", "BLD-07"]
    assert CompoundSettings(menu=[*seven, "GOV-99"]).menu[-1] == "GOV-99"


def test_an_announcement_is_told_from_its_first_day_to_its_last():
    own = CompoundSettings(announcements=[Announcement(text="停水", first=date(2026, 3, 2), last=date(2026, 3, 3))])
    days = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
    assert [own.told(day) for day in days] == [[], ["停水"], ["停水"], []]


def test_a_working_day_compound_learns_in_time_that_its_holiday_table_ends():
    own = CompoundSettings(calendar="workday")
    assert own.lacks_year(date(2026, 10, 1)) is None
    assert own.lacks_year(date(2026, 12, 1)) == 2027
    assert own.lacks_year(date(2080, 1, 1)) == 2080
    assert USUAL.lacks_year(date(2080, 1, 1)) is None
