"""What an attacker found in the course of tickets: dead ends, reasons made for oneself, words that outlive a right."""

from tests.builders import NOTICE, desk, secret, slip_of, slip_verb, submit, triage, verb
from tests.journeys.telephone import undrawn

PERSON = {
    "contact": {"name": "李梅", "phone": "13812345678"},
    "consent": {"notice_version": NOTICE, "contact": True},
}


def test_a_matter_that_turns_out_shielded_after_a_reply_goes_back_to_whoever_assigns(client, world):
    receipt = submit(client, world)
    assert verb(client, world, "grid_head", receipt, "reply", kind="result", text="今天修").status_code == 200
    answer = triage(client, world, receipt, category="NOI-01", complexity="complex", redacted_text="噪声")
    assert answer.json()["status"] == "accepted"
    assert "assign" in answer.json()["verbs"]


def test_neighbours_reports_stand_on_their_own_when_the_first_reporter_withdraws(client, world):
    first, second = submit(client, world), submit(client, world)
    triage(client, world, first)
    assert verb(client, world, "grid_head", second, "merge", into=first["number"]).status_code == 200
    path = f"/api/v1/tickets/{first['number']}/withdrawal"
    assert client.post(path, json={}, headers=secret(first)).status_code == 201
    view = desk(client, world, "grid_head", second).json()
    assert (view["status"], "assign" in view["verbs"]) == ("accepted", True)


def test_nobody_gives_themselves_a_reason_to_see_a_phone(client, world, database):
    receipt = undrawn(client, world, database, category="BLD-09", text="楼道灯坏了", **PERSON)
    triage(client, world, receipt)
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="好", evidence="1")
    verb(client, world, "grid_head", receipt, "confirm", text="办好")
    looks = {"fields": ["phone"], "purpose": "callback"}
    assert verb(client, world, "self_mgmt_head", receipt, "callback", result="not_reached").status_code == 200
    assert verb(client, world, "self_mgmt_head", receipt, "reveal", **looks).status_code == 403


def test_an_old_notice_does_not_tell_what_a_matter_has_become(client, world):
    receipt = submit(client, world, category="SAF-04", text="飞线充电")
    triage(client, world, receipt, category="SVC-10", complexity="emergency", redacted_text="核实中")
    items = client.get("/api/v1/desk/inbox", headers=world.as_("stair_head")).json()["items"]
    assert items
    assert not any("家暴" in item["text"] for item in items)
