"""Tickets that move by themselves, on both databases: reminded, breached, escalated, lapsed, sent back, once each."""

from datetime import timedelta

from app.models.clock import Clock as ClockRow
from app.models.event import Event
from app.models.seat import Seat
from app.rules.vocabulary import Role
from tests.actions.sweeping import DAY, HOUR, MIDNIGHT, newest, one, one_status, rows, said, taken, told
from tests.builders import MONDAY, desk, secret, slip_of, slip_verb, submit, triage, verb


def test_a_matter_that_nobody_finishes_is_reminded_breached_and_taken_up_level_by_level(
    client, database, world, time, look
):
    receipt, _ = taken(client, world)
    steps = [
        (MONDAY + 7.5 * HOUR, ("remind", "handled"), ("property", "reminded")),
        (MONDAY + 12 * HOUR, ("remind", "handled"), ("property", "reminded")),
        (MIDNIGHT, ("breach", "handled"), ("grid_head", "breached")),
        (MIDNIGHT + DAY, ("escalate", 1), ("committee_secretary", "escalated")),
        (MIDNIGHT + 3 * DAY, ("escalate", 2), ("community", "escalated")),
        (MIDNIGHT + 7 * DAY, ("escalate", 3), ("street", "escalated")),
        (MIDNIGHT + 14 * DAY, ("remind", 3), ("street", "reminded")),
        (MIDNIGHT + 21 * DAY, ("remind", 3), ("street", "reminded")),
    ]
    for count, (when, event, message) in enumerate(steps, 1):
        before = newest(database)
        assert look(when - timedelta(seconds=1)) == 0
        assert look(when) == 1
        assert said(database, receipt)[-1] == event
        assert len(said(database, receipt)) == count
        assert told(database, world, before) == [message]
        assert look(when) == 0
    assert one(database, receipt).escalated_to == 3
    assert desk(client, world, "street", receipt).status_code == 200


def test_a_day_without_a_sweep_is_caught_up_in_order_with_each_instant_and_one_notice_a_seat(
    client, database, world, time, look
):
    receipt, _ = taken(client, world)
    before = newest(database)
    assert look(MIDNIGHT + 4 * DAY) == 1
    assert said(database, receipt) == [
        ("remind", "handled"),
        ("remind", "handled"),
        ("breach", "handled"),
        ("escalate", 1),
        ("escalate", 2),
    ]
    events = [e for e in rows(database, Event) if e.actor == "system" and "clock" in e.facts]
    instants = [e.facts["at"] for e in events]
    assert instants == sorted(instants)
    assert instants[2].startswith("2027-03-01 16:00:00")
    assert sorted(told(database, world, before)) == [
        ("committee_secretary", "escalated"),
        ("community", "escalated"),
        ("grid_head", "breached"),
        ("property", "reminded"),
    ]
    (clock,) = rows(database, ClockRow, kind="handled")
    assert clock.breached_at == MIDNIGHT


def test_what_is_done_in_time_is_left_in_peace(client, database, world, time, look):
    receipt, slip = taken(client, world)
    slip_verb(client, world, "property", slip, "done", text="换好了")
    verb(client, world, "grid_head", receipt, "confirm", text="好了")
    assert look(MIDNIGHT + 3 * DAY) == 0
    assert said(database, receipt) == []


def test_a_level_that_has_it_already_is_reminded_and_one_that_put_it_down_is_not_asked_twice(
    client, database, world, time, look
):
    receipt, _ = taken(client, world)
    verb(client, world, "grid_head", receipt, "escalate", reason="没人管")
    look(MIDNIGHT + DAY)
    assert said(database, receipt)[-1] == ("remind", 1)
    verb(client, world, "committee_secretary", receipt, "deescalate", reason="盯着了")
    look(MIDNIGHT + 2 * DAY)
    assert one(database, receipt).escalated_to == 0
    look(MIDNIGHT + 3 * DAY)
    assert (one(database, receipt).escalated_to, said(database, receipt)[-1]) == (2, ("escalate", 2))


def test_a_new_matter_that_nobody_looks_at_is_brought_to_the_grid_head_only(client, database, world, time, look):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水")
    before = newest(database)
    look(MONDAY + 96 * timedelta(minutes=1))
    look(MONDAY + 2 * HOUR)
    assert said(database, receipt) == [("remind", "first_response"), ("breach", "first_response")]
    assert told(database, world, before) == [("grid_head", "unanswered")] * 2
    clocks = {c["kind"]: c["state"] for c in desk(client, world, "grid_head", receipt).json()["clocks"]}
    assert clocks == {"first_response": "overdue", "clear_reply": "running"}


