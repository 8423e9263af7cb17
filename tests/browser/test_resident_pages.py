"""Residents and slip holders in Chromium at the size of a phone, with scripts and without."""

import re
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import with_and_without_scripts
from tests.builders import MONDAY, slip_of, triage, verb

pytestmark = pytest.mark.browser

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
TARGETS = """() => [...document.querySelectorAll(
  'a:not(.skip), button, input:not([type=hidden]), textarea, summary, label')]
  .filter((it) => it.checkVisibility() && !(it.matches('a') && getComputedStyle(it).display === 'inline')
    && !(it.matches('[type=radio], [type=checkbox]') && it.closest('label'))
    && !(it.matches('label') && !it.querySelector('input')))
  .map((it) => [it.outerHTML.slice(0, 90), it.getBoundingClientRect().height, it.getBoundingClientRect().width])"""
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (it) => {
    for (let at = it; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter((it) => it.checkVisibility() && [...it.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((it) => {
      const [a, b] = [light(parts(getComputedStyle(it).color)), light(ground(it))].sort((x, y) => y - x);
      return [it.outerHTML.slice(0, 90), (a + 0.05) / (b + 0.05)];
    });
}"""


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def phone(chromium):
    """Opens a browser of its own, as another person's phone would be."""
    contexts = []

    def opened(*, scripts=True, **options):
        context = chromium.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=scripts, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if "Security Policy" in said.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def big_photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.effect_noise((3000, 2000), 80).convert("RGB").save(path, quality=92)
    assert path.stat().st_size > 2_000_000
    return path


def fits(page):
    assert page.complaints == []
    assert not page.evaluate(TOO_WIDE), page.url


def reported(page, site, world, text="楼道灯坏了三天，晚上看不见"):
    page.goto(f"{site}/S/{world.code}")
    page.fill("#text", text)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/r/*")


@with_and_without_scripts
def test_from_the_wall_to_the_stars(phone, site, client, world, big_photo, scripts):
    resident = phone(scripts=scripts)
    resident.goto(f"{site}/S/{world.code}")
    fits(resident)
    resident.fill("#text", "楼道灯坏了三天\n晚上看不见")
    resident.get_by_text("留个电话").click()
    resident.fill("#phone", "13800001234")
    resident.set_input_files("#photos", big_photo)
    resident.get_by_role("button", name="提交", exact=True).click()
    expect(resident.get_by_role("alert")).to_contain_text("您写的都还在")
    fits(resident)
    assert resident.input_value("#text") == "楼道灯坏了三天\n晚上看不见"
    assert resident.input_value("#phone") == "13800001234"
    expect(resident.get_by_text(re.compile("第 1 张(，已|照片已经)传好"))).to_be_visible()
    resident.get_by_label("我同意用上面的联系方式").check()
    resident.get_by_role("button", name="提交", exact=True).click()
    resident.wait_for_url("**/r/*?new=1")
    fits(resident)
    expect(resident.get_by_text("收到了，谢谢您")).to_be_visible()
    expect(resident.get_by_text("今天 24:00 前办好")).to_be_visible()
    number = resident.locator(".number").first.inner_text()
    receipt = resident.url.split("?")[0]
    assert resident.evaluate("document.querySelector('.photos img').naturalWidth > 0")

    ticket = {"number": number, "category": {"code": "BLD-09"}, "complexity": "simple"}
    triage(client, world, ticket)
    slip_no = slip_of(client, world, "property")["slip_no"]
    link = client.post(f"/api/v1/desk/tickets/{number}/slips/{slip_no}/link", headers=world.as_("grid_head")).json()[
        "url"
    ]
    worker = phone(scripts=scripts)
    worker.goto(link.replace("http://testserver", site))
    fits(worker)
    worker.get_by_role("button", name="接单").click()
    expect(worker.get_by_role("status")).to_contain_text("接单成功")
    fits(worker)
    worker.fill("#done-text", "灯泡换好了")
    worker.set_input_files("#done-photos", big_photo)
    worker.get_by_role("button", name="办完了").click()
    expect(worker.get_by_role("status")).to_contain_text("辛苦了")
    fits(worker)
    verb(client, world, "grid_head", ticket, "confirm", text="灯修好了，谢谢您提醒")

    resident.goto(f"{site}/s/{world.code}")
    resident.get_by_role("link", name=number).click()
    assert resident.url == receipt
    expect(resident.get_by_text("灯修好了，谢谢您提醒").first).to_be_visible()
    resident.get_by_label("部分解决").check()
    resident.get_by_role("button", name="4 星 满意").click()
    expect(resident.get_by_role("status")).to_contain_text("谢谢您的评价")
    expect(resident.get_by_text("部分解决，4 星 满意")).to_be_visible()
    fits(resident)


def test_an_impatient_finger_makes_one_ticket(phone, site, client, world):
    page = phone()
    page.goto(f"{site}/s/{world.code}")
    page.fill("#text", "楼道灯坏了")
    page.get_by_role("button", name="提交", exact=True).dblclick()
    page.wait_for_url("**/r/*")
    assert len(client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"]) == 1


def test_the_urge_button_works_when_its_time_has_come(phone, site, world, time):
    page = phone()
    reported(page, site, world)
    expect(page.get_by_text("最快 今天 11:00 可以催")).to_be_visible()
    time.set(MONDAY + timedelta(hours=2))
    page.reload()
    page.get_by_role("button", name="催一下").click()
    expect(page.get_by_role("status")).to_contain_text("已经帮您催了")


def test_number_and_query_code_open_the_receipt_on_another_phone(phone, site, world):
    first, second = phone(), phone(scripts=False)
    reported(first, site, world)
    number, code = (first.locator(".number").nth(n).inner_text() for n in (0, 1))
    second.goto(f"{site}/s/{world.code}")
    second.get_by_text("查一件已经提交的诉求").click()
    second.get_by_label("编号").fill(number)
    second.get_by_label("查询码").fill("00000000")
    second.get_by_role("button", name="查一查").click()
    expect(second.get_by_role("alert")).to_be_in_viewport()
    second.get_by_label("查询码").fill(code)
    second.get_by_role("button", name="查一查").click()
    expect(second).to_have_url(first.url.split("?")[0])


def test_a_scan_with_all_its_requests_stays_under_thirty_kilobytes(phone, site, world):
    page = phone()
    page.goto(f"{site}/s/{world.code}", wait_until="networkidle")
    sizes = page.evaluate("""() => ['navigation', 'resource']
      .flatMap((kind) => performance.getEntriesByType(kind)).map((it) => it.transferSize)""")
    assert 3 <= len(sizes) <= 8
    assert sum(sizes) <= 30 * 1024


@pytest.mark.parametrize(("size", "least", "letters"), [("normal", 44, 17), ("big", 60, 18)])
def test_fingers_find_every_target_and_eyes_every_letter(phone, site, world, size, least, letters):
    page = phone()
    page.goto(f"{site}/s/{world.code}?size={size}")
    for fold in page.locator("summary").all():
        fold.click()
    for where in ("scan", "receipt"):
        small = [target for target in page.evaluate(TARGETS) if target[1] < least or target[2] < 44]
        assert small == [], where
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= letters
        fits(page)
        if where == "scan":
            page.fill("#text", "楼道灯坏了")
            page.get_by_role("button", name="提交", exact=True).click()
            page.wait_for_url("**/r/*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(phone, site, world, scheme):
    page = phone(color_scheme=scheme)
    page.goto(f"{site}/s/{world.code}")
    for fold in page.locator("summary").all():
        fold.click()
    page.get_by_label("噪声").check()
    faint = [word for word in page.evaluate(CONTRASTS) if word[1] < 4.5]
    reported(page, site, world)
    faint += [word for word in page.evaluate(CONTRASTS) if word[1] < 4.5]
    assert faint == []


def test_letters_twice_as_large_on_a_narrow_phone_need_no_sideways_scrolling(phone, site, world):
    page = phone()
    page.set_viewport_size({"width": 320, "height": 640})
    reported(page, site, world)
    for address in (page.url, f"{site}/s/{world.code}", f"{site}/s/ABCDEFGH"):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        fits(page)


def test_on_a_wide_screen_the_column_stays_readable(phone, site, world):
    page = phone()
    page.set_viewport_size(DESKTOP)
    page.goto(f"{site}/s/{world.code}")
    fits(page)
    assert page.locator("#text").bounding_box()["width"] <= 640


@with_and_without_scripts
def test_a_private_matter_and_a_consultation_go_all_the_way_on_pages_alone(phone, site, world, scripts):
    """Said, triaged, finished by link without an account, judged; and a question that needs no slip."""

    def at_desk(who, number):
        page = phone(scripts=scripts)
        cookie = {"name": "mq_desk", "value": world.tokens[who], "domain": "127.0.0.1", "path": "/desk"}
        page.context.add_cookies([cookie])
        page.goto(f"{site}/desk/tickets/{number}")
        return page

    def said(words):
        page = phone(scripts=scripts)
        page.goto(f"{site}/s/{world.code}")
        page.fill("#text", words)
        page.get_by_role("button", name="提交", exact=True).click()
        page.wait_for_url("**/r/*?new=1")
        return page, page.locator(".number").first.inner_text()

    def judged(page):
        page.goto(page.url.split("?")[0])
        page.get_by_label("解决了", exact=True).check()
        page.get_by_role("button", name="5 星").click()
        expect(page.get_by_role("status")).to_contain_text("谢谢您的评价")
        fits(page)

    resident, number = said("楼上天天半夜拖椅子吵得睡不着")
    head = at_desk("grid_head", number)
    head.get_by_label("给承办人看的文字").fill("楼上半夜有拖动家具的声音")
    head.get_by_role("button", name="先受理，稍后再派").click()
    head.get_by_label("谁主办").select_option("stair_head")
    head.get_by_role("button", name="派单").click()
    expect(head.get_by_role("status")).to_contain_text("已派")
    head.get_by_role("button", name="复制任务单链接").first.click()
    link = re.search(r"http\S+/slip/[\w-]+", head.get_by_label("要发的话").input_value())[0]
    worker = phone(scripts=scripts)
    worker.goto(link)
    worker.get_by_role("button", name="接单").click()
    worker.fill("#done-text", "劝好了")
    worker.get_by_role("button", name="办完了").click()
    expect(worker.get_by_role("status")).to_contain_text("辛苦了")
    head.goto(f"{site}/desk/tickets/{number}")
    head.get_by_label("告诉居民办得怎么样").fill("已上门劝导")
    head.get_by_role("button", name="核实过了，办结").click()
    judged(resident)

    asker, number = said("我想问一下老年证怎么办")
    head = at_desk("grid_head", number)
    head.get_by_text("直接答复").first.click()
    head.locator("form[action$='/answer'] textarea").fill("带身份证到社区来办")
    head.locator("form[action$='/answer'] button").last.click()
    asker.goto(asker.url.split("?")[0])
    expect(asker.get_by_text("带身份证到社区来办").first).to_be_visible()
    judged(asker)
