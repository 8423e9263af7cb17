"""The receipt: a promise in words, parcel tracking, and only the buttons that work now."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from tests.builders import MONDAY, slip_of, slip_verb, submit, triage, verb
from tests.pages.reading import HTML, Page, opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def ticket(client, world):
    return submit(client, world)


@pytest.fixture
def path(ticket):
    return ticket["url"].removeprefix("http://testserver")


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "blue").save(out, "JPEG")
    return out.getvalue()


def answered(client, world, ticket):
    triage(client, world, ticket)
    slip = slip_of(client, world, "property")["slip_no"]
    slip_verb(client, world, "property", slip, "done", text="已换新灯泡，问 13800001234")
    verb(client, world, "grid_head", ticket, "confirm", text="灯修好了，谢谢您")


def test_the_receipt_says_by_when_who_and_who_may_see(client, ticket, path):
    page = opened(client, path)
    assert page.status == 200
    assert "今天 24:00 前办好" in page.text
    assert "由<b>物业</b>负责" in page.text
    assert "网格长、物业、居民自管小组。" in page.text
    assert ticket["number"] in page.text
    assert f"{ticket['secret'][:4]}-{ticket['secret'][4:]}" in page.text
    assert "收到了，谢谢您" not in page.text
    assert '<meta name="robots" content="noindex">' in page.text


def test_a_wrong_token_is_the_friendly_page_of_any_missing_thing(client, ticket):
    for wrong in ("0" * 32, "x"):
        page = opened(client, f"/r/{wrong}")
        assert (page.status, page.forms) == (404, {})
        assert ticket["number"] not in page.text
        assert client.post(f"/r/{wrong}/urges", headers=HTML).status_code == 404


def test_the_receipt_offers_the_urge_from_the_hour_on_at_which_it_works(client, path, time):
    early = opened(client, path)
    assert f"{path}/urges" not in early.forms
    assert "最快 今天 11:00 可以催" in early.text
    refused = Page(client.post(f"{path}/urges", headers=HTML))
    assert refused.status == 429
    assert refused.headers["retry-after"] == "7201"
    assert "还没到可以再催的时间" in refused.text

    time.set(MONDAY + timedelta(hours=2))
    page = opened(client, path)
    for _ in range(2):  # a double tap presses once
        done = sent(client, page, f"{path}/urges")
        assert (done.status, done.headers["location"]) == (303, f"{path}?ok=urged")
    after = opened(client, f"{path}?ok=urged")
    assert "已经帮您催了" in after.text
    assert "您催过 1 次" in after.text
    assert "最快 今天 23:00 可再催" in after.text


def test_an_emergency_shows_the_numbers_to_call_once_more(client, world, path):
    urgent = submit(client, world, text="电梯里困人了", emergency=True)["url"].removeprefix("http://testserver")
    assert {"tel:110", "tel:119", "tel:120", "tel:122"} <= set(opened(client, urgent).links)
    assert "tel:110" not in opened(client, path).links


def test_a_refusal_is_shown_on_top_with_its_words(client, world):
    receipt = submit(client, world, text="股票跌了", category="GOV-99")
    verb(client, world, "grid_head", receipt, "reject", reason="out_of_duty", text="请拨打 12345")
    page = opened(client, receipt["url"].removeprefix("http://testserver"))
    assert page.text.index("未受理") < page.text.index("请拨打 12345") < page.text.index("办到哪一步了")


def test_a_broken_promise_is_owned_up_to(client, path, time):
    time.set(MONDAY + timedelta(days=1))
    page = opened(client, path)
    assert "已超时" in page.text
    assert "对不起" in page.text


def test_the_way_is_told_newest_first_with_the_reply_and_without_telephone_numbers_of_others(
    client, world, ticket, path
):
    answered(client, world, ticket)
    page = opened(client, path)
    steps = re.findall(r'<p class="what">(.*?)</p>', page.text)
    assert steps[0] == "网格长核实办结"
    assert steps[-1] == "您提交了诉求"
    assert re.search(r'class="said keep said-reply">灯修好了，谢谢您<', page.text)
    assert "13800001234" not in page.text


def test_whoever_looked_is_named_by_role(client, world, ticket, path):
    assert "还没有人查看过" in opened(client, path).text
    verb(client, world, "grid_head", ticket, "reveal", fields=["text"], purpose="verify")
    assert re.search(r"<li>网格长 <span[^>]*>今天 09:00 查看过您的信息", opened(client, path).text)


def test_a_judgement_closes_the_matter_and_a_double_tap_leaves_the_one_change_unspent(client, world, ticket, path):
    assert f"{path}/rating" not in opened(client, path).forms
    answered(client, world, ticket)
    page = opened(client, path)
    for _ in range(2):
        done = sent(client, page, f"{path}/rating", solved="yes", stars="5", text="很快")
        assert (done.status, done.headers["location"]) == (303, f"{path}?ok=rated")
    after = opened(client, f"{path}?ok=rated")
    assert "谢谢您的评价" in after.text
    assert "解决了，5 星 很满意" in after.text
    changed = sent(client, after, f"{path}/rating", solved="no", stars="1")
    assert changed.headers["location"] == f"{path}?ok=redo"
    assert "重新办理" in opened(client, path).text


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"stars": "5"}, "solved"), ({"solved": "yes"}, "stars"), ({"solved": "yes", "stars": "9"}, "stars")],
)
def test_an_unfinished_judgement_comes_back_as_it_was(client, world, ticket, path, fields, field):
    answered(client, world, ticket)
    answer = sent(client, opened(client, path), f"{path}/rating", text="还行", **fields)
    assert answer.status == 422
    assert f'id="wrong-{field}"' in answer.text
    assert answer.forms[f"{path}/rating"]["text"] == ["还行"]


def test_words_and_photos_can_be_added_and_the_photo_is_the_owners_alone(client, world, path):
    page = opened(client, path)
    empty = sent(client, page, f"{path}/info")
    assert empty.status == 422
    assert "请写点什么，或加一张照片" in empty.text
    added = sent(client, empty, f"{path}/info", [("a.jpg", photo())], text="昨晚有人摔了")
    assert (added.status, added.headers["location"]) == (303, f"{path}?ok=info")
    after = opened(client, path)
    assert "昨晚有人摔了" in after.text
    picture = next(link for link in after.links if "/photos/" in link)
    assert client.get(picture).status_code == 200
    other = submit(client, world)["url"].removeprefix("http://testserver")
    assert client.get(picture.replace(path, other), headers=HTML).status_code == 404
    assert client.get(picture.replace(path, "/r/" + "0" * 32), headers=HTML).status_code == 404


def test_a_question_stands_on_top_with_a_form_for_its_answer(client, world):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水")
    verb(client, world, "grid_head", receipt, "need_info", question="漏在哪个房间？")
    path = receipt["url"].removeprefix("http://testserver")
    page = opened(client, path)
    assert page.text.index("漏在哪个房间？") < page.text.index("您的回答") < page.text.index("办到哪一步了")
    assert page.text.count(f'action="{path}/info"') == 1
    answer = sent(client, page, f"{path}/info")
    assert (answer.status, "请写点什么，或加一张照片" in answer.text) == (422, True)
    assert sent(client, answer, f"{path}/info", text="卫生间").headers["location"] == f"{path}?ok=info"
    after = opened(client, path)
    assert "卫生间" in after.text
    assert "您的回答" not in after.text


def test_a_refusal_can_be_objected_to_once_and_says_what_happens_next(client, world):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水")
    verb(client, world, "grid_head", receipt, "reject", reason="out_of_duty", text="户内自理")
    path = receipt["url"].removeprefix("http://testserver")
    page = opened(client, path)
    assert page.text.index("户内自理") < page.text.index("提出异议") < page.text.index("由小区党委书记重新看一遍")
    blank = sent(client, page, f"{path}/objection", text=" ")
    assert (blank.status, 'id="wrong-text"' in blank.text) == (422, True)
    for _ in range(2):  # a double tap objects once
        done = sent(client, page, f"{path}/objection", text="是公共管道")
        assert (done.status, done.headers["location"]) == (303, f"{path}?ok=objected")
    after = opened(client, f"{path}?ok=objected")
    assert "收到您的异议了" in after.text
    assert "书记正在重新看这件事" in after.text
    assert f"{path}/objection" not in after.forms
    verb(client, world, "committee_secretary", receipt, "decide", outcome="closed_rejected", text="确是户内管道")
    last = opened(client, path)
    assert last.text.index("确是户内管道") < last.text.index("办到哪一步了")


def test_a_new_fact_opens_a_closed_matter_again_and_is_called_so(client, world, time):
    receipt = submit(client, world, text="老年证怎么办", category="SVC-09")
    verb(client, world, "grid_head", receipt, "answer", text="带身份证来")
    path = receipt["url"].removeprefix("http://testserver")
    sent(client, opened(client, path), f"{path}/rating", solved="yes", stars="5")
    time.set(MONDAY + timedelta(days=2))
    page = opened(client, path)
    assert "有新情况？可以请我们再办" in page.text
    done = sent(client, page, f"{path}/info", text="窗口说不行")
    assert done.headers["location"] == f"{path}?ok=redo"
    assert "重新办理" in opened(client, path).text


def test_a_matter_can_be_taken_back_once(client, path):
    page = opened(client, path)
    done = sent(client, page, f"{path}/withdrawal", reason="自己修好了")
    assert done.headers["location"] == f"{path}?ok=withdrawn"
    after = opened(client, path)
    assert "已撤回" in after.text
    assert after.forms == {}
    late = Page(client.post(f"{path}/urges", headers=HTML))
    assert late.status == 409
    assert "情况可能刚刚有变" in late.text


def test_only_known_codes_are_said_back(client, path):
    assert "<script>" not in opened(client, f"{path}?ok=<script>").text
    assert 'role="status"' not in opened(client, f"{path}?ok=nonsense").text
