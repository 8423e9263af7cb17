"""Reports that were merged: what becomes of the one that goes on becomes of them, and their reporters judge it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.models.ticket import Ticket
from app.rules import workflow
from app.rules.redaction import MASK
from app.rules.vocabulary import Status
from tests.builders import calls_for, desk, phoned, secret, slip_of, slip_verb, submit, triage, verb

CALLED = {"stairwell": "LHQ-1-1-s", "category": "BLD-09", "text": "楼道灯坏了"}


def own(client, receipt):
    return client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()


def said(client, receipt, name):
    return [entry["text"] for entry in own(client, receipt)["timeline"] if entry["verb"] == name]


def pair(client, world, **over):
    """A matter that goes on, and a neighbour's that was merged into it."""
    first, second = submit(client, world, **over), submit(client, world, **over)
    triage(client, world, first)
    merged = verb(client, world, "grid_head", second, "merge", into=first["number"])
    assert merged.json()["status"] == "merged", merged.text
    return first, second


def done(client, world):
    slip_no = slip_of(client, world, "property")["slip_no"]
    assert slip_verb(client, world, "property", slip_no, "done", text="好了", evidence="1").status_code == 200


def back(client, world, receipt):
    """Out of the lead's hands again, so that it may still be rejected or handed over."""
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "return", reason="不归我")
    assert desk(client, world, "grid_head", receipt).json()["status"] == "accepted"


def stranded(database):
    """Reports that rest in one that has come to its end."""
    child, parent = aliased(Ticket), aliased(Ticket)
    query = select(child.number, parent.status).join(parent, parent.id == child.merged_into_id)
    with database.read() as session:
        rows = session.execute(query.where(child.status == "merged").execution_options(scope="test")).all()
    return [row for row in rows if Status(row[1]) not in workflow.OPEN]


def test_what_is_confirmed_is_answered_to_everybody_and_each_judges_for_themselves(client, world, database):
    first, second = pair(client, world)
    done(client, world)
    assert verb(client, world, "grid_head", first, "confirm", text="灯换好了，1201室请看").status_code == 200
    assert [own(client, one)["status"] for one in (first, second)] == ["answered", "answered"]
    assert said(client, second, "confirm") == [f"灯换好了，{MASK}室请看"]
    assert stranded(database) == []
    no = {"solved": "no", "stars": 1}
    answer = client.post(f"/api/v1/tickets/{second['number']}/rating", json=no, headers=secret(second))
    assert answer.json()["status"] == "reopened"
    assert own(client, first)["status"] == "answered"
    assert verb(client, world, "grid_head", second, "assign", lead="property").json()["status"] == "assigned"


def test_what_is_rejected_is_rejected_to_everybody_and_each_may_object(client, world, database):
    first, second = pair(client, world)
    back(client, world, first)
    verb(client, world, "grid_head", first, "reject", reason="out_of_duty", text="请找路灯所")
    assert [own(client, one)["status"] for one in (first, second)] == ["rejected", "rejected"]
    assert said(client, second, "reject") == ["请找路灯所"]
    assert stranded(database) == []
    objected = client.post(
        f"/api/v1/tickets/{second['number']}/objection", json={"text": "就在楼道里"}, headers=secret(second)
    )
    assert objected.json()["status"] == "review"
    decided = verb(client, world, "committee_secretary", second, "decide", outcome="accepted", text="应当受理")
    assert (decided.json()["status"], own(client, first)["status"]) == ("accepted", "rejected")


def test_what_is_handed_over_is_handed_over_for_everybody(client, world, database):
    first, second = pair(client, world)
    back(client, world, first)
    verb(client, world, "grid_head", first, "transfer_out", agency="12345", receipt_no="A-1")
    assert [own(client, one)["status"] for one in (first, second)] == ["transferred", "transferred"]
    assert "12345" in said(client, second, "transfer_out")[0]
    assert stranded(database) == []


def test_a_promise_reaches_everybody_and_runs_once(client, world, database):
    first, second = pair(client, world)
    verb(client, world, "grid_head", first, "reply", kind="plan", text="周三换", promise_date="2027-03-03")
    assert said(client, second, "reply") == ["周三换"]
    view = desk(client, world, "grid_head", second).json()
    assert (view["status"], [clock["kind"] for clock in view["clocks"]]) == ("merged", ["first_response"])


def test_somebody_who_rang_up_is_told_what_was_said_about_the_other_report(client, world):
    first = submit(client, world)
    told = phoned(client, world, "community", **CALLED)
    triage(client, world, first)
    verb(client, world, "grid_head", told, "merge", into=first["number"])
    done(client, world)
    verb(client, world, "grid_head", first, "confirm", text="灯换好了")
    assert [(call["number"], call["say"]) for call in calls_for(client, world)] == [(told["number"], "灯换好了")]


def test_what_was_merged_goes_along_when_its_parent_is_merged_too(client, world, database):
    first, second = pair(client, world)
    third = submit(client, world)
    triage(client, world, third)
    assert verb(client, world, "grid_head", first, "merge", into=third["number"]).status_code == 200
    assert stranded(database) == []
    for one in (first, second):
        assert "unmerge" in desk(client, world, "grid_head", one).json()["verbs"]
    assert verb(client, world, "grid_head", second, "unmerge").json()["status"] == "accepted"
    done(client, world)
    verb(client, world, "grid_head", third, "confirm", text="好了")
    assert [own(client, one)["status"] for one in (first, second, third)] == ["answered", "accepted", "answered"]


@pytest.mark.parametrize("category", ["BLD-09", "SAF-03"])
def test_a_withdrawal_leaves_nobody_behind_whether_a_case_goes_on_or_not(client, world, database, category):
    first, second = pair(client, world, category=category, text="楼道里堆了东西")
    client.post(f"/api/v1/tickets/{first['number']}/withdrawal", json={}, headers=secret(first))
    assert own(client, first)["status"] == "withdrawn"
    assert stranded(database) == []
    goes_on = category == "SAF-03"
    assert own(client, second)["status"] == ("merged" if goes_on else "accepted")


def test_neighbours_count_once_in_the_figures(client, world, time):
    def counted():
        params = {"compound": "LHQ", "from": "2027-03-01", "to": "2027-03-31"}
        answer = client.get("/api/v1/stats", params=params, headers=world.as_("committee_secretary"))
        assert answer.status_code == 200, answer.text
        return {one["key"]: (one["numerator"], one["denominator"]) for one in answer.json()["figures"]}

    first, _ = pair(client, world)
    for number in range(9):  # totals of fewer than ten are told to nobody
        triage(client, world, submit(client, world, text=f"第 {number} 盏灯坏了"))
    assert counted()["same_day"] == (0, 10)
    for _ in range(10):
        done(client, world)
    verb(client, world, "grid_head", first, "confirm", text="好了")
    assert counted()["same_day"][1] == 10
