import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import bands
from app.rules.bands import Band, Sample, Sureness, band, propose, reach, sureness


@pytest.mark.parametrize(
    ("probability", "found"),
    [
        (0.8, Band.AUTO),
        (0.7999, Band.CHOOSE),
        (0.35, Band.CHOOSE),
        (0.3499, Band.QUEUE),
        (0, Band.QUEUE),
        (1, Band.AUTO),
    ],
)
def test_a_band_begins_at_its_threshold(probability, found):
    assert band(probability, 0.8, 0.35) is found


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.75, Sureness.LIKELY), (0.74, Sureness.POSSIBLE), (0.35, Sureness.POSSIBLE), (0.34, Sureness.UNSURE)],
)
def test_a_probability_is_said_in_words(probability, said):
    assert sureness(probability) is said


def test_nothing_is_proposed_from_too_few_tickets():
    assert propose([Sample(0.9, True, True)] * 39) == (None, None)


def test_a_guesser_that_is_always_right_may_act_from_its_lowest_guess_on():
    found = propose([Sample(p / 100, True, True) for p in range(40, 100)])
    assert (found.auto.threshold, found.auto.above) == (0.4, 60)
    assert found.choose.threshold == 0.4


def test_a_guesser_that_is_never_right_may_not_act():
    assert propose([Sample(0.9, False, False)] * 100) == (None, None)


def test_the_threshold_lies_where_those_above_it_were_right_often_enough():
    wrong = [Sample(p / 100, False, True) for p in range(30, 60)]
    right = [Sample(p / 100, True, True) for p in range(60, 100)]
    found = propose(wrong + right)
    assert found.auto.threshold == 0.58
    assert found.auto.right / found.auto.above >= 0.95
    assert found.choose.threshold == 0.3


def test_choosing_never_begins_above_acting():
    samples = [Sample(0.5, True, False)] * 50
    found = propose(samples)
    assert found.auto.threshold == 0.5
    assert found.choose is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=120))
def test_whatever_the_past_a_proposal_keeps_its_promise_on_it(rows):
    samples = [Sample(p, right, right or among) for p, right, among in rows]
    found = propose(samples)
    for one, among, share in ((found.auto, False, bands.PRECISION), (found.choose, True, bands.AMONG_THREE)):
        if one is not None:
            assert one == reach(samples, one.threshold, among=among)
            assert one.above >= bands.LEAST_ABOVE
            assert one.right >= share * one.above or among
    if found.auto and found.choose:
        assert found.choose.threshold <= found.auto.threshold
    random.Random(7).shuffle(samples)
    assert propose(samples) == found
