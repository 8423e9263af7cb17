"""Which leaf a matter begins with: what the reporter picked, else what the words most likely mean (domain rules §1)."""

from typing import NamedTuple

from app.rules import catalogue, classify, router_model
from app.rules.catalogue import Catalogue, Leaf
from app.rules.classify import LIKELY, Suggestion
from app.rules.vocabulary import CategorySource


class Choice(NamedTuple):
    """`probability` is that of a guess, None where the reporter picked the leaf. `guesses` are worth acting upon.

    `top` is the top class that the reporter picked; its leaf may still be open. `alarms` are the emergencies that the
    words sound like. `model` says who guessed.
    """

    leaf: Leaf
    source: CategorySource
    probability: float | None
    guesses: tuple[Suggestion, ...]
    top: str | None
    alarms: tuple[Suggestion, ...]
    model: str


def choose(known: Catalogue, text: str, category: str | None, *, least: float) -> Choice:
    """The reporter's leaf; else the likeliest, inside their top class where they named one; else 其他.

    Inside a top class a leaf must be at least `least` likely, otherwise only the class is kept for whoever triages.
    Words that sound like danger win over a harmless guess. Raises UnknownCategoryError.
    """
    wanted = (category or "").upper() or None
    model = router_model.in_use()
    judged = classify.judge(known, text, model=model)
    guesses, alarms = tuple(one for one in judged.suggestions if one.probability >= LIKELY), judged.emergencies
    if wanted is not None and "-" in wanted:
        leaf = known.leaf(wanted)
        return Choice(leaf, CategorySource.REPORTER, None, guesses, leaf.parent, alarms, model.version)
    inside = classify.suggest(known, text, top=wanted, model=model) if wanted else list(guesses)
    best = inside[0] if inside and inside[0].probability >= (least if wanted else LIKELY) else None
    alarm = next((one for one in alarms if wanted in {None, known.leaf(one.leaf).parent}), None)
    if alarm is not None and (best is None or best.leaf not in {one.leaf for one in alarms}):
        best = alarm
    leaf, probability = known.leaf(best.leaf if best else catalogue.OTHER), best.probability if best else 0.0
    return Choice(leaf, CategorySource.SUGGESTED, probability, guesses, wanted, alarms, model.version)
