"""How well does the learner learn? `python benchmarks/learner.py PATH.csv [--json]`: columns label, grp, text.

Four folds; each quarter of the groups is judged by a learner that saw the other three. `--shuffles N` asks the same of
N other ways to deal the groups and adds the mean and the spread: what tells two learners apart must be more than that.
"""

import argparse
import csv
import json
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from app.training import learner


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("path", type=Path)
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    arguments.add_argument("--shuffles", type=int, default=0, help="how many other deals of the groups to try as well")
    given = arguments.parse_args()

    with given.path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    job = learner.task(
        [row["text"] for row in rows], [{row["label"]: 1.0} for row in rows], [row["grp"] for row in rows]
    )
    start = time.perf_counter()
    guess = held_out(job, learner.Setting())
    seconds = time.perf_counter() - start
    truth = job.right.argmax(axis=1)
    each = f1_score(truth, guess, average=None)
    result = {
        "rows": len(rows),
        "labels": len(job.classes),
        "macro_f1": round(float(np.mean(each)), 4),
        "accuracy": round(float(accuracy_score(truth, guess)), 4),
        "seconds": round(seconds, 1),
    }
    if given.shuffles:
        others = [held_out(job, learner.Setting(seed=seed)) for seed in range(101, 101 + given.shuffles)]
        macro = [f1_score(truth, guessed, average="macro") for guessed in others]
        hits = [accuracy_score(truth, guessed) for guessed in others]
        result |= {
            "others_mean_f1": round(float(np.mean(macro)), 4),
            "others_spread": round(float(np.std(macro)), 4),
            "others_accuracy": round(float(np.mean(hits)), 4),
        }
    if given.json:
        print(
            json.dumps(result | {"f1": {name: round(float(f1), 4) for name, f1 in zip(job.classes, each, strict=True)}})
        )
        return
    for name, value in result.items():
        print(f"{name:16}{value:>10g}")


def held_out(job: learner.Task, setting: learner.Setting) -> learner.Rows:
    """The number of the label that each text gets."""
    scores = learner.left_out(job, setting)[:, :-1]  # the last column is danger, which has no say here
    return np.asarray(scores.argmax(axis=1))


if __name__ == "__main__":
    main()
