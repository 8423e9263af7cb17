"""Signs of danger that no statistics may overrule: words near each other, read once from app/catalogue/safety.yaml."""

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


def signs(text: str) -> list[Hit]:
    """The emergency leaves whose signs occur in a normalised text, in the order of the file."""
    return keywords.found(_lexicon(), text)


def leaves() -> tuple[str, ...]:
    """The leaves that have signs."""
    return tuple(_source().signs)


def lasting() -> frozenset[str]:
    """Emergency leaves that are as often a state of long standing as an event of this hour."""
    return _source().lasting


@cache
def _lexicon() -> Lexicon:
    return keywords.lexicon(keywords.Entry(leaf, (), patterns) for leaf, patterns in _source().signs.items())


@cache
def _source() -> _Source:
    text = (files("app") / "catalogue" / "safety.yaml").read_text("utf-8")
    return TypeAdapter(_Source).validate_python(yaml.safe_load(text))
