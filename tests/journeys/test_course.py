"""The further course of a ticket over HTTP: asked back, objected to, merged, paused, extended, escalated, redone."""

from datetime import timedelta

import pytest

from tests.builders import MONDAY, desk, secret, slip_of, slip_verb, submit, triage, verb


def own(client, receipt, path="", **body):
    where = f"/api/v1/tickets/{receipt['number']}" + (f"/{path}" if path else "")
    if not path:
        return client.get(where, headers=secret(receipt)).json()
    return client.post(where, json=body, headers=secret(receipt))


@pytest.fixture
def leak(client, world):
    return submit(client, world, category="BLD-05", text="楼上漏水到我家")


def at_work(client, world, receipt, lead="property", **over):
    triage(client, world, receipt, **over)
    assert verb(client, world, "grid_head", receipt, "assign", lead=lead).status_code == 200
    slip = slip_of(client, world, lead)["slip_no"]
    assert slip_verb(client, world, lead, slip, "accept").status_code == 200
    return slip


def test_a_question_is_asked_once_and_its_answer_puts_the_ticket_back_with_the_time_it_took(client, world, time, leak):
    asked = verb(client, world, "grid_head", leak, "need_info", question="漏在哪个房间？").json()
    assert asked["status"] == "need_info"
    mine = own(client, leak)
    assert (mine["timeline"][-1]["text"], mine["verbs"]) == ("漏在哪个房间？", ["info", "withdraw"])
    time.set(MONDAY + timedelta(hours=30))
    assert own(client, leak, "info", text="卫生间").json()["status"] == "submitted"
    assert own(client, leak)["promise"]["due_at"] == "2027-03-07T00:00:00+08:00"  # Fri 00:00 and 30 hours: Sat's end
    again = verb(client, world, "grid_head", leak, "need_info", question="几楼？")
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_NOW")


def test_a_rejection_is_objected_to_once_and_decided_by_the_secretary(client, world, time, leak):
    assert verb(client, world, "grid_head", leak, "reject", reason="out_of_duty", text="户内自理").status_code == 200
    assert own(client, leak)["verbs"] == ["object"]
    assert own(client, leak, "objection", text="是公共管道漏的").json()["status"] == "review"
    told = verb(client, world, "grid_head", leak, "decide", outcome="accepted", text="应受理")
    assert (told.status_code, told.json()["code"]) == (403, "VERB_NOT_YOURS")
    wrong = verb(client, world, "committee_secretary", leak, "decide", outcome="reopened", text="再办")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "outcome")
    decided = verb(client, world, "committee_secretary", leak, "decide", outcome="accepted", text="公共管道，应受理")
    assert decided.json()["status"] == "accepted"
    assert own(client, leak)["promise"]["due_at"] == leak["promise"]["due_at"]  # nobody gains by rejecting
    verb(client, world, "grid_head", leak, "reject", reason="out_of_duty", text="户内自理")
    assert own(client, leak, "objection", text="还是不对").status_code == 409


def test_an_objection_after_seven_days_is_too_late(client, world, time, leak):
    verb(client, world, "grid_head", leak, "reject", reason="out_of_duty", text="户内自理")
    time.set(MONDAY + timedelta(days=7, seconds=1))
    assert own(client, leak)["verbs"] == []
    assert own(client, leak, "objection", text="不同意").status_code == 409


def test_the_second_not_solved_goes_to_the_secretary(client, world, time, leak):
    for _ in range(2):
        lead = at_work(client, world, leak) if own(client, leak)["status"] == "submitted" else None
        if lead is None:
            verb(client, world, "grid_head", leak, "assign", lead="property")
            lead = slip_of(client, world, "property")["slip_no"]
        slip_verb(client, world, "property", lead, "done", text="修了")
        verb(client, world, "grid_head", leak, "confirm", text="修好了")
        status = own(client, leak, "rating", solved="no", stars=1).json()["status"]
    assert status == "review"
    closed = verb(client, world, "committee_secretary", leak, "decide", outcome="closed", text="另有渠道")
    assert closed.json()["status"] == "closed"


def test_five_reports_of_one_lift_become_one_matter_with_the_earliest_due(client, world, time):
    lifts = []
    for minute in range(3):
        time.set(MONDAY + timedelta(minutes=minute))
        lifts.append(submit(client, world, category="BLD-02", text="电梯停了"))
    parent, *children = lifts
    for child in children:
        merged = verb(client, world, "grid_head", child, "merge", into=parent["number"]).json()
        assert (merged["status"], {slip["status"] for slip in merged["slips"]}) == ("merged", {"cancelled"})
    assert own(client, children[0])["status"] == "merged"
    loop = verb(client, world, "grid_head", parent, "merge", into=children[0]["number"])
    assert (loop.status_code, loop.json()["errors"][0]["field"]) == (422, "into")
    assert verb(client, world, "grid_head", children[0], "unmerge").json()["status"] == "accepted"


def test_private_matters_are_never_merged(client, world, leak):
    other = submit(client, world, category="BLD-05", text="我家也漏")
    refused = verb(client, world, "grid_head", other, "merge", into=leak["number"])
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (422, "涉及各家隐私的诉求不能并单")


def test_a_pause_moves_what_was_promised_and_never_the_clear_reply(client, world, time, leak):
    at_work(client, world, leak)
    until = (MONDAY + timedelta(hours=30)).isoformat()
    paused = verb(client, world, "grid_head", leak, "pause", reason="waiting_external", until=until)
    assert paused.json()["status"] == "paused"
    time.set(MONDAY + timedelta(hours=30))
    resumed = verb(client, world, "grid_head", leak, "resume").json()
    assert (resumed["status"], resumed["due_at"]) == ("in_progress", leak["promise"]["due_at"])


