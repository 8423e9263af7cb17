"""A compound's own rules: which of them speaks, which can be followed, which can never be reached."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.rules import catalogue
from app.rules.routing import SeatFacts, Spot, Term, decide
from app.rules.routing_rules import AGENCIES, Book, Rule, accused, barred, matches, problems, shadowed
from app.rules.sla import SHANGHAI
from app.rules.vocabulary import SEATED, SIDE_OF, Flag, PlaceKind, Role, Side

KNOWN = catalogue.default()
HERE, NEXT_DOOR, ELSEWHERE = Spot(1, 11), Spot(1, 12), Spot(2, 21)
STAIRWELLS = {11: 1, 12: 1, 21: 2}
MONDAY_NINE = datetime(2027, 3, 1, 9, 0, tzinfo=SHANGHAI)
ALWAYS, OVER = Term(None, None), Term(None, MONDAY_NINE - timedelta(days=1))
ROLES = sorted(SEATED)


def seat(number, role, *, building=None, term=ALWAYS, deputy=None):
    scope = PlaceKind.BUILDING if building else PlaceKind.COMPOUND
    return SeatFacts(number, role, f"{role}{number}", scope, building, None, term, deputy)


ROSTER = [seat(number, role) for number, role in enumerate(ROLES, start=1)]
ID = {role: number for number, role in enumerate(ROLES, start=1)}


def leaf(code):
    return KNOWN.leaf(code)


def rule(**said):
    return Rule(**{"lead": "security_captain"} | said)


def led_by(code, *rules, spot=HERE, roster=ROSTER, at=MONDAY_NINE, avoid=frozenset(), **book):
    return decide(leaf(code), spot, roster, avoid, at, Book(tuple(rules), **book))


def test_without_rules_everything_is_as_the_taxonomy_says():
    for each in KNOWN.leaves:
        assert decide(each, HERE, ROSTER, frozenset(), MONDAY_NINE).role is each.lead


def test_the_first_rule_that_speaks_wins():
    found = led_by("BLD-09", rule(category="ENV"), rule(category="BLD", lead="stair_head"), rule())
    assert (found.role, found.rule, found.passed, found.wanted) == (Role.STAIR_HEAD, 2, (), Role.PROPERTY)


@pytest.mark.parametrize(
    ("said", "speaks"),
    [
        ({}, True),
        ({"on": False}, False),
        ({"building": 1}, True),
        ({"building": 2}, False),
        ({"building": 1, "stairwell": 11}, True),
        ({"building": 1, "stairwell": 12}, False),
        ({"category": "BLD"}, True),
        ({"category": "bld-09"}, True),
        ({"category": "BLD-10"}, False),
        ({"category": "ENV"}, False),
        ({"conflict": "property"}, False),
    ],
    ids=str,
)
def test_a_rule_speaks_about_what_it_names(said, speaks):
    assert matches(rule(**said), leaf("BLD-09"), *HERE, MONDAY_NINE) is speaks


@pytest.mark.parametrize(
    ("said", "clock", "speaks"),
    [
        ({"opens": "09:00", "closes": "12:00"}, "2027-03-01 09:00", True),
        ({"opens": "09:00", "closes": "12:00"}, "2027-03-01 08:59", False),
        ({"opens": "09:00", "closes": "12:00"}, "2027-03-01 12:00", False),
        ({"opens": "20:00", "closes": "08:00"}, "2027-03-01 23:30", True),
        ({"opens": "20:00", "closes": "08:00"}, "2027-03-01 07:59", True),
        ({"opens": "20:00", "closes": "08:00"}, "2027-03-01 08:00", False),
        ({"opens": "20:00", "closes": "00:00"}, "2027-03-01 23:59", True),
        ({"opens": "20:00", "closes": "00:00"}, "2027-03-01 00:00", False),
        ({"days": [1]}, "2027-03-01 12:00", True),
        ({"days": [6, 7]}, "2027-03-01 12:00", False),
        ({"days": [6, 7]}, "2027-03-07 23:59", True),
        ({"days": [1, 2, 3, 4, 5, 6, 7]}, "2027-03-07 12:00", True),
    ],
    ids=str,
)
def test_hours_are_local_and_half_open_and_may_go_over_midnight(said, clock, speaks):
    at = datetime.fromisoformat(clock).replace(tzinfo=SHANGHAI)
    assert matches(rule(**said), leaf("BLD-09"), *HERE, at) is speaks


def test_the_hours_of_a_rule_are_those_at_which_the_matter_came_in():
    night = Book((rule(opens="20:00", closes="08:00"),))
    came_in = MONDAY_NINE - timedelta(hours=3)
    assert decide(leaf("BLD-09"), HERE, ROSTER, frozenset(), MONDAY_NINE, night, at=came_in).rule == 1
    assert decide(leaf("BLD-09"), HERE, ROSTER, frozenset(), MONDAY_NINE, night).rule is None


def test_a_rule_names_a_seat_and_others_beside_it():
    named = seat(99, Role.PROPERTY, building=2)
    found = led_by("BLD-09", rule(lead="99", co=["police", "99", "street", "stair_head"]), roster=[*ROSTER, named])
    assert (found.seat_id, found.co) == (99, (ID[Role.POLICE], ID[Role.STAIR_HEAD]))


def test_a_rule_whose_seat_is_vacant_is_passed_over():
    roster = [s for s in ROSTER if s.role is not Role.SECURITY_CAPTAIN]
    found = led_by("BLD-09", rule(), rule(lead="stair_head"), roster=roster)
    assert (found.role, found.rule, found.passed) == (Role.STAIR_HEAD, 2, (1,))
    found = led_by("BLD-09", rule(), roster=[*roster, seat(99, Role.SECURITY_CAPTAIN, term=OVER)])
    assert (found.role, found.rule, found.passed) == (Role.PROPERTY, None, (1,))


def test_a_deputy_of_a_named_seat_acts():
    away = seat(99, Role.PROPERTY, term=OVER, deputy=ALWAYS)
    found = led_by("BLD-09", rule(lead="99"), roster=[*ROSTER, away])
    assert (found.seat_id, found.note) == (99, "deputy_acts")


@pytest.mark.parametrize("role", ["property", "security_captain"])
def test_no_rule_sends_a_complaint_to_the_side_that_it_is_about(role):
    found = led_by("GOV-01", rule(category="GOV", lead=role))
    assert (found.role, found.rule, found.passed) == (Role.SELF_MGMT_HEAD, None, (1,))
    assert led_by("GOV-05", rule(lead="self_mgmt_group")).role is Role.GRID_HEAD
    assert led_by("GOV-08", rule(lead="grid_head")).role is Role.COMMITTEE_SECRETARY


def test_the_taxonomys_own_lead_may_answer_for_itself_on_a_slip():
    assert led_by("GOV-02", rule(category="GOV-02", lead="property")).rule == 1


def test_a_matter_about_the_grid_head_falls_above_them_when_the_secretary_is_vacant():
    roster = [s for s in ROSTER if s.role is not Role.COMMITTEE_SECRETARY]
    found = led_by("GOV-08", roster=roster)
    assert (found.role, found.note, found.auto) == (Role.COMMUNITY, "vacant", False)


def test_what_needs_power_is_led_by_an_agency_whatever_a_rule_says():
    needy = [each for each in KNOWN.leaves if Flag.NEEDS_POWER in each.flags]
    assert needy
    for each, role in product(needy, SEATED):
        assert each.lead in AGENCIES
        assert barred(each, role) is (role not in AGENCIES)
        found = led_by(each.code, rule(lead=role))
        assert found.role in AGENCIES
    assert leaf("ILL-02").lead is Role.GRID_HEAD
    assert Flag.NEEDS_POWER not in leaf("ILL-02").flags
    assert led_by("SAF-01", rule(lead="urban_mgmt")).rule == 1


def test_what_needs_power_goes_out_to_nobody_while_the_agency_is_vacant():
    found = led_by("SAF-01", roster=[s for s in ROSTER if s.role is not Role.POLICE])
    assert (found.role, found.note, found.auto) == (Role.GRID_HEAD, "no_power", False)


def test_a_rules_lead_that_the_reporter_avoids_gets_nothing_unseen():
    assert led_by("BLD-09", rule(lead="stair_head"), avoid=frozenset({Side.PROPERTY})).auto
    assert not led_by("BLD-09", rule(lead="security_captain"), avoid=frozenset({Side.PROPERTY})).auto


def test_a_seat_with_too_much_in_hand_is_passed_over_for_the_next_of_its_role():
    near, far = seat(50, Role.PROPERTY, building=1), seat(51, Role.PROPERTY, building=2)
    roster, wide = [*ROSTER, near, far], ID[Role.PROPERTY]
    lead = lambda load: led_by("BLD-09", roster=roster, load=load, most_open=3)  # noqa: E731
    assert (lead({50: 3}).seat_id, lead({50: 3}).note) == (50, "")
    assert (lead({50: 4}).seat_id, lead({50: 4}).note) == (wide, "overloaded")
    assert lead({50: 4, wide: 9}).seat_id == 51
    assert (lead({50: 4, 51: 4, wide: 9}).seat_id, lead({50: 4, 51: 4, wide: 9}).note) == (50, "")
    assert led_by("BLD-09", roster=roster, load={50: 99}).seat_id == 50


def test_a_named_seat_with_too_much_in_hand_hands_on_within_its_role():
    named = seat(99, Role.STAIR_HEAD, building=1)
    found = led_by("BLD-09", rule(lead="99"), roster=[*ROSTER, named], load={99: 9}, most_open=2)
    assert (found.seat_id, found.note, found.rule) == (ID[Role.STAIR_HEAD], "overloaded", 1)


def test_every_conflict_names_its_side():
    assert {code: accused(leaf(code)) for code in ("GOV-01", "GOV-05", "GOV-08", "BLD-09")} == {
        "GOV-01": {Side.PROPERTY},
        "GOV-05": {Side.SELF_MGMT_GROUP},
        "GOV-08": {Side.GRID_HEAD},
        "BLD-09": set(),
    }
    assert led_by("GOV-04", rule(conflict="property", lead="grid_head")).rule == 1


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        ({}, {"category": "BLD"}, True),
        ({"category": "BLD"}, {"category": "BLD-09"}, True),
        ({"category": "BLD-09"}, {"category": "BLD"}, False),
        ({"building": 1}, {"building": 1, "stairwell": 11}, True),
        ({"building": 1, "stairwell": 11}, {"building": 1}, False),
        ({"opens": "08:00", "closes": "20:00"}, {"opens": "09:00", "closes": "10:00"}, True),
        ({"opens": "09:00", "closes": "10:00"}, {}, False),
        ({"opens": "20:00", "closes": "08:00"}, {"opens": "22:00", "closes": "07:00"}, True),
        ({"days": [1, 2]}, {"days": [2]}, True),
        ({"days": [1, 2]}, {}, False),
        ({"conflict": "property"}, {}, False),
        ({}, {"conflict": "property"}, True),
        ({"on": False}, {}, False),
        ({}, {"on": False}, False),
    ],
    ids=str,
)
def test_a_row_that_an_earlier_one_leaves_nothing_to_is_shown_as_shadowed(first, second, hidden):
    assert shadowed([rule(**first), rule(**second)], KNOWN) == ({2: 1} if hidden else {})


def can_lead(code, role):
    return role not in {"street", "community"} and not barred(leaf(code), Role(role))


PLACES = st.sampled_from([(None, None), (1, None), (2, None), (1, 11), (1, 12)])
HOURS = st.sampled_from([(None, None), ("08:00", "20:00"), ("20:00", "08:00"), ("09:00", "10:00")])
RULES = st.builds(
    lambda place, hours, days, category, conflict, on, lead: Rule(
        building=place[0],
        stairwell=place[1],
        opens=hours[0],
        closes=hours[1],
        days=days,
        category=category,
        conflict=conflict,
        on=on,
        lead=lead,
    ),
    PLACES,
    HOURS,
    st.sampled_from([(), (1, 2), (6, 7)]),
    st.sampled_from([None, "BLD", "BLD-09", "GOV", "GOV-01", "SAF-01"]),
    st.sampled_from([None, Side.PROPERTY]),
    st.booleans(),
    st.sampled_from(ROLES),
)
INSTANTS = st.integers(0, 14 * 24 * 4).map(lambda quarter: MONDAY_NINE + timedelta(minutes=15 * quarter))
CODES = st.sampled_from(["BLD-09", "BLD-10", "GOV-01", "GOV-02", "GOV-08", "SAF-01", "ENV-02"])


@settings(max_examples=150, deadline=None)
@given(rules=st.lists(RULES, max_size=6), spot=st.sampled_from([HERE, NEXT_DOOR, ELSEWHERE]), code=CODES, at=INSTANTS)
def test_whatever_the_rules_a_shadowed_one_never_chooses_and_no_lead_is_accused_or_powerless(rules, spot, code, at):
    found = led_by(code, *rules, spot=spot, at=at)
    followed = [n for n, r in enumerate(rules, 1) if matches(r, leaf(code), *spot, at) and can_lead(code, r.lead)]
    assert found.rule == (followed[0] if followed else None)
    hidden = shadowed(rules, KNOWN)
    assert found.rule not in hidden or hidden[found.rule] in found.passed
    assert found.role is leaf(code).lead or SIDE_OF.get(found.role) not in accused(leaf(code))
    if Flag.NEEDS_POWER in leaf(code).flags:
        assert found.role in AGENCIES


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": "08:00"},
        {"opens": "08:00", "closes": "08:00"},
        {"days": [0]},
        {"lead": "no such role!"},
        {"conflict": "neighbour"},
        {"co": ["police"] * 7},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_row_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        rule(**wrong)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"building": 9}, "building"),
        ({"building": 2, "stairwell": 11}, "stairwell"),
        ({"category": "XXX"}, "category"),
        ({"category": "BLD-99"}, "category"),
        ({"lead": "street"}, "lead"),
        ({"lead": "777"}, "lead"),
        ({"lead": "mayor"}, "lead"),
        ({"category": "GOV-01", "lead": "property"}, "lead"),
        ({"category": "SAF-01", "lead": "property"}, "lead"),
        ({"co": ["police", "777"]}, "co.1"),
    ],
    ids=str,
)
def test_what_does_not_fit_the_compound_is_named_with_its_field(said, field):
    seats = {number: role for role, number in ID.items()}
    assert [name for name, _ in problems(rule(**said), KNOWN, seats, STAIRWELLS)] == [field]
    assert list(problems(rule(building=1, stairwell=11, category="BLD"), KNOWN, seats, STAIRWELLS)) == []
