import io
import json
import zipfile
from itertools import product

import numpy as np
import pytest

from app.rules import router_model
from app.training import learner

FILLERS = ("昨天", "已经", "一直", "突然", "好像", "又是")
LABEL = {("灯", "坏"): "电", ("水", "漏"): "电", ("灯", "漏"): "管", ("水", "坏"): "管"}
WITHOUT = learner.Setting(reach=0, rarest=1)
WITH = WITHOUT._replace(reach=10)


def told(thing, fault, filler, turned=False):
    return f"{fault}{filler}{thing}" if turned else f"{thing}{filler}{fault}"


@pytest.fixture(scope="module")
def crossed():
    """Neither the thing nor the fault tells the label, only both of them."""
    return [
        (told(*pair, filler, turned), LABEL[pair]) for pair, filler, turned in product(LABEL, FILLERS, (True, False))
    ]


def taught(rows, setting):
    return learner.fit(learner.task([text for text, _ in rows], [{label: 1.0} for _, label in rows]), setting)


def guess(model, text):
    values = router_model.scores(model, router_model.look(model, router_model.fold(text)), {})
    return model.classes[int(values[:-1].argmax())]


@pytest.fixture(scope="module")
def paired(crossed):
    return taught(crossed, WITH)


def test_a_pair_is_two_letters_of_one_clause_in_no_order():
    assert router_model.pairs("水管漏，急", 10) == router_model.pairs("漏管水，急", 10)
    assert len(router_model.pairs("水管漏，急", 10)) == 3


def test_a_pair_passes_over_digits_and_reaches_only_so_far():
    assert router_model.pairs("灯00坏", 1) == router_model.pairs("灯坏", 1)
    assert len(router_model.pairs("灯不亮", 1)) == 2
    assert router_model.pairs("灯不亮", 0) == []


def test_pairs_tell_what_neither_letter_tells_alone(crossed, paired):
    asked = [(told(*pair, "最近", turned), label) for pair, label in LABEL.items() for turned in (True, False)]
    assert [guess(paired, text) for text, _ in asked] == [label for _, label in asked]
    without = taught(crossed, WITHOUT)
    assert [guess(without, text) for text, _ in asked] != [label for _, label in asked]


def test_a_model_with_pairs_survives_the_file_and_shows_the_words_it_went_by(paired):
    again = router_model.read(router_model.dump(paired))
    assert (again.reach, again.grams) == (10, dict(paired.grams))
    seen = router_model.look(again, "水最近漏")
    assert set("".join(router_model.spans(seen, 0))) <= set(seen.text)


def test_a_file_from_before_there_were_pairs_is_read(crossed):
    model = taught(crossed, WITHOUT)
    whole = zipfile.ZipFile(io.BytesIO(router_model.dump(model)))
    older = io.BytesIO()
    with zipfile.ZipFile(older, "w") as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name) if name != "meta.npy" else without_reach(whole.read(name)))
    assert router_model.read(older.getvalue()).reach == 0


def without_reach(part):
    meta = json.loads(np.load(io.BytesIO(part)).tobytes())
    del meta["reach"]
    body = io.BytesIO()
    np.save(body, np.frombuffer(json.dumps(meta).encode(), np.uint8))
    return body.getvalue()


def test_a_fold_is_judged_by_a_learner_that_has_not_seen_its_group(crossed):
    rows = [*crossed, ("飞毯又来了", "毯"), ("飞毯没走", "毯")]
    labels = [{label: 1.0} for _, label in rows]
    groups = [*(str(number) for number in range(len(crossed))), "same", "same"]
    job = learner.task([text for text, _ in rows], labels, groups)
    held = learner.left_out(job, WITHOUT)[:, :-1]
    assert all(job.classes[row.argmax()] != "毯" for row in held[-2:])
