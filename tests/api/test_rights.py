"""The reporter's rights, over HTTP: what they read, correct, erase, restrict and take back."""

import io

import pytest
from PIL import Image
from sqlalchemy import text

from tests.builders import MONDAY, NOTICE, desk, key, secret, slip_of, submit, triage, verb
from tests.problems import count, refused

NAME, PHONE, DOOR, WORDS = "欧阳金丝雀", "13911112222", "1987室", "我是金丝雀，电话13911112222，楼上漏水"


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG")
    return stream.getvalue()


def report(client, world, **over):
    photo = client.post("/api/v1/uploads", files={"file": ("a.jpg", picture(), "image/jpeg")}).json()["id"]
    form = {
        "category": "BLD-05",
        "text": WORDS,
        "spot": f"{DOOR}门口",
        "photos": [photo],
        "contact": {"name": NAME, "phone": PHONE, "room": DOOR},
        "consent": {"notice_version": NOTICE, "contact": True},
    }
    return submit(client, world, **form | over) | {"photo": photo}


def data(client, receipt, method="GET", path="", body=None):
    return client.request(method, f"/api/v1/tickets/{receipt['number']}/data{path}", json=body, headers=secret(receipt))


def test_the_reporter_reads_everything_that_is_held_about_them_and_who_looked(client, world):
    receipt = report(client, world, avoid=["property"])
    verb(client, world, "grid_head", receipt, "reveal", fields=["name", "phone"], purpose="contact")
    found = data(client, receipt)
    assert found.status_code == 200, found.text
    held = found.json()
    assert held["contact"] == {"name": NAME, "phone": PHONE, "room": DOOR}
    assert (held["text"], held["spot"]) == (WORDS, f"{DOOR}门口")
    assert held["photos"] == [f"/api/v1/uploads/{receipt['photo']}"]
    assert held["avoid"] == ["property"]
    [look] = held["seen_log"]
    assert (look["role"], look["fields"], look["purpose"]) == ("grid_head", ["name", "phone"], "contact")
    [consent] = held["consents"]
    assert (consent["notice_version"], consent["contact"], consent["withdrawn"]) == (NOTICE, True, {})
    assert any("户内漏水" in line for line in held["routing"])
    assert {line["what"] for line in held["retention"]} >= {"照片", "您的原话"}
    assert all(line["until"] is None for line in held["retention"][:3])


def test_only_the_query_code_opens_it_and_a_wrong_one_is_not_told_from_a_wrong_number(client, world):
    receipt = report(client, world)
    for method, path, body in [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PATCH", "", {"name": "张三"}),
        ("PUT", "", {"name": "张三"}),
        ("POST", "/restriction", {"on": True}),
        ("POST", "/consent", {"withdraw": ["contact"]}),
    ]:
        bodies = []
        for number, headers in [
            (receipt["number"], {"X-Ticket-Secret": "00000000"}),
            (receipt["number"], world.as_("grid_head")),
            ("270301-000000", secret(receipt)),
        ]:
            answer = client.request(method, f"/api/v1/tickets/{number}/data{path}", json=body, headers=headers)
            bodies.append({**refused(answer, 404, "NOT_FOUND"), "request_id": ""})
        assert bodies[0] == bodies[1] == bodies[2]


