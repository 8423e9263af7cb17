"""Tickets that move by themselves, on both databases: reminded, breached, escalated, lapsed, sent back, once each."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import access, worker
from app.actions import sweep
from app.models.clock import Clock as ClockRow
from app.models.ticket import Ticket
from app.queries import message as queries
from app.rules.clocks import replay
from app.rules.vocabulary import Complexity
from app.senders.console import Console
from tests.actions.sweeping import DAY, HOUR, MIDNIGHT, digests, newest, one, rows, said, taken, told
from tests.builders import MONDAY, desk, secret, slip_verb, submit, triage, verb


def test_a_question_that_is_not_answered_in_48_hours_is_dropped_and_the_clock_goes_on(
    client, database, world, time, look
):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水")
    verb(client, world, "grid_head", receipt, "need_info", question="哪个房间？")
    before = newest(database)
    assert look(MONDAY + 2 * DAY - timedelta(seconds=1)) == 0
    look(MONDAY + 2 * DAY + 5 * HOUR)
    shown = desk(client, world, "grid_head", receipt).json()
    assert (shown["status"], shown["due_at"]) == ("submitted", "2027-03-07T00:00:00+08:00")
    assert told(database, world, before)[0] == ("grid_head", "uninformed")
    assert "need_info" not in shown["verbs"]


@pytest.mark.parametrize(("status", "ends"), [("answered", "closed_unrated"), ("rejected", "closed_rejected")])
def test_seven_silent_days_close_what_was_said(client, database, world, time, look, status, ends):
    receipt = submit(client, world, category="SVC-09", text="老年证怎么办")
    if status == "answered":
        verb(client, world, "grid_head", receipt, "answer", text="带身份证来")
    else:
        verb(client, world, "grid_head", receipt, "reject", reason="out_of_duty", text="请打 12345")
    assert look(MONDAY + 7 * DAY - timedelta(seconds=1)) == 0
    assert look(MONDAY + 7 * DAY) == 1
    assert one(database, receipt).status == ends
    assert one(database, receipt).look_at is None


def test_a_pause_ends_at_its_time_however_late_the_sweep_comes(client, database, world, time, look):
    receipt, _ = taken(client, world, category="BLD-05", text="楼上漏水")
    verb(client, world, "grid_head", receipt, "reply", kind="plan", text="10日前修好", promise_date="2027-03-10")
    until = MONDAY + 30 * HOUR
    verb(client, world, "grid_head", receipt, "pause", reason="waiting_reporter", until=until.isoformat())
    look(until + 3 * DAY)
    shown = desk(client, world, "grid_head", receipt).json()
    assert (shown["status"], shown["due_at"]) == ("replied", "2027-03-13T00:00:00+08:00")


def test_a_third_urge_or_one_after_the_due_instant_goes_up_and_each_level_hears_once(
    client, database, world, time, look
):
    receipt, _ = taken(client, world, category="BLD-05", text="楼上漏水")

    def urge(when):
        time.set(when)
        answer = client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt))
        assert answer.status_code == 201, answer.text
        return one(database, receipt).escalated_to

    assert [urge(MONDAY + 3 * HOUR), urge(MONDAY + 15 * HOUR)] == [0, 0]
    assert urge(MONDAY + 27 * HOUR) == 1
    verb(client, world, "committee_secretary", receipt, "deescalate", reason="盯着了")
    assert urge(MONDAY + 39 * HOUR) == 2
    assert urge(MONDAY + 51 * HOUR) == 3
    assert urge(MONDAY + 63 * HOUR) == 3
    assert [fact for v, fact in said(database, receipt, "escalate")] == [1, 2, 3]


def test_a_note_that_is_owed_and_not_given_reminds_the_grid_head(client, database, world, time, look):
    receipt, slip = taken(client, world, category="BLD-05", text="楼上漏水")
    for when in (MONDAY + 3 * HOUR, MONDAY + 24 * HOUR):
        time.set(when)
        client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt))
    before = newest(database)
    look(MONDAY + 28 * HOUR)
    assert ("grid_head", "note_owed") in told(database, world, before)
    slip_verb(client, world, "property", slip, "progress", text="师傅今天到")
    assert "note" not in {c["kind"] for c in desk(client, world, "grid_head", receipt).json()["clocks"]}


def test_what_the_system_does_is_no_answer_to_a_resident_who_waits(client, database, world, time, look):
    receipt, _ = taken(client, world, category="BLD-05", text="楼上漏水")
    verb(client, world, "grid_head", receipt, "reply", kind="plan", text="10日前修好", promise_date="2027-03-10")
    look(MONDAY + 20 * HOUR)
    time.set(MONDAY + 24 * HOUR)
    assert client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt)).status_code == 201


def test_a_merged_report_counts_no_more_and_its_parent_takes_the_earlier_day(client, database, world, time, look):
    parent = submit(client, world, category="TRF-01", text="门口堵车")
    child = submit(client, world, category="BLD-02", text="电梯停了")
    assert verb(client, world, "grid_head", child, "merge", into=parent["number"]).json()["clocks"] != []
    assert desk(client, world, "grid_head", parent).json()["due_at"] == "2027-03-02T00:00:00+08:00"
    look(MIDNIGHT + HOUR)
    assert said(database, child) == []
    assert ("breach", "clear_reply") in said(database, parent)
    verb(client, world, "grid_head", child, "unmerge")
    look(MIDNIGHT + HOUR)
    assert ("breach", "handled") in said(database, child)


def test_a_wrong_rejection_is_late_from_its_own_submission(client, database, world, time, look):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水")
    verb(client, world, "grid_head", receipt, "reject", reason="out_of_duty", text="请打 12345")
    time.set(MONDAY + 3 * DAY)
    client.post(f"/api/v1/tickets/{receipt['number']}/objection", json={"text": "归你们"}, headers=secret(receipt))
    verb(client, world, "committee_secretary", receipt, "decide", outcome="accepted", text="应当受理")
    shown = desk(client, world, "grid_head", receipt).json()
    assert (shown["status"], shown["due_at"]) == ("accepted", "2027-03-05T00:00:00+08:00")
    look(MIDNIGHT + 3 * DAY)
    assert ("breach", "clear_reply") in said(database, receipt)


def test_one_ticket_that_cannot_be_seen_to_holds_up_no_other(client, database, world, time, look, monkeypatch):
    good, bad = submit(client, world), submit(client, world)
    bad_id, real = one(database, bad).id, sweep.look

    def sometimes(session, ticket, *more):
        if ticket.id == bad_id:
            ticket.escalated_to = 3
            raise RuntimeError
        real(session, ticket, *more)

    monkeypatch.setattr(sweep, "look", sometimes)
    assert look(MIDNIGHT) == 1
    assert said(database, good)
    assert (said(database, bad), one(database, bad).escalated_to) == ([], 0)
    monkeypatch.setattr(sweep, "look", real)
    assert look(MIDNIGHT) == 1
    assert said(database, bad)


def test_an_open_ticket_without_clocks_gets_them_from_its_history(client, database, world, time, look):
    receipt, _ = taken(client, world)
    with database.write() as session:
        ticket = session.scalars(select(Ticket).execution_options(scope="test")).one()
        wanted = [access.clock_state(row) for row in access.clock_rows(session, ticket)]
        for row in access.clock_rows(session, ticket):
            session.delete(row)
        ticket.look_at = MONDAY - DAY
    look(MONDAY + timedelta(minutes=1))
    assert [access.clock_state(row) for row in rows(database, ClockRow)] == wanted
    look(MIDNIGHT)
    assert ("breach", "handled") in said(database, receipt)


def test_the_history_tells_the_same_clocks_as_the_table(client, database, world, time, look):
    """Everything that can happen to a clock, in one life."""
    receipt, slip = taken(client, world)
    triage(client, world, receipt)
    look(MONDAY + 8 * HOUR)
    verb(client, world, "grid_head", receipt, "reclassify", complexity="complex", reason="要换整根线")
    time.set(MONDAY + 27 * HOUR)
    client.post(f"/api/v1/tickets/{receipt['number']}/urges", headers=secret(receipt))
    look(MONDAY + 40 * HOUR)
    verb(client, world, "grid_head", receipt, "reply", kind="plan", text="5日前", promise_date="2027-03-05")
    until = time.at + 20 * HOUR
    verb(client, world, "grid_head", receipt, "pause", reason="waiting_external", until=until.isoformat())
    look(until + HOUR)
    verb(client, world, "grid_head", receipt, "extend", until="2027-03-08", reason="等配件")
    look(MONDAY + 9 * DAY)
    slip_verb(client, world, "property", slip, "done", text="换好了")
    verb(client, world, "grid_head", receipt, "reject_work", reason="还在闪")
    slip_verb(client, world, "property", slip, "done", text="换好了")
    look(MONDAY + 12 * DAY)
    verb(client, world, "grid_head", receipt, "confirm", text="好了")
    client.post(
        f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "no", "stars": 1}, headers=secret(receipt)
    )
    look(MONDAY + 13 * DAY)
    with database.read() as session:
        ticket = session.scalars(select(Ticket).execution_options(scope="test")).one()
        told_by_history = replay(access.happenings(session, ticket), Complexity(ticket.complexity))
        assert [access.clock_state(row) for row in access.clock_rows(session, ticket)] == list(told_by_history.clocks)
    assert {clock.kind.value for clock in told_by_history.clocks} >= {
        "first_response", "handled", "clear_reply", "promise", "check",
    }  # fmt: skip
    assert max(clock.round for clock in told_by_history.clocks) == 2


def test_each_grid_head_with_work_gets_one_digest_a_day_from_half_past_eight(client, database, world, time, look):
    submit(client, world)
    submit(client, world, category="BLD-05", text="楼上漏水")
    tuesday = MONDAY + DAY - timedelta(minutes=31)
    look(tuesday)
    assert digests(database) == []
    for when in (tuesday + timedelta(minutes=1), tuesday + timedelta(minutes=2), tuesday + 5 * HOUR):
        look(when)
    assert [(m.seat_id, m.ticket_id, m.facts) for m in digests(database)] == [
        (world.seats["grid_head"], None, {"new": 1, "today": 0, "overdue": 1, "check": 0})
    ]
    time.set(tuesday + 6 * HOUR)
    assert worker.deliver(database, Console()) > 0
    look(tuesday + DAY + timedelta(minutes=1))
    assert len(digests(database)) == 2


def test_an_empty_desk_gets_no_digest_and_a_late_start_still_sends_it(client, database, world, time, look):
    look(MONDAY - timedelta(minutes=20))
    assert digests(database) == []
    submit(client, world)
    look(MONDAY + 5 * HOUR)
    assert digests(database) == []  # this morning's desk was empty
    look(MONDAY + DAY + 10 * HOUR)
    assert len(digests(database)) == 1
    look(MONDAY + 2 * DAY + 11 * HOUR)  # 20:00: the desk is closed
    assert len(digests(database)) == 1


def test_the_digest_says_counts_in_the_inbox_and_in_a_group(client, database, world, time, look):
    look(MONDAY)
    submit(client, world)
    look(MONDAY + DAY)
    (digest,) = digests(database)
    with database.read() as session:
        notice = queries.notices_for(session, [digest.id], time.at)[digest.id]
    assert "新诉求 0 件，今天到期 0 件，已超期 1 件，待核实 0 件" in notice.text
    assert "绿荷苑" in notice.to
