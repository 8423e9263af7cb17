"""Everything that can be done on a receipt, one after the other, with scripts and without."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.seeing import findings
from tests.builders import MONDAY, NOTICE, secret, slip_of, slip_verb, submit, triage, verb

pytestmark = pytest.mark.browser
WAYS = pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.full)], ids=["with scripts", "without scripts"]
)


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def photo(colour):
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return out.getvalue()


def uploaded(client, colour):
    return client.post("/api/v1/uploads", files={"file": ("a.jpg", photo(colour), "image/jpeg")}).json()["id"]


def opened(visitor, receipt, scripts):
    page = visitor(scripts=scripts)
    page.goto(receipt["url"].removeprefix("http://testserver"))
    return page


def fits(page):
    assert findings(page, least_target=44) == [], page.url


@WAYS
def test_pressing_says_when_it_works_again_and_more_can_be_said_and_shown(visitor, client, world, time, scripts):
    receipt = submit(client, world)
    page = opened(visitor, receipt, scripts)
    expect(page.get_by_text("最快 今天 11:00 可以催")).to_be_visible()
    time.set(MONDAY + timedelta(hours=2))
    page.reload()
    page.get_by_role("button", name="催一下").click()
    expect(page.get_by_role("status")).to_contain_text("已经帮您催了")
    expect(page.get_by_text("您催过 1 次。最快 今天 23:00 可再催")).to_be_visible()
    expect(page.locator(".timeline li").first).to_contain_text("您催了一次")

    page.get_by_text("补充情况", exact=True).click()
    page.get_by_label("还想补充什么？").fill("三楼的灯也不亮了")
    page.set_input_files("#photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo("red")})
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_role("status")).to_contain_text("补充的内容已经收到")
    expect(page.locator(".timeline li").first).to_contain_text("三楼的灯也不亮了")
    expect(page.locator(".timeline li").first.get_by_role("img")).to_have_count(1)
    fits(page)


@WAYS
def test_before_and_after_stand_side_by_side_and_two_taps_judge_it(visitor, client, world, scripts):
    receipt = submit(client, world, photos=[uploaded(client, "black")])
    triage(client, world, receipt)
    slip = slip_of(client, world, "property")["slip_no"]
    slip_verb(client, world, "property", slip, "done", text="换好了", photos=[uploaded(client, "white")])
    verb(client, world, "grid_head", receipt, "confirm", text="灯修好了")

    page = opened(visitor, receipt, scripts)
    for words in ("原来", "办好后"):
        side = page.locator(".before-after > div").filter(has_text=words)
        side.get_by_role("img").scroll_into_view_if_needed()
        expect(side.get_by_role("img")).to_have_js_property("complete", value=True)
        assert side.get_by_role("img").evaluate("it => it.naturalWidth") > 0
    fits(page)
    page.get_by_label("解决了", exact=True).check()
    page.get_by_role("button", name="4 星 满意").click()
    expect(page.get_by_role("status")).to_contain_text("谢谢您的评价")
    expect(page.get_by_text("解决了，4 星 满意")).to_be_visible()
    given = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["rating"]
    assert (given["solved"], given["stars"]) == ("yes", 4)


def test_enter_never_gives_five_stars(visitor, client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="换好了")
    verb(client, world, "grid_head", receipt, "confirm", text="灯修好了")
    page = opened(visitor, receipt, scripts=True)
    page.get_by_label("解决了", exact=True).check()
    page.keyboard.press("Enter")
    expect(page.locator("#refusal")).to_be_visible()
    assert client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["rating"] is None


@WAYS
def test_who_looked_is_there_to_read_and_everything_can_be_erased(visitor, client, world, scripts):
    receipt = submit(
        client,
        world,
        contact={"name": "王某", "phone": "13800001234"},
        consent={"notice_version": NOTICE, "contact": True},
    )
    verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact")
    page = opened(visitor, receipt, scripts)
    page.get_by_text("谁能看到、谁看过").click()
    expect(page.get_by_text("查看过您的信息")).to_be_visible()
    page.get_by_role("link", name="我的信息：看、改、删").click()
    expect(page.get_by_text("13800001234").first).to_be_visible()
    fits(page)
    page.get_by_role("link", name="删除我的信息").click()
    fits(page)
    page.get_by_label("我看清楚了，要删除").check()
    page.get_by_role("button", name="确定删除").click()
    expect(page.get_by_role("status")).to_contain_text("已经删除")
    expect(page.get_by_text("13800001234")).to_have_count(0)
    fits(page)


@WAYS
def test_a_matter_is_taken_back_with_one_question_asked(visitor, client, world, scripts):
    receipt = submit(client, world, category="BLD-10", text="门铃不响")
    page = opened(visitor, receipt, scripts)
    page.get_by_text("撤回这件诉求").click()
    expect(page.get_by_text("确定要撤回吗？")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="确定撤回").click()
    expect(page.get_by_role("status")).to_contain_text("已经撤回")
    expect(page.get_by_text("已撤回", exact=True)).to_be_visible()
    assert client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()["status"] == "withdrawn"
