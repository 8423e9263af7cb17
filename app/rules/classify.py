"""Which leaf are these words about? Keywords and patterns; a suggestion that a person confirms (domain rules §1)."""

import unicodedata
from collections import defaultdict
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from app.rules.catalogue import OTHER, Catalogue, Leaf, alternatives
from app.rules.vocabulary import Complexity

PATTERN_SCORE = 8
PER_FURTHER_PART = 2
# The parts of a pattern belong together only within a breath: across a long letter any two words meet by chance.
# Doubling steps that add up to the 15 characters on either side within which the parts must start.
REACH = (1, 2, 4, 8)


class Suggestion(NamedTuple):
    """A leaf's code, how strongly the words speak for it, and which words those are."""

    leaf: str
    score: int
    evidence: tuple[str, ...]


class _Candidate(NamedTuple):
    leaf: Leaf
    keywords: tuple[str, ...]
    patterns: tuple[tuple[tuple[str, ...], ...], ...]


class _Index(NamedTuple):
    """Words by how they begin (one or two characters), and the leaves that each word speaks for."""

    beginnings: dict[str, tuple[str, ...]]
    candidates: tuple[_Candidate, ...]
    speaks_for: dict[str, frozenset[int]]


def suggest(catalogue: Catalogue, text: str, *, top: str | None = None, limit: int = 3) -> list[Suggestion]:
    """The likeliest leaves, best first, at most `limit`; the leaf for everything else where no word speaks.

    `top` keeps to the leaves of one top class (UnknownCategoryError where there is none). Where scores are equal an
    emergency comes first, then the order of the catalogue. Five thousand characters take some milliseconds.
    """
    parent = None if top is None else catalogue.top(top).code
    index = _index(catalogue)
    words = _Words(normalise(text), index.beginnings)
    numbers = sorted(set(chain.from_iterable(index.speaks_for[word] for word in words.found)))
    candidates = (index.candidates[number] for number in numbers)
    judged = [_judge(candidate, words) for candidate in candidates if parent in (None, candidate.leaf.parent)]
    ranked = sorted((item for item in judged if item.score), key=lambda item: _rank(catalogue, item))
    return ranked[:limit] or [Suggestion(OTHER, 0, ())]


def normalise(text: str) -> str:
    """The text as words are compared: full-width and half-width forms are one, no capitals, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


class _Words:
    """The index's words that occur in one text, and where."""

    def __init__(self, text: str, beginnings: dict[str, tuple[str, ...]]) -> None:
        self._text = text
        self._starts: dict[str, int] = {}
        seen = {*text, *(first + second for first, second in pairwise(text))}
        likely = chain.from_iterable(beginnings[beginning] for beginning in beginnings.keys() & seen)
        self.found = {word for word in likely if word in text}

    def starts(self, word: str) -> int:
        """Where the word starts, as a set of bits: bit n for the n-th character."""
        if word not in self._starts:
            bits, at = 0, self._text.find(word)
            while at >= 0:
                bits |= 1 << at
                at = self._text.find(word, at + 1)
            self._starts[word] = bits
        return self._starts[word]


def _rank(catalogue: Catalogue, item: Suggestion) -> tuple[int, bool]:
    return -item.score, catalogue.leaf(item.leaf).complexity is not Complexity.EMERGENCY


def _judge(candidate: _Candidate, words: _Words) -> Suggestion:
    """Keywords that are part of another hit do not count again; of the patterns only the best one counts."""
    hits = [word for word in candidate.keywords if word in words.found]
    longest = [word for word in hits if not any(word != other and word in other for other in hits)]
    matches = [match for pattern in candidate.patterns if (match := _match(pattern, words))]
    best = max(matches, key=len, default=())
    score = sum(len(word) ** 2 for word in longest)
    if best:
        score += PATTERN_SCORE + PER_FURTHER_PART * (len(best) - 1)
    return Suggestion(candidate.leaf.code, score, tuple(dict.fromkeys([*longest, *best])))


def _match(pattern: tuple[tuple[str, ...], ...], words: _Words) -> tuple[str, ...]:
    """One word for each part of the pattern, all near each other; empty where a part is missing or far away."""
    parts = [[word for word in part if word in words.found] for part in pattern]
    if not all(parts):
        return ()
    first, *others = [[(word, words.starts(word)) for word in part] for part in parts]
    place = _union(first)
    for part in others:
        place &= _around(_union(part))
    near = _around(place)
    return tuple(next(word for word, starts in part if starts & near) for part in (first, *others)) if place else ()


def _union(part: list[tuple[str, int]]) -> int:
    bits = 0
    for _, starts in part:
        bits |= starts
    return bits


def _around(bits: int) -> int:
    for step in REACH:
        bits |= bits << step | bits >> step
    return bits


@lru_cache(maxsize=16)
def _index(catalogue: Catalogue) -> _Index:
    beginnings: defaultdict[str, set[str]] = defaultdict(set)
    speaks_for: defaultdict[str, set[int]] = defaultdict(set)
    candidates = [_candidate(leaf) for leaf in catalogue.leaves if leaf.code != OTHER]
    for number, candidate in enumerate(candidates):
        for word in chain(candidate.keywords, *chain.from_iterable(candidate.patterns)):
            beginnings[word[:2]].add(word)
            speaks_for[word].add(number)
    return _Index(
        {beginning: tuple(words) for beginning, words in beginnings.items()},
        tuple(candidates),
        {word: frozenset(numbers) for word, numbers in speaks_for.items()},
    )


def _candidate(leaf: Leaf) -> _Candidate:
    patterns = (alternatives(pattern) for pattern in leaf.patterns)
    return _Candidate(
        leaf,
        tuple(map(normalise, leaf.keywords)),
        tuple(tuple(tuple(map(normalise, part)) for part in pattern) for pattern in patterns),
    )
