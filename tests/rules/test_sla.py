import os
import time as process_time
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import sla
from app.rules.sla import SHANGHAI
from app.rules.vocabulary import Complexity, PromiseKind
from app.rules.workdays import NATURAL, Calendar, CalendarKind, MissingYearError

SIMPLE, COMPLEX, EMERGENCY = Complexity.SIMPLE, Complexity.COMPLEX, Complexity.EMERGENCY
WORKDAY = Calendar(CalendarKind.WORKDAY)
ROLLOVER = Calendar(rollover=True)


def at(text):
    """A local wall-clock time, "03-02 09:00" (of 2026) or "2027-02-28 12:00"."""
    full = text if text[4] == "-" else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=SHANGHAI)


# Monday is 2 March 2026.
INSTANTS = [
    # submitted, complexity, calendar, due
    pytest.param("03-02 09:00", SIMPLE, NATURAL, "03-03 00:00", id="Monday morning"),
    pytest.param("03-02 17:59:59", SIMPLE, NATURAL, "03-03 00:00", id="a second before the cut-off"),
    pytest.param("03-02 18:00:00", SIMPLE, NATURAL, "03-04 00:00", id="at the cut-off"),
    pytest.param("03-02 23:50", SIMPLE, NATURAL, "03-04 00:00", id="late evening"),
    pytest.param("03-03 02:10", SIMPLE, NATURAL, "03-04 00:00", id="the night belongs to its own date"),
    pytest.param("03-02 23:50", COMPLEX, NATURAL, "03-06 00:00", id="complex knows no cut-off"),
    pytest.param("03-05 10:00", COMPLEX, NATURAL, "03-09 00:00", id="natural days run through the weekend"),
    pytest.param("03-05 10:00", COMPLEX, WORKDAY, "03-11 00:00", id="working days do not"),
    pytest.param("2027-02-28 12:00", COMPLEX, NATURAL, "2027-03-04 00:00", id="end of February"),
    pytest.param("09-30 10:00", COMPLEX, NATURAL, "10-04 00:00", id="natural days run through National Day"),
    pytest.param("09-30 10:00", COMPLEX, ROLLOVER, "10-09 00:00", id="rollover waits for the first working day"),
    pytest.param("09-30 10:00", COMPLEX, WORKDAY, "10-11 00:00", id="the make-up Saturday is a working day"),
    pytest.param("03-07 10:00", SIMPLE, WORKDAY, "03-10 00:00", id="Saturday is handled on Monday"),
    pytest.param("03-06 18:00", SIMPLE, WORKDAY, "03-10 00:00", id="Friday evening is handled on Monday"),
    pytest.param("10-01 10:00", SIMPLE, ROLLOVER, "10-09 00:00", id="a holiday is handled after the holiday"),
    pytest.param("10-01 10:00", SIMPLE, NATURAL, "10-02 00:00", id="natural days know no holiday"),
]


@pytest.mark.parametrize(("submitted", "complexity", "calendar", "expected"), INSTANTS)
def test_every_row_of_the_table_of_instants_holds(submitted, complexity, calendar, expected):
    promise = sla.due(complexity, at(submitted), calendar)
    assert promise.at == at(expected)
    assert promise.at.tzinfo is UTC
    single = sla.handled_due if complexity is SIMPLE else sla.clear_reply_due
    assert single(at(submitted), calendar) == promise.at


@pytest.mark.parametrize(
    ("to", "changed", "calendar", "kind", "expected"),
    [
        (COMPLEX, "03-02 15:00", NATURAL, PromiseKind.CLEAR_REPLY, "03-06 00:00"),
        (SIMPLE, "03-04 10:00", NATURAL, PromiseKind.HANDLED, "03-05 00:00"),
        (SIMPLE, "03-04 23:00", NATURAL, PromiseKind.HANDLED, "03-05 00:00"),  # no cut-off for the desk
        (SIMPLE, "03-07 10:00", WORKDAY, PromiseKind.HANDLED, "03-10 00:00"),
        (EMERGENCY, "03-02 15:00", NATURAL, PromiseKind.CONTACT, "03-02 17:00"),
    ],
)
def test_a_reclassified_ticket_gains_no_time(to, changed, calendar, kind, expected):
    promise = sla.reclassified_due(to, at("03-02 09:00"), at(changed), calendar)
    assert (promise.kind, promise.at) == (kind, at(expected))


