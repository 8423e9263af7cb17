"""The figures of `benchmarks/redaction.py`, held: what the draft finds in sentences written for it."""

import pytest

from app.rules.redaction import Private
from benchmarks import redaction as benchmark

LEAST_RECALL, LEAST_PRECISION, LEAST_OF_A_KIND = 0.97, 0.95, 0.93


@pytest.fixture(scope="module")
def sentences():
    return benchmark.read()


@pytest.fixture(scope="module")
def judged(sentences):
    return [benchmark.judge(sentence) for sentence in sentences]


def told(items, part):
    return [f"{span.kind}: {item.sentence.text}" for item in items for span in getattr(item, part)]


def test_the_set_is_large_and_a_quarter_of_it_names_nobody(sentences):
    assert len(sentences) >= 320
    assert sum(not sentence.private for sentence in sentences) >= len(sentences) // 4
    assert len({sentence.text for sentence in sentences}) == len(sentences)


def test_every_kind_has_its_sentences(sentences):
    kinds = [span.kind for sentence in sentences for span in sentence.private]
    assert {kind: kinds.count(kind) for kind in set(Private) - {Private.NUMBER} if kinds.count(kind) < 10} == {}


def test_the_marks_of_a_sentence_are_no_part_of_it():
    sentence = benchmark.parse({"part": "first", "text": "我叫〔name:王明〕，电话〔phone:13800130000〕。"})
    assert sentence.text == "我叫王明，电话13800130000。"
    assert [(sentence.text[span.start : span.end], span.kind) for span in sentence.private] == [
        ("王明", "name"),
        ("13800130000", "phone"),
    ]


def test_a_private_part_that_is_masked_but_for_one_symbol_is_missed():
    sentence = benchmark.parse({"part": "first", "text": "〔name:阿王明〕，电话13800130000"})
    judged = benchmark.judge(sentence)
    assert [span.kind for span in judged.missed] == ["name"]
    assert [span.kind for span in judged.wrong] == ["phone"]


def test_nearly_everything_private_is_found(judged):
    assert benchmark.figures(judged).recall >= LEAST_RECALL, told(judged, "missed")


def test_nearly_everything_found_is_private(judged):
    assert benchmark.figures(judged).precision >= LEAST_PRECISION, told(judged, "wrong")


def test_no_kind_is_found_much_less_than_the_others(judged):
    shares = benchmark.figures(judged).recall_of
    assert {kind: share for kind, share in shares.items() if share < LEAST_OF_A_KIND} == {}, told(judged, "missed")


def test_sentences_without_a_person_stay_as_they_were_written(judged):
    nobody = [item for item in judged if not item.sentence.private]
    touched = [item.sentence.text for item in nobody if item.found]
    assert len(touched) <= len(nobody) // 100, touched
