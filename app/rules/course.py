"""One ticket's time as plain values: its clocks, the events that move them, and all of them together.

Instants go in aware and come out aware; a due instant is exclusive (domain rules §2.1, §2.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from app.rules.chains import passed
from app.rules.terms import USUAL, Terms
from app.rules.vocabulary import Clock, Complexity, Status, Verb

MAIN = (Clock.REVIEW, Clock.EMERGENCY, Clock.PROMISE, Clock.CLEAR_REPLY, Clock.HANDLED)
"""The clocks that a promise may stand for, the one that counts first in front."""
INNER = frozenset({Clock.NOTE, Clock.CHECK, Clock.REVIEW})
"""What staff owe each other on the way: of interest while it runs."""
_NOT_PEOPLE_OF_OURS = frozenset({"reporter", "system"})


@dataclass(frozen=True)
class ClockState:
    """One clock. `void`: it ended without counting. `stage`: how many steps of its chain have been taken."""

    kind: Clock
    round: int
    started_at: datetime
    due_at: datetime
    note: str = ""
    stopped_at: datetime | None = None
    void: bool = False
    paused_at: datetime | None = None
    breached_at: datetime | None = None
    stage: int = 0

    @property
    def runs(self) -> bool:
        """Whether it is neither stopped nor void; a paused clock runs on later."""
        return self.stopped_at is None and not self.void

    def late(self, at: datetime) -> bool:
        """Whether its due instant was missed; a breach stays one, wherever the due instant moves."""
        return self.breached_at is not None or self.due_at <= (self.stopped_at or self.paused_at or at)

    def state(self, now: datetime) -> str:
        """In a word, as the desk reads it: running, paused, stopped, late, overdue."""
        if self.stopped_at is not None:
            return "late" if self.late(now) else "stopped"
        if self.late(now):
            return "overdue"
        return "running" if self.paused_at is None else "paused"


class Happening(NamedTuple):
    """One event, as far as clocks are concerned. `actor`: a role code, "reporter" or "system"."""

    verb: Verb
    at: datetime
    before: Status
    after: Status
    actor: str
    facts: Mapping[str, Any]

    @property
    def instant(self) -> datetime:
        """When it counts from: what the system does late counts from the instant at which it was called for."""
        return moment(self.facts["at"]) if self.actor == "system" and "at" in self.facts else self.at

    @property
    def by_a_person(self) -> bool:
        """Whether somebody of ours did it, rather than the reporter or the system."""
        return self.actor not in _NOT_PEOPLE_OF_OURS


@dataclass(frozen=True)
class Course:
    """A ticket's time: all its clocks in the order in which they were started."""

    submitted: datetime
    complexity: Complexity
    round: int = 1
    clocks: tuple[ClockState, ...] = ()
    terms: Terms = field(default=USUAL)

    def current(self, kind: Clock, *, void: bool = False) -> int | None:
        """The place of this round's newest clock of a kind, among those that count, or among the void ones."""
        places = [n for n, c in enumerate(self.clocks) if (c.kind, c.round, c.void) == (kind, self.round, void)]
        return places[-1] if places else None

    def clock(self, kind: Clock) -> ClockState | None:
        """This round's clock of a kind, if there is one that counts."""
        place = self.current(kind)
        return None if place is None else self.clocks[place]

    def running(self, *kinds: Clock) -> list[int]:
        """The places of the clocks of these kinds that run, paused ones included; of all kinds where none is named."""
        return [n for n, c in enumerate(self.clocks) if c.runs and (not kinds or c.kind in kinds)]

    def main(self) -> ClockState | None:
        """The clock that the promise stands for now: the queue goes by its due instant. None where none runs."""
        mine = {self.clocks[n].kind: self.clocks[n] for n in self.running(*MAIN)}
        return next((mine[kind] for kind in MAIN if kind in mine), None)

    def change(self, places: Iterable[int], **values: Any) -> "Course":  # noqa: ANN401 -- the fields of a clock
        """The same course with some of its clocks changed."""
        wanted = set(places)
        changed = (replace(c, **values) if n in wanted else c for n, c in enumerate(self.clocks))
        return replace(self, clocks=tuple(changed))

    def add(self, clock: ClockState, at: datetime) -> "Course":
        """The same course with one more clock. What it would have reminded of before `at` is past."""
        return replace(self, clocks=(*self.clocks, replace(clock, stage=passed(clock, at))))


def moment(value: Any) -> datetime:  # noqa: ANN401 -- facts come from JSON
    """An instant out of an event's facts."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
