"""Who may triage in the grid head's stead, and from when (domain rules §2.1, §3.3)."""

from datetime import datetime, timedelta

import pytest

from app.rules.sla import SHANGHAI
from app.rules.standins import ALL_FILLED, Cover, Waiting, backups, chief, opens_at, triager
from app.rules.vocabulary import Role, Side

GRID, SELF, PROPERTY = Role.GRID_HEAD, Role.SELF_MGMT_HEAD, Role.PROPERTY
SECRETARY, COMMUNITY = Role.COMMITTEE_SECRETARY, Role.COMMUNITY


def at(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def waiting(when="03-02 09:00", **over):
    return Waiting(at(when), **({"grid_acted": False, "barred": False} | over))


@pytest.mark.parametrize(
    ("submitted", "absent", "first", "second"),
    [
        ("03-02 09:00", False, "03-02 11:00", "03-02 12:00"),
        ("03-02 17:30", False, "03-02 19:30", "03-03 08:30"),
        ("03-02 23:50", False, "03-03 10:00", "03-03 11:00"),
        ("03-02 09:00", True, "03-02 09:00", "03-02 10:00"),
        ("03-02 23:50", True, "03-02 23:50", "03-03 09:00"),
    ],
)
def test_the_door_opens_after_two_silent_service_hours_or_at_once_and_to_the_property_an_hour_later(
    submitted, absent, first, second
):
    assert opens_at(at(submitted), absent=absent) == {SELF: at(first), PROPERTY: at(second)}
    ticket = waiting(submitted)
    for now, expected in (
        (at(first) - timedelta(seconds=1), set()),
        (at(first), {SELF}),
        (at(second) - timedelta(seconds=1), {SELF}),
        (at(second), {SELF, PROPERTY}),
    ):
        assert backups(ticket, now, absent=absent) == expected


@pytest.mark.parametrize("absent", [False, True])
@pytest.mark.parametrize("over", [{"barred": True}, {"grid_acted": True}])
def test_what_is_shielded_or_in_the_grid_heads_hands_already_is_nobody_elses(over, absent):
    assert backups(waiting(**over), at("03-09 09:00"), absent=absent) == set()


@pytest.mark.parametrize(
    ("avoid", "left"),
    [
        ({Side.PROPERTY}, {SELF}),
        ({Side.SELF_MGMT_GROUP}, {PROPERTY}),
        ({Side.PROPERTY, Side.SELF_MGMT_GROUP}, set()),
    ],
)
def test_a_side_that_the_reporter_avoids_never_stands_in(avoid, left):
    assert backups(waiting(avoid=frozenset(avoid)), at("03-09 09:00"), absent=False) == left


@pytest.mark.parametrize(
    ("vacant", "grid_recused", "self_recused", "triages", "decides"),
    [
        (set(), False, False, GRID, GRID),
        (set(), False, True, GRID, GRID),
        ({GRID}, False, False, SECRETARY, SECRETARY),
        ({GRID, SECRETARY}, False, False, COMMUNITY, COMMUNITY),
        (set(), True, False, SELF, SECRETARY),
        ({SELF}, True, False, SECRETARY, SECRETARY),
        (set(), True, True, SECRETARY, SECRETARY),
        ({SELF, SECRETARY}, True, False, COMMUNITY, COMMUNITY),
        ({SECRETARY}, True, False, SELF, COMMUNITY),
        ({SECRETARY}, True, True, COMMUNITY, COMMUNITY),
        ({GRID, SELF, SECRETARY, COMMUNITY}, True, False, None, None),
    ],
)
def test_somebody_triages_and_somebody_has_the_last_word_as_long_as_any_of_them_is_in_office(
    vacant, grid_recused, self_recused, triages, decides
):
    cover = Cover(ALL_FILLED - vacant)
    assert triager(cover, grid_recused=grid_recused, self_mgmt_recused=self_recused) == triages
    assert chief(cover, grid_recused=grid_recused) == decides
