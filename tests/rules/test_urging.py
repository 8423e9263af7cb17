from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import urging

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # Monday, 09:00 in Shanghai
DUE = NINE + timedelta(hours=15)  # the end of that day


def hours(*counts):
    return [NINE + timedelta(hours=count) for count in counts]


@pytest.mark.parametrize(
    ("urges", "due", "expected"),
    [
        pytest.param([], 15, 2, id="the first after two hours"),
        pytest.param([2], 15, 14, id="then one in twelve hours"),
        pytest.param([2], 100, 14, id="however far the due instant is"),
        pytest.param([2, 14], 100, 26, id="the last urge counts, not the first"),
        pytest.param([20], 15, 24, id="overdue, one in four hours"),
        pytest.param([15], 15, 19, id="the due instant itself is overdue"),
        pytest.param([10], 15, 15, id="the due instant ends the long pause"),
        pytest.param([14], 15, 18, id="but four hours must have passed"),
        pytest.param([11], 15, 15, id="four hours before the due instant"),
        pytest.param([20], None, 32, id="without a running clock nothing is overdue"),
    ],
)
def test_the_next_urge_waits_its_turn(urges, due, expected):
    due_at = None if due is None else NINE + timedelta(hours=due)
    assert urging.next_at(NINE, hours(*urges), due_at) == NINE + timedelta(hours=expected)


def test_in_an_emergency_the_first_urge_waits_ten_minutes():
    assert urging.next_at(NINE, [], DUE, emergency=True) == NINE + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("urges", "due", "quiet_since", "expected"),
    [
        pytest.param([], 200, 50, 74, id="a day of silence"),
        pytest.param([], 60, 50, 60, id="or the promised date"),
        pytest.param([], None, 50, 74, id="no date was promised"),
        pytest.param([70], 200, 50, 82, id="the pause between urges still holds"),
        pytest.param([70], 60, 50, 74, id="and is short once the promise is broken"),
    ],
)
def test_a_replied_ticket_may_be_pressed_for_when_the_promise_is_late_or_nothing_happens(
    urges, due, quiet_since, expected
):
    due_at = None if due is None else NINE + timedelta(hours=due)
    allowed = urging.next_at(NINE, hours(*urges), due_at, quiet_since=NINE + timedelta(hours=quiet_since))
    assert allowed == NINE + timedelta(hours=expected)


@pytest.mark.parametrize(
    ("count", "now", "level", "escalate"),
    [
        (1, 2, 1, False),
        (2, 14, 2, False),
        (3, 14, 3, True),
        (7, 14, 3, True),
        (1, 15, 1, True),  # the due instant is exclusive
        (2, 20, 2, True),
    ],
)
def test_the_third_urge_and_any_overdue_one_go_a_level_up(count, now, level, escalate):
    assert urging.effect(count, DUE, NINE + timedelta(hours=now)) == (level, escalate)


def test_without_a_running_clock_only_the_third_urge_escalates():
    assert not urging.effect(2, None, DUE).escalate
    assert urging.effect(3, None, DUE).escalate


def test_from_the_second_urge_on_the_lead_owes_a_note_in_four_service_hours():
    assert urging.progress_note_due(1, NINE) is None
    assert urging.progress_note_due(2, NINE) == NINE + timedelta(hours=4)
    assert urging.progress_note_due(3, NINE + timedelta(hours=9)) == NINE + timedelta(hours=25)


spans = st.integers(0, 300)


@given(spans, spans)
def test_an_urge_is_never_followed_at_once_and_never_waits_longer_than_twelve_hours(urged, due):
    last, due_at = hours(urged, due)
    pause = urging.next_at(NINE, [last], due_at) - last
    assert timedelta(hours=4) <= pause <= timedelta(hours=12)
