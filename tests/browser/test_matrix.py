"""Five journeys through the windows people have: WeChat and others, small and wide, dark, large letters, no scripts.

One window of each journey belongs to the fast suite, the others to the full one.
"""

import io
import itertools
import re
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SMALL_PHONE, WIDE
from tests.browser.seeing import findings
from tests.builders import desk, slip_of, slip_verb, submit, triage, verb

pytestmark = pytest.mark.browser
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.60(0x18003c2f) NetType/4G Language/zh_CN"
)
WORKBOOK = "小区编码,小区名称,街道,社区,值班电话,幢,单元,室号\nXIN,新苑,示范街道,示范社区,0571-12345,1,1,101"


class Window(NamedTuple):
    """What somebody looks through."""

    name: str
    options: dict


def windows():
    """Every size with every kind of letters and scripts; light and dark alternate, so that each pair is met."""
    sizes = {"wechat": PHONE, "small phone": SMALL_PHONE, "wide": WIDE}
    made = itertools.product(sizes, (100, 200), (True, False))
    for n, (name, letters, scripts) in enumerate(made):
        scheme = ("light", "dark")[(n + n // 2 + n // 4) % 2]
        options = {"size": sizes[name], "letters": letters, "scripts": scripts, "color_scheme": scheme}
        if name == "wechat":
            options |= {"user_agent": WECHAT, "has_touch": True}
        yield Window(f"{name}, {scheme}, {letters} %, {'with' if scripts else 'without'} scripts", options)


WINDOWS = list(windows())


def through(fast):
    """All windows; only the `fast`th is looked through before every push."""
    return pytest.mark.parametrize(
        "window",
        [pytest.param(one, id=one.name, marks=() if n == fast else pytest.mark.full) for n, one in enumerate(WINDOWS)],
    )


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def look(visitor):
    """Opens a browser that fails the test when a script fails, or something is blocked by our own policy."""
    complaints = []

    def opened(window, username=None):
        page = visitor(username, **window.options)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        return page

    yield opened
    assert not complaints


def fits(page):
    page.wait_for_load_state()
    assert findings(page) == [], page.url


def photo(colour):
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@through(fast=0)
def test_a_resident_says_it_and_judges_it(look, client, world, window):
    page = look(window)
    page.goto(f"/S/{world.code}")
    fits(page)
    page.fill("#text", "二楼的楼道灯坏了三天\n晚上看不见")
    page.locator("[name=category][value=BLD]").check()
    page.fill("#spot", "二楼东边")
    page.set_input_files("#photos", photo("red"))
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*?new=1")
    fits(page)
    expect(page.get_by_text("收到了，谢谢您")).to_be_visible()
    expect(page.get_by_role("img", name="照片 1")).to_have_count(1)
    number = page.locator(".number").first.inner_text()
    receipt = {"number": number, "category": {"code": "BLD-09"}, "complexity": "simple"}
    triage(client, world, receipt)
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="灯泡换好了")
    verb(client, world, "grid_head", receipt, "confirm", text="灯修好了，谢谢您")
    page.goto(page.url.split("?")[0])
    fits(page)
    page.get_by_label("解决了", exact=True).check()
    page.get_by_role("button", name="5 星 很满意").click()
    expect(page.get_by_role("status")).to_contain_text("谢谢您的评价")
    fits(page)
    page.goto(f"/s/{world.code}")
    expect(page.get_by_role("link", name=number)).to_be_visible()
    fits(page)


@through(fast=6)
def test_a_grid_head_sends_it_on_and_answers_another(look, client, world, window):
    private = submit(client, world, category="NOI-01", text="楼上天天半夜拖椅子")
    asked = submit(client, world, category="SVC-09", text="老年证怎么办")
    page = look(window, "grid_head")
    page.goto("/desk")
    fits(page)
    page.get_by_role("link", name=re.compile("邻里生活噪声")).click()
    fits(page)
    page.get_by_label("给承办人看的文字").fill("楼上半夜有拖动家具的声音")
    page.get_by_role("button", name="先受理，稍后再派").click()
    expect(page.get_by_role("status").first).to_contain_text("已受理")
    page.get_by_label("谁主办").select_option("stair_head")
    page.get_by_role("button", name="派单", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已派")
    fits(page)
    page.goto(f"/desk/tickets/{asked['number']}")
    page.get_by_text("直接答复").first.click()
    page.locator("form[action$='/answer'] textarea").fill("带身份证到社区来办")
    page.locator("form[action$='/answer'] button").last.click()
    expect(page.get_by_role("status").first).to_contain_text("答复")
    fits(page)
    states = [desk(client, world, "grid_head", one).json()["status"] for one in (private, asked)]
    assert states == ["assigned", "answered"]


@through(fast=8)
def test_the_property_takes_its_slip_and_finishes_it(look, client, world, window):
    receipt = submit(client, world)
    triage(client, world, receipt)
    page = look(window, "property")
    page.goto("/desk/slips")
    fits(page)
    page.get_by_role("link", name=re.compile("路灯")).first.click()
    fits(page)
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("status").first).to_contain_text("已接单")
    page.get_by_label("办成什么样了").fill("灯泡换好了，已经亮了")
    page.locator("#done-photos").set_input_files(photo("green"))
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_text("等网格长核实").first).to_be_visible()
    fits(page)
    seen = desk(client, world, "grid_head", receipt).json()
    assert seen["status"] == "pending_check"


@through(fast=4)
def test_a_handler_by_link_takes_two_taps(look, client, world, window):
    receipt = submit(client, world)
    triage(client, world, receipt)
    slip = slip_of(client, world, "property")["slip_no"]
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip}/link"
    link = client.post(path, headers=world.as_("grid_head")).json()["url"].removeprefix("http://testserver")
    page = look(window)
    page.goto(link)
    fits(page)
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("status").first).to_contain_text("接单成功")
    fits(page)
    page.fill("#done-text", "灯泡换好了")
    page.set_input_files("#done-photos", photo("blue"))
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_role("status").first).to_contain_text("辛苦了")
    fits(page)
    expect(page.get_by_role("img", name="照片 1")).to_have_count(1)
    assert desk(client, world, "grid_head", receipt).json()["status"] == "pending_check"


@through(fast=10)
def test_an_administrator_sets_a_compound_up(look, world, window):
    page = look(window, "admin")
    page.goto("/desk/registry")
    fits(page)
    workbook = {"name": "a.csv", "mimeType": "text/csv", "buffer": WORKBOOK.encode()}
    page.get_by_label("选填好的表格").set_input_files(workbook)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("导入好了")).to_be_visible()
    fits(page)
    page.goto("/desk/codes/XIN")
    fits(page)
    page.get_by_role("button", name="给没有码的单元做码").click()
    expect(page.get_by_text("做好了 1 个码")).to_be_visible()
    fits(page)
