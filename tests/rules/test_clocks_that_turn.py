"""Whole journeys on a wall clock: which clocks run, until when, and how they end (domain rules §2.1–§2.6).

Monday is 2 March 2026. Times are local, as people say them; "03-03 00:00" is the end of Monday."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import clocks
from app.rules.chains import next_at
from app.rules.clocks import replay
from app.rules.course import Happening
from app.rules.sla import SHANGHAI
from app.rules.terms import Terms
from app.rules.vocabulary import Clock, Status
from app.rules.workdays import Calendar
from tests.rules.clock_stories import (
    CLASSES,
    COMPLEX,
    EMERGENCY,
    MOMENTS,
    SIMPLE,
    WORKDAYS,
    Journey,
    S,
    V,
    at,
    begun,
    local,
    zone,
)


def test_a_day_that_was_missed_stays_missed_when_the_class_changes():
    journey = Journey().go("03-03 09:00", V.TRIAGE, S.ACCEPTED, complexity=COMPLEX)
    assert journey.clock(Clock.HANDLED).state(at("03-03 10:00")) == "late"
    assert journey.due(Clock.CLEAR_REPLY) == "03-06 00:00"


def test_a_late_triage_of_finished_work_does_not_start_it_again():
    journey = Journey().go("03-02 09:30", V.AUTO_ASSIGN, S.ASSIGNED, "system")
    journey.go("03-02 10:00", V.TAKE, S.IN_PROGRESS, "property")
    journey.go("03-02 11:00", V.DONE, S.PENDING_CHECK, "property").go("03-02 12:00", V.TRIAGE, complexity=COMPLEX)
    assert journey.stopped(Clock.CLEAR_REPLY) == "03-02 11:00"
    assert [journey.course().clocks[n].kind for n in journey.course().running()] == [Clock.CHECK]


def test_a_late_triage_after_a_reply_counts_the_reply_that_was_given():
    journey = Journey().go("03-02 09:30", V.AUTO_ASSIGN, S.ASSIGNED, "system")
    journey.go("03-02 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-05")
    journey.go("03-02 12:00", V.TRIAGE, complexity=COMPLEX)
    assert journey.stopped(Clock.CLEAR_REPLY) == "03-02 10:00"
    assert journey.due(Clock.PROMISE) == "03-06 00:00"


@pytest.mark.parametrize(
    ("verb", "after", "actor"),
    [
        (V.REJECT, S.REJECTED, "grid_head"),
        (V.TRANSFER_OUT, S.TRANSFERRED, "grid_head"),
        (V.MERGE, S.MERGED, "grid_head"),
        (V.WITHDRAW, S.WITHDRAWN, "reporter"),
    ],
)
def test_what_goes_elsewhere_does_not_count(verb, after, actor):
    journey = Journey().go("03-02 10:00", verb, after, actor)
    assert journey.course().running() == []
    assert journey.clock(Clock.HANDLED, void=True) is not None
    assert journey.clock(Clock.FIRST_RESPONSE, void=actor == "reporter") is not None


def test_a_wrong_rejection_gains_no_time():
    journey = Journey(COMPLEX).go("03-02 10:00", V.REJECT, S.REJECTED)
    journey.go("03-05 10:00", V.OBJECT, S.REVIEW, "reporter")
    assert journey.due(Clock.REVIEW) == "03-09 00:00"
    journey.go("03-05 12:00", V.DECIDE, S.ACCEPTED, "committee_secretary", outcome="accepted")
    assert (journey.due(Clock.CLEAR_REPLY), journey.stopped(Clock.CLEAR_REPLY)) == ("03-06 00:00", None)
    assert journey.stopped(Clock.REVIEW) == "03-05 12:00"


def test_a_rejection_that_stands_leaves_nothing_running():
    journey = Journey(COMPLEX).go("03-02 10:00", V.REJECT, S.REJECTED)
    journey.go("03-05 10:00", V.OBJECT, S.REVIEW, "reporter")
    journey.go("03-05 12:00", V.DECIDE, S.CLOSED_REJECTED, "committee_secretary", outcome="closed_rejected")
    assert journey.course().running() == []


def test_a_ticket_on_its_own_again_goes_on_from_its_own_submission():
    journey = Journey().go("03-02 10:00", V.MERGE, S.MERGED).go("03-02 15:00", V.UNMERGE, S.ACCEPTED)
    assert (journey.due(Clock.HANDLED), journey.stopped(Clock.HANDLED)) == ("03-03 00:00", None)


def test_only_the_clock_of_the_present_class_comes_back():
    journey = Journey().worked().go("03-02 12:00", V.RECLASSIFY, complexity=COMPLEX)
    journey.go("03-02 12:30", V.RETURN, S.ACCEPTED, "property").go("03-02 13:00", V.REJECT, S.REJECTED)
    journey.go("03-03 10:00", V.OBJECT, S.REVIEW, "reporter").go("03-03 11:00", V.DECIDE, S.ACCEPTED)
    running = {journey.course().clocks[n].kind for n in journey.course().running()}
    assert running == {Clock.CLEAR_REPLY}


def test_the_ticket_that_goes_on_takes_the_earlier_due_instant_and_never_a_later_one():
    journey = Journey(COMPLEX).go("03-02 10:00", V.MERGE, due=at("03-03 00:00").isoformat())
    assert journey.due(Clock.CLEAR_REPLY) == "03-03 00:00"
    assert journey.go("03-02 10:05", V.MERGE, due=at("03-09 00:00").isoformat()).due(Clock.CLEAR_REPLY) == "03-03 00:00"


def test_a_redo_has_clocks_of_its_own_from_the_moment_of_asking():
    journey = Journey().worked().go("03-02 15:00", V.DONE, S.PENDING_CHECK, "property")
    journey.go("03-02 16:00", V.CONFIRM, S.ANSWERED).go("03-04 09:00", V.RATE, S.REOPENED, "reporter")
    assert (journey.due(Clock.HANDLED), journey.due(Clock.HANDLED, number=2)) == ("03-03 00:00", "03-05 00:00")
    assert journey.stopped(Clock.HANDLED) == "03-02 15:00"
    assert journey.clock(Clock.FIRST_RESPONSE, number=2) is None


def test_a_second_not_solved_waits_for_the_secretary_and_a_redo_starts_at_the_decision():
    journey = Journey().worked().go("03-02 15:00", V.DONE, S.PENDING_CHECK, "property")
    journey.go("03-02 16:00", V.CONFIRM, S.ANSWERED).go("03-03 09:00", V.RATE, S.REVIEW, "reporter")
    assert journey.due(Clock.REVIEW) == "03-07 00:00"
    assert journey.course().main().kind is Clock.REVIEW
    journey.go("03-05 09:00", V.DECIDE, S.REOPENED, "committee_secretary", outcome="reopened")
    assert (journey.stopped(Clock.REVIEW), journey.due(Clock.HANDLED, number=2)) == ("03-05 09:00", "03-06 00:00")


@pytest.mark.parametrize("verb", [V.INFO, V.CALLBACK, V.RATE])
def test_whatever_reopens_a_matter_starts_a_round(verb):
    journey = Journey(COMPLEX).go("03-02 12:00", V.ANSWER, S.ANSWERED)
    journey.go("03-09 12:00", V.LAPSE, S.CLOSED_UNRATED, "system").go("03-10 09:00", verb, S.REOPENED, "reporter")
    assert journey.due(Clock.CLEAR_REPLY, number=2) == "03-14 00:00"
    journey.go("03-10 10:00", V.ASSIGN, S.ASSIGNED)
    assert journey.course().round == 2


def test_from_the_second_urge_on_a_note_is_owed_within_four_service_hours_and_one_at_a_time():
    journey = Journey(COMPLEX).worked().go("03-02 12:00", V.URGE, actor="reporter", count=1)
    assert journey.clock(Clock.NOTE) is None
    journey.go("03-03 18:00", V.URGE, actor="reporter", count=2).go("03-03 19:00", V.URGE, actor="reporter", count=3)
    assert (journey.due(Clock.NOTE), journey.kinds().count("note")) == ("03-04 10:00", 1)


@pytest.mark.parametrize(
    ("verb", "after", "facts"),
    [
        (V.PROGRESS, None, {}),
        (V.DONE, None, {}),
        (V.DONE, S.PENDING_CHECK, {}),
        (V.REPLY, S.REPLIED, {"kind": "result"}),
    ],
)
def test_a_word_about_the_work_settles_it_and_the_next_urge_asks_anew(verb, after, facts):
    journey = Journey(COMPLEX).worked().go("03-03 09:00", V.URGE, actor="reporter", count=2)
    journey.go("03-03 10:00", verb, after, "property", **facts)
    assert journey.stopped(Clock.NOTE) == "03-03 10:00"
    journey.go("03-03 22:00", V.URGE, actor="reporter", count=3)
    assert journey.kinds().count("note") == 2


def test_a_breach_is_never_undone_by_a_later_extension():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-05")
    said = {"clock": "promise", "round": 1, "step": 2, "at": at("03-06 00:00").isoformat()}
    journey.go("03-07 08:00", V.BREACH, actor="system", **said)
    assert journey.clock(Clock.PROMISE).breached_at == at("03-06 00:00")
    journey.go("03-07 09:00", V.EXTEND, until=at("03-20 00:00").isoformat())
    journey.go("03-08 09:00", V.DONE, S.PENDING_CHECK, "property")
    assert journey.clock(Clock.PROMISE).state(at("03-09 00:00")) == "late"


def test_a_clock_says_in_a_word_how_it_stands():
    clock = Journey().clock(Clock.HANDLED)
    assert (clock.state(at("03-02 23:59")), clock.state(at("03-03 00:00"))) == ("running", "overdue")


def test_the_promise_stands_for_the_contact_then_the_plan_then_the_day():
    journey = Journey(EMERGENCY)
    assert journey.course().main().kind is Clock.EMERGENCY
    journey.go("03-02 09:05", V.TRIAGE, S.ACCEPTED, complexity=EMERGENCY)
    assert journey.course().main().kind is Clock.HANDLED
    journey.go("03-02 09:10", V.ASSIGN, S.ASSIGNED)
    journey.go("03-02 09:20", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-05")
    assert journey.course().main().kind is Clock.PROMISE


def test_a_history_without_a_beginning_is_refused():
    with pytest.raises(ValueError):
        replay([], SIMPLE)


def test_what_a_compound_sets_travels_with_the_event_only_where_it_is_not_as_usual():
    assert Terms().kept() == {}
    assert clocks.terms_in(WORKDAYS.kept()) == WORKDAYS
    assert clocks.terms_in({"terms": {"calendar": "natural", "rollover": True, "staffed": True}}) == Terms(
        Calendar(rollover=True), staffed=True
    )


@pytest.mark.parametrize(
    ("status", "facts", "ends"),
    [
        (S.NEED_INFO, {}, "03-04 09:00"),
        (S.ANSWERED, {}, "03-09 09:00"),
        (S.REJECTED, {}, "03-09 09:00"),
        (S.ASSIGNED, {}, "03-02 11:00"),
        (S.PAUSED, {"until": at("03-05 12:00").isoformat()}, "03-05 12:00"),
    ],
)
def test_a_state_ends_by_itself_after_its_time(status, facts, ends):
    assert local(clocks.lapses_at(status, at("03-02 09:00"), facts)) == ends


def test_a_slip_waits_two_service_hours_and_not_through_the_night():
    assert local(clocks.lapses_at(S.ASSIGNED, at("03-02 19:00"), {})) == "03-03 09:00"


def test_every_other_state_waits_for_a_person():
    ends = {S.NEED_INFO, S.ANSWERED, S.REJECTED, S.ASSIGNED, S.PAUSED}
    assert {status for status in set(Status) - ends if clocks.lapses_at(status, at("03-02 09:00"), {})} == set()


@given(CLASSES, MOMENTS)
def test_no_clock_is_due_before_it_starts_nor_starts_before_the_submission(complexity, when):
    for clock in replay(begun(complexity, when), complexity).clocks:
        assert when <= clock.started_at < clock.due_at
        assert clock.started_at < next_at(clock) <= clock.due_at


@given(CLASSES, CLASSES, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_another_class_never_starts_a_clock_before_the_submission(first, second, when, later):
    changed = Happening(V.TRIAGE, when + later, S.SUBMITTED, S.ACCEPTED, "grid_head", {"complexity": second})
    course = replay([*begun(first, when), changed], first)
    assert all(when <= clock.started_at < clock.due_at for clock in course.clocks)
    assert course.main() is not None


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=14)), st.timedeltas(timedelta(0), timedelta(days=14)))
def test_a_longer_pause_never_makes_a_promise_fall_due_earlier(when, one, other):
    def due(rest):
        said = {"kind": "plan", "promise_date": (when + timedelta(days=9)).astimezone(SHANGHAI).date().isoformat()}
        history = [
            *begun(COMPLEX, when),
            Happening(V.REPLY, when, S.ASSIGNED, S.REPLIED, "grid_head", said),
            Happening(V.PAUSE, when, S.REPLIED, S.PAUSED, "grid_head", {"until": when + rest}),
            Happening(V.RESUME, when + rest, S.PAUSED, S.REPLIED, "system", {"at": when + rest}),
        ]
        return replay(history, COMPLEX).clock(Clock.PROMISE).due_at

    short, long = sorted((one, other))
    assert due(timedelta(0)) <= due(short) <= due(long)


@given(CLASSES, MOMENTS, st.sampled_from(["UTC", "America/New_York", "Pacific/Kiritimati"]))
def test_the_zone_of_the_machine_does_not_matter(complexity, when, name):
    expected = replay(begun(complexity, when), complexity)
    with zone(name):
        assert replay(begun(complexity, when), complexity) == expected
