"""Whole journeys on a wall clock: which clocks run, until when, and how they end (domain rules §2.1–§2.6).

Monday is 2 March 2026. Times are local, as people say them; "03-03 00:00" is the end of Monday."""

import pytest

from app.rules.chains import next_at
from app.rules.terms import Terms
from app.rules.vocabulary import Clock
from tests.rules.clock_stories import COMPLEX, EMERGENCY, SIMPLE, WORKDAYS, Journey, S, V, at


@pytest.mark.parametrize(
    ("complexity", "when", "dues"),
    [
        (SIMPLE, "03-02 09:00", {"first_response": "03-02 11:00", "handled": "03-03 00:00"}),
        (SIMPLE, "03-02 18:00", {"first_response": "03-02 20:00", "handled": "03-04 00:00"}),
        (SIMPLE, "03-02 23:50", {"first_response": "03-03 10:00", "handled": "03-04 00:00"}),
        (COMPLEX, "03-02 23:50", {"first_response": "03-03 10:00", "clear_reply": "03-06 00:00"}),
        (COMPLEX, "03-05 10:00", {"first_response": "03-05 12:00", "clear_reply": "03-09 00:00"}),
        (
            EMERGENCY,
            "03-02 09:00",
            {"first_response": "03-02 11:00", "emergency": "03-02 11:00", "handled": "03-03 00:00"},
        ),
    ],
)
def test_a_submission_starts_the_clocks_of_its_class(complexity, when, dues):
    journey = Journey(complexity, when)
    assert {kind: journey.due(kind) for kind in journey.kinds()} == dues


def test_where_somebody_is_there_around_the_clock_contact_is_due_in_ten_minutes():
    journey = Journey(EMERGENCY, "03-02 23:50", terms=Terms(staffed=True))
    assert journey.due(Clock.EMERGENCY) == "03-03 00:00"


def test_working_days_reach_the_clear_reply_the_day_handled_the_promise_and_the_check():
    late = Journey(COMPLEX, "03-05 10:00", terms=WORKDAYS)
    assert late.due(Clock.CLEAR_REPLY) == "03-11 00:00"
    late.go("03-06 10:00", V.TRIAGE, S.ACCEPTED, complexity=COMPLEX).go("03-06 10:00", V.ASSIGN, S.ASSIGNED)
    late.go("03-06 11:00", V.TAKE, S.IN_PROGRESS, "property").go("03-06 12:00", V.REPLY, S.REPLIED, kind="result")
    assert late.due(Clock.PROMISE) == "03-10 00:00"
    late.go("03-06 13:00", V.DONE, S.PENDING_CHECK, "property")
    assert late.due(Clock.CHECK) == "03-10 00:00"


@pytest.mark.parametrize(
    ("verb", "after", "actor", "stops"),
    [
        (V.AUTO_ASSIGN, S.ASSIGNED, "system", False),
        (V.INFO, None, "reporter", False),
        (V.URGE, None, "reporter", False),
        (V.REMIND, None, "system", False),
        (V.TAKE, S.IN_PROGRESS, "property", True),
        (V.NEED_INFO, S.NEED_INFO, "grid_head", True),
        (V.REJECT, S.REJECTED, "grid_head", True),
        (V.ESCALATE, None, "committee_secretary", True),
    ],
)
def test_the_first_act_of_a_person_is_the_response_and_the_contact(verb, after, actor, stops):
    journey = Journey(EMERGENCY).go("03-02 09:20", verb, after, actor, count=1)
    expected = "03-02 09:20" if stops else None
    assert journey.stopped(Clock.FIRST_RESPONSE) == expected
    assert journey.stopped(Clock.EMERGENCY) == expected


def test_whoever_takes_a_call_has_responded():
    assert Journey(EMERGENCY, actor="grid_head").stopped(Clock.EMERGENCY) == "03-02 09:00"


def test_a_second_act_does_not_move_the_first_response():
    assert Journey().worked().stopped(Clock.FIRST_RESPONSE) == "03-02 10:00"


def test_handled_stops_at_the_last_done_and_the_check_begins_until_tomorrow_night():
    journey = Journey().worked().go("03-02 15:00", V.DONE, S.PENDING_CHECK, "property")
    assert journey.stopped(Clock.HANDLED) == "03-02 15:00"
    assert journey.due(Clock.CHECK) == "03-04 00:00"
    journey.go("03-02 16:00", V.CONFIRM, S.ANSWERED)
    assert (journey.stopped(Clock.HANDLED), journey.stopped(Clock.CHECK)) == ("03-02 15:00", "03-02 16:00")


