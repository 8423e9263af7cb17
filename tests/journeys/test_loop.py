"""The product's main job, over HTTP on both databases, the contract checked field by field."""

from datetime import timedelta

import pytest

from tests.builders import (
    MONDAY,
    NOTICE,
    desk,
    key,
    secret,
    slip_of,
    slip_verb,
    submit,
    ticket_form,
    triage,
    verb,
)


def test_a_public_simple_matter_is_assigned_at_once_done_confirmed_rated_and_closed(client, world, time):
    scan = client.get(f"/api/v1/codes/{world.code.lower()}").json()
    assert set(scan) == {
        *("code", "status", "place", "categories", "contacts", "hotlines", "notice"),
        *("menu", "announcements"),
    }
    assert scan["place"] == {"compound": "绿荷苑", "building": "1幢", "stairwell": "1单元", "label": "1幢1单元"}
    assert {"role", "title", "duty_phone"} == set(scan["contacts"][0])
    assert [line["number"] for line in scan["hotlines"]] == ["110", "119", "120", "122"]

    receipt = submit(client, world)
    assert set(receipt) == {
        *("number", "secret", "status", "category", "complexity", "promise", "lead", "seen_by", "url"),
        "hotlines",
    }
    assert receipt["status"] == "assigned"
    assert receipt["number"].startswith("270301-")
    assert receipt["category"] == {"code": "BLD-09", "name": "路灯/楼道灯不亮", "source": "reporter"}
    assert receipt["promise"] == {"kind": "handled", "due_at": "2027-03-02T00:00:00+08:00", "text": "今天 24:00 前办好"}
    assert receipt["lead"] == {"role": "property", "title": "物业", "assigned": True}
    assert receipt["seen_by"] == ["grid_head", "property", "self_mgmt_group"]

    slip = slip_of(client, world, "property")
    view = client.get(f"/api/v1/slips/{slip['slip_no']}", headers=world.as_("property")).json()
    assert (view["redacted_text"], view["photos"], view["text_pending"]) == (None, [], True)
    assert view["duty_phone"] == "0571-11112222"
    assert view["verbs"] == ["take", "progress", "done", "return"]

    assert triage(client, world, receipt).json()["status"] == "assigned"
    assert slip_verb(client, world, "property", slip["slip_no"], "accept").json()["status"] == "in_progress"
    time.set(MONDAY + timedelta(hours=3))
    shown = slip_verb(client, world, "property", slip["slip_no"], "progress", text="电工已到现场").json()
    assert shown["redacted_text"] == "楼道灯不亮"
    finished = slip_verb(client, world, "property", slip["slip_no"], "done", text="已换新灯泡", evidence="工单 88")
    assert (finished.status_code, finished.json()["status"]) == (200, "done")
    assert desk(client, world, "grid_head", receipt).json()["status"] == "pending_check"
    confirmed = verb(client, world, "grid_head", receipt, "confirm", text="灯已修好，感谢您的反映").json()
    assert confirmed["status"] == "answered"
    assert {c["kind"]: c["state"] for c in confirmed["clocks"]} == {"first_response": "stopped", "handled": "stopped"}

    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert {
        "number",
        "status",
        "text",
        "category",
        "promise",
        "timeline",
        "urges",
        "rating",
        "seen_log",
        "verbs",
    } <= set(mine)
    assert (mine["status"], mine["rating"], mine["verbs"]) == ("answered", None, ["rate"])
    told = [(entry["verb"], entry["text"]) for entry in mine["timeline"]]
    assert told == [
        ("submit", None),
        ("auto_assign", None),
        ("triage", None),
        ("take", None),
        ("progress", "电工已到现场"),
        ("done", "已换新灯泡\n工单 88"),
        ("confirm", "灯已修好，感谢您的反映"),
    ]
    rated = client.post(
        f"/api/v1/tickets/{receipt['number']}/rating",
        json={"solved": "yes", "stars": 5, "text": "很快"},
        headers=secret(receipt),
    )
    assert (rated.status_code, rated.json()["status"]) == (201, "closed")
    assert rated.json()["rating"]["solved"] == "yes"


