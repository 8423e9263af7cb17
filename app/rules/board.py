"""公示栏: which matters the neighbours may read of, and how much (domain rules §3.4, notes 2 and 5)."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from app.rules import catalogue
from app.rules.catalogue import Leaf
from app.rules.vocabulary import Flag, Scope, Status

FEWEST = 3
_NOBODY_ELSES_BUSINESS = frozenset(
    {
        Flag.IDENTITY_SHIELD,
        Flag.SENSITIVE_PI,
        Flag.MANDATORY_REPORT,
        Flag.CONFLICT_PROPERTY,
        Flag.CONFLICT_SELF_MGMT,
        Flag.CONFLICT_TARGET,
    }
)
PHASES: Mapping[str, frozenset[Status]] = {
    "waiting": frozenset({Status.ACCEPTED, Status.REOPENED}),
    "working": frozenset({Status.ASSIGNED, Status.IN_PROGRESS, Status.REPLIED, Status.PAUSED, Status.PENDING_CHECK}),
    "done": frozenset({Status.ANSWERED, Status.CLOSED, Status.CLOSED_UNRATED}),
}
"""Where a matter stands, as neighbours read it; in any other state it is not on the board."""
ON_THE_WAY = PHASES["waiting"] | PHASES["working"]


@cache
def words() -> Mapping[str, Any]:
    """The board's words."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("app").joinpath("catalogue", "board.yaml").read_text("utf-8"))
    return loaded


def shows(leaf: Leaf) -> bool:
    """Whether matters of this kind are on the board at all."""
    return not leaf.flags & _NOBODY_ELSES_BUSINESS


def tells_building(leaf: Leaf) -> bool:
    """Whether the board says which building: of shared space only."""
    return shows(leaf) and leaf.scope is Scope.PUBLIC


@cache
def shown_leaves() -> frozenset[str]:
    """The codes of the leaves that are on the board."""
    return frozenset(leaf.code for leaf in catalogue.default().leaves if shows(leaf))


@cache
def shared_leaves() -> frozenset[str]:
    """The codes of those whose building the board says."""
    return frozenset(leaf.code for leaf in catalogue.default().leaves if tells_building(leaf))


def phase_of(status: Status) -> str:
    """Where a matter in this state stands; KeyError for one that is not on the board."""
    for phase, statuses in PHASES.items():
        if status in statuses:
            return phase
    raise KeyError(status)


def few(count: int) -> int | None:
    """A number that may be told; None for one or two, which may point at somebody."""
    return count if count == 0 or count >= FEWEST else None
