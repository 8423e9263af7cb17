"""A stairwell with a bad network, a basement with none: what was typed and photographed arrives, once."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.phone import UPLOADS, scan, submitted, tickets
from tests.builders import desk

pytestmark = pytest.mark.browser


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def big_photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.effect_noise((3000, 2000), 80).convert("RGB").save(path, quality=92)
    assert path.stat().st_size > 2_000_000
    return path


def test_a_photo_is_made_small_and_travels_while_the_words_are_still_being_written(visitor, client, world, big_photo):
    page = scan(visitor, world)
    with page.expect_request(UPLOADS) as sent:
        page.set_input_files("#photos", big_photo)
    expect(page.get_by_text("第 1 张，已传好")).to_be_visible()
    expect(page.get_by_text("1 张照片已传好")).to_be_visible()
    assert int(sent.value.headers.get("content-length", 0) or len(sent.value.post_data_buffer or b"")) < 1_000_000
    page.fill("#text", "楼道灯坏了")
    with page.expect_request(lambda request: request.method == "POST" and "/s/" in request.url) as form:
        number = submitted(page)
    assert len(form.value.post_data_buffer or b"") < 5_000
    assert len(desk(client, world, "grid_head", {"number": number}).json()["photos"]) == 1


def test_a_photo_that_a_bad_network_swallows_is_sent_again_with_the_same_key(visitor, client, world, small_photo):
    page = scan(visitor, world)
    keys = []

    def swallow(route):
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # it arrived, the answer got lost
            route.abort()
        else:
            route.continue_()

    page.route(UPLOADS, swallow)
    page.set_input_files("#photos", small_photo)
    expect(page.get_by_text("网络不好，正在再试…")).to_be_visible()
    expect(page.get_by_text("第 1 张，已传好")).to_be_visible()
    assert len(keys) == 2
    assert len(set(keys)) == 1
    page.fill("#text", "楼道灯坏了")
    number = submitted(page)
    assert len(desk(client, world, "grid_head", {"number": number}).json()["photos"]) == 1


def test_when_trying_again_does_not_help_there_is_a_button_for_it_and_one_to_go_without(
    visitor, client, world, small_photo
):
    page = scan(visitor, world)
    page.clock.install()
    broken = True
    page.route(UPLOADS, lambda route: route.abort() if broken else route.continue_())
    page.set_input_files("#photos", [small_photo, small_photo])
    failed = page.get_by_text("第 2 张，没传好")
    for _ in range(40):
        if failed.count():
            break
        page.clock.fast_forward(9_000)
        page.wait_for_timeout(100)
    expect(failed).to_be_visible()
    broken = False
    page.get_by_role("button", name="去掉第 2 张照片").click()
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_text("第 1 张，已传好")).to_be_visible()
    page.fill("#text", "楼道灯坏了")
    number = submitted(page)
    assert len(desk(client, world, "grid_head", {"number": number}).json()["photos"]) == 1


def test_what_is_no_picture_is_said_beside_it_and_holds_the_form_until_it_is_taken_out(visitor, world, tmp_path):
    fake = tmp_path / "fake.jpg"
    fake.write_bytes(b"not a picture")
    page = scan(visitor, world)
    page.set_input_files("#photos", fake)
    expect(page.get_by_text("这张图片打不开")).to_be_visible()
    page.fill("#text", "楼道灯坏了")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="没传好")).to_be_visible()
    page.get_by_role("button", name="去掉第 1 张照片").click()
    submitted(page)


def test_everything_that_was_filled_in_waits_on_the_phone_and_is_forgotten_once_sent(visitor, world, small_photo):
    page = scan(visitor, world)
    page.fill("#text", "楼上天天半夜拖椅子")
    page.locator("[value=NOI]").check()
    page.fill("#spot", "二楼东边")
    page.get_by_text("留个电话").click()
    page.fill("#phone", "13800001234")
    page.get_by_label("我同意用上面的联系方式").check()
    page.get_by_text("谁能看到").first.click()
    page.get_by_label("物业", exact=True).check()
    page.get_by_label("情况紧急").check()
    page.set_input_files("#photos", small_photo)
    expect(page.get_by_text("第 1 张，已传好")).to_be_visible()

    page.get_by_text("查一件已经提交的诉求").click()
    page.get_by_label("编号", exact=True).fill("270301-000000")
    page.get_by_label("查询码（8 位）").fill("00000000")
    page.get_by_role("button", name="查一查").click()
    expect(page.get_by_role("alert").first).to_contain_text("没有找到")
    for _ in range(2):
        assert page.input_value("#text") == "楼上天天半夜拖椅子"
        expect(page.locator("[value=NOI]")).to_be_checked()
        assert (page.input_value("#spot"), page.input_value("#phone")) == ("二楼东边", "13800001234")
        expect(page.get_by_label("我同意用上面的联系方式")).to_be_checked()
        expect(page.get_by_label("物业", exact=True)).to_be_checked()
        expect(page.get_by_label("情况紧急")).not_to_be_checked()  # it rings: never by itself
        expect(page.get_by_text("第 1 张，已传好")).to_be_visible()
        page.goto(f"/s/{world.code}")
    submitted(page)
    page.locator(".photos img").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.photos img').naturalWidth > 0")
    page.goto(f"/s/{world.code}")
    assert page.input_value("#text") == ""
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_draft_on_a_phone_that_others_use_is_cleared_with_one_tap(visitor, world):
    page = scan(visitor, world)
    page.fill("#text", "说到一半来了电话")
    page.reload()
    page.get_by_role("button", name="清空重写").click()
    page.wait_for_load_state()
    expect(page.locator("#text")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_guessed_category_is_still_chosen_after_the_page_came_back(visitor, world):
    page = scan(visitor, world)
    page.locator("#text").press_sequentially("楼上漏水，厨房天花板一直滴水")
    page.get_by_role("radio", name=re.compile("户内漏水")).check()
    page.reload()
    expect(page.get_by_role("radio", name=re.compile("户内漏水"))).to_be_checked()
    page.wait_for_timeout(1_000)
    expect(page.get_by_role("radio", name=re.compile("户内漏水"))).to_be_checked()


def test_a_report_without_a_network_is_sent_by_itself_once_there_is_one_and_is_one_ticket(visitor, client, world):
    page = scan(visitor, world)
    page.fill("#text", "地下室的灯坏了")
    page.context.set_offline(True)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="网络不通")).to_be_in_viewport()
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_enabled()
    assert tickets(client, world) == []
    page.context.set_offline(False)
    page.wait_for_url("**/r/*?new=1")
    assert len(tickets(client, world)) == 1


def test_an_answer_that_got_lost_does_not_make_a_second_ticket(visitor, client, world):
    page = scan(visitor, world)
    page.clock.install()
    page.fill("#text", "楼道灯坏了")
    lost = []

    def lose_the_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(f"**/s/{world.code}", lose_the_first)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="网络不通")).to_be_visible()
    page.clock.fast_forward(16_000)
    page.wait_for_url("**/r/*?new=1")
    assert len(tickets(client, world)) == 1


def test_a_handler_in_the_basement_finishes_with_a_photo_and_it_goes_out_upstairs(
    visitor, client, world, slip_path, small_photo
):
    path, receipt = slip_path
    page = visitor()
    page.goto(path)
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("status").filter(has_text="接单成功")).to_be_visible()
    page.context.set_offline(True)
    page.fill("#done-text", "灯泡换好了，试过能亮")
    page.set_input_files("#done-photos", small_photo)
    expect(page.get_by_text("没有网络，有网会再传")).to_be_visible()
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_role("alert").filter(has_text="有网就自动再发")).to_be_in_viewport()
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text="辛苦了")).to_be_visible()
    expect(page.locator(".timeline img")).to_have_count(1)
    assert desk(client, world, "grid_head", receipt).json()["status"] == "pending_check"
    assert page.evaluate("Object.keys(localStorage)") == []


def test_words_on_a_slip_outlive_the_page_and_go_out_once_it_is_opened_again(visitor, client, world, slip_path):
    path, receipt = slip_path
    page = visitor()
    page.goto(path)
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("status").filter(has_text="接单成功")).to_be_visible()
    page.context.set_offline(True)
    page.fill("#done-text", "灯泡换好了")
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_role("alert").filter(has_text="网络不通")).to_be_visible()
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(path)
    expect(page.get_by_role("status").filter(has_text="辛苦了")).to_be_visible()
    assert desk(client, world, "grid_head", receipt).json()["status"] == "pending_check"
