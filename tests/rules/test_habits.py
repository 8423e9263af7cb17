import pytest

from app.rules.habits import Habit, Handed, found
from app.rules.routing_rules import Rule
from app.rules.vocabulary import Role

PROPERTY, CAPTAIN = Role.PROPERTY, Role.SECURITY_CAPTAIN


def handed(lead, times, leaf="BLD-09", wanted=PROPERTY):
    return [Handed(leaf, wanted, lead)] * times


@pytest.mark.parametrize(
    ("elsewhere", "as_usual", "is_one"), [(8, 0, True), (7, 0, False), (8, 2, True), (8, 3, False), (0, 20, False)]
)
def test_a_habit_is_eight_times_or_more_and_four_of_five(elsewhere, as_usual, is_one):
    habits = found(handed(CAPTAIN, elsewhere) + handed(PROPERTY, as_usual), ())
    expected = [Habit("BLD-09", "路灯/楼道灯不亮", CAPTAIN, elsewhere, elsewhere + as_usual)]
    assert habits == (expected if is_one else [])


def test_what_a_row_about_the_leaf_says_already_is_not_said_again():
    rule = Rule(category="BLD-09", lead="stair_head")
    assert found(handed(CAPTAIN, 9), (rule,)) == []
    assert found(handed(CAPTAIN, 9), (rule.model_copy(update={"on": False}),))


def test_no_habit_goes_round_the_domain_rules():
    assert found(handed(PROPERTY, 20, "SAF-01", Role.POLICE), ()) == []
    assert found(handed(PROPERTY, 20, "GOV-01", Role.SELF_MGMT_HEAD), ()) == []
    assert found(handed(Role.STREET, 20), ()) == []


def test_the_strongest_habit_comes_first():
    habits = found(handed(CAPTAIN, 8, "BLD-10") + handed(CAPTAIN, 9), ())
    assert [habit.leaf for habit in habits] == ["BLD-09", "BLD-10"]
