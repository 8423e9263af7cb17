import io
import zipfile
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from app.rules import catalogue, classify, router_model
from app.rules.router_model import UnreadableModelError
from app.training import figures, router, sentences
from app.training.sentences import Example

LEAVES = ("BLD-09", "BLD-02", "BLD-01", "ENV-02", "TRF-02", "SAF-07")
SHORT = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def known():
    return catalogue.default()


@pytest.fixture(scope="module")
def few():
    return [example for example in sentences.shipped() if example.leaf in LEAVES and not example.alt]


@pytest.fixture(scope="module")
def small(few, known):
    return router.train(few, catalogue=known)


def test_the_same_sentences_give_the_same_file(few, known, small):
    assert router_model.dump(router.train(few, catalogue=known)) == router_model.dump(small)


def test_a_model_survives_the_file_but_for_rounding(small, known):
    again = router_model.read(router_model.dump(small))
    assert (again.version, again.classes, again.grams) == (small.version, small.classes, dict(small.grams))
    for text in ("三楼的灯不亮", "垃圾三天没人收"):
        one, two = (classify.suggest(known, text, model=model)[0] for model in (small, again))
        assert one.leaf == two.leaf
        assert one.probability == pytest.approx(two.probability, abs=0.02)


@pytest.mark.parametrize("data", [b"", b"PK", b"nonsense" * 100])
def test_what_is_no_model_is_refused(data):
    with pytest.raises(UnreadableModelError):
        router_model.read(data)


def test_a_file_with_parts_missing_is_refused(small):
    whole = zipfile.ZipFile(io.BytesIO(router_model.dump(small)))
    rest = io.BytesIO()
    with zipfile.ZipFile(rest, "w") as packed:
        packed.writestr("meta.npy", whole.read("meta.npy"))
    with pytest.raises(UnreadableModelError):
        router_model.read(rest.getvalue())


def test_extra_texts_teach_what_the_sentences_do_not_know(few, known):
    told = [Example("TRF-02", f"第{number}区的飞毯又横在路当中") for number in range(20)]
    assert classify.suggest(known, "飞毯横在路中", model=router.train(few, told, catalogue=known))[0].leaf == "TRF-02"


def test_what_a_sentence_says_of_its_urgency_weighs_more_than_its_leaf(known):
    told = [Example("BLD-01", "飞毯卡住了", urgent=False), Example("BLD-09", "飞毯冒火了", urgent=True)]
    job = router.task([*told, Example("BLD-01", "有人困在里面")], known)
    assert job.danger.tolist() == [0, 1, 1]


def test_what_is_equally_good_counts_as_right(known, small):
    rows = [Example("ENV-02", "楼道灯坏了不亮", ("BLD-09",)), Example("BLD-09", "楼道灯坏了不亮")]
    got = figures.evaluate(small, rows, catalogue=known)
    assert (got.rows, got.top1, got.top3, got.macro_f1) == (2, 1, 1, 1)


def test_calibration_is_the_gap_between_confidence_and_truth(known, small):
    rows = [Example("ENV-02", "楼道灯坏了不亮"), Example("BLD-09", "楼道灯坏了不亮")]
    sure = classify.suggest(known, "楼道灯坏了不亮", model=small)[0].probability
    assert figures.evaluate(small, rows, catalogue=known).calibration == pytest.approx(abs(sure - 0.5))


def test_nothing_cannot_be_measured(known, small):
    with pytest.raises(ValueError, match="nothing to measure"):
        figures.evaluate(small, [], catalogue=known)


def test_the_latest_quarter_is_kept_for_measuring():
    start = datetime(2026, 11, 1, tzinfo=SHORT)
    rows = [Example("ENV-02", f"垃圾{day}", at=start + timedelta(days=day)) for day in range(8)]
    earlier, later = router.by_time([rows[7], Example("ENV-02", "不知何时"), *rows[:7]])
    assert [row.text for row in later] == ["垃圾6", "垃圾7"]
    assert len(earlier) == 7


def test_probabilities_add_up_and_keep_the_order_of_the_scores():
    scores = np.array([0.3, -1.0, 0.1, -0.2, -0.9, -1.1, -1.2], np.float32)
    each = router_model.probabilities(scores, 0.1)
    assert each.sum() == pytest.approx(1)
    assert list(np.argsort(-each, kind="stable")[:2]) == [0, 2]
    assert each.min() > 0


def test_the_shipped_file_is_small_and_knows_every_leaf(known):
    model = router_model.shipped()
    assert set(model.classes) == {leaf.code for leaf in known.leaves}
    assert len(router_model.dump(model)) < 5_000_000
