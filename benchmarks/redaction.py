"""How much of what identifies a person does the automatic draft find? `python benchmarks/redaction.py [--misses]`.

Each line of the file is `{"part": …, "text": …}`; the text carries its private parts as 〔kind:words〕. The part
`first` was there before the finder. Every further part was written after the finder stood and was measured before
anything was changed for it: recall 0.83, 0.80 (written to be hard), 0.92, 0.95; precision 0.98, 0.97, 1, 1. Their
misses then taught it, so the figures below are those of known sentences: add a part to measure unknown ones.

A private part counts as found when every symbol of it is masked, under whatever kind. A span counts as right when at
least half of its symbols are private. The symbol figures count masked and private symbols, gaps between them included.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from app.rules import redaction
from app.rules.redaction import Private, Span

SENTENCES = Path(__file__).parent / "data" / "redaction.jsonl"
PARTS = ("first", "second", "third", "fourth", "fifth")
ROUNDS = 3
_MARKED = re.compile(r"〔(\w+):([^〔〕]*)〕")


class Sentence(NamedTuple):
    """A text without its marks, and where the marks were."""

    part: str
    text: str
    private: tuple[Span, ...]


class Judged(NamedTuple):
    sentence: Sentence
    found: list[Span]
    missed: list[Span]
    wrong: list[Span]


class Figures(NamedTuple):
    """Shares of one; None where there is nothing to share."""

    sentences: int
    without: int
    private: int
    recall: float | None
    precision: float | None
    symbol_recall: float | None
    symbol_precision: float | None
    kind_told: float | None
    recall_of: dict[str, float | None]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("path", type=Path, nargs="?", default=SENTENCES)
    arguments.add_argument("--misses", action="store_true", help="every sentence that is not masked as marked")
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    given = arguments.parse_args()

    sentences = read(given.path)
    judged = [judge(sentence) for sentence in sentences]
    parts = {"all": figures(judged)}
    parts |= {part: figures([item for item in judged if item.sentence.part == part]) for part in PARTS}
    if given.json:
        print(json.dumps({name: shares._asdict() for name, shares in parts.items()}))
    else:
        print_table(parts, microseconds(sentences), [item.sentence for item in judged])
    if given.misses:
        print_misses(judged)


def read(path: Path = SENTENCES) -> list[Sentence]:
    """The sentences of the file; a kind that the finder does not know raises ValueError."""
    return [parse(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def parse(record: dict[str, str]) -> Sentence:
    parts, private, at, length = [], [], 0, 0
    for mark in _MARKED.finditer(record["text"]):
        before = record["text"][at : mark.start()]
        start = length + len(before)
        private.append(Span(start, start + len(mark[2]), Private(mark[1])))
        parts += [before, mark[2]]
        at, length = mark.end(), private[-1].end
    return Sentence(record["part"], "".join([*parts, record["text"][at:]]), tuple(private))


def judge(sentence: Sentence) -> Judged:
    found = redaction.find(sentence.text)
    masked, private = symbols(found), symbols(sentence.private)
    missed = [span for span in sentence.private if not symbols([span]) <= masked]
    wrong = [span for span in found if 2 * len(symbols([span]) & private) < span.end - span.start]
    return Judged(sentence, found, missed, wrong)


def symbols(spans: list[Span] | tuple[Span, ...]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def figures(judged: list[Judged]) -> Figures:
    private = Counter(span.kind for item in judged for span in item.sentence.private)
    missed = Counter(span.kind for item in judged for span in item.missed)
    found = sum(len(item.found) for item in judged)
    both = [symbols(item.found) & symbols(item.sentence.private) for item in judged]
    told = [
        any(span.kind == hit.kind and hit.start < span.end and span.start < hit.end for hit in item.found)
        for item in judged
        for span in item.sentence.private
        if span not in item.missed
    ]
    return Figures(
        sentences=len(judged),
        without=sum(not item.sentence.private for item in judged),
        private=private.total(),
        recall=share(private.total() - missed.total(), private.total()),
        precision=share(found - sum(len(item.wrong) for item in judged), found),
        symbol_recall=share(sum(map(len, both)), sum(len(symbols(item.sentence.private)) for item in judged)),
        symbol_precision=share(sum(map(len, both)), sum(len(symbols(item.found)) for item in judged)),
        kind_told=share(sum(told), len(told)),
        recall_of={kind: share(count - missed[kind], count) for kind, count in sorted(private.items())},
    )


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def microseconds(sentences: list[Sentence]) -> float:
    """The time for one sentence: the best round, the mean over the file."""
    spans = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for sentence in sentences:
            redaction.find(sentence.text)
        spans.append(time.perf_counter() - start)
    return round(min(spans) / len(sentences) * 1e6, 1)


def print_table(parts: dict[str, Figures], cost: float, sentences: list[Sentence]) -> None:
    print(f"{'':18}" + "".join(f"{name:>10}" for name in parts))
    rows = [name for name in Figures._fields if name != "recall_of"]
    for row in rows:
        print(f"{row:18}" + "".join(f"{shown(getattr(shares, row)):>10}" for shares in parts.values()))
    counted = Counter(span.kind for sentence in sentences for span in sentence.private)
    for kind, count in sorted(counted.items()):
        cells = "".join(f"{shown(shares.recall_of.get(kind)):>10}" for shares in parts.values())
        print(f"  {kind:16}{cells}{count:>8}")
    print(f"{'us_per_sentence':18}{cost:>10}")


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def print_misses(judged: list[Judged]) -> None:
    for item in judged:
        text = item.sentence.text
        for name, spans in (("missed", item.missed), ("wrong", item.wrong)):
            if spans:
                words = ", ".join(f"{span.kind} {text[span.start : span.end]!r}" for span in spans)
                print(f"{name:7} {words}  <  {text}  >  {redaction.masked(text)}")


if __name__ == "__main__":
    main()
