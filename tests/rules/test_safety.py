import pytest

from app.rules import catalogue, safety
from app.rules.vocabulary import Complexity


def test_only_emergency_leaves_have_signs_and_each_has_some():
    urgent = {leaf.code for leaf in catalogue.default().leaves if leaf.complexity is Complexity.EMERGENCY}
    assert set(safety.leaves()) == urgent
    assert safety.lasting() < urgent


@pytest.mark.parametrize(
    ("text", "leaf"), [("电梯里有人出不来", "BLD-01"), ("厨房煤气漏了", "SAF-06"), ("敲门老人没人应", "SVC-03")]
)
def test_signs_near_each_other_speak_for_their_leaf(text, leaf):
    assert leaf in {sign.leaf for sign in safety.signs(text)}


def test_everyday_words_are_no_signs():
    assert safety.signs("楼道灯坏了想换一个") == []
