"""Photos that a dead network left on the phone: they outlive the page, and nothing of them outlives the report."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.phone import (
    ON_THE_SHELF,
    UPLOADS,
    chosen_without_a_network,
    scan,
    submitted,
    wait_for_the_shelf,
)
from tests.builders import desk

pytestmark = pytest.mark.browser
MADE_OLDER = """(hours) => new Promise((done) => {
  const call = indexedDB.open("mq", 1);
  call.onsuccess = () => {
    const turn = call.result.transaction("photos", "readwrite"), photos = turn.objectStore("photos");
    photos.getAll().onsuccess = (event) => {
      for (const one of event.target.result) photos.put({ ...one, at: one.at - hours * 3600000 });
    };
    turn.oncomplete = () => { call.result.close(); done(); };
  };
})"""


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def other_photo(tmp_path):
    path = tmp_path / "other.jpg"
    Image.new("RGB", (480, 640), "navy").save(path)
    return path


def closed_and_opened_again(page, path, *, broken=False, held=None):
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    if broken:
        page.route(UPLOADS, lambda route: route.abort())

    def hold_the_first(route):
        if held:
            route.continue_()
        held.append(route)

    if held is not None:
        page.route(UPLOADS, hold_the_first)
    page.goto(path)
    return page


def test_photos_that_were_not_sent_are_back_on_the_page_that_is_opened_later(
    visitor, client, world, small_photo, other_photo
):
    page = scan(visitor, world)
    page.fill("#text", "地下室的灯坏了")
    chosen_without_a_network(page, small_photo, other_photo)
    held = []
    page = closed_and_opened_again(page, f"/s/{world.code}", held=held)
    expect(page.get_by_text("还在这部手机上")).to_be_visible()
    expect(page.locator(".uploads img:visible")).to_have_count(2)
    assert page.evaluate(ON_THE_SHELF) == ["say", "say"]
    held[0].continue_()
    expect(page.get_by_text("2 张照片已传好")).to_be_visible()
    assert page.input_value("#text") == "地下室的灯坏了"
    number = submitted(page)
    assert len(desk(client, world, "grid_head", {"number": number}).json()["photos"]) == 2
    assert page.evaluate(ON_THE_SHELF) == []


@pytest.mark.full
def test_a_report_that_waits_goes_out_with_the_photo_that_waits_and_not_without_it(visitor, client, world, small_photo):
    page = scan(visitor, world)
    page.fill("#text", "地下室的灯坏了")
    chosen_without_a_network(page, small_photo)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="网络不通")).to_be_visible()
    page = closed_and_opened_again(page, f"/s/{world.code}")
    page.wait_for_url("**/r/*?new=1")
    number = page.locator(".number").first.inner_text()
    assert len(desk(client, world, "grid_head", {"number": number}).json()["photos"]) == 1


@pytest.mark.full
def test_one_tap_clears_photos_too_and_a_photo_that_is_taken_out_does_not_come_back(
    visitor, world, small_photo, other_photo
):
    page = scan(visitor, world)
    chosen_without_a_network(page, small_photo, other_photo)
    page.get_by_role("button", name="去掉第 1 张照片").click()
    wait_for_the_shelf(page, 1)
    page = closed_and_opened_again(page, f"/s/{world.code}", broken=True)
    expect(page.locator(".uploads img:visible")).to_have_count(1)
    page.get_by_role("button", name="清空重写").click()
    page.wait_for_load_state()
    expect(page.locator("#text")).to_be_visible()
    expect(page.locator(".uploads li")).to_have_count(0)
    assert page.evaluate(ON_THE_SHELF) == []


@pytest.mark.full
def test_photos_stay_two_days_and_no_longer(visitor, world, small_photo):
    page = scan(visitor, world)
    chosen_without_a_network(page, small_photo)
    page.evaluate(MADE_OLDER, 47)
    page = closed_and_opened_again(page, f"/s/{world.code}", broken=True)
    expect(page.locator(".uploads img:visible")).to_have_count(1)
    page.evaluate(MADE_OLDER, 2)
    page.reload()
    expect(page.locator("#text")).to_be_visible()
    wait_for_the_shelf(page, 0)
    expect(page.locator(".uploads li")).to_have_count(0)


@pytest.mark.full
@pytest.mark.parametrize(
    "refusing",
    [
        "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('private'); } })",
        "Object.defineProperty(window, 'indexedDB', { value: undefined })",
        "IDBFactory.prototype.open = () => { const it = {}; setTimeout(() => it.onerror()); return it; }",
        "IDBFactory.prototype.open = () => ({})",
        "IDBObjectStore.prototype.put = function () { throw new DOMException('full', 'QuotaExceededError'); }",
    ],
    ids=["forbidden", "absent", "failing", "silent", "full"],
)
def test_a_browser_that_cannot_keep_photos_sends_them_all_the_same(visitor, client, world, small_photo, refusing):
    page = visitor()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script(refusing)
    page.goto(f"/s/{world.code}")
    page.set_input_files("#photos", small_photo)
    expect(page.get_by_text("第 1 张，已传好")).to_be_visible()
    page.fill("#text", "楼道灯坏了")
    number = submitted(page)
    assert len(desk(client, world, "grid_head", {"number": number}).json()["photos"]) == 1
    assert wrong == []


@pytest.mark.full
def test_the_photo_of_finished_work_outlives_the_slip_page(visitor, client, world, slip_path, small_photo):
    path, receipt = slip_path
    page = visitor()
    page.goto(path)
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("status").filter(has_text="接单成功")).to_be_visible()
    page.fill("#done-text", "灯泡换好了")
    chosen_without_a_network(page, small_photo)
    page = closed_and_opened_again(page, path)
    expect(page.get_by_text("第 1 张，已传好")).to_be_visible()
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_role("status").filter(has_text="辛苦了")).to_be_visible()
    expect(page.locator(".timeline img")).to_have_count(1)
    assert desk(client, world, "grid_head", receipt).json()["status"] == "pending_check"
    assert page.evaluate(ON_THE_SHELF) == []
