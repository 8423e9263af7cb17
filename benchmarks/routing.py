"""How well does the text alone find the right leaf? `python benchmarks/routing.py PATH.csv [--json]`.

The file has the columns `text` and `leaf`, and may have `alt` (other right leaves), `emergency` (1 or 0; else the
leaf's own complexity tells) and `out_of_compound` (1 or 0; else every row counts as inside).
"""

import argparse
import csv
import json
import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from app.rules import catalogue, classify, router_model
from app.rules.vocabulary import Complexity

ROUNDS = 5
BINS = 10
WEIGHTS = Path(__file__).resolve().parents[1] / "app" / "catalogue" / "router.npz"


class Row(NamedTuple):
    text: str
    right: frozenset[str]
    emergency: bool
    inside: bool


class Judged(NamedTuple):
    row: Row
    guesses: list[classify.Suggestion]
    alarmed: bool

    @property
    def right(self) -> bool:
        return self.guesses[0].leaf in self.row.right


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("path", type=Path)
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    arguments.add_argument("--model", type=Path, default=WEIGHTS, help="another file of weights than the shipped one")
    given = arguments.parse_args()

    taxonomy = catalogue.default()
    rows = read(given.path, taxonomy)
    router_model.use(router_model.read(given.model.read_bytes()))
    judged = [judge(row, taxonomy) for row in rows]
    cost = {"us_per_text": microseconds(rows, taxonomy), "weights_bytes": given.model.stat().st_size}
    everything = figures(judged, taxonomy) | cost
    inside = figures([item for item in judged if item.row.inside], taxonomy)
    if given.json:
        print(json.dumps(everything | {"in_compound": inside}))
    else:
        print_table(everything, inside)


def read(path: Path, taxonomy: catalogue.Catalogue) -> list[Row]:
    """The rows of the file; a leaf that the catalogue does not know raises UnknownCategoryError."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [parse(record, taxonomy) for record in csv.DictReader(lines)]


def parse(record: dict[str, str], taxonomy: catalogue.Catalogue) -> Row:
    leaf = taxonomy.leaf(record["leaf"].strip())
    others = [taxonomy.leaf(code).code for code in re.split(r"[|;\s]+", record.get("alt") or "") if code]
    told = (record.get("emergency") or "").strip()
    return Row(
        text=record["text"],
        right=frozenset([leaf.code, *others]),
        emergency=told == "1" if told else leaf.complexity is Complexity.EMERGENCY,
        inside=(record.get("out_of_compound") or "").strip() != "1",
    )


def judge(row: Row, taxonomy: catalogue.Catalogue) -> Judged:
    judgement = classify.judge(taxonomy, row.text)
    return Judged(row, judgement.suggestions, bool(judgement.emergencies))


def figures(judged: list[Judged], taxonomy: catalogue.Catalogue) -> dict[str, float | int | None]:
    """Shares of the rows. The false alarm is the share of the other rows that are taken for an emergency."""

    def lead(code: str) -> str:
        return taxonomy.leaf(code).lead

    return {
        "rows": len(judged),
        "emergencies": sum(item.row.emergency for item in judged),
        "top1": share([item.right for item in judged]),
        "top3": share([any(guess.leaf in item.row.right for guess in item.guesses) for item in judged]),
        "lead": share([lead(item.guesses[0].leaf) in map(lead, item.row.right) for item in judged]),
        "emergency_recall": share([item.alarmed for item in judged if item.row.emergency]),
        "false_alarm": share([item.alarmed for item in judged if not item.row.emergency]),
        "ece": calibration_error(judged),
    }


def calibration_error(judged: list[Judged]) -> float | None:
    """How far confidence and truth are apart on the average: ten bins of equal width, weighed by their rows."""
    bins: dict[int, list[Judged]] = {}
    for item in judged:
        bins.setdefault(min(int(item.guesses[0].probability * BINS), BINS - 1), []).append(item)
    gaps = [abs(sum(item.guesses[0].probability - item.right for item in inside)) for inside in bins.values()]
    return round(sum(gaps) / len(judged), 4) if judged else None


def share(hits: list[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def microseconds(rows: list[Row], taxonomy: catalogue.Catalogue) -> float:
    """Processor time for one text, guess and alarm together: the best round, the mean over the file."""
    spans = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for row in rows:
            judge(row, taxonomy)
        spans.append(time.process_time() - start)
    return round(min(spans) / len(rows) * 1e6, 1)


def print_table(everything: dict[str, float | int | None], inside: dict[str, float | int | None]) -> None:
    print(f"{'':18}{'all rows':>12}{'in compound':>14}")
    for name, value in everything.items():
        print(f"{name:18}{shown(value):>12}{shown(inside.get(name)):>14}")


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


if __name__ == "__main__":
    main()
