"""The router's own lessons: examples in, a model out."""

from collections.abc import Sequence
from datetime import datetime

from app.rules.catalogue import Catalogue
from app.rules.router_model import Model
from app.training import learner
from app.training.learner import Setting, Task
from app.training.sentences import Example

# Our sentences are few and short: pairs of characters bring them no more right answers, and four times the weights.
SETTING = Setting(longest=2, reach=0, penalty=0.5, hit_factor=0.5, own_share=0.85, again_share=0.0, balance=0.0)
AS_GOOD = 0.5
LATEST_SHARE = 0.25


def train(
    rows: Sequence[Example], extra: Sequence[Example] = (), *, catalogue: Catalogue, setting: Setting = SETTING
) -> Model:
    """A model of these sentences and, where there are any, of real and redacted texts; the same in, the same out."""
    return learner.fit(task([*rows, *extra], catalogue), setting)


def task(examples: Sequence[Example], catalogue: Catalogue) -> Task:
    """The examples as the learner takes them."""
    labels = [{example.leaf: 1.0} | dict.fromkeys(set(example.alt) - {example.leaf}, AS_GOOD) for example in examples]
    urgent = {row: example.urgent for row, example in enumerate(examples) if example.urgent is not None}
    return learner.task([example.text for example in examples], labels, catalogue=catalogue, urgent=urgent)


def by_time(rows: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Earlier and later examples: the latest quarter is what a model is measured on, never what it learned from.

    Examples without a time belong to the earlier ones.
    """
    timed = sorted((row for row in rows if row.at is not None), key=_closed)
    later = timed[len(timed) - int(len(timed) * LATEST_SHARE) :]
    kept = {id(row) for row in later}
    return [row for row in rows if id(row) not in kept], later


def _closed(row: Example) -> datetime:
    if row.at is None:
        raise ValueError("an example without a time has no place in time")
    return row.at
