import pytest

from app.rules import catalogue
from app.rules.catalogue import OTHER, alternatives
from app.rules.keywords import Hit, hits, normalise


@pytest.fixture(scope="module")
def shipped():
    return catalogue.default()


def best(shipped, text):
    return max(hits(shipped, normalise(text)), key=lambda hit: hit.score, default=None)


@pytest.mark.parametrize("text", ["", "   ", "你好", "123456", "🙂🙂", "其他"])
def test_words_that_say_nothing_hit_nothing(shipped, text):
    assert hits(shipped, normalise(text)) == []


def test_a_keyword_counts_with_its_length_squared_and_says_what_it_saw(shipped):
    assert best(shipped, "出现了白蚁") == Hit("ENV-07", 4, ("白蚁",))
    assert best(shipped, "老鼠和蟑螂") == Hit("ENV-07", 8, ("老鼠", "蟑螂"))


def test_a_keyword_inside_a_longer_one_does_not_count_again(shipped):
    assert best(shipped, "飞线充电") == Hit("SAF-04", 16, ("飞线充电",))


def test_keywords_and_the_best_pattern_add_up(shipped):
    assert best(shipped, "墙砖掉") == Hit("BLD-08", 3**2 + 8 + 2 * 2, ("墙砖掉", "墙", "掉", "砖"))


def test_each_further_part_of_a_pattern_adds_two(shipped):
    assert best(shipped, "陌生的人在门口") == Hit("SAF-08", 12, ("陌生", "人", "门"))


def test_the_parts_of_a_pattern_may_come_in_any_order(shipped):
    assert best(shipped, "掉了一块楼上的砖").leaf == best(shipped, "楼上掉了一块砖").leaf


def test_the_parts_of_a_pattern_must_be_near_each_other(shipped):
    near, far = "窗边" + "啊" * 10 + "扔", "窗边" + "啊" * 20 + "扔"
    assert best(shipped, near).leaf == "SAF-01"
    assert best(shipped, far) is None


@pytest.mark.parametrize("text", ["KTV太吵", "ktv太吵", "ＫＴＶ太吵", "K T V\n太 吵", "Ｋ　ｔ　Ｖ太吵"])
def test_width_case_and_spaces_change_nothing(shipped, text):
    assert normalise(text) == "ktv太吵"
    assert best(shipped, text).leaf == "NOI-05"


def test_every_keyword_alone_speaks_for_its_own_leaf(shipped):
    for leaf in shipped.leaves:
        for word in leaf.keywords:
            if leaf.code != OTHER:
                assert leaf.code in {hit.leaf for hit in hits(shipped, normalise(word))}, (leaf.code, word)


def test_every_pattern_alone_speaks_for_its_own_leaf(shipped):
    for leaf in shipped.leaves:
        for pattern in leaf.patterns:
            text = "".join(part[0] for part in alternatives(pattern))
            assert leaf.code in {hit.leaf for hit in hits(shipped, normalise(text))}, (leaf.code, pattern)
