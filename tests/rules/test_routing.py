from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules import catalogue
from app.rules.routing import (
    ANSWERED_WITHOUT_SLIP,
    NEVER_AUTO,
    SeatFacts,
    Spot,
    Term,
    covers,
    decide,
    may_auto_assign,
    seat_for,
)
from app.rules.vocabulary import SEATED, SIDE_OF, Flag, PlaceKind, Role, Scope, Side

NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
ALWAYS = Term(None, None)
OVER = Term(None, NOW)
SPOTS = [Spot(building, 10 * building + stairwell) for building, stairwell in product((1, 2), (1, 2))]
LEAVES = catalogue.default().leaves
NOBODY_AVOIDED = frozenset()


def seat(number, role, *, building=None, stairwell=None, term=ALWAYS, deputy=None):
    scope = PlaceKind.STAIRWELL if stairwell else PlaceKind.BUILDING if building else PlaceKind.COMPOUND
    return SeatFacts(number, role, f"{role}{number}", scope, building, stairwell, term, deputy)


def leaf(code):
    return catalogue.default().leaf(code)


FULL_ROSTER = [seat(number, role) for number, role in enumerate(sorted(SEATED), start=1)]


@pytest.mark.parametrize("spot", SPOTS, ids=str)
def test_every_leaf_finds_its_own_lead_at_every_place(spot):
    for each in LEAVES:
        decision = decide(each, spot, FULL_ROSTER, NOBODY_AVOIDED, NOW)
        assert (decision.role, decision.wanted, decision.note) == (each.lead, each.lead, "")
        assert [s.id for s in FULL_ROSTER if s.role is each.lead] == [decision.seat_id]
        assert decision.title == FULL_ROSTER[decision.seat_id - 1].title


@pytest.mark.parametrize("spot", SPOTS, ids=str)
def test_a_leaf_whose_lead_is_vacant_falls_to_the_grid_head_and_says_so(spot):
    for each in LEAVES:
        roster = [s for s in FULL_ROSTER if s.role is not each.lead or s.role is Role.GRID_HEAD]
        decision = decide(each, spot, roster, NOBODY_AVOIDED, NOW)
        note = "" if each.lead is Role.GRID_HEAD else "no_power" if Flag.NEEDS_POWER in each.flags else "vacant"
        stand_in = Role.COMMUNITY if each.code == "GOV-08" else Role.GRID_HEAD  # it is about the grid head too
        assert (decision.role, decision.wanted, decision.note) == (stand_in, each.lead, note)
        assert decision.seat_id == next(s.id for s in roster if s.role is stand_in)
        assert not (decision.auto and note == "no_power")


def test_a_compound_without_anybody_keeps_the_ticket_for_a_grid_head_to_come_and_assigns_nothing():
    for each in LEAVES:
        decision = decide(each, SPOTS[0], [], NOBODY_AVOIDED, NOW)
        assert decision == (None, Role.GRID_HEAD, "", "nobody", each.lead, False, None, (), ())


def test_the_narrowest_scope_wins_and_the_oldest_seat_of_equals():
    here = SPOTS[0]
    roster = [
        seat(1, Role.STAIR_HEAD),
        seat(2, Role.STAIR_HEAD, building=1),
        seat(5, Role.STAIR_HEAD, building=1, stairwell=11),
        seat(4, Role.STAIR_HEAD, building=1, stairwell=11),
        seat(3, Role.STAIR_HEAD, building=2),
    ]
    assert [seat_for(Role.STAIR_HEAD, spot, roster, NOW)[0].id for spot in SPOTS] == [4, 2, 3, 3]
    assert seat_for(Role.STAIR_HEAD, here, roster[:2], NOW)[0].id == 2
    assert seat_for(Role.STAIR_HEAD, Spot(3, 31), roster, NOW)[0].id == 1
    assert seat_for(Role.POLICE, here, roster, NOW) is None


def test_a_seat_of_another_building_or_stairwell_never_answers():
    roster = [seat(1, Role.STAIR_HEAD, building=2), seat(2, Role.STAIR_HEAD, building=1, stairwell=12)]
    assert seat_for(Role.STAIR_HEAD, SPOTS[0], roster, NOW) is None
    assert [covers(s, SPOTS[0]) for s in roster] == [False, False]


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + TICK, None, False),
        (None, NOW, False),
        (None, NOW + TICK, True),
        (NOW, NOW, False),
        (NOW - DAY, NOW + DAY, True),
    ],
)
def test_a_term_begins_at_its_first_instant_and_is_over_at_its_last(starts, ends, holds):
    assert Term(starts, ends).holds(NOW) is holds


def test_a_successor_takes_over_at_the_very_instant_without_a_gap():
    roster = [seat(1, Role.POLICE, term=Term(None, NOW)), seat(2, Role.POLICE, term=Term(NOW, None))]
    assert [seat_for(Role.POLICE, SPOTS[0], roster, at)[0].id for at in (NOW - TICK, NOW, NOW + TICK)] == [1, 2, 2]


