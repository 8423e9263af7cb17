"""The learner: texts and labels in, a linear model out. Families of linear SVMs, folded into one matrix of weights.

All families judge each label against the rest on sublinear tf-idf of runs and pairs of characters. One weighs every
gram by how unevenly it is spread over the labels, one by its log-odds for the label that is judged (after Wang and
Manning, "Baselines and Bigrams", 2012), and one knows only the runs, weighed by how much the first two went by them.
Each gram's factor goes into its weight: serving knows nothing of this.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from app.rules import classify, router_model, safety
from app.rules.catalogue import Catalogue
from app.rules.router_model import Model
from app.rules.vocabulary import Complexity

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

COOLEST, HOTTEST = 0.01, 10.0


class Setting(NamedTuple):
    """What may be turned. `penalty`: how far one text may bend the weights; `lift`: how much rare labels count.

    `balance`: 0 lets every text count the same, 1 every label. `reach`: how far apart the characters of a pair may be.
    """

    longest: int = 3
    reach: int = 10
    rarest: int = 2
    penalty: float = 0.9
    lift: float = 1.0
    own_penalty: float = 0.3
    own_lift: float = 1.0
    own_share: float = 0.5
    again_penalty: float = 0.2
    again_share: float = 0.2
    sign_share: float = 0.3
    balance: float = 1.0
    alt_share: float = 0.5
    danger_penalty: float = 0.2
    danger_lift: float = 2.0
    false_alarms: float = 0.05
    lasting_share: float = 0.2
    ease: float = 0.4
    hit_factor: float = 1.0
    smoothing: float = 0.5
    folds: int = 4
    seed: int = 7


class Task(NamedTuple):
    """Texts, and how right each class is for them: 1 for the label, less for one that is as good."""

    folded: list[str]
    right: Matrix  # texts × classes
    classes: tuple[str, ...]
    hits: Matrix  # texts × hit_leaves
    hit_leaves: tuple[str, ...]
    groups: list[str]
    danger: Matrix  # for each text 1 (danger), 0 (none) or between (leave it out)
    lasting: npt.NDArray[np.bool_]  # whether its danger may be one of long standing


class _Space(NamedTuple):
    """The grams in the order of their columns, and how rare each is."""

    counter: CountVectorizer
    idf: Matrix


class _Linear(NamedTuple):
    weights: Matrix  # classes and danger × columns: grams, then hits
    intercept: Matrix


def task(
    texts: Sequence[str],
    labels: Sequence[Mapping[str, float]],
    groups: Sequence[str] | None = None,
    catalogue: Catalogue | None = None,
    urgent: Mapping[int, bool] | None = None,
) -> Task:
    """Readies texts for learning. With a catalogue its words are features too; groups never span two folds.

    `urgent` says by number of the text whether it is danger, where its labels alone would tell wrongly.
    """
    classes = tuple(sorted({label for weighed in labels for label in weighed}))
    number = {label: at for at, label in enumerate(classes)}
    right = np.zeros((len(texts), len(classes)))
    for row, weighed in enumerate(labels):
        for label, weight in weighed.items():
            right[row, number[label]] = weight
    names, hits = _hits(texts, catalogue)
    perilous = frozenset(
        leaf.code for leaf in (catalogue.leaves if catalogue else ()) if leaf.complexity is Complexity.EMERGENCY
    )
    danger = right[:, [label in perilous for label in classes]].max(axis=1, initial=0.0)
    lasting = (right[:, [label in safety.lasting() for label in classes]] == 1).any(axis=1)
    for row, told in (urgent or {}).items():
        danger[row], lasting[row] = float(told), False
    return Task(
        [router_model.fold(text) for text in texts],
        right,
        classes,
        hits,
        names,
        list(groups) if groups is not None else [str(row) for row in range(len(texts))],
        danger,
        lasting,
    )


def _hits(texts: Sequence[str], catalogue: Catalogue | None) -> tuple[tuple[str, ...], Matrix]:
    """What the taxonomy's words and the signs of danger say: names of columns, and texts × columns."""
    found = [classify.words(catalogue, text) if catalogue else {} for text in texts]
    names = tuple(sorted({name for each in found for name in each}))
    place = {name: at for at, name in enumerate(names)}
    hits = np.zeros((len(texts), len(names)))
    for row, each in enumerate(found):
        for name, score in each.items():
            hits[row, place[name]] = router_model.hit_value(score)
    return names, hits


