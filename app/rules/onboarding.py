"""What a new compound still needs before its residents can scan: five steps, each read off what is registered."""

from enum import StrEnum
from typing import NamedTuple

from app.rules.vocabulary import Role

NEEDED = (Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.PROPERTY, Role.SELF_MGMT_HEAD)
"""Without somebody who logs in as each of these, a ticket may lie with nobody, or nobody may stand in."""


class Step(StrEnum):
    """In the order in which they are taken."""

    IMPORT = "import"
    HEADS = "heads"
    CODES = "codes"
    PRINT = "print"
    SCAN = "scan"


class Progress(StrEnum):
    DONE = "done"
    PARTLY = "partly"
    TODO = "todo"


class Facts(NamedTuple):
    """What there is of a compound. A building is scanned once any code of it was, by anybody."""

    buildings: int = 0
    stairwells: int = 0
    coded: int = 0
    scanned_buildings: int = 0
    held: frozenset[Role] = frozenset()
    with_login: frozenset[Role] = frozenset()


class Standing(NamedTuple):
    """How far a step is: `done` of `whole`. `roles`: whom the second step still lacks."""

    step: Step
    progress: Progress
    done: int
    whole: int
    roles: tuple[Role, ...] = ()


def standings(facts: Facts) -> list[Standing]:
    """The five steps. Nobody tells us of printing: the first scan shows that something hangs."""
    lacking = tuple(role for role in NEEDED if role not in facts.held & facts.with_login)
    counted = {
        Step.IMPORT: (facts.stairwells, facts.stairwells),
        Step.HEADS: (len(NEEDED) - len(lacking), len(NEEDED)),
        Step.CODES: (facts.coded, facts.stairwells),
        Step.PRINT: (min(facts.scanned_buildings, 1), 1),
        Step.SCAN: (facts.scanned_buildings, facts.buildings),
    }
    return [
        Standing(step, _progress(done, whole), done, whole, lacking if step is Step.HEADS else ())
        for step, (done, whole) in counted.items()
    ]


def left(facts: Facts) -> int:
    """How many of the five steps are not done."""
    return sum(one.progress is not Progress.DONE for one in standings(facts))


def _progress(done: int, whole: int) -> Progress:
    if whole and done >= whole:
        return Progress.DONE
    return Progress.PARTLY if done else Progress.TODO
