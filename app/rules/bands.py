"""How sure a guess has to be before it acts by itself, and what a compound's own past says about that (§1, §2.1)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

PRECISION = 0.95
AMONG_THREE = 0.9
LEAST_SAMPLES = 40
LEAST_ABOVE = 20
MOST_LIKELY = 0.75
POSSIBLE = 0.35


class Band(StrEnum):
    """What happens with a guess: it sends a slip out, the grid head picks among three, or the grid head reads first."""

    AUTO = "auto"
    CHOOSE = "choose"
    QUEUE = "queue"


class Sureness(StrEnum):
    """A probability in words."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNSURE = "unsure"


class Sample(NamedTuple):
    """A guess that a person has confirmed or corrected: how sure it was, right or not, right among the first three."""

    probability: float
    right: bool
    among: bool


class Reach(NamedTuple):
    """What a threshold would have meant: how many guesses were at least so sure, and how many of those were right."""

    threshold: float
    above: int
    right: int


class Proposal(NamedTuple):
    """Thresholds that the past supports; None where it supports none."""

    auto: Reach | None
    choose: Reach | None


def band(probability: float, auto: float, choose: float) -> Band:
    """Which band a probability falls into, each from its threshold on."""
    if probability >= auto:
        return Band.AUTO
    return Band.CHOOSE if probability >= choose else Band.QUEUE


def sureness(probability: float) -> Sureness:
    """How a probability is said to people."""
    if probability >= MOST_LIKELY:
        return Sureness.LIKELY
    return Sureness.POSSIBLE if probability >= POSSIBLE else Sureness.UNSURE


def reach(samples: Sequence[Sample], threshold: float, *, among: bool = False) -> Reach:
    """What a threshold would have meant for these guesses."""
    above = [sample for sample in samples if sample.probability >= threshold]
    return Reach(threshold, len(above), sum(sample.among if among else sample.right for sample in above))


def propose(samples: Sequence[Sample]) -> Proposal:
    """The lowest thresholds at which enough guesses were right: 95 % of those that act, 90 % among three to pick from.

    `choose` never above `auto`. Nothing is proposed from fewer than 40 guesses, or for fewer than 20 above a threshold.
    """
    if len(samples) < LEAST_SAMPLES:
        return Proposal(None, None)
    auto = _lowest(samples, PRECISION, among=False)
    choose = _lowest(samples, AMONG_THREE, among=True)
    if auto and choose and choose.threshold > auto.threshold:
        choose = reach(samples, auto.threshold, among=True)
    return Proposal(auto, choose)


def _lowest(samples: Sequence[Sample], share: float, *, among: bool) -> Reach | None:
    """Thresholds in whole hundredths on either side of each guess, so that a person can read them."""
    below = {int(sample.probability * 100) for sample in samples}
    steps = [step / 100 for step in sorted(below | {step + 1 for step in below})]
    reached = (reach(samples, step, among=among) for step in steps)
    return next((one for one in reached if one.above >= LEAST_ABOVE and one.right >= share * one.above), None)
