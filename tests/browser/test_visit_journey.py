"""A morning of visits in a real browser: one is fine, one has a matter, one is not at home."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE

PEOPLE = (("陈阿婆", "1-1", "13987654321"), ("林伯伯", "1-2", ""), ("赵奶奶", "2-1", "0571-88880000"))


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def plan(page, name, place, phone):
    page.goto("/desk/visits")
    page.get_by_label("姓名或称呼").fill(name)
    page.get_by_label("几幢几单元").fill(place)
    page.get_by_label("电话（问候电话必填）").fill(phone)
    page.get_by_label("为什么关照").select_option(label="独居")
    page.get_by_label("本人怎么同意的").select_option(label="电话里本人说同意")
    page.get_by_label("谁去").select_option("stair_head")
    page.get_by_role("button", name="排上").click()
    expect(page.get_by_role("status").first).to_contain_text("已排上")


def card(page, masked):
    return page.locator("section.desk-visit").filter(has_text=masked)


def test_a_visitor_works_through_todays_list_with_one_tap_each_and_two_for_a_matter(visitor, time):
    grid = visitor("grid_head", size=WIDE)
    for person in PEOPLE:
        plan(grid, *person)

    page = visitor("stair_head", size=PHONE)
    page.goto("/desk/visits")
    expect(page.get_by_role("heading", name="今天的名单（3）")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in card(page, "陈**").get_by_role("button").all():
        assert button.bounding_box()["height"] >= 44

    card(page, "陈**").get_by_role("button", name="打电话").click()
    expect(page.locator("a[href='tel:13987654321']")).to_be_visible()
    card(page, "陈**").get_by_role("button", name="都好").click()
    expect(page.get_by_role("heading", name="今天的名单（2）")).to_be_visible()
    expect(page.get_by_text("3月8日")).to_be_visible()

    card(page, "林**").get_by_role("button", name="有事要办").click()
    expect(page.get_by_label("几幢几单元")).to_have_value("1幢2单元")
    expect(page.get_by_label("本人姓名")).to_have_value("林伯伯")
    page.get_by_label("什么事", exact=True).fill("厨房水管一直滴水，自己拧不动")
    page.get_by_role("button", name="记下来，拿编号").click()
    number = page.locator(".desk-big").first.inner_text()
    page.goto("/desk/visits")
    expect(page.get_by_text(f"记了 {number}")).to_be_visible()

    card(page, "赵**").get_by_role("button", name="没见到人").click()
    expect(page.get_by_text("今天没有要走访的")).to_be_visible()
    expect(page.get_by_text("3月2日").first).to_be_visible()

    grid.goto(f"/desk/tickets/{number}")
    expect(grid.get_by_text("林**")).to_be_visible()
    police = visitor("police")
    assert police.goto("/desk/visits").status == 404
