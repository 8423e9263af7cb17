import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import figures
from app.rules.figures import Unit


def test_below_ten_cases_there_is_no_share():
    assert [figures.share(over, base) for over, base in ((0, 0), (9, 9), (10, 10), (1, 3), (0, 12))] == [
        None,
        None,
        1.0,
        None,
        0.0,
    ]
    assert figures.share(1, 12) == 0.0833


@given(st.integers(1, 500), st.sampled_from([50, 90]))
def test_a_percentile_is_the_nearest_rank(base, percent):
    place = figures.place_of(percent, base)
    assert 0 <= place < base
    assert (place + 1) / base >= percent / 100, "at least that many are as quick"
    assert place == 0 or place / base < percent / 100, "and one fewer would not do"
    assert place == max(math.ceil(base * percent / 100), 1) - 1


def test_there_is_no_percentile_of_nothing():
    with pytest.raises(ValueError, match="none"):
        figures.place_of(50, 0)


def test_every_figure_says_what_is_counted_out_of_what_once():
    known = figures.table()
    assert len({one.key for one in known.figures}) == len({one.name for one in known.figures}) == len(known.figures)
    assert all(one.over and one.of and one.group in known.groups for one in known.figures)
    assert all((one.unit is Unit.HOURS) == bool(one.percent) for one in known.figures)
    assert {one.key for one in known.figures} >= {
        "n", "response", "same_day", "strict_same_day", "clear_reply", "promise_kept", "on_time", "solved", "satisfied",
        "coverage", "redone", "urged", "returned", "recurred", "p50_hours", "p90_hours", "accessible", "rejected",
        "overturned", "explained", "self_checked",
    }  # fmt: skip
