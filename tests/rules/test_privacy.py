"""Who sees what, against the matrix of domain rules §3.4, typed here a second time."""

from dataclasses import replace
from itertools import product

import pytest

from app.rules import catalogue, workflow
from app.rules.privacy import (
    ESCALATION_LEVEL,
    EVENT_ITEM,
    MATRIX,
    Column,
    Exclusion,
    Grade,
    Item,
    Shown,
    column_of,
    exclusion,
    grade,
    is_private,
    masked_name,
    masked_phone,
    place_item,
)
from app.rules.vocabulary import Flag, Role, Scope, Side, Verb

COLUMNS = ["OW", "OR", "GH", "PM", "SM", "HD", "SEC", "COM", "STR", "ADM", "AN"]
# F full, M masked, S slip view, G under a grant, A aggregate, - none. ' = not on shielded tickets, ! = once escalated.
RULES = {
    "reporter name, phone": "F - M M' M' - - - - - -",
    "door number": "F - M M' M' G - - - - -",
    "public place, leaf, state, due": "F A F F F S F S S! - A",
    "private-leaf place": "F - F F' F' S S S - - -",
    "raw text, raw photos": "F - M M' M' - - - - - -",
    "redacted text, cleared photos": "F - F F F S F S! S! - -",
    "reply to resident": "F A F F F S F S! S! - -",
    "internal notes": "- - F F F S F - - - -",  # a head: their own
    "rating, text": "F A F F F S F A A - A",  # a head: their own, without identity
    "urges": "F - F F F A F S S - -",
    "proxy, beneficiary": "F - M - - - - - - - -",
    "elder, disability, hardship mark": "F - M - - - A A A - -",
    "party-member mark": "F - A - - - A A A - -",
    "who looked at my data": "F - S S S S F F A F -",  # staff: their own looks
    "households, owners roll": "S - M M M - A A A - -",  # the owner: their own household
    "statistics n >= 10": "F F F F F F F F F - F",
    "keys, config, accounts": "- - - - - - S - - F -",  # the secretary approves
}
CELLS = [
    pytest.param(Item(item), Column(column), mark, id=f"{item}-{column}")
    for item, marks in RULES.items()
    for column, mark in zip(COLUMNS, marks.split(), strict=True)
]
PLAIN = Shown(shielded=False, escalated_to=0)


def test_the_matrix_is_total():
    assert len(Item) == 17
    assert len(Column) == 11
    assert set(MATRIX) == set(product(Item, Column))
    assert set(RULES) == set(Item)


@pytest.mark.parametrize(("item", "column", "mark"), CELLS)
def test_a_viewer_has_what_the_matrix_says_and_loses_it_by_its_footnotes(item, column, mark):
    full = Grade(mark[0])
    for shielded, escalated in product([False, True], range(4)):
        shown = Shown(shielded=shielded, escalated_to=escalated)
        gone = ("'" in mark and shielded) or ("!" in mark and escalated < {"COM": 2, "STR": 3}[column])
        assert grade(item, frozenset({column}), shown) is (Grade.NONE if gone else full)


def test_several_columns_give_the_most_of_any():
    both = frozenset({Column.PROPERTY, Column.HEAD})
    assert grade(Item.PERSON, both, PLAIN) is Grade.MASKED
    assert grade(Item.DOOR, both, PLAIN) is Grade.MASKED
    assert grade(Item.DOOR, both, PLAIN._replace(shielded=True)) is Grade.GRANT
    assert grade(Item.URGES, both, PLAIN) is Grade.FULL
    assert grade(Item.PERSON, frozenset(), PLAIN) is Grade.NONE


def test_nobody_but_the_owner_has_a_person_in_plain_and_outside_the_three_sides_nobody_at_all():
    personal = (Item.PERSON, Item.RAW)
    for item, column in product(personal, set(Column) - {Column.OWNER}):
        allowed = {Grade.MASKED} if column in {Column.GRID, Column.PROPERTY, Column.SELF_MGMT} else {Grade.NONE}
        assert {MATRIX[item, column].grade} == allowed


def test_the_administrator_has_nothing_of_a_ticket():
    about_tickets = set(Item) - {Item.LOOKS, Item.KEYS}
    assert {MATRIX[item, Column.ADMIN].grade for item in about_tickets} == {Grade.NONE}


def test_the_levels_of_escalation_rise_from_the_secretary_to_the_street():
    assert ESCALATION_LEVEL == {Column.SECRETARY: 1, Column.COMMUNITY: 2, Column.STREET: 3}


@pytest.mark.parametrize(
    ("role", "column"),
    [
        (Role.GRID_HEAD, "GH"),
        (Role.PROPERTY, "PM"),
        (Role.SELF_MGMT_HEAD, "SM"),
        (Role.SELF_MGMT_GROUP, "SM"),
        (Role.COMMITTEE_SECRETARY, "SEC"),
        (Role.COMMUNITY, "COM"),
        (Role.STREET, "STR"),
        (Role.ADMIN, "ADM"),
        *((role, "HD") for role in (Role.POLICE, Role.TRAFFIC_POLICE, Role.URBAN_MGMT, Role.MARKET_REG)),
        *((role, "HD") for role in (Role.STAIR_HEAD, Role.CLUB_HEAD, Role.SPORTS_HEAD, Role.AREA_HEAD)),
    ],
)
def test_every_role_has_its_column_whatever_the_grant_says(role, column):
    assert {column_of(role, views_persons=named) for named in (True, False)} == {Column(column)}