def test_a_private_complex_matter_waits_for_a_person_and_keeps_the_neighbours_out(client, world, time):
    receipt = submit(
        client,
        world,
        text="楼上1302每天半夜跑来跑去，我叫王小明，电话13812345678",
        category="NOI-01",
        contact={"name": "王小明", "phone": "13812345678", "room": "1202"},
        consent={"notice_version": NOTICE, "contact": True},
    )
    assert (receipt["status"], receipt["complexity"], receipt["seen_by"]) == ("submitted", "complex", ["grid_head"])
    assert receipt["promise"]["kind"] == "clear_reply"
    assert receipt["promise"]["due_at"] == "2027-03-05T00:00:00+08:00"
    assert receipt["lead"] == {"role": "stair_head", "title": "楼道长", "assigned": False}

    before = desk(client, world, "grid_head", receipt).json()
    assert "13812345678" not in str(before)
    assert "王小明" not in str(before)
    assert before["contact"] == {"name": "王**", "phone": "138****5678", "room": "***"}
    accepted = triage(client, world, receipt, redacted_text="楼上住户夜间走动声大").json()
    assert (accepted["status"], accepted["verbs"]) == (
        "accepted",
        ["assign", "reject", "transfer_out", "merge", "escalate", "reclassify"],
    )
    assigned = verb(
        client, world, "grid_head", receipt, "assign", lead="stair_head", co=["police"], ask="先上门劝说"
    ).json()
    assert [(s["role"], s["status"]) for s in assigned["slips"]] == [("stair_head", "assigned"), ("police", "assigned")]

    lead, co = slip_of(client, world, "stair_head"), slip_of(client, world, "police")
    view = client.get(f"/api/v1/slips/{lead['slip_no']}", headers=world.as_("stair_head"))
    assert "王小明" not in view.text
    assert receipt["number"] not in view.text
    assert view.json()["place"]["label"] == "1幢1单元·室内"
    drafted = slip_verb(client, world, "stair_head", lead["slip_no"], "accept")
    drafted = slip_verb(
        client, world, "stair_head", lead["slip_no"], "reply", kind="plan", text="每周回访", promise_date="2027-03-10"
    )
    assert drafted.status_code == 200
    draft = desk(client, world, "grid_head", receipt).json()["draft_reply"]
    assert draft == {"kind": "plan", "text": "每周回访", "promise_date": "2027-03-10"}
    replied = verb(
        client, world, "grid_head", receipt, "reply", kind="plan", text="3月10日前调解好", promise_date="2027-03-10"
    ).json()
    assert (replied["status"], replied["due_at"]) == ("replied", "2027-03-11T00:00:00+08:00")
    assert {c["kind"]: c["state"] for c in replied["clocks"]}["clear_reply"] == "stopped"

    assert slip_verb(client, world, "stair_head", lead["slip_no"], "done", text="已调解").json()["status"] == "done"
    assert desk(client, world, "grid_head", receipt).json()["status"] == "replied"  # the co slip is still open
    refused = verb(client, world, "grid_head", receipt, "confirm", text="好了")
    assert (refused.status_code, refused.json()["code"]) == (409, "ILLEGAL_NOW")
    assert slip_verb(client, world, "police", co["slip_no"], "done", text="已劝导").json()["status"] == "done"
    assert verb(client, world, "grid_head", receipt, "confirm", text="已调解，谢谢理解").json()["status"] == "answered"
    again = client.post(
        f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "no", "stars": 2}, headers=secret(receipt)
    )
    assert (again.json()["status"], again.json()["lead"]["assigned"]) == ("reopened", False)


def test_a_consultation_is_answered_without_a_slip(client, world):
    receipt = submit(client, world, text="老年证怎么办", category="SVC-09")
    assert receipt["status"] == "submitted"
    answered = verb(client, world, "grid_head", receipt, "answer", text="带身份证到社区办理").json()
    assert (answered["status"], answered["slips"]) == ("answered", [])
    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert mine["timeline"][-1]["text"] == "带身份证到社区办理"
    partly = client.post(
        f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "partly", "stars": 3}, headers=secret(receipt)
    )
    assert partly.json()["status"] == "closed"