def test_a_ticket_resubmitted_after_a_wrong_rejection_keeps_its_first_due_instant():
    original = at("03-02 09:00")
    before = sla.due(COMPLEX, original, NATURAL)
    assert sla.reclassified_due(COMPLEX, original, at("03-05 16:00"), NATURAL) == before


@pytest.mark.parametrize(
    ("complexity", "submitted", "calendar", "kind", "day", "note"),
    [
        (SIMPLE, "03-02 09:00", NATURAL, PromiseKind.HANDLED, date(2026, 3, 2), None),
        (SIMPLE, "03-02 23:50", NATURAL, PromiseKind.HANDLED, date(2026, 3, 3), "after_cut_off"),
        (SIMPLE, "03-06 18:00", WORKDAY, PromiseKind.HANDLED, date(2026, 3, 9), "rest_day"),
        (COMPLEX, "03-02 23:50", NATURAL, PromiseKind.CLEAR_REPLY, date(2026, 3, 2), None),
        (EMERGENCY, "03-02 23:50", NATURAL, PromiseKind.CONTACT, date(2026, 3, 2), "service_hours"),
    ],
)
def test_the_receipt_learns_what_is_promised_and_why_it_is_later(complexity, submitted, calendar, kind, day, note):
    promise = sla.due(complexity, at(submitted), calendar)
    assert (promise.kind, promise.effective_day, promise.note) == (kind, day, note)


def test_a_compound_may_move_its_cut_off_and_its_days():
    assert sla.due(SIMPLE, at("03-02 17:00"), NATURAL, cut_off=time(16)).note == "after_cut_off"
    assert sla.due(COMPLEX, at("03-02 17:00"), NATURAL, days=5).at == at("03-08 00:00")


@pytest.mark.parametrize(
    ("submitted", "hours", "expected"),
    [
        ("03-02 09:00", 2, "03-02 11:00"),
        ("03-02 18:00", 2, "03-02 20:00"),  # closing time still belongs to the window
        ("03-02 19:00", 2, "03-03 09:00"),
        ("03-02 20:00", 2, "03-03 10:00"),
        ("03-02 23:50", 2, "03-03 10:00"),
        ("03-03 02:10", 2, "03-03 10:00"),
        ("03-02 08:00", 12, "03-02 20:00"),
        ("03-02 17:30", 4, "03-03 09:30"),
        ("03-02 09:00", 30, "03-04 15:00"),
    ],
)
def test_service_hours_pass_only_inside_the_window(submitted, hours, expected):
    done = sla.add_service_hours(at(submitted), hours)
    assert done == at(expected)
    assert sla.service_hours_between(at(submitted), done) == timedelta(hours=hours)


def test_the_first_response_is_due_after_two_service_hours():
    assert sla.first_response_due(at("03-02 19:30")) == at("03-03 09:30")
    assert sla.first_response_due(at("03-02 19:30"), (time(9), time(17)), hours=1) == at("03-03 10:00")


def test_a_window_that_ends_at_midnight_ends_with_the_day():
    assert sla.add_service_hours(at("03-02 22:00"), 2, (time(8), time(0))) == at("03-03 00:00")
    assert sla.add_service_hours(at("03-02 23:00"), 2, (time(0), time(0))) == at("03-03 01:00")


@pytest.mark.parametrize("window", [(time(20), time(8)), (time(8), time(8))])
def test_a_window_that_never_opens_is_refused(window):
    with pytest.raises(ValueError):
        sla.add_service_hours(at("03-02 09:00"), 2, window)


def test_no_service_hours_at_all_is_refused():
    with pytest.raises(ValueError):
        sla.add_service_hours(at("03-02 09:00"), 0)


