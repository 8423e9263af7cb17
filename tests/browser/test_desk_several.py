"""The desk in a real browser: a map walked by keyboard, ten seconds to take back, several tickets without a script."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.builders import desk, submit

pytestmark = pytest.mark.browser


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_a_square_of_the_map_is_reached_and_opened_by_keyboard(client, world, visitor):
    submit(client, world)
    page = visitor("grid_head", size=WIDE)
    page.goto("/desk/map")
    square = page.get_by_role("link", name="1幢1单元：要办 1 件")
    square.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("只看1幢1单元的。")).to_be_visible()
    expect(page.locator(".desk-line")).to_have_count(1)


def test_what_was_just_done_can_be_taken_back_and_the_way_back_goes_after_ten_seconds(client, world, visitor):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水")
    page = visitor("grid_head", size=PHONE)
    page.clock.install()
    page.goto(f"/desk/tickets/{receipt['number']}")
    page.locator("[data-go]").click()
    expect(page.get_by_text("已派给物业。")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销，回到刚才的样子")).to_be_visible()
    assert desk(client, world, "grid_head", receipt).json()["status"] == "submitted"
    page.locator("[data-go]").click()
    expect(page.get_by_role("button", name="撤销")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.get_by_role("button", name="撤销")).to_be_hidden()
    expect(page.get_by_text("已派给物业。")).to_be_visible()


def test_several_are_chosen_and_merged_on_a_phone_without_a_script(client, world, visitor):
    first, second = (submit(client, world, category="BLD-07", text=text) for text in ("雨水管漏", "雨水管又漏"))
    page = visitor("grid_head", size=PHONE, scripts=False)
    page.goto("/desk")
    page.get_by_role("link", name="选几件一起办").click()
    for box in page.locator("input[name=number]").all():
        box.check()
    page.get_by_role("button", name="选好了").click()
    page.locator(f"input[name=into][value='{first['number']}']").check()
    page.get_by_role("button", name="并到这一件").click()
    expect(page.get_by_role("heading", name="已并单 1 件")).to_be_visible()
    assert desk(client, world, "grid_head", second).json()["status"] == "merged"


def test_a_ticket_fits_on_paper_without_the_desk_around_it(client, world, visitor):
    receipt = submit(client, world)
    page = visitor("grid_head", size=WIDE)
    page.goto(f"/desk/print?number={receipt['number']}")
    page.emulate_media(media="print")
    expect(page.locator(".desk-head")).to_be_hidden()
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
