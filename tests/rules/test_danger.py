"""Kinds of danger, and what only sounds like it: sentences of our own that nothing was taught with."""

import csv
from pathlib import Path

import pytest

from app.rules import catalogue, classify
from app.rules.router_model import fold
from app.training import sentences

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "data" / "danger.csv"
LEAST_FOUND, MOST_FALSE = 0.9, 0.08
ALIKE = 0.6


@pytest.fixture(scope="module")
def rows():
    with FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def rings():
    taxonomy = catalogue.default()
    return lambda text: bool(classify.emergency(taxonomy, text))


def trigrams(text):
    folded = fold(text)
    return {folded[at : at + 3] for at in range(len(folded) - 2)}


def test_there_are_many_sentences_of_either_kind_with_known_leaves(rows):
    urgent = [row for row in rows if row["emergency"] == "1"]
    assert len(rows) >= 150
    assert len(urgent) >= 60
    for row in rows:
        catalogue.default().leaf(row["leaf"])


def test_nothing_was_taught_with_them(rows):
    taught = [trigrams(example.text) for example in sentences.shipped()]
    for row in rows:
        own = trigrams(row["text"])
        nearest = max(len(own & other) / len(own | other) for other in taught if own | other)
        assert nearest < ALIKE, row["text"]


def test_danger_is_heard_and_what_sounds_like_it_seldom_rings(rows, rings):
    heard = [rings(row["text"]) for row in rows if row["emergency"] == "1"]
    false = [rings(row["text"]) for row in rows if row["emergency"] != "1"]
    assert sum(heard) >= LEAST_FOUND * len(heard)
    assert sum(false) <= MOST_FALSE * len(false)


@pytest.mark.parametrize(
    ("now", "calm"),
    [
        ("电梯里困了人，快来", "上个月电梯困过人，早就修好了，想要维修记录"),
        ("煤气漏了，满屋子都是味", "咨询一下，能不能装个煤气报警器"),
        ("楼下着火了，烟很大", "建议搞一次着火逃生演练"),
        ("老人摔倒在门口起不来", "感谢邻居，摔倒的老人已经出院了"),
        ("两个人打起来了，头上流血", "两家为晒衣服闹别扭，没有动手，请调解"),
        ("水管爆了，往配电房里灌", "爆过的水管已经修好，路面还没铺平"),
    ],
)
def test_what_is_over_wished_for_or_denied_does_not_ring(rings, now, calm):
    assert (rings(now), rings(calm)) == (True, False)
