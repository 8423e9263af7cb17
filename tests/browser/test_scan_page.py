"""The page behind the code, as somebody of 75 meets it: where they are, one button in reach, drawings beside words."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SMALL_PHONE, with_and_without_scripts
from tests.builders import desk

pytestmark = pytest.mark.browser
DRAWN = """() => [...document.querySelectorAll('.chip-kind .icon')].map((icon) => {
  const [box, drawing] = [icon.getBoundingClientRect(), icon.firstElementChild.getBBox()];
  const colours = [getComputedStyle(icon).stroke, getComputedStyle(icon.parentElement).backgroundColor];
  return { wide: box.width, drawn: drawing.width > 5 && drawing.height > 5, hidden: icon.ariaHidden, colours };
})"""
MOVED = """() => new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((seen) => { for (const one of seen.getEntries()) moved += one.value; })
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(moved), 300);
})"""


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def light(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("size", "scheme", "least"), [("normal", "light", 28), pytest.param("big", "dark", 34, marks=pytest.mark.full)]
)
def test_every_class_has_its_drawing_that_stands_out_and_grows_with_the_letters(visitor, world, size, scheme, least):
    page = visitor(color_scheme=scheme)
    refused = []
    page.on("console", lambda said: refused.append(said.text))
    page.goto(f"/s/{world.code}?size={size}", wait_until="networkidle")
    drawings = page.evaluate(DRAWN)
    assert len(drawings) == page.locator("[name=category]").count() == 8
    for drawing in drawings:
        assert drawing["drawn"]
        assert drawing["hidden"] == "true"
        assert drawing["wide"] >= least
        darker, lighter = sorted(light(colour) for colour in drawing["colours"])
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    assert refused == []
    assert page.evaluate(MOVED) < 0.01


@pytest.mark.full
def test_a_guessed_class_gets_the_drawing_of_its_class(visitor, world):
    page = visitor()
    page.goto(f"/s/{world.code}")
    page.locator("#text").press_sequentially("楼上漏水，厨房天花板一直滴水")
    guessed = page.locator(".chip-guess", has_text="户内漏水")
    expect(guessed.locator("use")).to_have_attribute("href", re.compile(r"kinds\.svg\?v=[0-9a-f]+#BLD$"))
    guessed.click()
    expect(page.get_by_role("radio", name=re.compile("户内漏水"))).to_be_checked()


@pytest.mark.full
def test_a_second_visit_costs_less_than_six_kilobytes(visitor, world):
    page = visitor()
    for _ in range(2):
        page.goto(f"/s/{world.code}", wait_until="networkidle")
    sizes = page.evaluate("""() => ['navigation', 'resource']
      .flatMap((kind) => performance.getEntriesByType(kind)).map((it) => it.transferSize)""")
    assert 1_000 < sum(sizes) <= 6 * 1024


@pytest.mark.full
@pytest.mark.parametrize(
    ("size", "letters", "in_reach"), [(PHONE, 100, True), (SMALL_PHONE, 100, True), (SMALL_PHONE, 200, False)]
)
def test_the_text_box_and_the_one_button_are_in_reach_without_scrolling(visitor, world, size, letters, in_reach):
    """Where letters are twice as large, the screen is for reading, and the button waits below."""
    page = visitor(size=size, letters=letters)
    page.goto(f"/s/{world.code}")
    button = page.get_by_role("button", name="提交", exact=True)
    if in_reach:
        expect(page.locator("#text")).to_be_in_viewport()
        expect(button).to_be_in_viewport(ratio=1)
    else:
        expect(button).not_to_be_in_viewport()
    page.locator("#phone").evaluate("(it) => { it.closest('details').open = true; it.focus(); }")
    field, bar = page.locator("#phone").bounding_box(), button.bounding_box()
    assert field["y"] + field["height"] <= bar["y"] or field["y"] >= bar["y"] + bar["height"]


@pytest.mark.full
@with_and_without_scripts
def test_whoever_is_elsewhere_says_where_and_a_number_that_does_not_exist_is_asked_about(
    visitor, client, world, scripts
):
    page = visitor(scripts=scripts)
    page.goto(f"/s/{world.code}")
    page.get_by_text("不是这里？").click()
    page.get_by_label("事情在哪里").fill("9-9")
    page.fill("#text", "楼道灯坏了")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("没找到这个单元")
    expect(page.get_by_label("事情在哪里")).to_have_value("9-9")
    page.get_by_label("事情在哪里").fill("二幢 1单元")
    if scripts:
        page.goto(f"/s/{world.code}")  # a call came in: what was typed waits, this field too
        expect(page.get_by_label("事情在哪里")).to_have_value("二幢 1单元")
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*")
    expect(page.get_by_text("绿荷苑2幢1单元")).to_be_visible()
    number = page.locator(".number").first.inner_text()
    assert desk(client, world, "grid_head", {"number": number}).json()["place"]["label"] == "2幢1单元"


@pytest.mark.full
@pytest.mark.usefixtures("time")  # a morning
def test_a_receipt_on_paper_says_number_code_and_promise_and_carries_no_buttons(visitor, world):
    page = visitor()
    page.goto(f"/s/{world.code}")
    page.fill("#text", "楼道灯坏了")
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*?new=1")
    page.emulate_media(media="print")
    for words in ("收到了，谢谢您", "查询码", "今天 24:00 前办好", "楼道灯坏了"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.locator(".button:visible, summary:visible")).to_have_count(0)
