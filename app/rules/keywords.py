"""Which of the taxonomy's keywords and patterns occur in a text, leaf by leaf: the evidence that anybody can read."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from app.rules.catalogue import OTHER, Catalogue, alternatives

PATTERN_SCORE = 8
PER_FURTHER_PART = 2
# The parts of a pattern belong together only within a breath: across a long letter any two words meet by chance.
# Doubling steps that add up to the 15 characters on either side within which the parts must start.
REACH = (1, 2, 4, 8)


class Hit(NamedTuple):
    """A leaf's code, how strongly the words speak for it, and which words those are."""

    leaf: str
    score: int
    words: tuple[str, ...]


class _Candidate(NamedTuple):
    leaf: str
    keywords: tuple[str, ...]
    patterns: tuple[tuple[tuple[str, ...], ...], ...]


class Lexicon(NamedTuple):
    """Words by how they begin (one or two characters), and the candidates that each word speaks for."""

    beginnings: dict[str, tuple[str, ...]]
    candidates: tuple[_Candidate, ...]
    speaks_for: dict[str, frozenset[int]]


class Entry(NamedTuple):
    """What speaks for a leaf: words, and patterns of words near each other (`a|b+c`)."""

    leaf: str
    keywords: tuple[str, ...]
    patterns: tuple[str, ...]


def hits(catalogue: Catalogue, text: str) -> list[Hit]:
    """Every leaf of the catalogue that a word of this normalised text speaks for; see `found`."""
    return found(_lexicon(catalogue), text)


def found(words: Lexicon, text: str) -> list[Hit]:
    """Every leaf that a word of this normalised text speaks for, in the order of the entries.

    The length of a keyword counts squared, and only the best pattern of a leaf. Five thousand characters take some
    milliseconds.
    """
    known = _Words(text, words.beginnings)
    numbers = sorted(set(chain.from_iterable(words.speaks_for[word] for word in known.found)))
    judged = (_judge(words.candidates[number], known) for number in numbers)
    return [hit for hit in judged if hit.score]


def lexicon(entries: Iterable[Entry]) -> Lexicon:
    """The entries, ready to be looked for."""
    beginnings: defaultdict[str, set[str]] = defaultdict(set)
    speaks_for: defaultdict[str, set[int]] = defaultdict(set)
    candidates = [_candidate(entry) for entry in entries]
    for number, candidate in enumerate(candidates):
        for word in chain(candidate.keywords, *chain.from_iterable(candidate.patterns)):
            beginnings[word[:2]].add(word)
            speaks_for[word].add(number)
    return Lexicon(
        {beginning: tuple(sorted(words)) for beginning, words in beginnings.items()},
        tuple(candidates),
        {word: frozenset(numbers) for word, numbers in speaks_for.items()},
    )


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


def _judge(candidate: _Candidate, words: _Words) -> Hit:
    """Keywords that are part of another hit do not count again; of the patterns only the best one counts."""
    there = [word for word in candidate.keywords if word in words.found]
    longest = [word for word in there if not any(word != other and word in other for other in there)]
    matches = [match for pattern in candidate.patterns if (match := _match(pattern, words))]
    best = max(matches, key=len, default=())
    score = sum(len(word) ** 2 for word in longest)
    if best:
        score += PATTERN_SCORE + PER_FURTHER_PART * (len(best) - 1)
    return Hit(candidate.leaf, score, tuple(dict.fromkeys([*longest, *best])))


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
def _lexicon(catalogue: Catalogue) -> Lexicon:
    return lexicon(Entry(leaf.code, leaf.keywords, leaf.patterns) for leaf in catalogue.leaves if leaf.code != OTHER)


def _candidate(entry: Entry) -> _Candidate:
    patterns = (alternatives(pattern) for pattern in entry.patterns)
    return _Candidate(
        entry.leaf,
        tuple(map(normalise, entry.keywords)),
        tuple(tuple(tuple(map(normalise, part)) for part in pattern) for pattern in patterns),
    )
