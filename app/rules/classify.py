"""Which leaf are these words about, how sure is that, and why? A suggestion that a person confirms (domain rules §1).

The taxonomy's words and a small linear model (app/catalogue/router.npz) judge together; see decision 0021.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from app.rules import keywords, router_model, safety
from app.rules.catalogue import OTHER, Catalogue, Leaf
from app.rules.keywords import Hit
from app.rules.router_model import Floats, Model, Seen
from app.rules.vocabulary import Complexity

# What is less likely than this and has no word of the taxonomy is not worth acting upon: it gets no evidence.
LIKELY = 0.1
# How much less sure of danger the model may be where a sign of danger is there, and none of calm.
SIGNED = 0.1
# How much surer of danger it must be where the danger sounds over, denied or like a turn of speech.
DOUBTED = 0.2


class Suggestion(NamedTuple):
    """A leaf's code, how likely it is the right one (0 to 1), and the words of the text that speak for it."""

    leaf: str
    probability: float
    evidence: tuple[str, ...]


NOTHING = Suggestion(OTHER, 0.0, ())


class _Reading(NamedTuple):
    """A text as all judges see it: words and signs by leaf, kinds of calm, the score of each leaf, danger."""

    seen: Seen
    words: dict[str, tuple[str, ...]]
    signs: dict[str, tuple[str, ...]]
    calm: frozenset[str]
    scores: dict[str, float]
    chances: dict[str, float]
    danger: float


class Judgement(NamedTuple):
    """The likeliest leaves, best first, and the emergencies that a person must look at now."""

    suggestions: list[Suggestion]
    emergencies: tuple[Suggestion, ...]


def suggest(
    catalogue: Catalogue, text: str, *, top: str | None = None, limit: int = 3, model: Model | None = None
) -> list[Suggestion]:
    """The likeliest leaves, best first, at most `limit`; the leaf for everything else where no word is known.

    `top` keeps to the leaves of one top class, whose probabilities then add up to one (UnknownCategoryError where there
    is no such class). Evidence is the taxonomy's own words, else the parts of the text that weighed most. Any text
    is answered; five thousand characters take some milliseconds.
    """
    inside = None if top is None else catalogue.children(top)
    model = model or router_model.in_use()
    return _suggestions(model, _read(catalogue, text, model), inside, limit)


def emergency(catalogue: Catalogue, text: str, *, model: Model | None = None) -> tuple[Suggestion, ...]:
    """The emergencies that a person must look at now, likeliest first; empty where nothing sounds like danger.

    Rather once too often than once too few: what decides is the model's sense of danger, made keener by signs of danger
    in the words, and not which leaf is likeliest.
    """
    model = model or router_model.in_use()
    return _emergencies(catalogue, model, _read(catalogue, text, model))


def judge(catalogue: Catalogue, text: str, *, model: Model | None = None) -> Judgement:
    """`suggest` and `emergency` for the price of one."""
    model = model or router_model.in_use()
    reading = _read(catalogue, text, model)
    return Judgement(_suggestions(model, reading, None, 3), _emergencies(catalogue, model, reading))


def _suggestions(model: Model, reading: _Reading, inside: tuple[Leaf, ...] | None, limit: int) -> list[Suggestion]:
    chances = reading.chances
    if inside is not None:
        codes = [leaf.code for leaf in inside if leaf.code in reading.scores]
        chances = _shares({code: reading.scores[code] for code in codes}, model)
    best = sorted(chances, key=lambda code: (-chances[code], -reading.scores.get(code, -np.inf)))[:limit]
    return [Suggestion(code, chances[code], _evidence(model, reading, code)) for code in best] or [NOTHING]


def _emergencies(catalogue: Catalogue, model: Model, reading: _Reading) -> tuple[Suggestion, ...]:
    urgent = [leaf.code for leaf in catalogue.leaves if leaf.complexity is Complexity.EMERGENCY]
    chances = {code: reading.chances.get(code, 0.0) for code in urgent}
    ranked = sorted(urgent, key=lambda code: (code not in reading.signs, -chances[code]))
    if reading.danger <= _bar(reading, urgent):
        return ()
    alarmed = [code for code in ranked if code in reading.signs or chances[code] >= LIKELY] or ranked[:1]
    return tuple(
        Suggestion(code, chances[code], reading.signs.get(code) or _felt(model, reading, code)) for code in alarmed
    )


