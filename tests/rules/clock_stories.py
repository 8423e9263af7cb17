"""What the tests of it share."""

import os
import time as process_time
from contextlib import contextmanager
from datetime import UTC, datetime

from hypothesis import strategies as st

from app.rules.clocks import replay
from app.rules.course import Happening
from app.rules.sla import SHANGHAI
from app.rules.terms import Terms
from app.rules.vocabulary import Complexity, Status, Verb
from app.rules.workdays import Calendar, CalendarKind

S, V = Status, Verb


SIMPLE, COMPLEX, EMERGENCY = Complexity.SIMPLE, Complexity.COMPLEX, Complexity.EMERGENCY


WORKDAYS = Terms(Calendar(CalendarKind.WORKDAY))


def at(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


class Journey:
    """A history written down step by step: `go("03-02 10:00", TAKE, IN_PROGRESS, "police")`."""

    def __init__(self, complexity=SIMPLE, when="03-02 09:00", terms=None, actor="reporter"):
        self.terms, self.complexity = terms or Terms(), complexity
        said = {"complexity": complexity} | self.terms.kept()
        self.events = [Happening(V.SUBMIT, at(when), S.SUBMITTED, S.SUBMITTED, actor, said)]

    def go(self, when, verb, after=None, actor="grid_head", **facts):
        before = self.events[-1].after
        facts = facts | self.terms.kept()
        self.events.append(Happening(verb, at(when), before, after or before, actor, facts))
        return self

    def worked(self, when="03-02 11:00"):
        """Triaged, assigned and taken by somebody."""
        self.go("03-02 10:00", V.TRIAGE, S.ACCEPTED, complexity=self.complexity)
        self.go("03-02 10:30", V.ASSIGN, S.ASSIGNED)
        return self.go(when, V.TAKE, S.IN_PROGRESS, "property")

    def course(self):
        return replay(self.events, self.complexity)

    def clock(self, kind, number=1, *, void=False):
        found = [c for c in self.course().clocks if (c.kind, c.round, c.void) == (kind, number, void)]
        return found[-1] if found else None

    def due(self, kind, **which):
        return local(self.clock(kind, **which).due_at)

    def stopped(self, kind, **which):
        when = self.clock(kind, **which).stopped_at
        return when and local(when)

    def kinds(self):
        return [c.kind.value for c in self.course().clocks if not c.void]


def local(when):
    return f"{when.astimezone(SHANGHAI):%m-%d %H:%M}"


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda naive: naive.replace(tzinfo=UTC))


CLASSES = st.sampled_from(Complexity)


def begun(complexity, when):
    return [Happening(V.SUBMIT, when, S.SUBMITTED, S.SUBMITTED, "reporter", {"complexity": complexity})]


@contextmanager
def zone(name):
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    process_time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        process_time.tzset()