def test_a_co_slips_done_stops_nothing():
    assert Journey().worked().go("03-02 15:00", V.DONE, None, "police").stopped(Clock.HANDLED) is None


def test_work_that_is_sent_back_was_never_done():
    journey = Journey().worked().go("03-02 15:00", V.DONE, S.PENDING_CHECK, "property")
    journey.go("03-02 16:00", V.REJECT_WORK, S.IN_PROGRESS)
    assert (journey.stopped(Clock.HANDLED), journey.due(Clock.HANDLED)) == (None, "03-03 00:00")
    journey.go("03-03 09:00", V.DONE, S.PENDING_CHECK, "property")
    assert journey.clock(Clock.HANDLED).state(at("03-03 10:00")) == "late"


def test_a_co_slip_that_is_called_off_last_ends_the_work():
    journey = Journey().worked().go("03-02 15:00", V.CANCEL_SLIP, S.PENDING_CHECK)
    assert journey.stopped(Clock.HANDLED) == "03-02 15:00"
    assert journey.go("03-02 16:00", V.CANCEL_SLIP).kinds().count("check") == 1


def test_an_answer_without_a_slip_is_the_end_of_it():
    journey = Journey(COMPLEX).go("03-02 12:00", V.ANSWER, S.ANSWERED)
    assert journey.stopped(Clock.CLEAR_REPLY) == "03-02 12:00"
    assert journey.course().running() == []


def test_a_reply_stops_the_clear_reply_and_starts_the_promise_at_its_date():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-20")
    assert journey.stopped(Clock.CLEAR_REPLY) == "03-04 10:00"
    assert journey.due(Clock.PROMISE) == "03-21 00:00"
    journey.go("03-21 09:00", V.DONE, S.PENDING_CHECK, "property")
    assert journey.clock(Clock.PROMISE).state(at("03-21 10:00")) == "late"
    assert journey.clock(Clock.CLEAR_REPLY).state(at("03-21 10:00")) == "stopped"


@pytest.mark.parametrize("kind", ["result", "refusal"])
def test_after_a_result_or_a_refusal_only_the_paperwork_is_left_until_tomorrow_night(kind):
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind=kind)
    assert journey.due(Clock.PROMISE) == "03-06 00:00"


def test_work_that_is_done_without_a_reply_stops_the_clear_reply_too():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.DONE, S.PENDING_CHECK, "property")
    assert journey.stopped(Clock.CLEAR_REPLY) == "03-04 10:00"
    assert journey.go("03-04 11:00", V.REJECT_WORK, S.IN_PROGRESS).stopped(Clock.CLEAR_REPLY) is None


def test_a_reply_stays_given_when_the_work_is_sent_back():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-20")
    journey.go("03-10 10:00", V.DONE, S.PENDING_CHECK, "property").go("03-10 11:00", V.REJECT_WORK, S.IN_PROGRESS)
    assert journey.stopped(Clock.CLEAR_REPLY) == "03-04 10:00"
    assert journey.stopped(Clock.PROMISE) is None


def test_a_second_reply_moves_a_promise_nearer_and_never_away():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-20")
    journey.go("03-10 10:00", V.DONE, S.PENDING_CHECK, "property").go("03-10 11:00", V.REJECT_WORK, S.IN_PROGRESS)
    journey.go("03-11 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-25")
    assert journey.due(Clock.PROMISE) == "03-21 00:00"
    journey.go("03-12 10:00", V.DONE, S.PENDING_CHECK, "property").go("03-12 11:00", V.REJECT_WORK, S.IN_PROGRESS)
    journey.go("03-12 12:00", V.REPLY, S.REPLIED, kind="result")
    assert journey.due(Clock.PROMISE) == "03-14 00:00"


def test_an_extension_moves_the_promise_and_nothing_else():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-13")
    journey.go("03-13 10:00", V.REMIND, actor="system", clock="promise", round=1, step=1, at=at("03-12 10:00"))
    journey.go("03-13 11:00", V.EXTEND, until=at("03-18 00:00").isoformat())
    assert (journey.due(Clock.PROMISE), journey.due(Clock.CLEAR_REPLY)) == ("03-18 00:00", "03-06 00:00")
    assert journey.clock(Clock.PROMISE).stage == 1  # half of the longer time has passed; four fifths have not