def _bar(reading: _Reading, urgent: Sequence[str]) -> float:
    """What danger has to come to before it calls a person."""
    if reading.calm & safety.doubted():
        return DOUBTED
    return 0 if reading.calm or reading.signs.keys().isdisjoint(urgent) else -SIGNED


def words(catalogue: Catalogue, text: str) -> dict[str, int]:
    """What the model is told beside the text: scores of the words by leaf, of danger by `!leaf`, of calm by `~kind`."""
    plain = keywords.normalise(text)
    return _told(keywords.hits(catalogue, plain), safety.signs(plain), safety.calm(plain))


def _told(hits: Iterable[Hit], signs: Iterable[Hit], calm: Iterable[Hit]) -> dict[str, int]:
    return (
        {hit.leaf: hit.score for hit in hits}
        | {f"!{sign.leaf}": sign.score for sign in signs}
        | {f"~{kind.leaf}": kind.score for kind in calm}
    )


def _read(catalogue: Catalogue, text: str, model: Model) -> _Reading:
    plain = keywords.normalise(text)
    hits, signs, calm = keywords.hits(catalogue, plain), safety.signs(plain), safety.calm(plain)
    said, warned = {hit.leaf: hit.words for hit in hits}, {sign.leaf: sign.words for sign in signs}
    kinds = frozenset(kind.leaf for kind in calm)
    seen = router_model.look(model, router_model.fold(text))
    if not hits and not seen.says_something:
        return _Reading(seen, said, warned, kinds, {}, {}, -np.inf)
    values = router_model.scores(model, seen, _told(hits, signs, calm))
    order = _order(catalogue, model)
    scores = dict(zip((*model.classes, *order.own_words), _with_own(order, values[:-1], hits), strict=True))
    chances = _shares(scores, model)
    for code in order.foreign:
        chances[OTHER] = chances.get(OTHER, 0.0) + chances.pop(code)
        del scores[code]
    return _Reading(seen, said, warned, kinds, scores, chances, float(values[-1]))


def _with_own(order: "_Order", values: Floats, hits: Iterable[Hit]) -> list[float]:
    """The model's scores, and those of leaves that it has not learned: these have their words only."""
    strength = {hit.leaf: router_model.hit_value(hit.score) for hit in hits}
    low, high = float(values.min()), float(values.max())
    more = [low + (high - low) * min(1.0, strength.get(code, 0.0)) for code in order.own_words]
    return [*values.tolist(), *more]


def _shares(scores: dict[str, float], model: Model) -> dict[str, float]:
    if not scores:
        return {}
    each = router_model.probabilities(np.array(list(scores.values()), np.float32), model.temperature)
    return dict(zip(scores, each.tolist(), strict=True))


class _Order(NamedTuple):
    """The catalogue's leaves that the model has not learned, and the model's that this catalogue does not have."""

    own_words: tuple[str, ...]
    foreign: tuple[str, ...]


@lru_cache(maxsize=16)
def _order(catalogue: Catalogue, model: Model) -> _Order:
    codes = [leaf.code for leaf in catalogue.leaves]
    return _Order(
        tuple(code for code in codes if code not in model.classes),
        tuple(code for code in model.classes if code not in codes),
    )


def _felt(model: Model, reading: _Reading, code: str) -> tuple[str, ...]:
    """Why it sounds like danger: the leaf's words, or what weighed most for danger itself."""
    return reading.words.get(code) or router_model.spans(reading.seen, len(model.classes))


def _evidence(model: Model, reading: _Reading, code: str) -> tuple[str, ...]:
    """The taxonomy's words; where there are none, the parts of the text that the model went by, if it is likely."""
    if said := reading.words.get(code):
        return said
    if reading.chances.get(code, 0.0) < LIKELY or code not in model.classes:
        return ()
    return router_model.spans(reading.seen, model.classes.index(code))
