"""The desk by keyboard alone, and how few keys and taps an accepted suggestion costs."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.builders import desk, submit

pytestmark = pytest.mark.browser
MOST_KEYS = MOST_TAPS = 3


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def lead_of(client, world, receipt):
    view = desk(client, world, "grid_head", receipt).json()
    return view["status"], view["lead"]["role"], view["triaged"]


def test_an_accepted_suggestion_costs_three_keys_at_most(visitor, client, world):
    receipt = submit(client, world, category=None, text="楼上漏水，厨房天花板一直滴水")
    page = visitor("grid_head", size=WIDE)
    page.goto("/desk")
    keys = ["Enter", "Enter"]
    page.keyboard.press(keys[0])
    page.wait_for_url(f"**/desk/tickets/{receipt['number']}")
    expect(page.get_by_role("radio", name="户内漏水")).to_be_checked()
    page.keyboard.press(keys[1])
    expect(page.get_by_role("status")).to_be_visible()
    assert lead_of(client, world, receipt) == ("assigned", "property", True)
    assert len(keys) <= MOST_KEYS


def test_another_suggestion_is_one_key_more(visitor, client, world):
    receipt = submit(client, world, category=None, text="楼上漏水到我家，还半夜拖椅子吵得睡不着")
    page = visitor("grid_head", size=WIDE)
    page.goto(f"/desk/tickets/{receipt['number']}")
    second = page.locator("#triage input[name=category]").nth(1)
    code = second.get_attribute("value")
    page.keyboard.press("2")
    expect(second).to_be_checked()
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    assert desk(client, world, "grid_head", receipt).json()["category"]["code"] == code


def test_an_accepted_suggestion_costs_three_taps_at_most(visitor, client, world):
    receipt = submit(client, world, category=None, text="楼上漏水，厨房天花板一直滴水")
    page = visitor("grid_head", size=PHONE, has_touch=True)
    page.goto("/desk")
    taps = [page.locator(".desk-line").first, page.get_by_role("button", name="直接派给对口的人")]
    for target in taps:
        target.tap()
    expect(page.get_by_role("status")).to_be_visible()
    assert lead_of(client, world, receipt) == ("assigned", "property", True)
    assert len(taps) <= MOST_TAPS


def test_keys_walk_the_queue_and_leave_typing_alone(visitor, client, world):
    for text in ("楼上漏水", "下水道堵了", "电梯停了"):
        submit(client, world, category=None, text=text)
    page = visitor("grid_head", size=WIDE)
    page.goto("/desk")
    lines = page.locator(".desk-line")
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        expect(lines.nth(at)).to_be_focused()
    page.get_by_text("查找和筛选").click()
    page.fill("#q", "")
    page.locator("#q").press_sequentially("jku12")
    expect(page.locator("#q")).to_have_value("jku12")
    lines.nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/tickets/*")
    page.keyboard.press("u")
    page.wait_for_url("**/desk")


def test_the_queue_keeps_itself_fresh_and_asks_for_nothing_twice(visitor, client, world):
    first = submit(client, world, category=None, text="楼上漏水")
    page = visitor("grid_head", size=WIDE)
    page.clock.install()
    answers = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/desk") else None)
    page.goto("/desk")
    page.keyboard.press("j")
    second = submit(client, world, category=None, text="下水道堵了")
    page.clock.fast_forward(16_000)
    expect(page.get_by_role("status")).to_have_text("列表有更新")
    expect(page.locator(f"[href='/desk/tickets/{second['number']}']")).to_be_visible()
    expect(page.locator(f"[href='/desk/tickets/{first['number']}']")).to_be_focused()
    with page.expect_response("**/desk") as last:
        page.clock.fast_forward(16_000)
    assert last.value.status == 304
    assert answers[:2] == [200, 200]