@pytest.mark.parametrize(
    ("complexity", "kind", "asked", "answered", "due"),
    [
        (SIMPLE, Clock.HANDLED, "03-02 10:00", "03-02 12:00", "03-04 00:00"),
        (SIMPLE, Clock.HANDLED, "03-02 10:00", "03-04 10:00", "03-04 00:00"),  # never more than 24 hours
        (COMPLEX, Clock.CLEAR_REPLY, "03-02 10:00", "03-03 16:00", "03-08 00:00"),  # 30 hours: the end of that day
        (COMPLEX, Clock.CLEAR_REPLY, "03-02 10:00", "03-04 10:00", "03-08 00:00"),  # never more than 48 hours
        (EMERGENCY, Clock.HANDLED, "03-02 10:00", "03-03 16:00", "03-03 00:00"),  # an emergency never rests
    ],
)
@pytest.mark.parametrize("verb", [V.INFO, V.LAPSE])
def test_a_question_rests_the_clock_for_as_long_as_its_class_allows(complexity, kind, asked, answered, due, verb):
    journey = Journey(complexity).go(asked, V.NEED_INFO, S.NEED_INFO)
    if complexity is not EMERGENCY:
        assert next_at(journey.clock(kind)) is None
        assert journey.clock(kind).state(at("03-20 00:00")) == "paused"
    assert journey.go(answered, verb, S.SUBMITTED, "reporter").due(kind) == due


def test_a_rest_that_the_system_ends_late_ends_when_it_should_have():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-10")
    journey.go("03-05 10:00", V.PAUSE, S.PAUSED, until=at("03-07 10:00").isoformat())
    journey.go("03-09 10:00", V.RESUME, S.REPLIED, "system", at=at("03-07 10:00").isoformat())
    assert journey.due(Clock.PROMISE) == "03-13 00:00"


@pytest.mark.parametrize(
    ("complexity", "handled", "clear_reply"),
    [(SIMPLE, "03-04 00:00", None), (COMPLEX, None, "03-06 00:00"), (EMERGENCY, "03-03 00:00", None)],
)
def test_a_pause_moves_what_is_to_be_handled_by_a_day_at_most_and_never_the_clear_reply(
    complexity, handled, clear_reply
):
    journey = Journey(complexity).worked().go("03-02 12:00", V.PAUSE, S.PAUSED, until=at("03-06 12:00").isoformat())
    journey.go("03-06 12:00", V.RESUME, S.IN_PROGRESS)
    for kind, due in ((Clock.HANDLED, handled), (Clock.CLEAR_REPLY, clear_reply)):
        assert due is None or journey.due(kind) == due


def test_a_pause_moves_a_promise_by_its_whole_length_to_the_end_of_that_day():
    journey = Journey(COMPLEX).worked().go("03-04 10:00", V.REPLY, S.REPLIED, kind="plan", promise_date="2026-03-10")
    journey.go("03-05 10:00", V.PAUSE, S.PAUSED, until=at("03-15 10:00").isoformat())
    assert journey.go("03-15 10:00", V.RESUME, S.REPLIED).due(Clock.PROMISE) == "03-21 00:00"


def test_simple_becomes_complex_counted_from_the_submission():
    journey = Journey().worked().go("03-02 15:00", V.RECLASSIFY, complexity=COMPLEX)
    assert journey.due(Clock.CLEAR_REPLY) == "03-06 00:00"
    assert journey.clock(Clock.CLEAR_REPLY).started_at == at("03-02 09:00")
    assert (journey.clock(Clock.HANDLED), journey.clock(Clock.HANDLED, void=True) is not None) == (None, True)


def test_complex_becomes_simple_until_the_end_of_the_day_of_change():
    journey = Journey(COMPLEX).worked().go("03-03 22:00", V.RECLASSIFY, complexity=SIMPLE)
    assert journey.due(Clock.HANDLED) == "03-04 00:00"
    assert journey.clock(Clock.HANDLED).stage == 2  # its reminders lie behind


def test_a_matter_that_turns_out_to_be_an_emergency_keeps_its_day_and_gains_a_contact_from_that_moment():
    journey = Journey().go("03-02 10:00", V.TRIAGE, S.ACCEPTED, complexity=EMERGENCY)
    assert (journey.due(Clock.EMERGENCY), journey.due(Clock.HANDLED)) == ("03-02 12:00", "03-03 00:00")
    assert journey.stopped(Clock.EMERGENCY) is None
    assert journey.go("03-02 10:05", V.ASSIGN, S.ASSIGNED).stopped(Clock.EMERGENCY) == "03-02 10:05"


def test_an_emergency_that_is_none_keeps_its_day_and_the_contact_that_was_made():
    journey = Journey(EMERGENCY, "03-02 17:00").go("03-02 17:05", V.TRIAGE, S.ACCEPTED, complexity=SIMPLE)
    assert journey.stopped(Clock.EMERGENCY) == "03-02 17:05"
    assert journey.due(Clock.HANDLED) == "03-03 00:00"
