"""One ticket on the desk: every verb without script, and nothing typed is ever lost."""

import re

import pytest

from tests.builders import slip_of, slip_verb, submit, triage, verb
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import HTML, opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_a_ticket_is_taken_sent_answered_and_confirmed_without_script(client, world):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水到我家厨房")
    as_(client, world, "grid_head")
    page = opened(client, at(receipt))
    assert set(page.forms) >= {f"{at(receipt)}/triage", f"{at(receipt)}/reject"}
    assert page.forms[f"{at(receipt)}/triage"]["redacted_text"] == ["楼上漏水到我家厨房"]

    done = sent(client, page, f"{at(receipt)}/triage", redacted_text="楼上往下漏水", complexity="complex")
    assert (done.status, done.headers["location"]) == (303, f"{at(receipt)}?ok=triage")
    page = opened(client, done.headers["location"])
    assert "已受理" in page.text

    done = sent(client, page, f"{at(receipt)}/assign", lead="property", co=["stair_head"], ask="先上门看看")
    assert done.headers["location"] == f"{at(receipt)}?ok=assign"
    page = opened(client, at(receipt))
    assert "先上门看看" in page.text

    done = sent(client, page, f"{at(receipt)}/reply", kind="plan", text="周五前换好水管", promise_date="2027-03-05")
    assert done.headers["location"] == f"{at(receipt)}?ok=reply"
    assert "答应 2027-03-05 前办好" in opened(client, at(receipt)).text

    for who in ("stair_head", "property"):
        slip_no = slip_of(client, world, who)["slip_no"]
        assert slip_verb(client, world, who, slip_no, "done", text="修好了", evidence="维修单").status_code == 200
    page = opened(client, at(receipt))
    assert [action.split("#")[0] for action in page.forms][:3] == [
        "/desk/logout",
        f"{at(receipt)}/confirm",
        f"{at(receipt)}/reject_work",
    ]
    done = sent(client, page, f"{at(receipt)}/confirm", text="水管已换，不再漏水")
    assert done.headers["location"] == f"{at(receipt)}?ok=confirm"
    assert "已办结，等居民评价" in opened(client, at(receipt)).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我是王建国，电话13812345678，楼上漏水", "系统遮住了姓名 1 处、手机号 1 处（▇▇）"),
        ("楼上漏水到我家厨房", "请再看一遍"),
    ],
)
def test_beside_the_editor_stands_what_was_masked(client, world, text, said):
    receipt = submit(client, world, category="BLD-05", text=text)
    page = opened(as_(client, world, "grid_head"), at(receipt)).text
    assert said in page
    assert ("系统遮住了" in page) == ("▇▇" in page)


@pytest.mark.parametrize(("contact", "shown"), [({}, 0), ({"phone": "13812345678"}, 1)])
def test_a_telephone_is_offered_to_dial_only_where_there_is_one(client, world, contact, shown):
    consent = {"notice_version": client.get(f"/api/v1/codes/{world.code}").json()["notice"]["version"], "contact": True}
    receipt = submit(client, world, category="BLD-05", contact=contact or None, consent=consent)
    page = opened(as_(client, world, "grid_head"), at(receipt)).text
    assert page.count('class="block desk-buttons"') == shown == page.count("打电话给居民")


def test_a_double_tap_does_it_once(client, world):
    receipt = submit(client, world, category="BLD-05")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    answers = [sent(client, page, f"{at(receipt)}/triage") for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    events = client.get(f"/api/v1{at(receipt)}", headers=world.as_("grid_head")).json()["events"]
    assert sum(event["verb"] == "triage" for event in events) == 1


def test_a_consultation_is_answered_at_once(client, world):
    receipt = submit(client, world, kind="consult", category="GOV-02", text="公摊怎么算")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    assert (
        sent(client, page, f"{at(receipt)}/answer", text="按面积分摊").headers["location"] == f"{at(receipt)}?ok=answer"
    )


def test_the_list_of_all_categories_wins_over_the_quick_choices(client, world):
    receipt = submit(client, world, category="BLD-05")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    sent(client, page, f"{at(receipt)}/triage", category="BLD-05", other="UTL-05")
    view = client.get(f"/api/v1{at(receipt)}", headers=world.as_("grid_head")).json()
    assert (view["category"]["code"], view["category"]["source"]) == ("UTL-05", "triager")


def test_a_field_that_is_wrong_brings_the_page_back_with_everything_typed(client, world):
    receipt = submit(client, world, category="BLD-05")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    answer = sent(client, page, f"{at(receipt)}/reject", text="这件事请找产权单位")
    assert answer.status == 422
    assert "这一项必须填" in answer.text
    assert answer.forms[f"{at(receipt)}/reject"]["text"] == ["这件事请找产权单位"]
    assert 'id="reject" open' in answer.text


def test_a_plan_without_a_date_says_what_is_missing_beside_the_date(client, world):
    receipt = submit(client, world)
    page = opened(as_(client, world, "grid_head"), at(receipt))
    answer = sent(client, page, f"{at(receipt)}/reply", kind="plan", text="本周修好")
    assert answer.status == 422
    assert "计划要写明哪天办好" in answer.text
    assert answer.forms[f"{at(receipt)}/reply"] | {"key": []} == {
        "key": [],
        "kind": ["plan"],
        "text": ["本周修好"],
        "promise_date": [""],
    }


def test_what_is_no_longer_possible_says_so_and_gives_the_words_back(client, world):
    receipt = submit(client, world, category="BLD-05")
    page = opened(as_(client, world, "grid_head"), at(receipt))
    verb(client, world, "grid_head2", receipt, "reject", reason="out_of_duty", text="不归我们")
    answer = sent(client, page, f"{at(receipt)}/triage", redacted_text="我写了很久的文字")
    assert answer.status == 409
    assert "现在不能这样操作" in answer.text
    assert "我写了很久的文字" in answer.text


def test_every_reason_of_a_refusal_shows_what_the_resident_is_told_to_do_next(client, world):
    receipt = submit(client, world, category="BLD-05")
    text = opened(as_(client, world, "grid_head"), at(receipt)).text
    assert text.count('name="reason" value=') == 8
    assert text.count("居民会看到：") == 8


def test_the_assign_form_offers_only_seats_that_are_filled(client, world):
    receipt = submit(client, world, category="BLD-05")
    triage(client, world, receipt)
    text = opened(as_(client, world, "grid_head"), at(receipt)).text
    offered = re.findall(r'name="co" value="(\w+)"', text)
    assert {"property", "stair_head", "police", "self_mgmt_group"} <= set(offered)
    assert not {"street", "community", "admin"} & set(offered)


@pytest.mark.parametrize(("who", "may"), [("grid_head", True), ("police", False), ("property", False)])
def test_a_slip_link_is_shown_once_to_whoever_may_hand_it_out(client, world, who, may):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    answer = posted(as_(client, world, who), f"{at(receipt)}/slips/{slip_no}/link")
    if not may:
        assert answer.status_code in {403, 404}
        return
    assert answer.status_code == 200
    token = re.search(r"http://testserver/slip/([\w-]+)", answer.text)[1]
    assert client.get("/api/v1/slips/" + slip_no, headers={"X-Slip-Token": token}).status_code == 200
    assert token not in opened(client, at(receipt)).text
    assert answer.headers["cache-control"] == "no-store"


def test_the_address_of_a_sent_form_leads_back_to_the_ticket(client, world):
    receipt = submit(client, world)
    as_(client, world, "grid_head")
    for rest in ("reveal", "triage", "slips/ABC/link"):
        answer = client.get(f"{at(receipt)}/{rest}", headers=HTML, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, at(receipt))
