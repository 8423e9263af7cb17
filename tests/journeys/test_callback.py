"""How it went, asked on the telephone by somebody who did not handle it (domain rules §2.6)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models.call_task import CallTask
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules.vocabulary import Role
from tests.builders import (
    MONDAY,
    NOTICE,
    calls_for,
    desk,
    phoned,
    secret,
    slip_of,
    slip_verb,
    submit,
    triage,
    verb,
)
from tests.journeys.telephone import ELDER, answered, asked, whom


def test_a_proxy_is_called_back_and_not_solved_reopens_and_the_second_time_goes_to_the_secretary(client, world, time):
    told = phoned(client, world, **ELDER)
    assert ("callback", "proxy", "open") in whom(answered(client, world, told))
    no = asked(client, world, told, result="reached", solved="no", stars=1, text="还在漏")
    assert (no.status_code, no.json()["status"]) == (200, "reopened")
    assert no.json()["rating"] == {
        "solved": "no",
        "stars": 1,
        "text": "还在漏",
        "at": "2027-03-01T09:00:00+08:00",
        "source": "callback",
        "explained": False,
    }
    verb(client, world, "grid_head", told, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="又修了")
    verb(client, world, "grid_head", told, "confirm", text="这次换了整根")
    assert asked(client, world, told, result="reached", solved="no", stars=1).json()["status"] == "review"


def test_outside_anyones_power_is_counted_apart_and_nobody_is_sent_again(client, world):
    told = phoned(client, world, **ELDER)
    answered(client, world, told)
    said = asked(client, world, told, result="reached", solved="no", stars=2, explained=True).json()
    assert (said["status"], said["rating"]["explained"], said["rating"]["source"]) == ("answered", True, "callback")
    again = asked(client, world, told, result="reached", solved="no", stars=1)
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_NOW")


@pytest.mark.parametrize("who", ["property", "grid_head"])
def test_who_handled_or_recorded_it_does_not_ask_how_it_went(client, world, who):
    if who == "grid_head":
        told = phoned(client, world, **ELDER)  # recorded it
        answered(client, world, told)
        refused = asked(client, world, told, who, result="reached", solved="yes", stars=5)
        assert (refused.status_code, refused.json()["code"]) == (409, "OTHER_CALLER_NEEDED")
        assert "callback" not in desk(client, world, who, told).json()["verbs"]
        assert not [call for call in calls_for(client, world, who) if call["kind"] == "callback"]
    else:
        told = phoned(client, world, "community", **ELDER)
        answered(client, world, told)
        assert asked(client, world, told, who, result="reached", solved="yes", stars=5).status_code == 403


def test_a_grid_head_who_answered_it_does_not_ask_and_one_who_only_sent_it_on_may(client, world):
    led = phoned(client, world, "community", category="GOV-98", text="学区怎么划", **ELDER)
    verb(client, world, "grid_head", led, "answer", text="请问教育局")
    assert asked(client, world, led, "grid_head", result="not_reached").json()["code"] == "OTHER_CALLER_NEEDED"
    sent_on = phoned(client, world, "community", **ELDER)
    triage(client, world, sent_on)
    verb(client, world, "grid_head", sent_on, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    verb(client, world, "grid_head2", sent_on, "confirm", text="水管换好了")
    assert asked(client, world, sent_on, "grid_head", result="reached", solved="yes", stars=5).status_code == 200


def test_the_head_of_the_self_management_group_sees_the_number_of_a_call_to_make_and_no_other(client, world):
    told = phoned(client, world, emergency=True, text="电梯困人", category="BLD-01")
    number = {"fields": ["name", "phone"], "purpose": "callback"}
    assert verb(client, world, "self_mgmt_head", told, "reveal", **number).status_code == 403
    answered(client, world, told)
    call = calls_for(client, world, "self_mgmt_head")[0]
    assert (call["reason"], call["phone"], call["ask"]) == ("emergency", "138****5678", "phone")
    assert verb(client, world, "self_mgmt_head", told, "reveal", **number).json()["phone"] == "13812345678"
    for refused in (number | {"purpose": "contact"}, number | {"fields": ["phone", "text"]}):
        assert verb(client, world, "self_mgmt_head", told, "reveal", **refused).status_code == 403
    assert verb(client, world, "self_mgmt_group", told, "reveal", **number).status_code == 403
    secretary = calls_for(client, world, "committee_secretary")[0]
    assert not {"phone", "name", "ask"} & set(secretary)
    assert verb(client, world, "committee_secretary", told, "reveal", **number).status_code == 403
    asked(client, world, told, "self_mgmt_head", result="reached", solved="yes", stars=5)
    assert verb(client, world, "self_mgmt_head", told, "reveal", **number).status_code == 403


def test_low_stars_and_partly_are_called_back_also_after_a_scan(client, world):
    contact = {"contact": {"phone": "13812345678"}, "consent": {"notice_version": NOTICE, "contact": True}}
    for stars, solved, reason in ((2, "yes", "low_stars"), (5, "partly", "partly")):
        receipt = submit(client, world, category="BLD-05", text="楼上漏水", **contact)
        answered(client, world, receipt)
        client.post(
            f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": solved, "stars": stars},
            headers=secret(receipt),
        )  # fmt: skip
        found = whom(desk(client, world, "grid_head", receipt).json())
        assert found in ([("callback", reason, "open")], [("callback", "random", "open")])
    assert asked(client, world, receipt, result="reached", solved="yes", stars=4).json()["status"] == "closed"


def test_a_redo_takes_the_question_back_and_the_next_round_asks_again(client, world):
    told = phoned(client, world, **ELDER)
    answered(client, world, told)
    client.post(f"/api/v1/tickets/{told['number']}/rating", json={"solved": "no", "stars": 1}, headers=secret(told))
    assert ("callback", "proxy", "void") in whom(desk(client, world, "grid_head", told).json())
    verb(client, world, "grid_head", told, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="又修了")
    again = verb(client, world, "grid_head", told, "confirm", text="好了").json()
    assert whom(again)[-1] == ("tell", "confirm", "open") or whom(again)[-1] == ("callback", "proxy", "open")
    assert sum(line == ("callback", "proxy", "open") for line in whom(again)) == 1


def test_nobody_answers_three_times_on_two_days_and_it_is_kept_out_of_the_judgements(client, world, time, database):
    told = phoned(client, world, **ELDER)
    answered(client, world, told)
    for hours in (0, 2, 24):
        time.set(MONDAY + timedelta(hours=hours))
        assert asked(client, world, told, result="not_reached").json()["status"] == "answered"
    view = desk(client, world, "grid_head2", told).json()
    assert ("callback", "proxy", "unreached") in whom(view)
    assert view["rating"] is None
    with database.read() as session:
        query = select(CallTask.result, CallTask.judged).where(CallTask.kind == "callback")
        assert session.execute(query.execution_options(scope="test")).all() == [("not_reached", False)]


def test_somebody_who_does_not_want_to_judge_was_reached_all_the_same(client, world):
    told = phoned(client, world, **ELDER)
    answered(client, world, told)
    view = asked(client, world, told, result="reached").json()
    assert (view["rating"], [line["status"] for line in view["calls"]]) == (None, ["void", "done"])


@pytest.mark.parametrize(
    "body",
    [
        {"result": "reached", "solved": "yes"},
        {"result": "reached", "stars": 4},
        {"result": "not_reached", "solved": "yes", "stars": 5},
        {"result": "not_reached", "text": "没人"},
        {"result": "reached", "solved": "yes", "stars": 5, "explained": True},
        {"result": "reached", "explained": True},
        {"result": "reached", "solved": "yes", "stars": 6},
        {"result": "perhaps"},
        {},
    ],
)
def test_half_a_judgement_is_none(client, world, body):
    told = phoned(client, world, **ELDER)
    answered(client, world, told)
    assert asked(client, world, told, **body).status_code == 422


def test_a_callback_does_not_close_a_closed_matter_anew(client, world, time, database):
    told = phoned(client, world, **ELDER)
    answered(client, world, told)
    client.post(f"/api/v1/tickets/{told['number']}/rating", json={"solved": "yes", "stars": 5}, headers=secret(told))
    time.set(MONDAY + timedelta(days=1))
    assert asked(client, world, told, result="reached", solved="yes", stars=5).json()["status"] == "closed"
    with database.read() as session:
        closed = session.execute(select(Ticket.closed_at).execution_options(scope="test")).scalars().all()
    assert closed == [MONDAY]


def test_whoever_holds_no_seat_any_more_calls_nobody(client, world, database, time):
    told = phoned(client, world)
    verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="请找产权单位")
    with database.write() as session:
        session.get(Seat, world.seats[Role.GRID_HEAD]).ends_at = MONDAY + timedelta(hours=1)
    time.set(MONDAY + timedelta(hours=2))
    assert calls_for(client, world) == []
