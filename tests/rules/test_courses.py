"""Any course that the table allows, most guards aside: what is open has a next instant, and nothing else has one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules import workflow
from app.rules.chains import next_at, step
from app.rules.clocks import apply, lapses_at, replay
from app.rules.course import Course, Happening
from app.rules.sla import end_of, local_day
from app.rules.vocabulary import Clock, Complexity, Status, Verb
from app.rules.workflow import TABLE, Facts, Hat

START = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
QUIET = workflow.CLOSED_OUT | {Status.ANSWERED, Status.REJECTED}
BY_HAND = {Verb.REMIND, Verb.BREACH}  # these follow a clock, and are drawn from one
ENTERS_ANEW = {Verb.ASSIGN, Verb.AUTO_ASSIGN}


def facts_of(verb, at, draw):
    """What the event of a verb says about time."""
    later = at + draw(st.timedeltas(timedelta(minutes=1), timedelta(days=15)))
    match verb:
        case Verb.TRIAGE | Verb.RECLASSIFY | Verb.CHOOSE:
            return {"complexity": draw(st.sampled_from(Complexity))}
        case Verb.REPLY:
            return {"kind": draw(st.sampled_from(["plan", "result", "refusal"])), "promise_date": local_day(later)}
        case Verb.PAUSE:
            return {"until": later}
        case Verb.EXTEND:
            return {"until": end_of(local_day(later))}
        case Verb.URGE:
            return {"count": draw(st.integers(1, 4))}
    return {}


def actor_of(row, draw):
    hat = draw(st.sampled_from(sorted(row.hats)))
    return {Hat.REPORTER: "reporter", Hat.SYSTEM: "system"}.get(hat, "grid_head")


def clock_step(course, draw):
    """One step of a running clock's own chain, if any is left."""
    places = [n for n in course.running() if next_at(course.clocks[n])]
    if not places:
        return None
    clock = course.clocks[draw(st.sampled_from(places))]
    wanted = step(clock.kind, clock.stage)
    said = {"clock": clock.kind, "round": clock.round, "step": clock.stage, "at": next_at(clock)}
    return wanted.verb, said


def reviewed(events):
    """What the secretary looks at: a rejection, or work that did not help twice."""
    entered = next(event for event in reversed(events) if event.after is not event.before)
    return Status.REJECTED if entered.verb is Verb.OBJECT else None


@st.composite
def courses(draw):
    """A history and the instants at which its states end by themselves."""
    complexity = draw(st.sampled_from(Complexity))
    events = [Happening(Verb.SUBMIT, START, Status.SUBMITTED, Status.SUBMITTED, "reporter", {"complexity": complexity})]
    course = apply(Course(START, complexity), events[0])
    lapse, at, seen = None, START, [(Status.SUBMITTED, course, None)]
    for _ in range(draw(st.integers(1, 14))):
        at += draw(st.timedeltas(timedelta(minutes=1), timedelta(days=4)))
        status = events[-1].after
        called = clock_step(course, draw) if draw(st.booleans()) and status in workflow.OPEN else None
        if called:
            what = Happening(called[0], at, status, status, "system", called[1])
        else:
            rows = [row for row in TABLE if status in row.sources and row.verb not in BY_HAND]
            if not rows:
                break
            row = draw(st.sampled_from(rows))
            if row.verb is Verb.DECIDE and not row.guard(Facts(status, review_of=reviewed(events))):
                continue
            target = row.target
            if isinstance(target, Mapping):
                target = draw(st.sampled_from(list(target.values())))
            what = Happening(row.verb, at, status, target or status, actor_of(row, draw), facts_of(row.verb, at, draw))
        events.append(what)
        course = apply(course, what)
        if what.after is not what.before or what.verb in ENTERS_ANEW:
            lapse = lapses_at(what.after, what.instant, what.facts)
        seen.append((what.after, course, lapse))
    return events, complexity, seen


@given(courses())
@settings(max_examples=300, deadline=None)
def test_what_is_open_has_a_next_instant_and_what_is_not_has_no_running_clock(made):
    for status, course, lapse in made[2]:
        if status in QUIET:
            assert course.running() == []
        else:
            assert lapse or [n for n in course.running() if next_at(course.clocks[n])], status


@given(courses())
@settings(max_examples=200, deadline=None)
def test_a_breach_stays_no_clock_moves_before_its_start_and_a_replay_agrees(made):
    events, complexity, seen = made
    breached = {}
    for _, course, _ in seen:
        for place, clock in enumerate(course.clocks):
            assert START <= clock.started_at < clock.due_at
            assert breached.setdefault(place, clock.breached_at) in {None, clock.breached_at}
            breached[place] = clock.breached_at
    assert replay(events, complexity) == seen[-1][1]


@given(courses())
@settings(max_examples=200, deadline=None)
def test_a_clear_reply_is_never_due_later_than_its_rests_allow(made):
    for _, course, _ in made[2]:
        for clock in course.clocks:
            if clock.kind is Clock.CLEAR_REPLY:
                assert clock.due_at - clock.started_at <= timedelta(days=4 + 3)
