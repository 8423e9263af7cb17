import pytest

from app.rules import catalogue, router_model
from app.rules.catalogue import OTHER, UnknownCategoryError
from app.rules.choosing import choose
from app.rules.vocabulary import CategorySource

KNOWN = catalogue.default()


def chosen(text, category=None, least=0.35):
    return choose(KNOWN, text, category, least=least)


def test_the_reporters_leaf_stands_whatever_the_words_say():
    found = chosen("电梯停了好几天", "env-02")
    assert (found.leaf.code, found.source, found.probability, found.top) == (
        "ENV-02",
        CategorySource.REPORTER,
        None,
        "ENV",
    )
    assert "BLD-02" in {guess.leaf for guess in found.guesses}


def test_without_a_pick_the_likeliest_leaf_is_taken_with_its_probability_and_the_models_version():
    found = chosen("楼道灯坏了，晚上看不见")
    assert (found.leaf.code, found.source, found.top) == ("BLD-09", CategorySource.SUGGESTED, None)
    assert found.probability > 0.8
    assert found.model == router_model.in_use().version


def test_words_that_say_nothing_are_something_else():
    found = chosen("zzzz")
    assert (found.leaf.code, found.probability, found.guesses) == (OTHER, 0.0, ())


def test_a_picked_class_keeps_the_guess_inside_it():
    assert chosen("楼上漏水到我家了", "BLD").leaf.parent == "BLD"
    assert chosen("楼上半夜吵", "NOI").leaf.code == "NOI-01"


def test_where_no_leaf_of_the_class_fits_only_the_class_is_kept():
    found = chosen("就是那个", "TRF", least=0.9)
    assert (found.leaf.code, found.top) == (OTHER, "TRF")


def test_words_that_sound_like_danger_win_over_a_harmless_guess_inside_the_picked_class_only():
    assert chosen("电梯往下坠了好几层").leaf.code == "BLD-15"
    found = chosen("电梯往下坠了好几层", "ENV")
    assert found.leaf.code != "BLD-15"
    assert "BLD-15" in {alarm.leaf for alarm in found.alarms}


@pytest.mark.parametrize("category", ["XXX", "BLD-99"])
def test_a_class_or_leaf_that_does_not_exist_is_an_error(category):
    with pytest.raises(UnknownCategoryError):
        chosen("楼道灯坏了", category)