def test_pressing_is_counted_cooled_down_and_moves_no_clock(client, world, time):
    receipt = submit(client, world)
    path = f"/api/v1/tickets/{receipt['number']}/urges"
    time.set(MONDAY + timedelta(hours=1))
    early = client.post(path, headers=secret(receipt))
    assert (early.status_code, early.json()["code"], early.headers["retry-after"]) == (429, "URGE_TOO_EARLY", "3601")
    time.set(MONDAY + timedelta(hours=2))
    first = client.post(path, headers=secret(receipt))
    assert first.status_code == 201
    assert first.json() == {
        "count": 1,
        "level": 1,
        "next_at": "2027-03-01T23:00:00+08:00",
        "verbs": ["urge", "info", "withdraw"],
    }
    mine = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert (mine["urges"]["count"], mine["promise"]["due_at"]) == (1, receipt["promise"]["due_at"])


def test_withdrawing_calls_the_open_slips_off(client, world):
    receipt = submit(client, world)
    slip = slip_of(client, world, "property")
    gone = client.post(f"/api/v1/tickets/{receipt['number']}/withdrawal", headers=secret(receipt))
    assert (gone.status_code, gone.json()["status"], gone.json()["verbs"]) == (201, "withdrawn", [])
    late = slip_verb(client, world, "property", slip["slip_no"], "accept")
    assert (late.status_code, late.json()["verbs"]) == (409, [])


def test_a_returned_slip_goes_back_and_the_first_lead_stays_of_record_until_another_takes(client, world):
    receipt = submit(client, world)
    slip = slip_of(client, world, "property")
    back = slip_verb(client, world, "property", slip["slip_no"], "return", reason="不归物业管")
    assert back.json()["status"] == "returned"
    assert desk(client, world, "grid_head", receipt).json()["status"] == "accepted"
    moved = verb(client, world, "grid_head", receipt, "assign", lead="stair_head").json()
    assert moved["lead"]["role"] == "property"
    taken = slip_of(client, world, "stair_head")
    assert slip_verb(client, world, "stair_head", taken["slip_no"], "accept").status_code == 200
    assert desk(client, world, "grid_head", receipt).json()["lead"]["role"] == "stair_head"


def test_work_that_does_not_hold_goes_back_to_the_lead(client, world):
    receipt = submit(client, world)
    slip = slip_of(client, world, "property")
    slip_verb(client, world, "property", slip["slip_no"], "done", text="换了")
    sent_back = verb(client, world, "grid_head", receipt, "reject_work", reason="灯还是不亮").json()
    assert (sent_back["status"], sent_back["slips"][0]["status"]) == ("in_progress", "in_progress")
    assert {c["kind"]: c["state"] for c in sent_back["clocks"]}["handled"] == "running"


def test_nobody_confirms_their_own_work_while_another_can(client, world):
    receipt = submit(client, world, text="老旧小区出入口太堵", category="TRF-01")
    slip = slip_of(client, world, "grid_head")
    slip_verb(client, world, "grid_head", slip["slip_no"], "done", text="已协调")
    own = verb(client, world, "grid_head", receipt, "confirm", text="好了")
    assert (own.status_code, own.json()["code"]) == (409, "OTHER_CHECKER_NEEDED")
    other = verb(client, world, "grid_head2", receipt, "confirm", text="好了")
    assert (other.status_code, other.json()["status"]) == (200, "answered")


@pytest.mark.parametrize("who", ["property", "police", "committee_secretary", "community", "admin"])
def test_a_verb_of_another_role_is_refused_by_what_the_role_may_see(client, world, who):
    receipt = submit(client, world, text="楼上漏水", category="BLD-05")
    answer = triage(client, world, receipt, who)
    assert answer.status_code == (403 if who in {"property", "committee_secretary", "community"} else 404)


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(client, world):
    form, header = ticket_form(world), key()
    first = client.post("/api/v1/tickets", json=form, headers=header)
    second = client.post("/api/v1/tickets", json=form, headers=header)
    assert first.json() == second.json()
    other = client.post("/api/v1/tickets", json=form | {"text": "别的事"}, headers=header)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    missing = client.post("/api/v1/tickets", json=form)
    assert (missing.status_code, missing.json()["code"]) == (428, "IDEMPOTENCY_KEY_MISSING")
