"""门牌授权 over HTTP: one slip, one person, the door number only, for a while, and every showing in the log."""

from datetime import timedelta

import pytest

from tests.builders import MONDAY, NOTICE, desk, phoned, secret, slip_of, slip_verb, submit, triage, verb
from tests.problems import refused

NAME, PHONE, DOOR = "欧阳金丝雀", "13911112222", "1987室"
GRANT = {"hours": 24, "reason": "上门看漏水", "basis": "consent"}


def report(client, world, *, address=True, **over):
    form = {
        "category": "BLD-05",
        "text": "楼上漏水",
        "contact": {"name": NAME, "phone": PHONE, "room": DOOR},
        "consent": {"notice_version": NOTICE, "contact": True, "address": address},
    }
    receipt = submit(client, world, **form | over)
    assert triage(client, world, receipt, redacted_text="楼上漏水").status_code == 200
    return receipt


def assigned(client, world, to="urban_mgmt", **over):
    receipt = report(client, world, **over)
    done = verb(client, world, "grid_head", receipt, "assign", lead=to)
    assert done.status_code == 200, done.text
    return receipt, slip_of(client, world, to)["slip_no"]


def grant(client, world, receipt, slip_no, who="grid_head", **over):
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/address_grant"
    return client.post(path, json=GRANT | over, headers=world.as_(who))


def shown(client, world, slip_no, who="urban_mgmt"):
    return client.post(f"/api/v1/slips/{slip_no}/address", headers=world.as_(who))


def log(client, world, who="committee_secretary", **params):
    return client.get("/api/v1/access-log", params=params, headers=world.as_(who)).json()["items"]


def test_a_granted_door_is_shown_to_the_holder_alone_and_only_the_door(client, world):
    receipt, slip_no = assigned(client, world)
    assert DOOR not in client.get(f"/api/v1/slips/{slip_no}", headers=world.as_("urban_mgmt")).text
    refused(shown(client, world, slip_no), 403, "VERB_NOT_YOURS")
    given = grant(client, world, receipt, slip_no)
    assert given.status_code == 201, given.text
    assert given.json()["until"] == "2027-03-02T09:00:00+08:00"
    slip = client.get(f"/api/v1/slips/{slip_no}", headers=world.as_("urban_mgmt"))
    assert slip.json()["door"] == {"until": "2027-03-02T09:00:00+08:00", "basis": "consent"}
    assert DOOR not in slip.text, "looking at the slip is not looking at the door"
    answer = shown(client, world, slip_no)
    assert answer.json() == {"room": DOOR, "until": "2027-03-02T09:00:00+08:00"}
    refused(shown(client, world, slip_no, "grid_head"), 403, "VERB_NOT_YOURS")
    assert shown(client, world, slip_no, "police").status_code == 404
    lines = log(client, world, number=receipt["number"])
    assert [(line["role"], line["account"], line["fields"], line["result"]) for line in lines] == [
        ("urban_mgmt", "urban_mgmt", ["room"], "given"),
        ("urban_mgmt", "urban_mgmt", ["room"], "refused"),
    ]
    assert lines[0]["facts"]["basis"] == "consent"


def test_without_the_separate_consent_only_an_emergency_opens_a_door(client, world):
    receipt, slip_no = assigned(client, world, address=False)
    refused(grant(client, world, receipt, slip_no), 422, "CONSENT_NEEDED", "basis")
    refused(grant(client, world, receipt, slip_no, basis="emergency"), 422, "INVALID", "basis")
    client.post(
        f"/api/v1/tickets/{receipt['number']}/data/consent", json={"give": ["address"]}, headers=secret(receipt)
    )
    assert grant(client, world, receipt, slip_no).status_code == 201


def test_whoever_spoke_for_somebody_else_does_not_agree_to_their_door_being_shown(client, world):
    told = phoned(
        client,
        world,
        contact={"name": "李梅", "phone": "13812345678", "room": "202"},
        consent={"notice_version": NOTICE, "contact": True, "address": True},
        beneficiary={"name": NAME, "phone": PHONE, "room": DOOR},
        proxy_consent={"kind": "voice", "note": "本人同意代办"},
    )
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="urban_mgmt")
    slip_no = slip_of(client, world, "urban_mgmt")["slip_no"]
    refused(grant(client, world, told, slip_no), 422, "CONSENT_NEEDED", "agreed")
    refused(grant(client, world, told, slip_no, basis="emergency"), 422, "INVALID", "basis")
    refused(shown(client, world, slip_no), 403, "VERB_NOT_YOURS")
    given = grant(client, world, told, slip_no, agreed="今天 10 点电话里本人说可以，号码 13911112222")
    assert given.status_code == 201, given.text
    assert "电话里本人说可以" in given.json()["reason"]
    assert PHONE not in given.text
    assert shown(client, world, slip_no).json()["room"] == DOOR


def test_for_somebody_in_danger_the_door_opens_without_their_word_and_is_told_afterwards(client, world):
    told = phoned(
        client,
        world,
        category="SVC-03",
        text="两天没见到阿婆",
        emergency=True,
        beneficiary={"name": NAME, "room": DOOR},
        proxy_consent={"kind": "emergency", "note": "邻居打来，联系不上本人"},
    )
    triage(client, world, told, complexity="emergency", redacted_text="核实中")
    verb(client, world, "grid_head", told, "assign", lead="police")
    slip_no = slip_of(client, world, "police")["slip_no"]
    refused(grant(client, world, told, slip_no), 422, "CONSENT_NEEDED", "agreed")
    assert grant(client, world, told, slip_no, basis="emergency").status_code == 201
    assert shown(client, world, slip_no, "police").json()["room"] == DOOR


