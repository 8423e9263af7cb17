"""The words by which names are told from other words (app/catalogue/names.yaml), ready for patterns and look-ups."""

from importlib.resources import files
from typing import Any

import yaml

_WORDS: dict[str, Any] = yaml.safe_load(files("app").joinpath("catalogue", "names.yaml").read_text("utf-8"))


def _row(name: str) -> str:
    """Symbols in a row, whatever lines they stand on."""
    return "".join(_WORDS[name].split())


def _either(name: str) -> str:
    """A pattern of words."""
    return "|".join(_WORDS[name].split())


COMPOUND_SURNAMES = _either("compound_surnames")
SURNAMES = _row("surnames")
RISKY_SURNAMES = frozenset(_row("risky_surnames"))
GIVEN = _row("given")
NEVER_FIRST = frozenset(_row("never_first"))
NEVER_LAST = frozenset(_row("never_last"))
NO_NAMES = frozenset(_WORDS["no_names"].split())
END_OF_WORD: dict[str, str] = _WORDS["end_of_word"]
TITLES, VERBS, PLACES, KIN = (_either(name) for name in ("titles", "verbs", "places", "kin"))
INTRODUCTIONS = tuple(_WORDS["introductions"].split())
ROLES = (*_WORDS["roles"].split(), *_WORDS["kin"].split())
LABELS = tuple(_WORDS["labels"].split())
