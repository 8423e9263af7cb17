"""Whoever was taken out of a matter learns nothing of what it has become: from no old door, list, link or number."""

import base64
import json

import pytest

from app.models.staff import Account, Grant
from tests.attack.planting import picture
from tests.builders import MONDAY, NOTICE, desk, secret, slip_of, submit, triage, verb

PERSON = {
    "contact": {"name": "李梅", "phone": "13812345678", "room": "1402"},
    "consent": {"notice_version": NOTICE, "contact": True},
}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def becomes_a_complaint(client, world, receipt):
    assert triage(client, world, receipt, category="GOV-01", complexity="complex").status_code == 200
    assert desk(client, world, "property", receipt).status_code == 404


def test_the_own_log_of_the_accused_side_does_not_say_that_it_is_accused(client, world):
    receipt = submit(client, world, category="ENV-02", text="垃圾没人收", **PERSON)
    looked = verb(client, world, "property", receipt, "reveal", fields=["phone"], purpose="contact")
    assert looked.status_code == 200
    [line] = client.get("/api/v1/access-log", headers=world.as_("property")).json()["items"]
    assert line["category"]["code"] == "ENV-02"
    becomes_a_complaint(client, world, receipt)
    [line] = client.get("/api/v1/access-log", headers=world.as_("property")).json()["items"]
    assert (line["number"], "category" in line) == (receipt["number"], False)
    [whole] = client.get("/api/v1/access-log", headers=world.as_("committee_secretary")).json()["items"]
    assert whole["category"]["code"] == "GOV-01"


def test_the_inbox_of_the_accused_side_does_not_say_it_either_once_its_slip_was_called_off(client, world):
    receipt = submit(client, world, category="ENV-02", text="垃圾没人收")
    inbox = lambda: client.get("/api/v1/desk/inbox", headers=world.as_("property"))  # noqa: E731
    [told] = inbox().json()["items"]
    assert "垃圾" in told["text"]
    becomes_a_complaint(client, world, receipt)
    assert inbox().json()["items"] == []
    assert "投诉" not in inbox().text


def test_a_head_whose_slip_was_called_off_reads_what_a_group_would(client, world):
    receipt = submit(client, world, category="SAF-03", text="楼道堆了杂物")
    slip = slip_of(client, world, "stair_head")
    items = lambda: client.get("/api/v1/desk/inbox", headers=world.as_("stair_head")).json()["items"]  # noqa: E731
    assert any(slip["slip_no"] == item["slip_no"] for item in items())
    changed = triage(client, world, receipt, category="GOV-08", complexity="complex", redacted_text="核实中")
    assert changed.status_code == 200
    assert not any("投诉" in item["text"] or item["slip_no"] for item in items())


def test_a_merged_report_is_not_named_to_the_side_that_it_avoids(client, world):
    parent = submit(client, world, category="BLD-02", text="电梯停了")
    child = submit(client, world, category="BLD-02", text="电梯又停了", avoid=["property"])
    triage(client, world, parent)
    assert verb(client, world, "grid_head", child, "merge", into=parent["number"]).status_code == 200
    assert child["number"] in desk(client, world, "grid_head", parent).text
    read = desk(client, world, "property", parent)
    assert (read.status_code, child["number"] in read.text) == (200, False)
    assert any(event["verb"] == "merge" for event in read.json()["events"])


def test_the_place_in_a_list_of_slips_does_not_tell_the_minute_of_a_shielded_matter(client, world):
    for _ in range(2):
        receipt = submit(client, world, category="ILL-08", text="有人聚众赌博", emergency=True)
        triage(client, world, receipt, category="ILL-08", complexity="emergency", redacted_text="请核实")
        assert verb(client, world, "grid_head", receipt, "assign", lead="police").status_code == 200
    first = client.get("/api/v1/slips?limit=1", headers=world.as_("police")).json()
    assert first["items"][0]["due_at"] == "2027-03-02T00:00:00+08:00"
    cursor = first["next_cursor"]
    place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    assert not [part for part in place if isinstance(part, str)], place
    second = client.get(f"/api/v1/slips?limit=1&cursor={cursor}", headers=world.as_("police")).json()
    assert len(second["items"]) == 1
    assert second["items"][0]["slip_no"] != first["items"][0]["slip_no"]
    assert second["next_cursor"] is None
    foreign = client.get(f"/api/v1/slips?limit=1&cursor={cursor}", headers=world.as_("property"))
    assert foreign.json()["items"] == []


def test_who_sits_on_the_accused_side_opens_no_slip_of_it_as_a_grid_head(client, world, database):
    with database.write() as session:
        session.add(Grant(account_id=world.accounts["property"], seat_id=world.seats["grid_head"], views_persons=True))
    receipt = submit(client, world, category="GOV-01", text="物业不作为")
    triage(client, world, receipt, category="GOV-01", complexity="complex", redacted_text="请核实")
    assert verb(client, world, "grid_head", receipt, "assign", lead="self_mgmt_group").status_code == 200
    [slip] = desk(client, world, "grid_head", receipt).json()["slips"]
    path = f"/api/v1/slips/{slip['slip_no']}"
    assert client.get(path, headers=world.as_("grid_head")).status_code == 200
    assert client.get(path, headers=world.as_("property")).status_code == 404
    assert client.post(f"{path}/progress", json={"text": "看过"}, headers=world.as_("property")).status_code == 404


@pytest.fixture
def raw_photo(client, world):
    """A matter with a raw photo that the property, which leads it, has just had shown."""
    photo = client.post("/api/v1/uploads", files={"file": ("a.jpg", picture(), "image/jpeg")}).json()["id"]
    receipt = submit(client, world, category="ENV-02", text="垃圾没人收", photos=[photo])
    shown = verb(client, world, "property", receipt, "reveal", fields=["photos"], purpose="verify")
    url = shown.json()["photos"][0]
    assert client.get(url).status_code == 200
    return receipt, url


def test_the_address_of_a_raw_photo_ends_when_the_looker_is_taken_out_of_the_matter(client, world, raw_photo):
    receipt, url = raw_photo
    becomes_a_complaint(client, world, receipt)
    assert client.get(url).status_code == 404


def test_the_address_of_a_raw_photo_ends_with_the_account_that_had_it_shown(client, world, database, raw_photo):
    _, url = raw_photo
    with database.write() as session:
        session.get(Account, world.accounts["property"]).disabled_at = MONDAY
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("change", ["another account", "another photo", "no account", "nonsense"])
def test_the_address_of_a_raw_photo_is_nobody_elses(client, world, raw_photo, change):
    _, url = raw_photo
    path, _, given = url.partition("?pass=")
    account, _, mac = given.partition("_")
    if change == "another photo":
        key = client.post("/api/v1/uploads", files={"file": ("b.jpg", picture(), "image/jpeg")}).json()["id"]
        submit(client, world, category="ENV-02", text="又一处", photos=[key])
        path = f"/api/v1/uploads/{key}"
    made_up = {"another account": f"{int(account) + 1}_{mac}", "no account": mac, "nonsense": "²_x"}.get(change, given)
    assert client.get(path, params={"pass": made_up}).status_code == 404


def test_the_reporter_still_opens_their_own_photo(client, raw_photo):
    receipt, url = raw_photo
    assert client.get(url.split("?")[0], headers=secret(receipt)).status_code == 200