def test_an_emergency_that_nobody_answers_rings_and_goes_up(client, database, world, time, look):
    receipt = submit(client, world, category="SAF-06", text="楼道有煤气味")
    before = newest(database)
    look(MONDAY + HOUR)
    look(MONDAY + 2 * HOUR)
    lines = [line for line in told(database, world, before) if line[1] == "uncontacted"]
    assert lines == [("grid_head", "uncontacted")] * 2
    look(MONDAY + 2 * HOUR + DAY)
    assert ("escalate", 1) in said(database, receipt)
    assert one(database, receipt).look_at is not None


def test_after_the_contact_an_emergency_runs_on_like_a_simple_matter(client, database, world, time, look):
    receipt = submit(client, world, category="SAF-06", text="楼道有煤气味")
    triaged = triage(client, world, receipt).json()
    assert (triaged["promise"]["kind"], triaged["due_at"]) == ("handled", "2027-03-02T00:00:00+08:00")
    look(MIDNIGHT)
    assert ("breach", "handled") in said(database, receipt)
    assert ("breach", "emergency") not in said(database, receipt)


def test_a_broken_promise_is_told_to_the_resident_and_reminders_are_not(client, database, world, time, look):
    receipt, _ = taken(client, world)
    look(MIDNIGHT + DAY)
    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    verbs = [entry["verb"] for entry in mine["timeline"]]
    assert verbs.count("breach") == 1
    assert "remind" not in verbs
    assert "escalate" in verbs


def test_work_that_nobody_checks_comes_back_to_the_grid_head_and_then_goes_up(client, database, world, time, look):
    receipt, slip = taken(client, world)
    slip_verb(client, world, "property", slip, "done", text="换好了")
    before = newest(database)
    look(MIDNIGHT + DAY)
    assert told(database, world, before) == [("grid_head", "unchecked")]
    look(MIDNIGHT + 2 * DAY)
    assert one(database, receipt).escalated_to == 1


def test_where_the_grid_head_is_taken_out_those_who_stand_in_are_told(client, database, world, time, look):
    submit(client, world, category="GOV-08", text="推来推去")
    before = newest(database)
    look(MONDAY + 2 * HOUR)
    roles = {role for role, template in told(database, world, before) if template == "unanswered"}
    assert roles == {"committee_secretary", "self_mgmt_head"}


def test_where_nobody_is_in_office_the_next_above_is_told(client, database, world, time, look):
    submit(client, world, category="BLD-05", text="楼上漏水")
    with database.write() as session:
        session.get(Seat, world.seats[Role.GRID_HEAD]).ends_at = MONDAY
    before = newest(database)
    look(MONDAY + 2 * HOUR)
    assert told(database, world, before) == [("committee_secretary", "unanswered")]


def test_a_slip_that_nobody_takes_goes_back_to_the_grid_head_and_is_not_sent_out_again(
    client, database, world, time, look
):
    receipt = submit(client, world)
    slip = slip_of(client, world, "property")["slip_no"]
    before = newest(database)
    assert look(MONDAY + 2 * HOUR - timedelta(seconds=1)) == 1  # the first response is reminded of; the slip waits
    look(MONDAY + 2 * HOUR)
    assert one_status(client, world, receipt) == "accepted"
    assert ("grid_head", "sent_back") in told(database, world, before)
    assert slip_verb(client, world, "property", slip, "accept").status_code in {404, 409}
    assert look(MONDAY + 6 * HOUR) == 0
    assert triage(client, world, receipt).status_code == 200
    assert verb(client, world, "grid_head", receipt, "assign", lead="property").json()["status"] == "assigned"


def test_a_slip_that_is_sent_out_again_waits_its_two_hours_again(client, database, world, time, look):
    receipt = submit(client, world)
    time.set(MONDAY + HOUR)
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead="security_captain")
    look(MONDAY + 2 * HOUR)
    assert one_status(client, world, receipt) == "assigned"
    look(MONDAY + 3 * HOUR)
    assert one_status(client, world, receipt) == "accepted"
