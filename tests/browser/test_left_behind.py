"""A report that waited on the phone: it leaves once, from where it was said, and the next one takes nothing of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.phone import ON_THE_SHELF, chosen_without_a_network, scan, tickets
from tests.builders import desk

pytestmark = pytest.mark.browser
SILENT = "IDBFactory.prototype.open = () => ({})"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def held_back(page):
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="网络不通")).to_be_visible()


def opened_next(page, path, *, script=""):
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    if script:
        page.add_init_script(script)
    page.goto(path)
    return page


def test_what_was_said_of_one_stairwell_does_not_leave_from_the_next_code_by_itself(visitor, client, world):
    page = scan(visitor, world)
    page.fill("#text", "楼道灯坏了")
    page.context.set_offline(True)
    held_back(page)
    page = opened_next(page, f"/s/{world.codes['2幢1单元']}")
    expect(page.get_by_text("还在这部手机上")).to_be_visible()
    assert page.input_value("#text") == "楼道灯坏了"
    page.wait_for_timeout(2500)
    assert tickets(client, world) == []
    page = opened_next(page, f"/s/{world.code}")
    page.wait_for_url("**/r/*?new=1")
    assert [item["place"]["label"] for item in tickets(client, world)] == ["1幢1单元"]


def test_a_page_that_is_closed_after_the_answer_got_lost_makes_no_second_ticket(visitor, client, world):
    page = scan(visitor, world)
    page.fill("#text", "楼道灯坏了")

    def lose(route):
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route(f"**/s/{world.code}", lose)
    held_back(page)
    assert len(tickets(client, world)) == 1
    page = opened_next(page, f"/s/{world.code}")
    page.wait_for_url("**/r/*?new=1")
    assert len(tickets(client, world)) == 1


def test_a_photo_that_the_browser_gave_out_too_late_goes_with_no_other_report(visitor, client, world, small_photo):
    page = scan(visitor, world)
    page.fill("#text", "地下室的灯坏了")
    chosen_without_a_network(page, small_photo)
    page = opened_next(page, f"/s/{world.code}", script=SILENT)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*")
    page = opened_next(page, f"/s/{world.code}")
    page.fill("#text", "电梯里有异味")
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*")
    assert [len(desk(client, world, "grid_head", item).json()["photos"]) for item in tickets(client, world)] == [0, 0]
    page.goto(f"/s/{world.code}")
    assert page.evaluate(ON_THE_SHELF) == []


@pytest.mark.full
def test_whoever_takes_up_the_phone_does_not_see_what_was_cleared_while_the_browser_was_silent(
    visitor, world, small_photo
):
    page = scan(visitor, world)
    page.fill("#text", "地下室的灯坏了")
    chosen_without_a_network(page, small_photo)
    page = opened_next(page, f"/s/{world.code}", script=SILENT)
    page.get_by_role("button", name="清空重写").click()
    expect(page.locator("#text")).to_have_value("")
    page = opened_next(page, f"/s/{world.code}")
    expect(page.locator("#text")).to_be_visible()
    page.wait_for_timeout(500)
    expect(page.locator(".uploads li")).to_have_count(0)
    assert page.evaluate(ON_THE_SHELF) == []