def test_in_an_emergency_the_reporter_is_told_afterwards(client, world):
    receipt, slip_no = assigned(client, world, to="police", address=False, category="SAF-01", text="有人高空抛物")
    assert grant(client, world, receipt, slip_no, basis="emergency").status_code == 201
    assert shown(client, world, slip_no, "police").json()["room"] == DOOR
    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    [door] = mine["doors"]
    assert (door["role"], door["basis"], door["shown_at"]) == ("police", "emergency", "2027-03-01T09:00:00+08:00")
    held = client.get(f"/api/v1/tickets/{receipt['number']}/data", headers=secret(receipt)).json()
    assert held["door_grants"][0]["shown_at"] is not None
    assert [(look["role"], look["fields"]) for look in held["seen_log"]] == [("police", ["room"])]


@pytest.mark.parametrize(("hours", "until"), [(24, timedelta(hours=24)), (72, timedelta(hours=72))])
def test_a_grant_ends_by_itself(client, world, time, hours, until):
    receipt, slip_no = assigned(client, world)
    assert grant(client, world, receipt, slip_no, hours=hours).status_code == 201
    time.set(MONDAY + until - timedelta(seconds=1))
    assert shown(client, world, slip_no).status_code == 200
    time.set(MONDAY + until)
    assert shown(client, world, slip_no).status_code == 403
    assert client.get(f"/api/v1/slips/{slip_no}", headers=world.as_("urban_mgmt")).json()["door"] is None


@pytest.mark.parametrize("hours", [0, 23, 73, 24.5])
def test_a_grant_lasts_a_day_to_three(client, world, hours):
    receipt, slip_no = assigned(client, world)
    refused(grant(client, world, receipt, slip_no, hours=hours), 422, "INVALID", "hours")


def test_a_grant_is_taken_back_at_once_by_the_desk(client, world):
    receipt, slip_no = assigned(client, world)
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/address_grant"
    assert client.delete(path, headers=world.as_("grid_head")).status_code == 404
    grant(client, world, receipt, slip_no)
    refused(client.delete(path, headers=world.as_("property")), 403, "VERB_NOT_YOURS")
    assert client.delete(path, headers=world.as_("grid_head")).json()["revoked_at"] is not None
    assert shown(client, world, slip_no).status_code == 403
    assert desk(client, world, "grid_head", receipt).json()["slips"][0]["door"]["revoked_at"] is not None


def ends(client, world, receipt, slip_no):
    """Everything that closes a door: by the holder, and by the reporter."""
    own = f"/api/v1/tickets/{receipt['number']}"
    return {
        "done": lambda: slip_verb(client, world, "urban_mgmt", slip_no, "done", text="好了"),
        "returned": lambda: slip_verb(client, world, "urban_mgmt", slip_no, "return", reason="不归我"),
        "consent taken back": lambda: client.post(
            f"{own}/data/consent", json={"withdraw": ["address"]}, headers=secret(receipt)
        ),
        "restricted": lambda: client.post(f"{own}/data/restriction", json={"on": True}, headers=secret(receipt)),
        "erased": lambda: client.delete(f"{own}/data", headers=secret(receipt)),
        "withdrawn": lambda: client.post(f"{own}/withdrawal", headers=secret(receipt)),
    }


@pytest.mark.parametrize("end", ["done", "returned", "consent taken back", "restricted", "erased", "withdrawn"])
def test_a_door_closes_with_its_slip_and_with_the_reporters_wish(client, world, end):
    receipt, slip_no = assigned(client, world)
    grant(client, world, receipt, slip_no)
    answer = ends(client, world, receipt, slip_no)[end]()
    created = {"consent taken back", "restricted", "withdrawn"}
    assert answer.status_code == (201 if end in created else 200), answer.text
    after = shown(client, world, slip_no)
    assert after.status_code == 403, after.text
    assert DOOR not in after.text


def test_the_first_link_that_shows_it_is_the_one_person_and_a_second_phone_is_nobody(client, world):
    receipt, slip_no = assigned(client, world)
    grant(client, world, receipt, slip_no)
    link = client.post(
        f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link", headers=world.as_("grid_head")
    ).json()["token"]
    by_link = {"X-Slip-Token": link}
    assert client.post(f"/api/v1/slips/{slip_no}/address", headers=by_link).json()["room"] == DOOR
    assert shown(client, world, slip_no).status_code == 403, "an account of the same seat is another person"
    assert client.post(f"/api/v1/slips/{slip_no}/address", headers=by_link).status_code == 200
    client.cookies.clear()
    assert client.post(f"/api/v1/slips/{slip_no}/address", headers=by_link).status_code == 410
    lines = log(client, world, number=receipt["number"])
    assert [(line["account"], line["result"]) for line in lines] == [
        (None, "given"),
        ("urban_mgmt", "refused"),
        (None, "given"),
    ]


def test_the_side_that_is_complained_about_gets_no_door(client, world):
    receipt = report(client, world, category="GOV-01", text="报修没人管")
    assert verb(client, world, "grid_head", receipt, "assign", lead="property").status_code == 200
    slip_no = slip_of(client, world, "property")["slip_no"]
    refused(grant(client, world, receipt, slip_no), 403, "VERB_NOT_YOURS")


def test_where_no_door_was_left_none_is_granted(client, world):
    receipt, slip_no = assigned(client, world, contact={"phone": PHONE})
    refused(grant(client, world, receipt, slip_no), 422, "INVALID", "slip_no")


def test_a_reason_with_a_person_in_it_is_masked_on_the_desk(client, world):
    receipt, slip_no = assigned(client, world)
    given = grant(client, world, receipt, slip_no, reason=f"找{PHONE}开门")
    assert PHONE not in given.text
    assert PHONE not in desk(client, world, "grid_head", receipt).text
