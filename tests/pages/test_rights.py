"""我的信息, without scripts: read, correct, take away, restrict, take back a consent."""

import json

import pytest

from tests.builders import NOTICE, submit, triage, verb
from tests.pages.reading import HTML, opened, sent

NAME, PHONE, DOOR = "王小明", "13812345678", "1201"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def receipt(client, world):
    return submit(
        client,
        world,
        category="BLD-05",
        text="天花板滴水了",
        contact={"name": NAME, "phone": PHONE, "room": DOOR},
        consent={"notice_version": NOTICE, "contact": True},
    )


@pytest.fixture
def path(receipt):
    return receipt["url"].removeprefix("http://testserver") + "/data"


def test_the_receipt_leads_to_a_page_that_reads_plainly(client, world, receipt, path):
    assert path in opened(client, path.removesuffix("/data")).links
    verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact")
    page = opened(client, path)
    assert page.status == 200
    for words in (
        NAME,
        PHONE,
        DOOR,
        "天花板滴水了",
        "网格长",
        "看了电话，为了联系",
        "留联系方式",
        "销号以后 180 天删除",
    ):
        assert words in page.text, words
    assert page.headers["cache-control"] == "no-store"
    assert opened(client, "/r/" + "0" * 32 + "/data").status == 404


def test_a_copy_comes_as_a_file_with_everything_in_it(client, path):
    answer = client.get(f"{path}/copy.json", headers=HTML)
    assert answer.headers["content-disposition"].endswith('.json"')
    held = json.loads(answer.text)
    assert (held["contact"]["phone"], held["text"]) == (PHONE, "天花板滴水了")


def test_a_correction_keeps_what_was_not_touched_and_a_double_tap_adds_once(client, world, receipt, path):
    page = opened(client, path)
    assert page.forms[f"{path}/correct"]["phone"] == [PHONE]
    for _ in range(2):
        done = sent(client, page, f"{path}/correct", phone="13900001111", room="", text="其实是三楼")
        assert (done.status, done.headers["location"]) == (303, f"{path}?ok=corrected")
    after = opened(client, f"{path}?ok=corrected")
    assert "已经改好" in after.text
    assert after.forms[f"{path}/correct"]["phone"] == ["13900001111"]
    assert after.forms[f"{path}/correct"]["room"] == [""]
    assert after.forms[f"{path}/correct"]["name"] == [NAME]
    assert after.text.count("其实是三楼") == 1
    same = sent(client, after, f"{path}/correct")
    assert same.headers["location"] == f"{path}?ok=same"


def test_a_wrong_field_comes_back_with_what_was_typed(client, path):
    page = opened(client, path)
    wrong = sent(client, page, f"{path}/correct", phone="不是号码", text="还有一句")
    assert (wrong.status, 'id="wrong-phone"' in wrong.text) == (422, True)
    assert wrong.forms[f"{path}/correct"]["text"] == ["还有一句"]


def test_a_contact_given_later_needs_its_tick(client, world):
    path = submit(client, world)["url"].removeprefix("http://testserver") + "/data"
    page = opened(client, path)
    refused = sent(client, page, f"{path}/correct", phone=PHONE)
    assert (refused.status, 'id="wrong-consent.contact"' in refused.text) == (422, True)
    assert sent(client, page, f"{path}/correct", phone=PHONE, agree="1").status == 303
    assert PHONE in opened(client, path).text


def test_erasing_asks_twice_and_says_first_what_goes_and_what_stays(client, world, receipt, path):
    triage(client, world, receipt, redacted_text="卫生间漏水")
    asked = opened(client, f"{path}/erase")
    assert "马上删除，找不回来" in asked.text
    assert "去掉您的信息以后会接着办" in asked.text
    assert NAME in opened(client, path).text
    unsure = sent(client, asked, f"{path}/erase")
    assert unsure.headers["location"] == f"{path}/erase"
    assert NAME in opened(client, path).text
    done = sent(client, asked, f"{path}/erase", sure="1")
    assert done.headers["location"] == f"{path}?ok=erased"
    after = opened(client, f"{path}?ok=erased")
    for gone in (NAME, PHONE, DOOR, "天花板滴水了"):
        assert gone not in after.text
    assert "已去掉个人信息，事情接着办" in after.text
    assert "天花板滴水了" not in opened(client, path.removesuffix("/data")).text


def test_restricting_and_its_end_are_one_tap_each(client, world, receipt, path):
    on = sent(client, opened(client, path), f"{path}/restriction")
    assert on.headers["location"] == f"{path}?ok=restricted"
    assert verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact").status_code == 403
    off = sent(client, opened(client, path), f"{path}/restriction")
    assert off.headers["location"] == f"{path}?ok=lifted"
    assert verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact").status_code == 200


def test_a_consent_is_given_and_taken_back_by_one_tap(client, path):
    page = opened(client, path)
    given = client.post(f"{path}/consent", data={"give": "address"}, headers=HTML, follow_redirects=False)
    assert given.headers["location"] == f"{path}?ok=agreed"
    assert "撤回：把门牌号告诉上门的人" in opened(client, path).text
    back = sent(client, page, f"{path}/consent", withdraw="contact", give=[])
    assert back.headers["location"] == f"{path}?ok=taken_back"
    after = opened(client, path)
    assert PHONE not in after.text
    assert "没有留姓名、电话和门牌号" in after.text


def test_a_child_is_told_what_a_guardian_may_and_where_help_is(client, world):
    path = submit(client, world, minor=True)["url"].removeprefix("http://testserver") + "/data"
    page = opened(client, path)
    assert "监护人" in page.text
    assert "12355" in page.text
    assert "name" not in page.forms[f"{path}/correct"]


@pytest.mark.parametrize(("category", "goes_on"), [("SAF-02", True), ("ENV-04", False)])
def test_before_and_after_a_withdrawal_it_is_said_whether_the_matter_goes_on(client, world, category, goes_on):
    path = submit(client, world, category=category, text="堆满东西")["url"].removeprefix("http://testserver")
    page = opened(client, path)
    assert ("另立一件接着处理" in page.text) is goes_on
    done = sent(client, page, f"{path}/withdrawal")
    assert ("我们去掉您的信息后接着处理" in opened(client, done.headers["location"]).text) is goes_on
