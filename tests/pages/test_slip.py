"""任务单 on the phone of somebody without an account: what, where, by when, two taps."""

import io
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.builders import MONDAY, NOTICE, slip_of, submit, triage, verb
from tests.pages.reading import HTML, opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def ticket(client, world):
    return submit(
        client,
        world,
        contact={"name": "王某", "phone": "13800001234"},
        consent={"notice_version": NOTICE, "contact": True},
    )


@pytest.fixture
def path(client, world, ticket):
    slip = slip_of(client, world, "property")["slip_no"]
    link = client.post(
        f"/api/v1/desk/tickets/{ticket['number']}/slips/{slip}/link", headers=world.as_("grid_head")
    ).json()
    return link["url"].removeprefix("http://testserver")


@pytest.fixture
def other_phone(app):
    with TestClient(app, raise_server_exceptions=False) as phone:
        yield phone


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    return out.getvalue()


def test_the_slip_says_what_where_and_by_when_and_nothing_about_who(client, world, ticket, path):
    pending = opened(client, path)
    assert pending.status == 200
    for words in ("路灯/楼道灯不亮", "绿荷苑 1幢1单元", "今天 24:00 前", "文字核对中", "待接单"):
        assert words in pending.text
    assert "tel:0571-11112222" in pending.links
    for secret in ("王某", "13800001234", ticket["number"], "晚上看不见"):
        assert secret not in pending.text
    triage(client, world, ticket)
    assert "楼道灯不亮" in opened(client, path).text


def test_opening_binds_nothing_and_the_first_tap_binds_the_phone(client, path, other_phone):
    assert opened(other_phone, path).status == 200  # a link preview
    page = opened(client, path)
    taken = sent(client, page, f"{path}/accept")
    assert (taken.status, taken.headers["location"]) == (303, f"{path}?ok=taken")
    assert "接单成功" in opened(client, f"{path}?ok=taken").text
    elsewhere = opened(other_phone, path)
    assert (elsewhere.status, elsewhere.forms) == (410, {})
    assert "请网格长重发" in elsewhere.text


def test_two_taps_finish_it_with_a_word_and_a_photo(client, world, ticket, path):
    sent(client, opened(client, path), f"{path}/accept")
    page = opened(client, path)
    done = sent(client, page, f"{path}/done", [("a.jpg", photo())], text="灯泡换好了")
    assert (done.status, done.headers["location"]) == (303, f"{path}?ok=done")
    after = opened(client, path)
    assert (after.forms, "灯泡换好了" in after.text) == ({}, True)
    picture = next(link for link in after.links if "/photos/" in link)
    assert client.get(picture).headers["content-type"] == "image/jpeg"
    assert verb(client, world, "grid_head", ticket, "confirm", text="好了").json()["status"] == "answered"


def test_a_second_tap_on_the_same_button_changes_nothing(client, path):
    page = opened(client, path)
    assert [sent(client, page, f"{path}/accept").status for _ in range(2)] == [303, 303]
    assert sent(client, opened(client, path), f"{path}/progress", text="在路上").status == 303
    assert "在路上" in opened(client, path).text


def test_done_without_words_comes_back_with_the_photo_kept(client, path):
    page = opened(client, path)
    answer = sent(client, page, f"{path}/done", [("a.jpg", photo())], text=" ", evidence="记录 7")
    assert answer.status == 422
    form = answer.forms[f"{path}/done"]
    assert (len(form["kept"]), form["evidence"]) == (1, ["记录 7"])
    assert sent(client, answer, f"{path}/done", text="好了").status == 303


def test_a_slip_goes_back_with_a_reason_and_a_draft_goes_to_the_grid_head(client, world, ticket, path):
    page = opened(client, path)
    assert sent(client, page, f"{path}/return").status == 422
    sent(client, page, f"{path}/accept")
    page = opened(client, path)
    unclear = sent(client, page, f"{path}/reply", kind="plan", text="等配件", promise_date="哪天")
    assert unclear.status == 422
    assert 'id="wrong-promise_date"' in unclear.text
    drafted = sent(client, unclear, f"{path}/reply", promise_date="2027-03-05")
    assert drafted.headers["location"] == f"{path}?ok=reply"
    given_back = sent(client, opened(client, path), f"{path}/return", reason="路灯归城管")
    assert given_back.headers["location"] == f"{path}?ok=returned"
    assert "已退单" in opened(client, path).text


def test_a_question_goes_to_the_grid_head_and_stays_off_the_receipt(client, world, ticket, path):
    sent(client, opened(client, path), f"{path}/accept")
    page = opened(client, path)
    assert sent(client, page, f"{path}/ask", question=" ").status == 422
    asked = sent(client, page, f"{path}/ask", question="周六在家吗？")
    assert (asked.status, asked.headers["location"]) == (303, f"{path}?ok=asked")
    after = opened(client, f"{path}?ok=asked")
    assert "问题已交给网格长" in after.text
    assert "问了一个问题" in after.text
    assert "周六在家吗？" not in opened(client, ticket["url"].removeprefix("http://testserver")).text


def test_after_three_days_or_with_a_wrong_token_the_grid_head_is_asked_for_a_new_link(client, path, time):
    wrong = opened(client, "/slip/nonsense")
    assert (wrong.status, wrong.forms) == (401, {})
    assert "请网格长重发" in wrong.text
    time.set(MONDAY + timedelta(hours=72))
    for answer in (opened(client, path), client.post(f"{path}/accept", headers=HTML)):
        assert "请网格长重发" in answer.text
    assert opened(client, path).status == 410


def test_what_is_no_longer_possible_is_said_on_the_slip_itself(client, path):
    assert sent(client, opened(client, path), f"{path}/done", text="好了").status == 303
    late = client.post(f"{path}/return", data={"reason": "不归我"}, headers=HTML)
    assert late.status_code == 409
    assert "情况可能刚刚有变" in late.text
