"""A danger, from the wall to somebody who is on the way, on pages alone."""

import re

import pytest
from playwright.sync_api import expect

from app.rules import catalogue
from tests.browser.conftest import PHONE, with_and_without_scripts
from tests.builders import desk

pytestmark = pytest.mark.browser


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@with_and_without_scripts
def test_somebody_in_danger_sees_whom_to_call_and_somebody_comes(visitor, client, world, scripts):
    resident = visitor(scripts=scripts)
    resident.goto(f"/S/{world.code}")
    first = resident.locator("main a[href^='tel:']").first
    expect(first).to_be_visible()
    assert first.bounding_box()["y"] < resident.locator("#text").bounding_box()["y"] < PHONE["height"]
    expect(resident.get_by_text("提醒不等于报警").first).to_be_visible()
    resident.fill("#text", "有人困在电梯里出不来，快来人")
    resident.get_by_label("情况紧急").check()
    resident.get_by_role("button", name="提交", exact=True).click()
    resident.wait_for_url("**/r/*")
    own_numbers = re.findall(r"\d{3,}", " ".join(catalogue.default().leaf("BLD-01").external))
    for number in own_numbers:
        expect(resident.locator(f"a[href='tel:{number}']").first).to_be_visible()
    expect(resident.get_by_text("提醒不等于报警").first).to_be_visible()
    expect(resident.get_by_text("前有人接手")).to_be_visible()
    number = resident.locator(".number").first.inner_text()

    head = visitor("grid_head", scripts=scripts)
    head.goto("/desk")
    top = head.locator(".desk-line").first
    expect(top).to_contain_text("紧急")
    expect(top).to_contain_text("电梯困人")
    top.click()
    head.get_by_role("button", name=re.compile("核对好了")).first.click()
    expect(head.get_by_role("status")).to_be_visible()

    property_manager = visitor("property", scripts=scripts)
    property_manager.goto("/desk/slips")
    property_manager.get_by_role("link", name=re.compile("电梯困人")).first.click()
    property_manager.get_by_role("button", name="接单").click()
    expect(property_manager.get_by_role("status")).to_be_visible()
    view = desk(client, world, "grid_head", {"number": number}).json()
    assert (view["status"], view["complexity"], view["lead"]["role"]) == ("in_progress", "emergency", "property")
    contact = next(clock for clock in view["clocks"] if clock["kind"] == "emergency")
    assert contact["state"] == "stopped"
    resident.reload()
    expect(resident.locator(".timeline")).to_contain_text("接单")