def test_a_pause_of_a_simple_matter_moves_its_day(client, world, time):
    light = submit(client, world)
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "accept")
    until = (time.at + timedelta(hours=20)).isoformat()
    assert verb(client, world, "grid_head", light, "pause", reason="waiting_reporter", until=until).status_code == 200
    time.set(time.at + timedelta(hours=20))
    assert verb(client, world, "grid_head", light, "resume").json()["due_at"] == "2027-03-03T00:00:00+08:00"


def test_a_long_pause_needs_the_secretary(client, world, leak):
    at_work(client, world, leak)
    until = (MONDAY + timedelta(days=10)).isoformat()
    short = verb(client, world, "grid_head", leak, "pause", reason="waiting_external", until=until)
    assert (short.status_code, short.json()["code"]) == (403, "VERB_NOT_YOURS")
    long = verb(client, world, "committee_secretary", leak, "pause", reason="waiting_external", until=until)
    assert long.json()["status"] == "paused"


def test_a_promise_is_extended_first_by_the_grid_head_then_by_the_secretary(client, world, leak):
    at_work(client, world, leak)
    verb(client, world, "grid_head", leak, "reply", kind="plan", text="10日前修好", promise_date="2027-03-10")
    too_far = verb(client, world, "grid_head", leak, "extend", until="2027-03-18", reason="等配件")
    assert too_far.status_code == 422
    first = verb(client, world, "grid_head", leak, "extend", until="2027-03-17", reason="等配件").json()
    assert first["due_at"] == "2027-03-18T00:00:00+08:00"
    assert verb(client, world, "grid_head", leak, "extend", until="2027-03-20", reason="还在等").status_code == 409
    second = verb(client, world, "committee_secretary", leak, "extend", until="2027-03-30", reason="厂家缺货")
    assert second.status_code == 200
    assert own(client, leak)["timeline"][-1]["text"] == "厂家缺货"


def test_a_whistle_goes_one_level_up_and_comes_down_only_by_the_level_that_holds_it(client, world, leak):
    for level in (1, 2, 3):
        raised = verb(client, world, "grid_head", leak, "escalate", reason="几天没动").json()
        assert raised["escalated_to"] == level
    assert desk(client, world, "street", leak).json()["status"] == "submitted"
    assert verb(client, world, "grid_head", leak, "escalate", reason="再高").status_code == 409
    assert verb(client, world, "committee_secretary", leak, "deescalate", reason="好了").status_code == 403
    assert verb(client, world, "street", leak, "deescalate", reason="已督办").status_code == 200
    assert desk(client, world, "street", leak).status_code == 404


def test_reclassifying_is_done_once_with_a_reason_that_the_resident_reads(client, world, time):
    receipt = submit(client, world)
    triage(client, world, receipt)
    time.set(MONDAY + timedelta(hours=6))
    moved = verb(client, world, "grid_head", receipt, "reclassify", complexity="complex", reason="要换整根线").json()
    assert (moved["due_at"], moved["promise"]["kind"]) == ("2027-03-05T00:00:00+08:00", "clear_reply")
    assert own(client, receipt)["timeline"][-1]["text"] == "要换整根线"
    again = verb(client, world, "grid_head", receipt, "reclassify", complexity="simple", reason="不用了")
    assert again.status_code == 409


def test_a_new_fact_reopens_a_closed_matter_once_within_fifteen_days(client, world, time):
    receipt = submit(client, world, text="老年证怎么办", category="SVC-09")
    verb(client, world, "grid_head", receipt, "answer", text="带身份证来")
    own(client, receipt, "rating", solved="yes", stars=5)
    time.set(MONDAY + timedelta(days=2))
    assert own(client, receipt)["verbs"] == ["info"]
    assert own(client, receipt, "info", text="窗口说不行").json()["status"] == "reopened"


def test_what_is_handed_over_tells_the_resident_where_it_went(client, world, leak):
    gone = verb(client, world, "grid_head", leak, "transfer_out", agency="12345热线", receipt_no="A-7").json()
    assert gone["status"] == "transferred"
    assert own(client, leak)["timeline"][-1]["text"] == "已转给12345热线办理，受理编号 A-7"


def test_a_co_slip_that_is_called_off_holds_nothing_up(client, world, leak):
    triage(client, world, leak)
    verb(client, world, "grid_head", leak, "assign", lead="property", co=["police"])
    lead, co = slip_of(client, world, "property")["slip_no"], slip_of(client, world, "police")["slip_no"]
    slip_verb(client, world, "property", lead, "done", text="修好了")
    assert desk(client, world, "grid_head", leak).json()["status"] == "in_progress"
    path = f"/api/v1/desk/tickets/{leak['number']}/slips/{co}/cancel"
    called_off = client.post(path, json={"reason": "不用了"}, headers=world.as_("grid_head")).json()
    assert called_off["status"] == "pending_check"


def test_a_handlers_question_reaches_the_grid_head_and_not_the_resident(client, world, leak):
    slip = at_work(client, world, leak)
    asked = slip_verb(client, world, "property", slip, "ask", question="周六在家吗？")
    assert asked.status_code == 200
    assert "周六在家吗？" in desk(client, world, "grid_head", leak).text
    assert "周六在家吗？" not in str(own(client, leak))