def fit(job: Task, setting: Setting) -> Model:
    """Learns from all texts and calibrates on folds that were left out; the same input gives the same model."""
    held = left_out(job, setting)
    temperature = calibrated(held[:, :-1], job.right) * setting.ease
    quiet = held[job.danger == 0, -1]
    space = _space(job, setting)
    linear = _learn(job, space, np.arange(len(job.folded)), setting)
    if len(quiet) and job.danger.any():
        linear.intercept[-1] -= np.quantile(quiet, 1 - setting.false_alarms)
    return _model(job, setting, space, linear, temperature)


def left_out(job: Task, setting: Setting) -> Matrix:
    """The scores of each text by a learner that has not seen its group: texts × classes and danger."""
    scores = np.zeros((len(job.folded), len(job.classes) + 1))
    folds = GroupKFold(setting.folds, shuffle=True, random_state=setting.seed)
    for seen, unseen in folds.split(job.folded, groups=job.groups):
        scores[unseen] = _scores(job, setting, seen, unseen)
    return scores


def calibrated(scores: Matrix, right: Matrix) -> float:
    """The temperature at which the probabilities of what is right are likeliest; an equally good leaf is right."""
    accepted = right > 0

    def surprise(logarithm: float) -> float:
        chances = router_model.probabilities(scores.astype(np.float32), float(np.exp(logarithm)))
        return -float(np.log(np.maximum((chances * accepted).sum(axis=1), 1e-9)).mean())

    bounds = (np.log(COOLEST), np.log(HOTTEST))
    return float(np.exp(minimize_scalar(surprise, bounds=bounds, method="bounded").x))


def _scores(job: Task, setting: Setting, seen: Rows, unseen: Rows) -> Matrix:
    space = _space(job._replace(folded=[job.folded[row] for row in seen]), setting)
    linear = _learn(job, space, seen, setting)
    return np.asarray(_columns(job, space, unseen, setting) @ linear.weights.T + linear.intercept)


def _space(job: Task, setting: Setting) -> _Space:
    counter = CountVectorizer(
        analyzer=partial(router_model.grams, longest=setting.longest, reach=setting.reach), min_df=setting.rarest
    )
    counts = counter.fit_transform(job.folded)
    texts_with = np.bincount(counts.indices, minlength=counts.shape[1])
    return _Space(counter, np.log((1 + counts.shape[0]) / (1 + texts_with)) + 1)


def _columns(job: Task, space: _Space, rows: Rows, setting: Setting) -> Any:  # noqa: ANN401 -- scipy has no types
    """Sublinear tf-idf of unit length, and the taxonomy's hits beside it."""
    counts = space.counter.transform([job.folded[row] for row in rows]).astype(float)
    counts.data = 1 + np.log(counts.data)
    valued = counts.multiply(space.idf).tocsr()
    lengths = np.sqrt(np.asarray(valued.multiply(valued).sum(axis=1)).ravel())
    unit = sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ valued
    return sparse.hstack([unit, sparse.csr_matrix(job.hits[rows] * setting.hit_factor)]).tocsr()


def _learn(job: Task, space: _Space, rows: Rows, setting: Setting) -> _Linear:
    columns, right = _columns(job, space, rows, setting), job.right[rows]
    odds = _log_odds(columns, right, setting.smoothing)
    uneven = odds.std(axis=0)
    spread = np.tile(uneven / max(uneven.mean(), 1e-9), (len(odds), 1))
    own = np.abs(odds) / np.maximum(np.abs(odds).mean(axis=1, keepdims=True), 1e-9)
    grams = len(space.idf)
    spread[:, grams:] = own[:, grams:] = [setting.sign_share if name[0] in "!~" else 1 for name in job.hit_leaves]
    first = _family(columns, right, spread, setting.penalty, setting.lift, setting)
    second = _family(columns, right, own, setting.own_penalty, setting.own_lift, setting)
    linear = _blend(first, second, setting.own_share)
    if setting.again_share:
        useful = np.sqrt((linear.weights[:, :grams] ** 2).mean(axis=0))
        runs = np.where(_runs(space), useful / max(useful.mean(), 1e-9), 0)
        again = np.hstack([np.tile(runs, (len(odds), 1)), own[:, grams:]])
        third = _family(columns, right, again, setting.again_penalty, 1.0, setting)
        linear = _blend(linear, third, setting.again_share)
    danger, bias = _danger(columns, job.danger[rows], job.lasting[rows], grams, setting)
    return _Linear(np.vstack([linear.weights, danger]), np.append(linear.intercept, bias))


