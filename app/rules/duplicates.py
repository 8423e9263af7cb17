"""Which matters may be one matter, and which have one cause (domain rules §2.7). A person decides; this only points.

Pure and quick: two hundred texts of a stairwell's fortnight are compared in a few milliseconds.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.rules.catalogue import Leaf
from app.rules.vocabulary import Scope

WITHIN = timedelta(days=14)
COMMON_FROM = 3
ALIKE_FROM = 0.5
_SHORTEST = 6  # characters; below that two texts are alike by chance
_GRAM = 2  # Chinese words are mostly two characters long


class Why(StrEnum):
    """What makes two matters look like one."""

    PLACE = "place"  # the same kind in the same stairwell
    TEXT = "text"  # nearly the same words


class Matter(NamedTuple):
    """A ticket as far as likeness goes; `grams` are empty where the viewer may not read its words."""

    id: int
    leaf: Leaf
    building_id: int
    stairwell_id: int
    at: datetime
    grams: frozenset[str] = frozenset()


class Alike(NamedTuple):
    """Another matter that may be the same. Not `mergeable`: homes are concerned, they are only linked."""

    id: int
    why: tuple[Why, ...]
    likeness: float
    mergeable: bool


class Common(NamedTuple):
    """Several matters of one kind in a fortnight, in one building, or all over the compound (None)."""

    building_id: int | None
    ids: tuple[int, ...]


def grams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, whatever its spacing, width, case and punctuation."""
    plain = "".join(ch for ch in unicodedata.normalize("NFKC", text).lower() if ch.isalnum())
    if len(plain) < _SHORTEST:
        return frozenset()
    return frozenset(plain[place : place + _GRAM] for place in range(len(plain) - _GRAM + 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0 (nothing in common) to 1 (the same pairs of characters): twice what is shared over what there is."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def alike(one: Matter, others: Iterable[Matter]) -> list[Alike]:
    """The matters within a fortnight that may be the same as this one, the likeliest first."""
    found = []
    for other in others:
        if other.id == one.id or abs(other.at - one.at) > WITHIN:
            continue
        close = likeness(one.grams, other.grams)
        why = []
        if (other.leaf.code, other.stairwell_id) == (one.leaf.code, one.stairwell_id):
            why.append(Why.PLACE)
        if close >= ALIKE_FROM:
            why.append(Why.TEXT)
        if why:
            homes = Scope.PRIVATE in {one.leaf.scope, other.leaf.scope}
            found.append(Alike(other.id, tuple(why), round(close, 2), not homes))
    return sorted(found, key=lambda found: (-len(found.why), -found.likeness, found.id))


def common(one: Matter, others: Iterable[Matter]) -> Common | None:
    """Three or more of this kind within a fortnight: in this building, else in the compound; None where fewer.

    Matters of people's homes are never pinned to a building.
    """
    near = [o for o in others if o.leaf.code == one.leaf.code and abs(o.at - one.at) <= WITHIN and o.id != one.id]
    here = [o for o in near if o.building_id == one.building_id] if one.leaf.scope is not Scope.PRIVATE else []
    for found, building in ((here, one.building_id), (near, None)):
        if len(found) + 1 >= COMMON_FROM:
            return Common(building, tuple(sorted([one.id, *(o.id for o in found)])))
    return None
