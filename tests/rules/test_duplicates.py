from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import catalogue
from app.rules.duplicates import COMMON_FROM, Matter, Why, alike, common, grams, likeness

NOON = datetime(2027, 3, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def matter(number, code="BLD-09", *, building=1, stairwell=1, days=0.0, text=""):
    return Matter(number, catalogue.default().leaf(code), building, stairwell, NOON + DAY * days, grams(text))


def test_the_same_kind_in_the_same_stairwell_within_a_fortnight_may_be_one_matter():
    one = matter(1)
    others = [
        matter(2, days=13.9),
        matter(3, days=-14),
        matter(4, days=14.1),
        matter(5, stairwell=2),
        matter(6, "ENV-02"),
    ]
    assert [(found.id, found.why, found.mergeable) for found in alike(one, others)] == [
        (2, (Why.PLACE,), True),
        (3, (Why.PLACE,), True),
    ]


def test_nearly_the_same_words_may_be_one_matter_wherever_they_come_from():
    one = matter(1, text="3幢门口的路灯坏了，晚上看不见路")
    same = matter(2, "SAF-13", building=2, stairwell=7, text="３幢门口路灯坏了 晚上看不见")
    other = matter(3, "BLD-09", building=2, stairwell=7, text="电梯里的灯一直在闪")
    found = alike(one, [same, other])
    assert [(alike.id, alike.why) for alike in found] == [(2, (Why.TEXT,))]
    assert found[0].likeness > 0.6


def test_what_is_alike_in_place_and_words_comes_first():
    one = matter(1, text="楼道灯坏了晚上看不见")
    found = alike(
        one,
        [matter(2), matter(3, stairwell=2, text="楼道灯坏了晚上看不见"), matter(4, text="楼道灯坏了，晚上看不见！")],
    )
    assert [each.id for each in found] == [4, 3, 2]


@pytest.mark.parametrize(("one", "other"), [("NOI-01", "NOI-01"), ("NOI-01", "NOI-02"), ("BLD-09", "NOI-01")])
def test_where_homes_are_concerned_nothing_is_merged(one, other):
    text = "楼上每天半夜十二点还在拖桌子"
    assert [found.mergeable for found in alike(matter(1, one, text=text), [matter(2, other, text=text)])] == [False]


def test_short_texts_are_never_alike():
    assert alike(matter(1, text="灯坏了"), [matter(2, stairwell=9, text="灯坏了")]) == []


def test_three_of_a_kind_in_a_building_are_a_common_issue_of_that_building():
    one = matter(1)
    assert common(one, [matter(2, stairwell=2)]) is None
    assert common(one, [matter(2, stairwell=2), matter(3, stairwell=3), matter(4, building=2)]) == (1, (1, 2, 3))
    assert common(one, [matter(2, building=2), matter(3, building=3)]) == (None, (1, 2, 3))
    assert common(one, [matter(2, building=2), matter(3, building=3, days=15)]) is None


def test_a_common_issue_of_homes_belongs_to_the_compound():
    assert common(matter(1, "NOI-01"), [matter(2, "NOI-01"), matter(3, "NOI-01")]) == (None, (1, 2, 3))


@given(st.text(), st.text())
def test_likeness_is_symmetrical_and_between_nothing_and_everything(one, other):
    assert likeness(grams(one), grams(other)) == likeness(grams(other), grams(one))
    assert 0 <= likeness(grams(one), grams(other)) <= 1
    assert likeness(grams(one), grams(one)) == (1.0 if grams(one) else 0.0)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(-20, 20)), max_size=12))
def test_likeness_of_matters_goes_both_ways(places):
    matters = [matter(n, building=b, stairwell=b * 10 + s, days=d) for n, (b, s, d) in enumerate(places)]
    pairs = {(one.id, found.id) for one in matters for found in alike(one, matters)}
    assert pairs == {(b, a) for a, b in pairs}
    for one in matters:
        found = common(one, matters)
        assert found is None or len(found.ids) >= COMMON_FROM
        assert found is None or one.id in found.ids