def test_the_security_captain_is_of_the_property_only_where_a_grant_names_them():
    assert column_of(Role.SECURITY_CAPTAIN, views_persons=True) is Column.PROPERTY
    assert column_of(Role.SECURITY_CAPTAIN, views_persons=False) is Column.HEAD


def leaf(code, **over):
    return replace(catalogue.default().leaf(code), **over)


PLAIN_LEAF = leaf("BLD-09", flags=frozenset())


def flagged(*flags):
    return replace(PLAIN_LEAF, flags=frozenset(flags))


@pytest.mark.parametrize(
    ("chosen", "guessed", "avoid", "expected"),
    [
        (PLAIN_LEAF, [], set(), Exclusion(False, False, False, False)),
        (flagged(Flag.CONFLICT_PROPERTY), [], set(), Exclusion(False, True, False, False)),
        (flagged(Flag.CONFLICT_SELF_MGMT), [], set(), Exclusion(False, False, True, False)),
        (flagged(Flag.CONFLICT_TARGET), [], set(), Exclusion(True, False, False, False)),
        (flagged(Flag.IDENTITY_SHIELD), [], set(), Exclusion(False, False, False, True)),
        (flagged(Flag.SENSITIVE_PI), [], set(), Exclusion(False, False, False, True)),
        (PLAIN_LEAF, [], {Side.GRID_HEAD}, Exclusion(True, False, False, False)),
        (PLAIN_LEAF, [], {Side.PROPERTY}, Exclusion(False, True, False, False)),
        (PLAIN_LEAF, [], {Side.SELF_MGMT_GROUP}, Exclusion(False, False, True, False)),
        (PLAIN_LEAF, [], set(Side), Exclusion(True, True, True, False)),
        # Before triage a mere guess takes out the accused side and shields the reporter ...
        (PLAIN_LEAF, [PLAIN_LEAF, flagged(Flag.CONFLICT_PROPERTY)], set(), Exclusion(False, True, False, False)),
        (PLAIN_LEAF, [flagged(Flag.CONFLICT_SELF_MGMT)], set(), Exclusion(False, False, True, False)),
        (PLAIN_LEAF, [flagged(Flag.IDENTITY_SHIELD)], set(), Exclusion(False, False, False, True)),
        (PLAIN_LEAF, [flagged(Flag.SENSITIVE_PI)], set(), Exclusion(False, False, False, True)),
        # ... but no guess takes the grid head out, who has to triage it.
        (PLAIN_LEAF, [flagged(Flag.CONFLICT_TARGET)], set(), Exclusion(False, False, False, False)),
    ],
)
def test_the_accused_side_is_taken_out_pessimistically(chosen, guessed, avoid, expected):
    assert exclusion(chosen, guessed, frozenset(avoid)) == expected


def test_the_shipped_leaves_about_a_side_take_that_side_out():
    for each in catalogue.default().leaves:
        taken = exclusion(each, [], frozenset())
        assert taken.property is (Flag.CONFLICT_PROPERTY in each.flags)
        assert taken.self_mgmt is (Flag.CONFLICT_SELF_MGMT in each.flags)
        assert taken.grid is (Flag.CONFLICT_TARGET in each.flags)
        assert taken.shielded is bool(each.flags & {Flag.IDENTITY_SHIELD, Flag.SENSITIVE_PI})


def test_the_place_of_a_private_matter_is_somebodys_home():
    assert [is_private(leaf("BLD-09", scope=scope)) for scope in Scope] == [False, True, False]
    assert place_item(private=True) is Item.PRIVATE_PLACE
    assert place_item(private=False) is Item.PUBLIC_PLACE


def test_the_words_of_every_event_belong_to_a_row_of_the_matrix():
    assert set(EVENT_ITEM) == set(Verb)
    raw = {verb for verb, item in EVENT_ITEM.items() if item is Item.RAW}
    said_by_residents = {row.verb for row in workflow.TABLE if row.door is workflow.Door.RESIDENT} | {Verb.SUBMIT}
    assert {Verb.SUBMIT, Verb.INFO, Verb.WITHDRAW} <= raw <= said_by_residents
    assert {EVENT_ITEM[verb] for verb in said_by_residents} <= {Item.RAW, Item.RATING, Item.URGES}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("王明", "王**"), ("欧阳小明", "欧**"), ("A", "A**"), ("", "")],
)
def test_a_masked_name_keeps_its_first_character_and_hides_its_length(name, shown):
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234-5678", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("88886666", "****66"),
        ("0571-88886666", "****66"),
        ("12345", "****45"),
        ("", "****"),
    ],
)
def test_a_masked_phone_keeps_only_its_ends(phone, shown):
    assert masked_phone(phone) == shown
