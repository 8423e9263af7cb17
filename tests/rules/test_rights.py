"""What goes on without its reporter, when a door is open, and which looks are out of the ordinary."""

from datetime import UTC, datetime, timedelta

import pytest

from app.rules import catalogue, looking, rights
from app.rules.looking import Alert, Look
from app.rules.rights import GrantFacts, goes_on, grant_ends, grant_holds
from app.rules.vocabulary import Complexity, Flag

NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
LEAVES = catalogue.default().leaves


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.code)
def test_safety_emergencies_and_duties_to_report_go_on_and_nothing_else(leaf):
    expected = (
        leaf.code.startswith("SAF-")
        or leaf.complexity is Complexity.EMERGENCY
        or Flag.MANDATORY_REPORT in leaf.flags
        or leaf.code in {"UTL-02", "UTL-04", "SVC-02"}
    )
    assert goes_on(leaf) is expected


def test_the_named_leaves_exist_and_go_on():
    known = catalogue.default()
    for code in ("SAF-01", "SAF-11", "UTL-05", "BLD-01", "BLD-08", "BLD-14", "BLD-15", "SVC-10", *rights.PUBLIC_SAFETY):
        assert goes_on(known.leaf(code)), code
    for code in ("BLD-05", "NOI-01", "GOV-02", "ENV-04", "SVC-06", "GOV-99"):
        assert not goes_on(known.leaf(code)), code


OPEN = GrantFacts(until=NOW + timedelta(hours=1), revoked=False, slip_open=True, restricted=False)


@pytest.mark.parametrize(
    ("facts", "holds"),
    [
        (OPEN, True),
        (OPEN._replace(until=NOW), False),
        (OPEN._replace(until=NOW + timedelta(microseconds=1)), True),
        (OPEN._replace(revoked=True), False),
        (OPEN._replace(slip_open=False), False),
        (OPEN._replace(restricted=True), False),
    ],
)
def test_a_grant_holds_while_nothing_ends_it(facts, holds):
    assert grant_holds(facts, NOW) is holds


@pytest.mark.parametrize("hours", [-1, 0, 23, 73, 10_000])
def test_a_grant_of_less_than_a_day_or_more_than_three_is_none(hours):
    with pytest.raises(ValueError, match="a day to three"):
        grant_ends(hours, NOW)


LOOK = Look(given=True, on_person=True, leads=True, today=1, same_ticket=1)


@pytest.mark.parametrize(
    ("look", "hour", "found"),
    [
        (LOOK, 9, set()),
        (LOOK._replace(today=30), 9, set()),
        (LOOK._replace(today=31), 9, {Alert.MANY}),
        (LOOK._replace(same_ticket=2), 9, set()),
        (LOOK._replace(same_ticket=3), 9, {Alert.SAME_PERSON}),
        (LOOK._replace(same_ticket=3, on_person=False), 9, set()),
        (LOOK, 22, {Alert.NIGHT}),
        (LOOK, 6, {Alert.NIGHT}),
        (LOOK, 7, set()),
        (LOOK._replace(leads=False), 9, {Alert.NOT_LEAD}),
        (LOOK._replace(given=False), 23, set()),
        (LOOK._replace(given=False, leads=False, today=99), 23, {Alert.NOT_LEAD}),
        (LOOK._replace(leads=False, today=31, same_ticket=3), 23, set(Alert)),
    ],
)
def test_a_look_is_out_of_the_ordinary_by_number_hour_matter_and_person(look, hour, found):
    assert looking.alerts(look, NOW + timedelta(hours=hour - 9)) == found