def _blend(one: _Linear, other: _Linear, share: float) -> _Linear:
    """Two families as one: `share` of it is the other's."""
    return _Linear(*(mine * (1 - share) + theirs * share for mine, theirs in zip(one, other, strict=True)))


def _runs(space: _Space) -> npt.NDArray[np.bool_]:
    """Which grams are runs, and not pairs."""
    return np.array([router_model.WITH not in gram for gram in space.counter.get_feature_names_out()])


def _danger(
    columns: Any,  # noqa: ANN401
    danger: Matrix,
    lasting: npt.NDArray[np.bool_],
    grams: int,
    setting: Setting,
) -> tuple[Matrix, float]:
    """One more SVM: danger against everything else, leaning towards danger. Signs count in full, grams by their root.

    Dangers are many and their sentences few: a gram's full log-odds would tie the weights to these few.
    """
    clear = (danger == 0) | (danger == 1)
    urgent = danger[clear] == 1
    if not urgent.any():
        return np.zeros(columns.shape[1]), -1.0
    known = columns[np.flatnonzero(clear)]
    odds = _log_odds(known, np.column_stack([urgent, ~urgent]).astype(float), setting.smoothing)[0]
    factor = np.sqrt(np.abs(odds) / np.abs(odds).mean())
    factor[grams:] = 1
    machine = LinearSVC(C=setting.danger_penalty, random_state=setting.seed, tol=1e-3)
    worth = np.where(urgent, setting.danger_lift, 1.0)
    worth[lasting[clear]] *= setting.lasting_share
    machine.fit((known @ sparse.diags(factor)).tocsr(), urgent, sample_weight=worth)
    return machine.coef_.ravel() * factor, float(machine.intercept_[0])


def _log_odds(columns: Any, right: Matrix, smoothing: float) -> Matrix:  # noqa: ANN401
    """How much likelier a gram is in a class's texts than in the others, as a logarithm: classes × columns."""
    there = (columns > 0).astype(float)
    mine = (right == 1).astype(float)
    inside = np.asarray((there.T @ mine).T)
    size, total = mine.sum(axis=0)[:, None], np.asarray(there.sum(axis=0)).ravel()
    outside, rest = total - inside, len(right) - size
    return np.asarray(
        np.log((inside + smoothing) / (size - inside + 2 * smoothing))
        - np.log((outside + smoothing) / (rest - outside + 2 * smoothing))
    )


def _family(columns: Any, right: Matrix, factors: Matrix, penalty: float, lift: float, setting: Setting) -> _Linear:  # noqa: ANN401
    """One SVM for each class, on columns weighed by the class's factors; the factors are folded into the weights."""
    weights, intercept = np.zeros_like(factors), np.zeros(len(factors))
    even = len(right) / right.shape[1]
    for number, factor in enumerate(factors):
        value = right[:, number]
        mine = value > 0
        if not mine.any():
            intercept[number] = -1
            continue
        worth = np.where(mine, value * lift * (even / (value == 1).sum().clip(1)) ** setting.balance, 1.0)
        worth[(value > 0) & (value < 1)] *= setting.alt_share
        machine = LinearSVC(C=penalty, random_state=setting.seed, tol=1e-3)
        machine.fit((columns @ sparse.diags(factor)).tocsr(), mine, sample_weight=worth)
        weights[number] = machine.coef_.ravel() * factor
        intercept[number] = machine.intercept_[0]
    return _Linear(weights, intercept)


def _model(job: Task, setting: Setting, space: _Space, linear: _Linear, temperature: float) -> Model:
    count = len(space.idf)
    each = linear.weights[:, :count].T
    scale = np.maximum(np.abs(each).max(axis=1), 1e-6) / 127
    stamp = hashlib.sha256(repr((job.folded, job.right.tolist(), setting)).encode()).hexdigest()[:10]
    return Model(
        version=f"{len(job.folded)}-{stamp}",
        classes=job.classes,
        longest=setting.longest,
        reach=setting.reach,
        grams={str(gram): number for number, gram in enumerate(space.counter.get_feature_names_out())},
        idf=space.idf.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=np.round(each / scale[:, None]).astype(np.int8),
        hit_leaves={leaf: number for number, leaf in enumerate(job.hit_leaves)},
        hit_weights=(linear.weights[:, count:].T * setting.hit_factor).astype(np.float32),
        intercept=linear.intercept.astype(np.float32),
        temperature=temperature,
    )
