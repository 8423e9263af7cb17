"""What danger sounds like, and what sounds over or only feared: words near each other (app/catalogue/safety.yaml)."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml
from pydantic import TypeAdapter

from app.rules import keywords
from app.rules.keywords import Hit, Lexicon


class _Source(NamedTuple):
    lasting: frozenset[str]
    signs: dict[str, tuple[str, ...]]
    doubted: frozenset[str]
    calm: dict[str, tuple[str, ...]]


def signs(text: str) -> list[Hit]:
    """The emergency leaves whose signs occur in a normalised text, in the order of the file."""
    return keywords.found(_lexicon(), text)


def calm(text: str) -> list[Hit]:
    """What lets danger sound past, feared, wished for or denied in a normalised text; `leaf` is the kind of calm."""
    return keywords.found(_calm_lexicon(), text)


def leaves() -> tuple[str, ...]:
    """The leaves that have signs."""
    return tuple(_source().signs)


def lasting() -> frozenset[str]:
    """Emergency leaves that are as often a state of long standing as an event of this hour."""
    return _source().lasting


def doubted() -> frozenset[str]:
    """The kinds of calm that ask for surer danger."""
    return _source().doubted


@cache
def _lexicon() -> Lexicon:
    return keywords.lexicon(keywords.Entry(leaf, (), patterns) for leaf, patterns in _source().signs.items())


@cache
def _calm_lexicon() -> Lexicon:
    return keywords.lexicon(keywords.Entry(kind, (), patterns) for kind, patterns in _source().calm.items())


@cache
def _source() -> _Source:
    text = (files("app") / "catalogue" / "safety.yaml").read_text("utf-8")
    return TypeAdapter(_Source).validate_python(yaml.safe_load(text))
