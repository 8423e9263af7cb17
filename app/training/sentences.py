"""What the router learns from: sentences of our own in app/catalogue/sentences, read and checked."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from app.rules.catalogue import Catalogue
from app.rules.router_model import fold

NEARLY_THE_SAME = 0.75


class Example(NamedTuple):
    """A text and its leaf; `alt` are other leaves that would be right as well. `at`: when a real one was closed.

    `urgent`: whether somebody must look at once, where the leaf alone would tell wrongly.
    """

    leaf: str
    text: str
    alt: tuple[str, ...] = ()
    at: datetime | None = None
    urgent: bool | None = None


def shipped() -> list[Example]:
    """Every sentence that ships, file by file."""
    folder = files("app") / "catalogue" / "sentences"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv"))
    return [example for name in names for example in parsed((folder / name).read_text("utf-8").splitlines())]


def read(path: Path) -> list[Example]:
    """The sentences of one file, or of every .csv of a folder; columns leaf, alt, text, at times."""
    paths = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [example for one in paths for example in parsed(one.read_text("utf-8-sig").splitlines())]


def parsed(lines: Iterable[str]) -> Iterator[Example]:
    """The examples in lines of CSV; raises KeyError where a column is missing; `at` (ISO 8601) and `urgent` may be."""
    for record in csv.DictReader(lines):
        alt = tuple(code for code in (record["alt"] or "").split("|") if code)
        at = datetime.fromisoformat(record["at"]) if record.get("at") else None
        told = record.get("urgent")
        yield Example(record["leaf"], record["text"], alt, at, told == "1" if told else None)


def problems(examples: Iterable[Example], catalogue: Catalogue) -> Iterator[str]:
    """What is wrong with the sentences, one line each: unknown leaves, no words, the same thing twice."""
    codes = {leaf.code for leaf in catalogue.leaves}
    seen: dict[str, Example] = {}
    by_leaf: defaultdict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for example in examples:
        for code in (example.leaf, *example.alt):
            if code not in codes:
                yield f"{code} is no leaf: {example.text}"
        if example.leaf in example.alt:
            yield f"{example.leaf} is its own alternative: {example.text}"
        key = fold(example.text).strip("，")
        if not key:
            yield f"{example.leaf} has a sentence without words"
        elif key in seen:
            yield f"{example.leaf} and {seen[key].leaf} say the same: {example.text}"
        else:
            seen[key] = example
            trigrams = frozenset(key[at : at + 3] for at in range(max(1, len(key) - 2)))
            for text, other in by_leaf[example.leaf]:
                if len(trigrams & other) >= NEARLY_THE_SAME * len(trigrams | other):
                    yield f"{example.leaf} says nearly the same: {text} / {example.text}"
            by_leaf[example.leaf].append((example.text, trigrams))