def test_a_deputy_acts_inside_their_own_term_only_while_no_seat_is_in_term():
    vacant = seat(1, Role.POLICE, building=1, term=OVER, deputy=Term(NOW, NOW + DAY))
    lit = leaf("SAF-01")
    assert seat_for(Role.POLICE, SPOTS[0], [vacant], NOW) == (vacant, "deputy_acts")
    assert decide(lit, SPOTS[0], [vacant], NOBODY_AVOIDED, NOW)[:4] == (1, Role.POLICE, "police1", "deputy_acts")
    assert seat_for(Role.POLICE, SPOTS[0], [vacant], NOW + DAY) is None
    assert seat_for(Role.POLICE, SPOTS[0], [vacant], NOW - TICK) == (vacant, "")
    in_term = seat(2, Role.POLICE)
    assert seat_for(Role.POLICE, SPOTS[0], [vacant, in_term], NOW) == (in_term, "")


def test_the_grid_heads_deputy_catches_what_falls_to_the_grid_head():
    roster = [seat(7, Role.GRID_HEAD, term=OVER, deputy=ALWAYS)]
    decision = decide(leaf("BLD-09"), SPOTS[0], roster, NOBODY_AVOIDED, NOW)
    assert (decision.seat_id, decision.role, decision.note) == (7, Role.GRID_HEAD, "vacant")


ROLES = st.sampled_from([Role.GRID_HEAD, Role.PROPERTY, Role.POLICE, Role.STAIR_HEAD])
EDGES = st.sampled_from([None, NOW - DAY, NOW, NOW + TICK, NOW + DAY])
TERMS = st.builds(Term, EDGES, EDGES)
PLACES = st.sampled_from([(None, None), (1, None), (2, None), (1, 11), (1, 12), (2, 21)])


@st.composite
def rosters(draw):
    numbers = range(1, draw(st.integers(0, 6)) + 1)
    made = []
    for number in numbers:
        building, stairwell = draw(PLACES)
        deputy = draw(st.none() | TERMS)
        made.append(seat(number, draw(ROLES), building=building, stairwell=stairwell, term=draw(TERMS), deputy=deputy))
    return made


@settings(max_examples=60, deadline=None)
@given(roster=rosters(), spot=st.sampled_from(SPOTS), code=st.sampled_from(["BLD-09", "SAF-01", "NOI-01", "GOV-99"]))
def test_whatever_the_roster_there_is_one_lead_who_serves_the_place_and_is_in_office(roster, spot, code):
    decision = decide(leaf(code), spot, roster, NOBODY_AVOIDED, NOW)
    chosen = [s for s in roster if s.id == decision.seat_id]
    if not chosen:
        assert decision.note == "nobody"
        assert not decision.auto
        in_office = (s.term.holds(NOW) or (s.deputy_term and s.deputy_term.holds(NOW)) for s in roster)
        wanted = {Role.GRID_HEAD, leaf(code).lead}
        assert not any(held and s.role in wanted and covers(s, spot) for s, held in zip(roster, in_office, strict=True))
        return
    lead = chosen[0]
    assert covers(lead, spot)
    assert lead.role is decision.role
    fallen = (decision.role, decision.note) in {(Role.GRID_HEAD, "vacant"), (Role.GRID_HEAD, "no_power")}
    assert decision.role is leaf(code).lead or fallen
    assert lead.term.holds(NOW) or ((decision.note == "deputy_acts" or fallen) and lead.deputy_term.holds(NOW))


def test_only_public_leaves_without_shield_conflict_or_duty_to_report_go_out_on_their_own():
    held_back = {
        Flag.IDENTITY_SHIELD,
        Flag.CONFLICT_PROPERTY,
        Flag.CONFLICT_SELF_MGMT,
        Flag.CONFLICT_TARGET,
        Flag.SENSITIVE_PI,
        Flag.MANDATORY_REPORT,
    }
    answered_without_slip = {"SVC-09", "GOV-09", "GOV-98", "GOV-99"}
    assert (held_back, answered_without_slip) == (NEVER_AUTO, ANSWERED_WITHOUT_SLIP)
    for each in LEAVES:
        fit = each.scope is Scope.PUBLIC and not each.flags & held_back and each.code not in answered_without_slip
        assert may_auto_assign(each, NOBODY_AVOIDED) is fit
    assert {may_auto_assign(each, NOBODY_AVOIDED) for each in LEAVES} == {True, False}


@pytest.mark.parametrize("flag", sorted(NEVER_AUTO))
def test_each_of_these_flags_alone_keeps_a_leaf_for_a_person(flag):
    plain = replace(leaf("BLD-09"), flags=frozenset(), scope=Scope.PUBLIC)
    assert may_auto_assign(plain, NOBODY_AVOIDED)
    assert not may_auto_assign(replace(plain, flags=frozenset({flag})), NOBODY_AVOIDED)
    assert not may_auto_assign(replace(plain, scope=Scope.MIXED), NOBODY_AVOIDED)
    assert may_auto_assign(replace(plain, flags=frozenset(Flag) - NEVER_AUTO), NOBODY_AVOIDED)


def test_a_side_that_the_reporter_avoids_gets_nothing_unseen():
    for each, side in product(LEAVES, Side):
        if SIDE_OF.get(each.lead) is side:
            assert not decide(each, SPOTS[0], FULL_ROSTER, frozenset({side}), NOW).auto
    without_property = [s for s in FULL_ROSTER if s.role is not Role.PROPERTY]
    light = leaf("BLD-09")
    assert decide(light, SPOTS[0], without_property, NOBODY_AVOIDED, NOW).auto
    assert not decide(light, SPOTS[0], without_property, frozenset({Side.GRID_HEAD}), NOW).auto
