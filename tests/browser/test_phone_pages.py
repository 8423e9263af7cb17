"""A call in Chromium: taken by keyboard, read out, printed, answered by telephone, asked how it went."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import with_and_without_scripts
from tests.browser.test_desk_pages import PHONE, WIDE, database, fits, visit  # noqa: F401 -- fixtures
from tests.builders import desk, slip_of, slip_verb, triage, verb

pytestmark = pytest.mark.browser


PRESSED = {"Space", "ArrowDown"}


def typed_in_order(page, *fields):
    """Fills one field after the other by Tab and keys alone, as somebody does who listens at the same time."""
    for name, keys in fields:
        for _ in range(60):
            if page.evaluate("document.activeElement.name || ''") == name:
                break
            page.keyboard.press("Tab")
        else:
            pytest.fail(f"{name} is not reached by the keyboard")
        for key in keys:
            page.keyboard.press(key) if key in PRESSED else page.keyboard.type(key)


def take_a_call(page):
    page.get_by_role("link", name="记一件").click()
    expect(page.get_by_label("什么事")).to_be_focused()
    typed_in_order(
        page,
        ("text", ["老人家里漏水，楼上不肯修"]),
        ("place", ["2-1"]),
        ("contact_name", ["陈侄女"]),
        ("contact_phone", ["13812345678"]),
        ("consent_contact", ["Space"]),
    )
    for _ in range(60):
        if page.evaluate("document.activeElement.textContent").strip() == "替别人说的":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    typed_in_order(
        page,
        ("beneficiary_name", ["陈阿婆"]),
        ("beneficiary_phone", ["13987654321"]),
        ("proxy_consent_kind", ["ArrowDown"]),
        ("proxy_consent_note", ["今天上午电话里，本人说同意"]),
    )


@with_and_without_scripts
def test_a_phone_intake_by_keyboard_becomes_a_call_and_a_callback_reopens_it(client, world, visit, scripts):  # noqa: F811
    page = visit("grid_head", size=WIDE, scripts=scripts)
    take_a_call(page)
    fits(page)
    if scripts:
        expect(page.get_by_label("或从列表里选")).to_have_value("LHQ-2-1-s")
        expect(page.get_by_role("radio", name="户内漏水")).to_be_visible()
    page.keyboard.press("Enter")  # in a line of text it means: store it

    expect(page.get_by_text("请把下面的念给对方")).to_be_visible()
    fits(page)
    number = re.search(r"\d{6}-\w{6}", page.title())[0]
    expect(page.locator(".desk-big").first).to_have_text(number)
    assert page.get_by_role("button", name="打印回单").is_visible() == scripts
    page.emulate_media(media="print")
    printed = page.inner_text("main")
    page.emulate_media(media="screen")
    assert {"编号", "查询码", "值班电话", "答应您的"} <= set(printed.split())
    assert number in printed
    assert not [said for said in ("漏水，楼上", "陈", "138", "139", "再记一件") if said in printed]

    receipt = {"number": number, "category": {"code": "BLD-05"}, "complexity": "complex"}
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="换了水管")
    verb(client, world, "grid_head", receipt, "confirm", text="水管换好了，请您看看还漏不漏")

    page.get_by_role("link", name="电话", exact=True).click()
    fits(page)
    expect(page.get_by_text("水管换好了，请您看看还漏不漏")).to_be_visible()
    page.get_by_role("button", name="打电话给陈** 139****4321").click()
    expect(page.get_by_role("link", name="13987654321")).to_have_attribute("href", "tel:13987654321")
    fits(page)
    page.get_by_role("button", name="打通了，已告知").click()
    expect(page.get_by_role("status")).to_contain_text("已告知")

    other = visit("grid_head2", size=PHONE, scripts=scripts)
    other.get_by_role("link", name="电话", exact=True).click()
    fits(other)
    other.get_by_role("button", name="打电话给陈** 139****4321").click()
    other.get_by_role("radio", name="没解决", exact=True).check()
    other.get_by_role("radio", name="1", exact=True).check()
    other.get_by_label("对方怎么说").fill("还在漏")
    fits(other)
    other.get_by_role("button", name="打通了，记下来").click()
    expect(other.get_by_role("status")).to_contain_text("回访已记下")
    assert desk(client, world, "grid_head", receipt).json()["status"] == "reopened"


def test_one_tap_on_the_ticket_dials(client, world, visit):  # noqa: F811
    page = visit("grid_head")
    take_a_call(page)
    page.get_by_role("button", name="记下来，拿编号").click()
    page.get_by_role("link", name="去看这件诉求").click()
    fits(page)
    page.get_by_role("button", name="打电话给本人").click()
    expect(page.get_by_role("link", name="13987654321")).to_have_attribute("href", "tel:13987654321")
    fits(page)
