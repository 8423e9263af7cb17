"""Who is called back and until when, against domain rules §2.6 and §5."""

from datetime import UTC, datetime, timedelta

import pytest

from app.rules import calls, sla
from app.rules.calls import Answered
from app.rules.place import stairwell
from app.rules.vocabulary import CallReason, CallStatus, Solved, Verb

NEVER_DRAWN = 99


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=sla.SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, None),
        ({"stars": 3, "solved": Solved.YES}, None),
        ({"stars": 2, "solved": Solved.YES}, CallReason.LOW_STARS),
        ({"stars": 1, "solved": Solved.PARTLY}, CallReason.LOW_STARS),
        ({"stars": 5, "solved": Solved.PARTLY}, CallReason.PARTLY),
        ({"proxied": True}, CallReason.PROXY),
        ({"proxied": True, "emergency": True}, CallReason.PROXY),
        ({"elder": True}, CallReason.ELDER),
        ({"emergency": True}, CallReason.EMERGENCY),
        ({"self_checked": True}, None),
        ({"self_checked": True, "draw": 29}, CallReason.SELF_CHECKED),
        ({"self_checked": True, "draw": 30}, None),
        ({"self_checked": False, "draw": 29}, None),
        ({"draw": 9}, CallReason.RANDOM),
        ({"draw": 10}, None),
        ({"draw": 0, "elder": True}, CallReason.ELDER),
    ],
)
def test_the_strongest_reason_to_call_back_is_given(facts, why):
    assert calls.reason(Answered(**({"draw": NEVER_DRAWN} | facts))) == why


def test_a_draw_is_the_same_every_time_and_falls_evenly():
    import hashlib

    digests = [hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(5000)]
    drawn = [calls.draw(digest) for digest in digests]
    assert drawn == [calls.draw(digest) for digest in digests]
    assert set(drawn) == set(range(100))
    assert 0.08 < sum(one < calls.RANDOM_PERCENT for one in drawn) / len(drawn) < 0.12
    assert 0.27 < sum(one < calls.SELF_CHECKED_PERCENT for one in drawn) / len(drawn) < 0.33


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2027-03-01 09:00", "2027-03-02 00:00"),
        ("2027-03-01 17:59:59", "2027-03-02 00:00"),
        ("2027-03-01 18:00", "2027-03-03 00:00"),
        ("2027-03-01 23:59", "2027-03-03 00:00"),
        ("2027-02-28 20:00", "2027-03-02 00:00"),
    ],
)
def test_who_cannot_look_is_told_the_same_day_and_in_the_evening_the_next(now, due):
    assert calls.tell_due(at(now)) == at(due)


def test_a_callback_leaves_time_for_three_tries_on_two_days():
    assert calls.callback_due(at("2027-03-01 23:00")) == at("2027-03-04 00:00")


@pytest.mark.parametrize(
    ("tries", "status"),
    [
        ([], CallStatus.OPEN),
        (["2027-03-01 09:00", "2027-03-02 09:00"], CallStatus.OPEN),
        (["2027-03-01 09:00", "2027-03-01 12:00", "2027-03-01 19:00"], CallStatus.OPEN),
        (["2027-03-01 09:00", "2027-03-01 12:00", "2027-03-01 19:00", "2027-03-02 00:10"], CallStatus.UNREACHED),
        (["2027-03-01 23:50", "2027-03-01 23:55", "2027-03-02 00:05"], CallStatus.UNREACHED),
        (["2027-03-02 00:05", "2027-03-02 07:00", "2027-03-02 07:30"], CallStatus.OPEN),  # one day, though two in UTC
    ],
)
def test_three_tries_on_two_local_days_end_it(tries, status):
    assert calls.after_tries([at(one) for one in tries]) is status


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2027-03-01 09:00", "2028-03-02 00:00"),
        ("2028-02-29 09:00", "2029-03-01 00:00"),
        ("2027-12-31 23:59", "2029-01-01 00:00"),
    ],
)
def test_a_standing_mandate_reaches_twelve_months(now, last):
    assert calls.longest_mandate(at(now)) == at(last)


def test_everything_that_is_said_to_the_resident_as_an_answer_is_told():
    assert {Verb.REPLY, Verb.ANSWER, Verb.REJECT, Verb.TRANSFER_OUT, Verb.NEED_INFO, Verb.CONFIRM} <= calls.TELLS
    assert not calls.TELLS & {Verb.TRIAGE, Verb.ASSIGN, Verb.PROGRESS, Verb.URGE, Verb.CALLBACK}


def test_a_call_is_not_due_before_it_is_put():
    for hour in range(48):
        now = at("2027-03-01 00:00") + timedelta(hours=hour, minutes=17)
        assert now < calls.tell_due(now) <= calls.callback_due(now)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("4-2", ("4幢", "2单元")),
        ("4幢2单元", ("4幢", "2单元")),
        ("４－２", ("4幢", "2单元")),
        ("4 2", ("4幢", "2单元")),
        ("4栋2", ("4幢", "2单元")),
        ("12#3", ("12幢", "3单元")),
        ("四幢二单元", ("4幢", "2单元")),
        ("04-02", ("4幢", "2单元")),
        ("10号楼1门", ("10幢", "1单元")),
        ("4", ("4幢", "")),
        ("4幢", ("4幢", "")),
        ("1201", ("", "")),
        ("4-1201", ("", "")),
        ("东门", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_stairwell_is_found_by_what_people_say_for_it(typed, found):
    assert stairwell(typed) == found