def test_a_correction_replaces_takes_away_and_adds(client, world):
    receipt = report(client, world)
    assert triage(client, world, receipt).status_code == 200
    changed = data(client, receipt, "PATCH", body={"phone": "13800001111", "room": None, "text": "是卫生间在漏"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["contact"] == {"name": NAME, "phone": "13800001111", "room": None}
    shown = verb(client, world, "grid_head", receipt, "reveal", fields=["phone", "room"], purpose="contact").json()
    assert shown == {"phone": "13800001111", "room": None}
    seen = desk(client, world, "grid_head", receipt).json()
    assert [event["verb"] for event in seen["events"]][-1] == "info"
    assert seen["rights"]["requests"][0]["kind"] == "correct"
    refused(data(client, receipt, "PATCH", body={}), 422, "INVALID")


def test_a_contact_where_there_was_none_needs_its_consent(client, world):
    receipt = submit(client, world)
    refused(data(client, receipt, "PATCH", body={"phone": PHONE}), 422, "CONSENT_NEEDED", "consent.contact")
    consent = {"notice_version": NOTICE, "contact": True}
    given = data(client, receipt, "PATCH", body={"phone": PHONE, "consent": consent})
    assert given.json()["contact"]["phone"] == PHONE
    old = {"notice_version": "1999-01", "contact": True}
    other = submit(client, world)
    refused(
        data(client, other, "PATCH", body={"phone": PHONE, "consent": old}), 422, "INVALID", "consent.notice_version"
    )


def test_a_minor_leaves_no_name_by_the_back_door(client, world):
    receipt = submit(client, world, minor=True)
    consent = {"notice_version": NOTICE, "contact": True}
    refused(data(client, receipt, "PATCH", body={"name": "小明", "consent": consent}), 422, "INVALID", "name")


def test_erasing_leaves_an_open_matter_without_a_person_in_it(client, world, database, settings):
    receipt = report(client, world)
    assert triage(client, world, receipt, redacted_text="卫生间漏水").status_code == 200
    files = settings.data_dir / "uploads"
    assert [path for path in files.rglob("*") if path.is_file()]
    gone = data(client, receipt, "DELETE")
    assert (gone.status_code, gone.json()["outcome"]) == (200, "kept"), gone.text
    assert gone.json()["kept"][0]["what"] == "去掉个人信息以后的这件事"
    assert not [path for path in files.rglob("*") if path.is_file()]
    assert count(database, "contact") == count(database, "photo") == 0
    held = data(client, receipt).json()
    assert (held["contact"], held["text"], held["spot"], held["photos"], held["device"]) == (
        None,
        "卫生间漏水",
        "▇▇室门口",
        [],
        False,
    )
    assert [request["kind"] for request in held["requests"]] == ["erase"]
    seen = desk(client, world, "grid_head", receipt)
    assert "金丝雀" not in seen.text
    assert PHONE not in seen.text
    assert (seen.json()["contact"], seen.json()["status"]) == ({}, "accepted")
    shown = verb(client, world, "grid_head", receipt, "reveal", fields=["name", "phone", "text"], purpose="contact")
    assert shown.json() == {"name": None, "phone": None, "text": "卫生间漏水"}
    again = data(client, receipt, "DELETE")
    assert again.status_code == 200


def test_what_was_not_checked_by_a_person_goes_on_masked(client, world):
    receipt = report(client, world)
    data(client, receipt, "DELETE")
    assert PHONE not in data(client, receipt).text
    assert "漏水" in data(client, receipt).json()["text"]


def test_erasing_a_closed_matter_keeps_only_what_proves_and_what_a_person_confirmed(client, world, database):
    receipt = report(client, world, category="SVC-09", text=WORDS)
    verb(client, world, "grid_head", receipt, "answer", text="带身份证来")
    rated = {"solved": "yes", "stars": 5, "text": f"谢谢，{NAME}"}
    assert (
        client.post(f"/api/v1/tickets/{receipt['number']}/rating", json=rated, headers=secret(receipt) | key())
    ).status_code == 201
    gone = data(client, receipt, "DELETE")
    assert gone.json()["outcome"] == "done"
    held = data(client, receipt).json()
    assert (held["text"], held["redacted_text"], held["ratings"][0]["text"]) == ("", None, None)
    seen = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert (seen["text"], seen["erased_at"] is not None) == ("", True)
    with database.engine.connect() as raw:
        assert (
            raw.execute(text("SELECT count(*) FROM event WHERE words_sealed IS NOT NULL AND actor='reporter'")).scalar()
            == 0
        )
        assert raw.execute(text("SELECT count(*) FROM idempotency_key WHERE scope LIKE '%rating%'")).scalar() == 0
        assert raw.execute(text("SELECT count(*) FROM consent")).scalar() == 1
    assert NAME not in desk(client, world, "grid_head", receipt).text


def test_while_it_is_restricted_nobody_looks(client, world):
    receipt = report(client, world)
    photos = verb(client, world, "grid_head", receipt, "reveal", fields=["photos"], purpose="verify").json()["photos"]
    assert client.get(photos[0]).status_code == 200
    on = data(client, receipt, "POST", "/restriction", {"on": True})
    assert (on.status_code, on.json()["restricted_at"] is not None) == (201, True)
    assert client.get(photos[0]).status_code == 404
    refused(
        verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact"), 403, "VERB_NOT_YOURS"
    )
    assert desk(client, world, "grid_head", receipt).json()["rights"]["restricted"] is True
    data(client, receipt, "POST", "/restriction", {"on": False})
    assert verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact").status_code == 200
    assert [r["kind"] for r in data(client, receipt).json()["requests"]] == ["restrict", "lift"]


def test_taking_back_the_consent_to_the_contact_erases_it(client, world, database):
    receipt = report(client, world)
    back = data(client, receipt, "POST", "/consent", {"withdraw": ["contact"]})
    assert (back.status_code, back.json()["contact"]) == (201, None)
    assert list(back.json()["consents"][0]["withdrawn"]) == ["contact"]
    assert back.json()["consents"][0]["contact"] is True, "that it was once given stays provable"
    assert count(database, "contact") == 0
    refused(data(client, receipt, "POST", "/consent", {"withdraw": []}), 422, "INVALID")


@pytest.mark.parametrize(
    ("category", "goes_on"), [("SAF-02", True), ("UTL-04", True), ("BLD-01", True), ("ENV-04", False)]
)
def test_a_withdrawn_matter_of_public_safety_goes_on_without_its_reporter(client, world, database, category, goes_on):
    receipt = report(client, world, category=category, text="消防通道被堵，我是王小明，电话13911112222")
    assert triage(client, world, receipt, redacted_text="消防通道被堵").status_code == 200
    before = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert before["goes_on"] is goes_on
    client.post(f"/api/v1/tickets/{receipt['number']}/withdrawal", headers=secret(receipt))
    items = client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"]
    assert len(items) == int(goes_on)
    if not goes_on:
        return
    [case] = items
    assert case["number"] != receipt["number"]
    seen = desk(client, world, "grid_head", case).json()
    assert (seen["channel"], seen["category"]["code"], seen["contact"]) == ("case", category, {})
    assert (seen["redacted_text"], seen["text"], seen["photos"]) == ("消防通道被堵", "消防通道被堵", [])
    assert seen["submitted_at"] == before["submitted_at"]
    assert [slip["status"] for slip in seen["slips"]] == ["assigned"] * len(seen["slips"])
    old = desk(client, world, "grid_head", receipt).json()
    assert {slip["slip_no"] for slip in seen["slips"]}.isdisjoint(slip["slip_no"] for slip in old["slips"])
    with database.engine.connect() as raw:
        row = raw.execute(text("SELECT * FROM ticket WHERE channel='case'")).mappings().one()
        assert (row["device_hash"], row["recorded_by"]) == (None, None)
        assert raw.execute(text("SELECT count(*) FROM contact WHERE ticket_id=:id"), {"id": row["id"]}).scalar() == 0
        kept = raw.execute(text("SELECT facts FROM event WHERE ticket_id=:id"), {"id": row["id"]}).all()
    assert receipt["number"] not in str(kept)


def test_the_case_runs_its_own_course_to_the_end(client, world, time):
    receipt = report(client, world, category="SAF-03", text="楼道堆满纸箱")
    slip_no = slip_of(client, world, "stair_head")["slip_no"]
    client.post(f"/api/v1/tickets/{receipt['number']}/withdrawal", headers=secret(receipt))
    case = client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"][0]
    fresh = slip_of(client, world, "stair_head")["slip_no"]
    assert fresh != slip_no
    done = client.post(f"/api/v1/slips/{fresh}/done", json={"text": "清走了"}, headers=world.as_("stair_head"))
    assert done.status_code == 200, done.text
    assert verb(client, world, "grid_head", case, "confirm", text="已清").json()["status"] == "answered"
    assert desk(client, world, "grid_head", case).json()["promise"]["due_at"] is not None
    assert time.at == MONDAY
