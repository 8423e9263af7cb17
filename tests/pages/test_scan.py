"""The scan page: a resident in front of it is done in a minute, and nothing typed is ever lost."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.builders import MONDAY, desk, submit
from tests.pages.reading import HTML, opened, sent

STATIC = Path(__file__).parents[2] / "app" / "static"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def photo(colour="red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


def path_of(world) -> str:
    return f"/s/{world.code}"


def test_the_page_says_where_you_are_whom_to_call_and_asks_first_what_is_wrong(client, world):
    page = opened(client, path_of(world))
    assert page.status == 200
    assert re.search(r"<h1>绿荷苑 <span[^>]*>1幢1单元</span></h1>", page.text)
    assert {"tel:110", "tel:119", "tel:120", "tel:122", "tel:0571-11112222"} <= set(page.links)
    assert "提醒不等于报警" in page.text
    assert "能看到是谁提的" in page.text
    assert page.text.index('name="text"') < page.text.index('name="category"') < page.text.index('name="phone"')
    assert len(re.findall(r'type="radio" name="category"', page.text)) <= 8
    assert re.fullmatch(r"[0-9a-f]{32}", page.forms[path_of(world)]["key"][0])


@pytest.mark.parametrize("spelt", ["/s/{}", "/S/{}"])
def test_the_address_works_in_capitals_in_small_letters_and_with_a_hyphen(client, world, spelt):
    for code in (world.code, world.code.lower(), f"{world.code[:4]}-{world.code[4:]}"):
        assert opened(client, spelt.format(code)).status == 200


def test_a_code_that_was_typed_leads_to_its_page(client, world):
    answer = client.get("/s", params={"code": f" {world.code.lower()[:4]} {world.code[4:]}"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, path_of(world))
    assert opened(client, "/s?code=ABC").status == 404


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(client, world):
    text = opened(client, path_of(world)).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=\"/static/)", text)
    assert not re.search(r'(?:href|src|action)="(?!/|\?|#|tel:)', text)


def test_a_few_words_are_enough_and_the_receipt_shows_number_query_code_and_promise(client, world):
    page = opened(client, path_of(world))
    answer = sent(client, page, path_of(world), text="楼道灯坏了，晚上看不见")
    assert answer.status == 303
    assert re.fullmatch(r"/r/[0-9a-f]{32}\?new=1", answer.headers["location"])
    receipt = opened(client, answer.headers["location"])
    assert "收到了" in receipt.text
    assert re.search(r"270301-[0-9A-Z]{6}", receipt.text)
    assert re.search(r"查询码 <b[^>]*>[0-9A-Z]{4}-[0-9A-Z]{4}</b>", receipt.text)
    assert "今天 24:00 前办好" in receipt.text


def test_what_was_ticked_reaches_the_desk(client, world):
    page = opened(client, path_of(world))
    answer = sent(
        client,
        page,
        path_of(world),
        text="物业保安态度很差",
        category="GOV",
        spot="东门岗亭",
        avoid=["property"],
        phone="1 3 8-0000 1234".replace(" ", ""),
        name="王某",
        consent_contact="1",
    )
    assert answer.status == 303
    number = re.search(r"270301-[0-9A-Z]{6}", opened(client, answer.headers["location"]).text)[0]
    seen = desk(client, world, "grid_head", {"number": number}).json()
    assert seen["spot"] == "东门岗亭"
    assert seen["contact"]["name"] == "王**"
    assert desk(client, world, "property", {"number": number}).status_code == 404


def test_a_form_that_is_sent_twice_is_one_ticket_photo_and_all(client, world):
    page = opened(client, path_of(world))
    twice = [sent(client, page, path_of(world), [("a.jpg", photo())], text="楼道灯坏了") for _ in range(2)]
    assert [answer.status for answer in twice] == [303, 303]
    assert twice[0].headers["location"] == twice[1].headers["location"]
    assert len(client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"]) == 1


def test_the_same_form_with_other_words_is_asked_about_and_then_taken_as_another_matter(client, world):
    page = opened(client, path_of(world))
    sent(client, page, path_of(world), text="楼道灯坏了")
    again = sent(client, page, path_of(world), text="电梯也坏了")
    assert again.status == 422
    assert "刚才已经提交过一次" in again.text
    assert again.forms[path_of(world)]["text"] == ["电梯也坏了"]
    assert sent(client, again, path_of(world)).status == 303


def test_a_refused_form_comes_back_with_every_word_and_every_photo(client, world):
    page = opened(client, path_of(world))
    words = "灯坏了\n三天了 <b>急</b>"
    wrong = sent(
        client, page, path_of(world), [("a.jpg", photo())], text=words, category="BLD", spot="二楼", phone="13800001234"
    )
    assert wrong.status == 422
    assert 'id="wrong-consent.contact"' in wrong.text
    form = wrong.forms[path_of(world)]
    assert (form["text"], form["category"], form["spot"], form["phone"]) == (
        [words],
        ["BLD"],
        ["二楼"],
        ["13800001234"],
    )
    assert len(form["kept"]) == 1
    right = sent(client, wrong, path_of(world), consent_contact="1")
    assert right.status == 303
    receipt = opened(client, right.headers["location"])
    assert "&lt;b&gt;急&lt;/b&gt;" in receipt.text
    shown = [link for link in receipt.links if "/photos/" in link]
    assert len(shown) == 1
    assert client.get(shown[0]).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "字" * 5001}, "text"),
        ({"text": "灯坏了", "phone": "打我电话", "consent_contact": "1"}, "contact.phone"),
        ({"text": "灯坏了", "spot": "长" * 101}, "spot"),
        ({"text": "灯坏了", "category": "XXX"}, "category"),
        ({"text": "灯坏了", "notice_version": "1999"}, "consent.notice_version"),
    ],
)
def test_each_mistake_is_named_beside_its_field(client, world, fields, field):
    answer = sent(client, opened(client, path_of(world)), path_of(world), **fields)
    assert answer.status == 422
    assert f'id="wrong-{field}"' in answer.text
    assert f'href="#wrong-{field}"' in answer.text


def test_a_child_is_asked_not_to_leave_a_name(client, world):
    page = opened(client, path_of(world))
    answer = sent(client, page, path_of(world), text="滑梯坏了", minor="1", name="小明", consent_contact="1")
    assert answer.status == 422
    assert "未满 14 岁请不要留姓名和电话" in answer.text


def test_what_is_no_picture_is_named_and_the_good_photo_is_kept(client, world):
    page = opened(client, path_of(world))
    files = [("good.jpg", photo()), ("bad.jpg", b"not a picture")]
    answer = sent(client, page, path_of(world), files, text="灯坏了")
    assert answer.status == 422
    assert "这张图片打不开" in answer.text
    assert len(answer.forms[path_of(world)]["kept"]) == 1


def test_a_seventh_photo_is_refused_aloud_and_none_vanishes_in_silence(client, world):
    page = opened(client, path_of(world))
    answer = sent(client, page, path_of(world), [(f"{n}.jpg", photo((n, 0, 0))) for n in range(9)], text="灯坏了")
    assert answer.status == 422
    assert 'id="wrong-photos"' in answer.text
    kept = answer.forms[path_of(world)]["kept"]
    assert len(kept) == 7
    assert sent(client, answer, path_of(world), kept=kept[:6]).status == 303


def test_an_unknown_code_is_a_friendly_page_where_the_number_can_be_typed(client, world):
    page = opened(client, "/s/ABCDEFGH")
    assert page.status == 404
    assert list(page.forms) == ["/s"]
    assert "不认识" in page.text


def test_a_revoked_code_shows_the_duty_phone_and_never_a_form(client, world):
    revoked = client.post(f"/api/v1/qr/{world.code}/revocation", json={"reason": "换新"}, headers=world.as_("admin"))
    assert revoked.status_code == 200
    page = opened(client, path_of(world))
    assert (page.status, page.forms) == (410, {})
    assert "tel:0571-00000000" in page.links
    assert client.post(path_of(world), data={"text": "灯坏了"}, headers=HTML).status_code == 410


def test_this_device_finds_its_own_matters_and_no_other_device_does(app, client, world):
    page = opened(client, path_of(world))
    receipt = sent(client, page, path_of(world), text="楼道灯坏了").headers["location"].split("?")[0]
    assert receipt in opened(client, path_of(world)).links
    client.cookies.clear()
    assert receipt not in opened(client, path_of(world)).links


def test_the_device_mark_names_nobody_and_scripts_cannot_read_it(client, world):
    cookie = client.get(path_of(world), headers=HTML).headers["set-cookie"]
    assert re.match(r"mq_device=[A-Za-z0-9_-]{22}\.[0-9a-f]{32}; HttpOnly;", cookie)
    assert "SameSite=lax" in cookie


def test_number_and_query_code_lead_back_to_the_receipt(client, world, time):
    receipt = submit(client, world)
    time.set(MONDAY + timedelta(days=1))
    page = opened(client, path_of(world))
    action = f"{path_of(world)}/find"
    found = sent(client, page, action, number=receipt["number"].lower(), secret=receipt["secret"].lower())
    assert (found.status, "http://testserver" + found.headers["location"]) == (303, receipt["url"])


def test_a_wrong_pair_is_one_friendly_message_whichever_half_is_wrong(client, world):
    receipt = submit(client, world)
    page = opened(client, path_of(world))
    action = f"{path_of(world)}/find"
    pairs = [(receipt["number"], "00000000"), ("270301-000000", receipt["secret"]), ("", ""), ("乱写", "乱写")]
    answers = [sent(client, page, action, number=number, secret=secret) for number, secret in pairs]
    assert {answer.status for answer in answers} == {422}
    assert all("没有找到，请核对编号和查询码" in answer.text for answer in answers)
    assert answers[0].forms[action]["number"] == [receipt["number"]]
    assert answers[0].forms[action]["secret"] == [""]


def test_large_letters_are_remembered_on_the_device(client, world):
    assert '<html lang="zh-CN" class="big">' in opened(client, f"{path_of(world)}?size=big").text
    assert 'class="big"' in opened(client, path_of(world)).text
    assert 'class="big"' not in opened(client, f"{path_of(world)}?size=normal").text
    assert 'class="big"' not in opened(client, path_of(world)).text