def test_ten_minutes_are_promised_only_where_somebody_is_there_at_night():
    night = at("03-02 23:50")
    assert sla.emergency_contact_due(night, staffed_around_the_clock=True) == at("03-03 00:00")
    assert sla.emergency_contact_due(night, staffed_around_the_clock=False) == at("03-03 10:00")
    assert sla.due(EMERGENCY, night, NATURAL, staffed_around_the_clock=True).note is None


@pytest.mark.parametrize(
    ("submitted", "done", "same"),
    [
        ("03-02 23:50", "03-02 23:59:59", True),
        ("03-02 23:50", "03-03 00:00", False),
        ("03-03 02:10", "03-03 23:00", True),
        ("03-02 07:00", "03-03 06:00", False),  # one UTC day, two local ones
    ],
)
def test_the_strict_figure_knows_no_cut_off(submitted, done, same):
    assert sla.strict_same_day(at(submitted), at(done).astimezone(UTC)) is same


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        ("03-03 00:00", (date(2026, 3, 2), "24:00")),
        ("2027-01-01 00:00", (date(2026, 12, 31), "24:00")),
        ("03-02 16:00", (date(2026, 3, 2), "16:00")),
        ("03-02 00:05", (date(2026, 3, 2), "00:05")),
    ],
)
def test_midnight_is_shown_as_the_end_of_the_day_before(due, shown):
    assert sla.shown_deadline(at(due).astimezone(UTC)) == shown


def test_an_instant_without_a_zone_is_refused():
    naive = datetime(2026, 3, 2, 9)
    for complexity in Complexity:
        with pytest.raises(ValueError):
            sla.due(complexity, naive, NATURAL, staffed_around_the_clock=True)


@pytest.mark.parametrize("calendar", [WORKDAY, ROLLOVER])
def test_no_due_instant_is_made_up_for_a_year_without_a_table(calendar):
    for complexity in (SIMPLE, COMPLEX):
        with pytest.raises(MissingYearError):
            sla.due(complexity, at("2080-03-04 09:00"), calendar)


def test_natural_days_reach_into_any_year():
    assert sla.due(SIMPLE, at("2080-03-04 09:00"), NATURAL).at == at("2080-03-05 00:00")


zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1), timezones=zones)
calendars = st.sampled_from([NATURAL, WORKDAY, ROLLOVER])
complexities = st.sampled_from(Complexity)
staffed = st.booleans()


@given(instants, complexities, calendars, staffed)
def test_nothing_is_due_before_it_was_submitted(submitted, complexity, calendar, staffed):
    assert sla.due(complexity, submitted, calendar, staffed_around_the_clock=staffed).at > submitted


@given(instants, instants, complexities, calendars, staffed)
def test_who_submits_earlier_is_never_due_later(one, other, complexity, calendar, staffed):
    earlier, later = sorted([one, other])
    first, second = (sla.due(complexity, x, calendar, staffed_around_the_clock=staffed).at for x in (earlier, later))
    assert first <= second


@given(instants, zones, complexities, calendars)
def test_the_zone_in_which_an_instant_is_written_changes_nothing(submitted, zone, complexity, calendar):
    assert sla.due(complexity, submitted, calendar) == sla.due(complexity, submitted.astimezone(zone), calendar)


@given(instants, complexities, calendars, st.sampled_from(["America/New_York", "Pacific/Auckland", "Asia/Kolkata"]))
def test_the_zone_of_the_machine_changes_nothing(submitted, complexity, calendar, zone):
    with machine_in("UTC"):
        usual = sla.due(complexity, submitted, calendar), sla.shown_deadline(submitted)
    with machine_in(zone):
        assert (sla.due(complexity, submitted, calendar), sla.shown_deadline(submitted)) == usual


@given(instants, st.integers(1, 500), st.integers(1, 500))
def test_service_hours_add_up(start, one, other):
    step_by_step = sla.add_service_hours(sla.add_service_hours(start, one), other)
    assert step_by_step == sla.add_service_hours(start, one + other)


@contextmanager
def machine_in(zone):
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    process_time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        process_time.tzset()
