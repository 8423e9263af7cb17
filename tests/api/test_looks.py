"""Who looked at what, over HTTP: the log, its alerts, and looks at minors that the secretary decides."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.access import upkeep
from app.rules.vocabulary import Role
from tests.builders import MONDAY, NOTICE, build_world, desk, secret, submit, triage, verb
from tests.problems import refused

PHONE, DOOR = "13911112222", "1987室"


def report(client, world, **over):
    form = {"contact": {"phone": PHONE, "room": DOOR}, "consent": {"notice_version": NOTICE, "contact": True}}
    return submit(client, world, **form | over)


def reveal(client, world, receipt, who="grid_head", fields=("phone",), purpose="contact"):
    return verb(client, world, who, receipt, "reveal", fields=list(fields), purpose=purpose)


def log(client, world, who, **params):
    answer = client.get("/api/v1/access-log", params=params, headers=world.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


def alerts(client, world, who="committee_secretary"):
    return [(alert["kind"], alert["account"], alert["number"]) for alert in log(client, world, who)["alerts"]]


def notices(database, template):
    with database.engine.connect() as raw:
        query = text("SELECT seat_id FROM message WHERE template=:template ORDER BY id")
        return [row[0] for row in raw.execute(query, {"template": template})]


def test_secretary_and_community_read_all_lines_the_others_their_own(client, world):
    receipt = report(client, world)
    reveal(client, world, receipt)
    reveal(client, world, receipt, "self_mgmt_group")
    for role in Role:
        items = log(client, world, role)["items"]
        own = [line for line in items if line["account"] == role]
        if role in {Role.COMMITTEE_SECRETARY, Role.COMMUNITY, Role.ADMIN}:
            assert [(line["account"], line["result"]) for line in items] == [
                ("self_mgmt_group", "refused"),
                ("grid_head", "given"),
            ]
        else:
            assert items == own
    assert log(client, world, "grid_head")["items"][0]["category"]["code"] == "BLD-09"
    assert "category" not in log(client, world, "admin")["items"][0]


def test_the_street_has_figures_only_and_small_ones_are_not_told(client, world):
    receipt = report(client, world)
    assert log(client, world, "street")["counts"] == []
    reveal(client, world, receipt)
    assert log(client, world, "street")["counts"] == [{"compound": "LHQ", "given": "<3", "refused": "0"}]
    for _ in range(3):
        reveal(client, world, receipt)
    assert log(client, world, "street") == {
        "items": [],
        "counts": [{"compound": "LHQ", "given": "4", "refused": "0"}],
        "alerts": [],
        "next_cursor": None,
    }


def test_the_log_is_narrowed_by_ticket_account_and_day_and_read_page_by_page(client, world, time):
    first, second = report(client, world), report(client, world)
    reveal(client, world, first)
    time.set(MONDAY + timedelta(days=1))
    reveal(client, world, second)
    reveal(client, world, second, "grid_head2")
    numbers = lambda **params: [  # noqa: E731
        line["number"] for line in log(client, world, "committee_secretary", **params)["items"]
    ]
    assert numbers(number=first["number"].lower()) == [first["number"]]
    assert numbers(account="grid_head2") == [second["number"]]
    assert numbers(to="2027-03-01") == [first["number"]]
    assert numbers(**{"from": "2027-03-02"}) == [second["number"]] * 2
    assert numbers(compound="LHQ", account="nobody") == []
    page = log(client, world, "committee_secretary", limit=2)
    rest = log(client, world, "committee_secretary", limit=2, cursor=page["next_cursor"])
    assert [len(page["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]


def test_another_compound_is_not_there_and_its_lines_neither(client, world, database):
    other = build_world(database, compound="QTY", name="清泰苑")
    receipt = report(client, world)
    reveal(client, world, receipt)
    for who in ("committee_secretary_QTY", "community_QTY", "grid_head_QTY"):
        assert log(client, other, who)["items"] == []
        assert log(client, other, who, number=receipt["number"])["items"] == []
        path = "/api/v1/access-log?compound="
        hidden = client.get(path + "LHQ", headers=other.as_(who)).json() | {"request_id": ""}
        assert hidden == client.get(path + "NIX", headers=other.as_(who)).json() | {"request_id": ""}


def test_the_thirty_first_look_of_a_day_is_told_to_the_secretary_once(client, world, database):
    receipts = [report(client, world) for _ in range(2)]
    for turn in range(33):
        reveal(client, world, receipts[turn % 2], fields=["text"])
        assert bool(alerts(client, world)) is (turn >= 30), turn
    assert alerts(client, world) == [("many", "grid_head", None)]
    assert notices(database, "look_alert") == [world.seats[Role.COMMITTEE_SECRETARY]]


@pytest.mark.parametrize(("hour", "told"), [(21, False), (22, True), (2, True), (6, True), (7, False)])
def test_a_look_at_night_is_told(client, world, time, hour, told):
    receipt = report(client, world)
    time.set(MONDAY + timedelta(hours=(hour - 9) % 24))
    reveal(client, world, receipt, fields=["text"])
    assert bool(alerts(client, world)) is told


def test_a_try_at_somebody_elses_matter_is_told_though_it_was_refused(client, world):
    receipt = report(client, world, category="NOI-01", text="楼上吵")
    reveal(client, world, receipt, "self_mgmt_group")
    assert alerts(client, world) == [("not_lead", "self_mgmt_group", receipt["number"])]


def test_whoever_leads_may_look_without_anybody_being_told(client, world):
    receipt = report(client, world)
    assert reveal(client, world, receipt, "property").status_code == 200
    assert reveal(client, world, receipt).status_code == 200
    assert alerts(client, world) == []


def test_the_third_look_at_one_person_by_one_account_is_told(client, world):
    receipt = report(client, world)
    reveal(client, world, receipt, "grid_head2")
    for _ in range(2):
        reveal(client, world, receipt)
    reveal(client, world, receipt, fields=["text"])
    assert alerts(client, world) == []
    reveal(client, world, receipt)
    assert alerts(client, world) == [("same_person", "grid_head", receipt["number"])]


def test_the_next_day_the_same_is_told_again(client, world, database, time):
    receipt = report(client, world)
    for day in range(2):
        time.set(MONDAY + timedelta(days=day))
        for _ in range(4):
            reveal(client, world, receipt)
    assert len(notices(database, "look_alert")) == 2


# Minors


def test_a_look_at_a_minor_waits_for_the_secretary(client, world, database, time):
    receipt = report(client, world, minor=True, contact={"room": DOOR}, text="秋千断了")
    for _ in range(2):
        refused(reveal(client, world, receipt, fields=["room"]), 403, "APPROVAL_NEEDED")
    assert notices(database, "minor_reveal") == [world.seats[Role.COMMITTEE_SECRETARY]]
    listed = client.get("/api/v1/desk/reveal_requests", headers=world.as_("committee_secretary"))
    [asked] = listed.json()["items"]
    assert (asked["number"], asked["account"], asked["fields"], asked["status"]) == (
        receipt["number"],
        "grid_head",
        ["room"],
        "waiting",
    )
    assert DOOR not in listed.text
    assert "秋千" not in listed.text
    path = f"/api/v1/desk/reveal_requests/{asked['id']}"
    assert client.post(f"{path}/approve", headers=world.as_("committee_secretary")).json()["status"] == "approved"
    refused(client.post(f"{path}/approve", headers=world.as_("committee_secretary")), 409, "ILLEGAL_NOW")
    assert reveal(client, world, receipt, fields=["room"]).json() == {"room": DOOR}
    refused(reveal(client, world, receipt, fields=["room", "text"]), 403, "APPROVAL_NEEDED")
    refused(reveal(client, world, receipt, "grid_head2", fields=["room"]), 403, "APPROVAL_NEEDED")
    time.set(MONDAY + timedelta(hours=24))
    refused(reveal(client, world, receipt, fields=["room"]), 403, "APPROVAL_NEEDED")
    lines = log(client, world, "committee_secretary", number=receipt["number"])["items"]
    assert {line["result"] for line in lines} == {"refused", "approved", "given"}
    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["seen_log"]
    assert [look["role"] for look in mine] == ["grid_head"]
    with database.read() as session:
        assert list(upkeep.broken_links(session)) == []


def test_a_refused_request_stays_refused_and_can_be_asked_anew(client, world):
    receipt = report(client, world, minor=True, contact={"room": DOOR})
    reveal(client, world, receipt, fields=["room"])
    secretary = world.as_("committee_secretary")
    [asked] = client.get("/api/v1/desk/reveal_requests", headers=secretary).json()["items"]
    told = client.post(f"/api/v1/desk/reveal_requests/{asked['id']}/refuse", headers=secretary)
    assert told.json()["status"] == "refused"
    refused(reveal(client, world, receipt, fields=["room"]), 403, "APPROVAL_NEEDED")
    listed = client.get("/api/v1/desk/reveal_requests", headers=secretary).json()["items"]
    assert [one["status"] for one in listed] == ["waiting", "refused"]


def test_a_request_is_the_secretarys_alone(client, world, database):
    other = build_world(database, compound="QTY", name="清泰苑")
    receipt = report(client, world, minor=True, contact={"room": DOOR})
    reveal(client, world, receipt, fields=["room"])
    [asked] = client.get("/api/v1/desk/reveal_requests", headers=world.as_("committee_secretary")).json()["items"]
    for where, who in [(world, role) for role in set(Role) - {Role.COMMITTEE_SECRETARY}] + [
        (other, "committee_secretary_QTY")
    ]:
        assert client.get("/api/v1/desk/reveal_requests", headers=where.as_(who)).json()["items"] == []
        hidden = client.post(f"/api/v1/desk/reveal_requests/{asked['id']}/approve", headers=where.as_(who))
        absent = client.post("/api/v1/desk/reveal_requests/999999/approve", headers=where.as_(who))
        assert hidden.status_code == absent.status_code == 404
        assert hidden.json() | {"request_id": ""} == absent.json() | {"request_id": ""}


def test_whoever_may_not_look_at_all_asks_nobody(client, world):
    receipt = report(client, world, minor=True, contact={"room": DOOR}, category="NOI-01", text="楼上吵")
    refused(reveal(client, world, receipt, "property", fields=["room"]), 403, "VERB_NOT_YOURS")
    assert client.get("/api/v1/desk/reveal_requests", headers=world.as_("committee_secretary")).json()["items"] == []


def test_a_minors_door_is_granted_only_after_the_secretary_agreed(client, world):
    receipt = report(
        client,
        world,
        minor=True,
        contact={"room": DOOR},
        consent={"notice_version": NOTICE, "contact": True, "address": True},
    )
    assert triage(client, world, receipt).status_code == 200
    slip_no = desk(client, world, "grid_head", receipt).json()["slips"][0]["slip_no"]
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/address_grant"
    body = {"hours": 24, "reason": "看现场", "basis": "consent"}
    refused(client.post(path, json=body, headers=world.as_("grid_head")), 403, "APPROVAL_NEEDED")
    reveal(client, world, receipt, fields=["room"])
    secretary = world.as_("committee_secretary")
    [asked] = client.get("/api/v1/desk/reveal_requests", headers=secretary).json()["items"]
    client.post(f"/api/v1/desk/reveal_requests/{asked['id']}/approve", headers=secretary)
    assert client.post(path, json=body, headers=world.as_("grid_head")).status_code == 201
