"""What a clock calls for, and when, as the domain rules say it (§2.2, §2.5), typed here a second time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.chains import CHAINS, LEVELS, LOUDNESS, Ear, instant, louder, next_at, passed, step
from app.rules.course import ClockState
from app.rules.vocabulary import Clock, Role, Verb

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTH = 10 * HOUR
DUE = START + LENGTH


def clock(kind, **over):
    return ClockState(kind, 1, START, over.pop("due_at", DUE), **over)


WORK = [
    (5 * HOUR, Verb.REMIND, Ear.LEAD, 0),
    (8 * HOUR, Verb.REMIND, Ear.LEAD, 0),
    (10 * HOUR, Verb.BREACH, Ear.CHIEF, 0),
]
UP = [
    (10 * HOUR + DAY, Verb.ESCALATE, Ear.LEVEL, 1),
    (10 * HOUR + 3 * DAY, Verb.ESCALATE, Ear.LEVEL, 2),
    (10 * HOUR + 7 * DAY, Verb.ESCALATE, Ear.LEVEL, 3),
]
FOR_EVER = [(10 * HOUR + 14 * DAY, Verb.REMIND, Ear.LEVEL, 3), (10 * HOUR + 21 * DAY, Verb.REMIND, Ear.LEVEL, 3)]
RULES = {
    Clock.HANDLED: [*WORK, *UP, *FOR_EVER],
    Clock.CLEAR_REPLY: [*WORK, *UP, *FOR_EVER],
    Clock.PROMISE: [*WORK, *UP, *FOR_EVER],
    Clock.EMERGENCY: [
        (5 * HOUR, Verb.REMIND, Ear.CHIEF, 0),
        (10 * HOUR, Verb.BREACH, Ear.CHIEF, 0),
        *UP,
        *FOR_EVER,
    ],
    Clock.FIRST_RESPONSE: [(8 * HOUR, Verb.REMIND, Ear.CHIEF, 0), (10 * HOUR, Verb.BREACH, Ear.CHIEF, 0)],
    Clock.NOTE: [(10 * HOUR, Verb.BREACH, Ear.CHIEF, 0)],
    Clock.CHECK: [(10 * HOUR, Verb.BREACH, Ear.CHIEF, 0), *UP, *FOR_EVER],
    Clock.REVIEW: [
        (8 * HOUR, Verb.REMIND, Ear.SECRETARY, 0),
        (10 * HOUR, Verb.BREACH, Ear.SECRETARY, 0),
        *UP,
        *FOR_EVER,
    ],
}


@pytest.mark.parametrize("kind", Clock)
def test_a_chain_has_the_steps_of_the_rules_at_their_instants(kind):
    steps = RULES[kind]
    for stage, (after, verb, ear, level) in enumerate(steps):
        wanted = step(kind, stage)
        assert (wanted.verb, wanted.ear, wanted.level) == (verb, ear, level)
        assert instant(clock(kind), wanted) == START + after
        assert next_at(clock(kind, stage=stage)) == START + after
    if not steps[-1][3]:
        assert step(kind, len(steps)) is None
        assert next_at(clock(kind, stage=len(steps))) is None


def test_the_levels_are_secretary_community_and_street():
    assert LEVELS == (Role.COMMITTEE_SECRETARY, Role.COMMUNITY, Role.STREET)


@pytest.mark.parametrize("ended", [{"stopped_at": DUE}, {"void": True}, {"paused_at": START}])
def test_a_clock_that_does_not_run_calls_for_nothing(ended):
    assert next_at(clock(Clock.HANDLED, **ended)) is None


@pytest.mark.parametrize(
    ("at", "behind"),
    [(START, 0), (START + 5 * HOUR, 1), (START + 7 * HOUR, 1), (START + 8 * HOUR, 2), (DUE + DAY, 2)],
)
def test_reminders_that_lie_behind_are_not_said_again_and_a_breach_always_is(at, behind):
    assert passed(clock(Clock.HANDLED), at) == behind


@given(st.sampled_from(list(CHAINS)), st.timedeltas(timedelta(minutes=1), timedelta(days=40)))
def test_the_steps_of_a_chain_follow_one_another(kind, length):
    timed = clock(kind, due_at=START + length)
    steps = [step(kind, stage) for stage in range(12)]
    instants = [instant(timed, one) for one in steps if one]
    assert all(earlier < later for earlier, later in pairwise(instants))


def test_of_several_notices_the_one_that_matters_most_is_said():
    assert louder(None, "reminded") == "reminded"
    assert louder("unanswered", "sent_back") == louder("sent_back", "unanswered") == "sent_back"
    assert {one.template for chain in CHAINS.values() for one in chain} <= set(LOUDNESS)
