"""What a clock calls for by itself, and when: reminders, the breach, one level up after another (domain rules §2.5)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from app.rules.vocabulary import Clock, Role, Verb

LEVELS = (Role.COMMITTEE_SECRETARY, Role.COMMUNITY, Role.STREET)
"""Who holds level 1, 2 and 3."""
AGAIN = timedelta(days=7)
"""After the last step of a chain its highest level is reminded for as long as the clock runs."""


LOUDNESS = (
    "resumed",
    "reminded",
    "unanswered",
    "review",
    "unchecked",
    "note_owed",
    "uninformed",
    "sent_back",
    "breached",
    "uncontacted",
    "escalated",
)
"""Who would hear of several things at once hears of the one furthest down this list."""


class Ear(StrEnum):
    """Who is told at a step."""

    LEAD = "lead"
    CHIEF = "chief"
    SECRETARY = "secretary"
    LEVEL = "level"


class Step(NamedTuple):
    """One step of a chain: at a `share` of the clock's length, or so long `after` it was due."""

    verb: Verb
    ear: Ear
    template: str
    share: float | None = None
    after: timedelta = timedelta()
    level: int = 0


class Timed(Protocol):
    """As much of a clock as a chain needs."""

    @property
    def kind(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def stopped_at(self) -> datetime | None: ...
    @property
    def void(self) -> bool: ...
    @property
    def paused_at(self) -> datetime | None: ...
    @property
    def stage(self) -> int: ...


_UP = (
    Step(Verb.ESCALATE, Ear.LEVEL, "escalated", after=timedelta(hours=24), level=1),
    Step(Verb.ESCALATE, Ear.LEVEL, "escalated", after=timedelta(days=3), level=2),
    Step(Verb.ESCALATE, Ear.LEVEL, "escalated", after=timedelta(days=7), level=3),
)
_WORK = (
    Step(Verb.REMIND, Ear.LEAD, "reminded", share=0.5),
    Step(Verb.REMIND, Ear.LEAD, "reminded", share=0.8),
    Step(Verb.BREACH, Ear.CHIEF, "breached"),
    *_UP,
)
CHAINS: Mapping[Clock, tuple[Step, ...]] = {
    Clock.HANDLED: _WORK,
    Clock.CLEAR_REPLY: _WORK,
    Clock.PROMISE: _WORK,
    Clock.EMERGENCY: (
        Step(Verb.REMIND, Ear.CHIEF, "uncontacted", share=0.5),
        Step(Verb.BREACH, Ear.CHIEF, "uncontacted"),
        *_UP,
    ),
    Clock.FIRST_RESPONSE: (
        Step(Verb.REMIND, Ear.CHIEF, "unanswered", share=0.8),
        Step(Verb.BREACH, Ear.CHIEF, "unanswered"),
    ),
    Clock.NOTE: (Step(Verb.BREACH, Ear.CHIEF, "note_owed"),),
    Clock.CHECK: (Step(Verb.BREACH, Ear.CHIEF, "unchecked"), *_UP),
    Clock.REVIEW: (
        Step(Verb.REMIND, Ear.SECRETARY, "review", share=0.8),
        Step(Verb.BREACH, Ear.SECRETARY, "review"),
        *_UP,
    ),
}


def step(kind: str, stage: int) -> Step | None:
    """The step of a chain at a stage; past the last of a chain that goes up, a reminder every week; else None."""
    chain = CHAINS[Clock(kind)]
    if stage < len(chain):
        return chain[stage]
    last = chain[-1]
    if not last.level:
        return None
    after = last.after + AGAIN * (stage - len(chain) + 1)
    return Step(Verb.REMIND, Ear.LEVEL, "reminded", after=after, level=last.level)


def instant(clock: Timed, wanted: Step) -> datetime:
    """When a step of a clock is called for."""
    if wanted.share is not None:
        return clock.started_at + (clock.due_at - clock.started_at) * wanted.share
    return clock.due_at + wanted.after


def next_at(clock: Timed) -> datetime | None:
    """The next instant at which somebody has to look at this clock; None where it is stopped, void or paused."""
    if clock.stopped_at is not None or clock.void or clock.paused_at is not None:
        return None
    wanted = step(clock.kind, clock.stage)
    return wanted and instant(clock, wanted)


def louder(one: str | None, other: str) -> str:
    """Which of two notices is said where both would be."""
    return max(filter(None, (one, other)), key=LOUDNESS.index)


def passed(clock: Timed, at: datetime) -> int:
    """How many reminders lie behind at `at`: a clock that is started late does not remind of what has passed."""
    chain = CHAINS[Clock(clock.kind)]
    return sum(wanted.share is not None and instant(clock, wanted) <= at for wanted in chain)
