"""How well a model does on labelled texts; needs no scikit-learn."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from app.rules import classify
from app.rules.catalogue import Catalogue
from app.rules.router_model import Model
from app.training.sentences import Example

BINS = 10


class Figures(NamedTuple):
    """How well a model does on some examples; `calibration` is the mean gap between confidence and truth."""

    rows: int
    top1: float
    top3: float
    macro_f1: float
    calibration: float


def evaluate(model: Model, rows: Sequence[Example], *, catalogue: Catalogue) -> Figures:
    """What the model makes of these examples; raises ValueError where there are none."""
    if not rows:
        raise ValueError("nothing to measure on")
    guesses = [classify.suggest(catalogue, row.text, model=model) for row in rows]
    right = [guess[0].leaf in (row.leaf, *row.alt) for guess, row in zip(guesses, rows, strict=True)]
    near = [
        not {item.leaf for item in guess}.isdisjoint((row.leaf, *row.alt))
        for guess, row in zip(guesses, rows, strict=True)
    ]
    truth = [guess[0].leaf if hit else row.leaf for guess, hit, row in zip(guesses, right, rows, strict=True)]
    return Figures(
        rows=len(rows),
        top1=sum(right) / len(rows),
        top3=sum(near) / len(rows),
        macro_f1=_macro_f1(truth, [guess[0].leaf for guess in guesses]),
        calibration=_gap([guess[0].probability for guess in guesses], right),
    )


def _macro_f1(truth: list[str], guess: list[str]) -> float:
    """The mean over all leaves that occur, each counting the same."""
    pairs = list(zip(truth, guess, strict=True))
    each = []
    for leaf in sorted(set(truth) | set(guess)):
        both = sum(one == two == leaf for one, two in pairs)
        each.append(2 * both / sum((one == leaf) + (two == leaf) for one, two in pairs))
    return float(np.mean(each))


def _gap(confidence: list[float], right: list[bool]) -> float:
    bins = np.minimum((np.array(confidence) * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, np.array(confidence) - np.array(right, float), BINS)
    return float(np.abs(gaps).sum() / len(right))
