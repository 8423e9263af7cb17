import re
from datetime import datetime, timedelta

import pytest

from app.rules import catalogue, notices, wording
from app.rules.notices import Audience, Outlet, Urgency
from app.rules.sla import SHANGHAI
from app.rules.vocabulary import Complexity, Flag, Role

FIELDS = {"category", "place", "due", "slip_no"}
COUNTS = {"new", "today", "overdue", "check"}
ALARMS = {"emergency", "uncontacted"}
LEAVES = catalogue.default().leaves


def at(clock, day=1):
    return datetime.fromisoformat(f"2027-03-{day:02d}T{clock}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [
        ("21:59:59", False),
        ("22:00", True),
        ("23:59:59", True),
        ("00:00", True),
        ("06:59:59.999999", True),
        ("07:00", False),
        ("12:00", False),
    ],
)
def test_it_is_quiet_from_ten_in_the_evening_until_just_before_seven(clock, quiet):
    assert notices.is_quiet(at(clock)) is quiet


@pytest.mark.parametrize(
    ("event", "put", "rings", "told"),
    [
        ("submitted", at("21:59:59"), False, at("21:59:59")),
        ("submitted", at("22:00"), False, at("08:30", 2)),
        ("submitted", at("23:50"), False, at("08:30", 2)),
        ("submitted", at("00:00", 2), False, at("08:30", 2)),
        ("submitted", at("06:59", 2), False, at("08:30", 2)),
        ("submitted", at("07:00", 2), False, at("07:00", 2)),
        ("assigned", at("02:10", 2), False, at("08:30", 2)),
        ("done", at("22:30"), False, at("08:30", 2)),
        ("urged", at("22:00"), False, at("07:00", 2)),
        ("reopened", at("03:00", 2), False, at("07:00", 2)),
        ("returned", at("06:59:59", 2), False, at("07:00", 2)),
        ("asked", at("22:00"), False, at("07:00", 2)),
        ("escalated", at("23:00"), False, at("07:00", 2)),
        ("review", at("23:00"), False, at("08:30", 2)),
        ("emergency", at("23:00"), False, at("07:00", 2)),
        ("emergency", at("23:00"), True, at("23:00")),
        ("emergency", at("12:00"), False, at("12:00")),
        ("an event of tomorrow", at("23:00"), False, at("07:00", 2)),
        ("submitted", at("23:00", 31), False, datetime(2027, 4, 1, 8, 30, tzinfo=SHANGHAI)),
    ],
)
def test_when_a_notice_goes_out(event, put, rings, told):
    assert notices.send_at(event, put, rings=rings) == told


def test_nothing_that_does_not_ring_goes_out_in_the_quiet_hours():
    for event in notices.messages().events:
        for minutes in range(0, 24 * 60, 5):
            put = at("00:00") + timedelta(minutes=minutes)
            told = notices.send_at(event, put)
            assert not notices.is_quiet(told)
            assert put <= told <= put + timedelta(hours=10, minutes=30)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        notices.is_quiet(datetime(2027, 3, 1))


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.code)
def test_an_alarm_wakes_people_for_a_hotline_leaf_or_the_red_button_only(leaf):
    hotline = Flag.HOTLINE_FIRST in leaf.flags
    assert notices.rings_at_night("emergency", leaf, leaf.complexity) is hotline
    assert notices.rings_at_night("emergency", leaf, leaf.complexity, pressed=True)
    button = leaf.complexity is not Complexity.EMERGENCY
    assert notices.rings_at_night("emergency", leaf, Complexity.EMERGENCY) is (hotline or button)
    for event in set(notices.messages().events) - ALARMS:
        assert not notices.rings_at_night(event, leaf, Complexity.EMERGENCY, pressed=True)


@pytest.mark.parametrize(
    ("role", "audience"),
    [
        (Role.GRID_HEAD, Audience.CHIEF),
        (Role.COMMITTEE_SECRETARY, Audience.CHIEF),
        (Role.STREET, Audience.CHIEF),
        (Role.PROPERTY, Audience.HANDLER),
        (Role.POLICE, Audience.HANDLER),
        (None, Audience.REPORTER),
    ],
)
def test_who_is_told_as_what(role, audience):
    assert notices.audience(role) is audience


def test_every_line_of_the_catalogue_is_an_event_that_has_words():
    assert set(notices.messages().events) <= set(wording.words()["messages"])
    assert {event for event in notices.messages().events if notices.is_alarm(event)} == ALARMS


def test_no_words_ask_for_a_person_and_guarded_words_name_neither_subject_nor_place():
    for event in [*wording.words()["messages"], "submitted"]:
        guarded, known = notices.messages().event(event).guarded, COUNTS if event == "digest" else FIELDS
        assert set(re.findall(r"{(\w+)}", guarded)) <= {"slip_no"}
        for to in Audience:
            for outlet in Outlet:
                assert set(re.findall(r"{(\w+)}", notices.words(event, to, outlet, guarded=False))) <= known
            assert notices.words(event, to, Outlet.GROUP, guarded=True) == guarded
            assert notices.words(event, to, Outlet.INBOX, guarded=True) != guarded


def test_an_audience_may_have_words_of_its_own():
    chief, handler = (
        notices.words("urged", to, Outlet.INBOX, guarded=False) for to in (Audience.CHIEF, Audience.HANDLER)
    )
    assert chief != handler
    assert "您手上" in handler


def test_an_event_without_a_line_is_prompt_and_one_without_words_is_an_error():
    assert notices.messages().event("an event of tomorrow").urgency is Urgency.PROMPT
    with pytest.raises(KeyError):
        notices.words("an event of tomorrow", Audience.CHIEF, Outlet.INBOX, guarded=False)


@pytest.mark.parametrize(
    ("code", "closed", "minor", "guarded"),
    [
        ("BLD-09", False, False, False),
        ("BLD-09", True, False, True),
        ("BLD-09", False, True, True),
        ("SVC-10", False, False, True),
        ("GOV-01", False, False, True),
        ("SAF-08", False, False, True),
    ],
)
def test_what_a_group_must_not_read(code, closed, minor, guarded):
    leaf = catalogue.default().leaf(code)
    assert notices.guarded(leaf, closed_to_a_side=closed, minor=minor) is guarded
