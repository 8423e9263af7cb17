"""The desk in a real browser, one journey a role, on a phone and on a wide screen, with and without scripts."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from app.actions import staff as accounts
from tests.browser.conftest import with_and_without_scripts
from tests.builders import MONDAY, page_of, slip_of, slip_verb, submit, triage, verb

pytestmark = pytest.mark.browser
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PASSWORD = "a long enough password"
HEADING = "小区编码,小区名称,街道,社区,值班电话,幢,单元,室号"
WORKBOOK = "\n".join([HEADING, *(f"XIN,新苑,示范街道,示范社区,0571-12345,{building},1,101" for building in (1, 2))])
TAPPED = (
    "button, .button, select, input:not([type=hidden], [type=radio], [type=checkbox]), "
    ".desk-tabs a, .desk-quick, summary, label.check, label.chip"
)


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def visit(chromium, site, world):
    """Opens a browser of a role's own; whatever the console complains about fails the test."""
    contexts, complaints = [], []

    def open_as(username=None, *, size=PHONE, scripts=True):
        context = chromium.new_context(viewport=size, java_script_enabled=scripts, base_url=site)
        contexts.append(context)
        if username:
            context.add_cookies(
                [{"name": "mq_desk", "value": world.tokens[username], "domain": "127.0.0.1", "path": "/desk"}]
            )
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/desk")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert not complaints


def fits(page):
    """Nothing sticks out to the right, and whatever is to be tapped is large enough for a thumb."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    small = page.evaluate(
        """(tapped) => [...document.querySelectorAll(tapped)]
             .filter((one) => one.checkVisibility() && !one.closest(".off-screen"))
             .filter((one) => one.getBoundingClientRect().height < 40).map((one) => one.outerHTML.slice(0, 90))""",
        TAPPED,
    )
    assert not small, page.url


def test_a_grid_head_logs_in_takes_a_ticket_sends_it_on_and_confirms_it(client, database, world, site, visit):
    with database.write() as session:
        accounts.create(session, "wangfang", "王芳", PASSWORD, now=MONDAY)
    head = {"role": "grid_head", "title": "网格长", "accounts": ["grid_head", "grid_head2", "wangfang"]}
    client.put(f"/api/v1/compounds/{world.compound}/heads", json={"heads": [head]}, headers=world.as_("admin"))
    receipt = submit(client, world, category="NOI-01", text="楼上天天半夜拖椅子，我叫李梅")

    page = visit()
    fits(page)
    page.get_by_label("用户名").fill("wangfang")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("王芳")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="邻里生活噪声").click()
    fits(page)
    expect(page.get_by_text("我叫▇▇").first).to_be_visible()

    page.get_by_label("给承办人看的文字").fill("楼上半夜有拖动家具的声音")
    page.get_by_role("button", name="先受理，稍后再派").click()
    expect(page.get_by_role("status")).to_contain_text("已受理")

    page.get_by_label("谁主办").select_option("stair_head")
    page.get_by_label("辖区民警").check()
    page.get_by_label("想请他们做什么").fill("先上门劝一劝")
    page.get_by_role("button", name="派单").click()
    expect(page.get_by_role("status")).to_contain_text("已派给楼道长")
    fits(page)

    page.get_by_role("button", name="复制任务单链接").first.click()
    assert f"{site}/slip/" in page.get_by_label("要发的话").input_value()
    expect(page.get_by_role("button", name="复制这段话")).to_be_visible()
    fits(page)

    for who in ("police", "stair_head"):
        slip_verb(
            client, world, who, slip_of(client, world, who)["slip_no"], "done", text="劝好了", evidence="走访记录"
        )
    page.goto(f"/desk/tickets/{receipt['number']}")
    page.get_by_label("告诉居民办得怎么样").fill("已上门劝导，对方答应晚上不再拖椅子")
    page.get_by_role("button", name="核实过了，办结").click()
    expect(page.get_by_text("已办结，等居民评价")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_text("您已退出")).to_be_visible()


@with_and_without_scripts
def test_the_property_accepts_a_slip_and_finishes_it_with_a_photo(client, world, visit, scripts):
    receipt = submit(client, world)
    triage(client, world, receipt)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "red").save(picture, "JPEG")

    page = visit("property", scripts=scripts)
    page.get_by_role("link", name="路灯/楼道灯不亮").click()
    page.get_by_role("link", name="去办任务单").click()
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_role("status")).to_contain_text("已接单")
    page.get_by_label("办成什么样了").fill("灯泡换好了，已经亮了")
    page.locator("#done-photos").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_text("等网格长核实")).to_be_visible()
    expect(page.get_by_text("灯泡换好了，已经亮了")).to_be_visible()
    expect(page.get_by_role("img", name="照片 1")).to_be_visible()
    state = client.get(f"/api/v1/desk/tickets/{receipt['number']}", headers=world.as_("grid_head")).json()["status"]
    assert state == "pending_check"


@with_and_without_scripts
def test_a_refusal_is_objected_to_on_the_receipt_and_the_secretary_decides(client, world, visit, scripts):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水到我家")
    verb(client, world, "grid_head", receipt, "reject", reason="out_of_duty", text="户内的水管请找物业")

    page = visit(scripts=scripts)
    page.goto(page_of(receipt))
    expect(page.get_by_text("户内的水管请找物业").first).to_be_in_viewport()
    page.get_by_text("提出异议").click()
    fits(page)
    page.get_by_label("为什么应该受理？").fill("漏的是公共管道")
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_role("status")).to_contain_text("收到您的异议了")

    desk = visit("committee_secretary", scripts=scripts)
    desk.goto(f"/desk/tickets/{receipt['number']}")
    fits(desk)
    desk.get_by_label("应当受理").check()
    desk.get_by_label("对居民说的话").fill("是公共管道，应当受理")
    desk.get_by_role("button", name="决定，告诉居民").click()
    expect(desk.get_by_role("status")).to_contain_text("复核决定已告诉居民")
    fits(desk)

    page.reload()
    expect(page.get_by_text("是公共管道，应当受理").first).to_be_in_viewport()
    expect(page.get_by_text("已受理", exact=True)).to_be_visible()


def test_a_question_is_asked_on_the_desk_and_answered_on_the_receipt(client, world, visit):
    receipt = submit(client, world, category="BLD-05", text="楼上漏水到我家")
    desk = visit("grid_head")
    desk.goto(f"/desk/tickets/{receipt['number']}")
    desk.get_by_text("请居民补充：只问一次").click()
    desk.get_by_label("想问居民什么").fill("漏在哪个房间？")
    desk.locator("#need_info").get_by_role("button", name="发给居民").click()
    expect(desk.get_by_text("在等居民补充。")).to_be_visible()
    fits(desk)

    page = visit()
    page.goto(page_of(receipt))
    expect(page.get_by_text("漏在哪个房间？").first).to_be_in_viewport()
    fits(page)
    page.get_by_label("您的回答").fill("卫生间天花板")
    page.get_by_role("button", name="回答").click()
    expect(page.get_by_role("status")).to_contain_text("补充的内容已经收到")

    desk.reload()
    expect(desk.get_by_text("卫生间天花板")).to_be_visible()
    expect(desk.get_by_text("请居民补充：只问一次")).to_have_count(0)


def test_reports_of_one_lift_become_one_matter(client, world, visit):
    first, *others = [submit(client, world, category="BLD-02", text=f"电梯停了，第 {n} 次说") for n in range(1, 6)]
    page = visit("grid_head")
    for other in others:
        page.goto(f"/desk/tickets/{other['number']}")
        page.get_by_text("其他办法", exact=True).click()
        page.get_by_text("并单：和另一件是同一件事").click()
        fits(page)
        page.get_by_label("电梯停了，第 1 次说").check()
        page.get_by_role("button", name="并到这一件").click()
        expect(page.get_by_role("status")).to_contain_text("已并单")
    fits(page)
    page.get_by_role("link", name=first["number"]).first.click()
    expect(page.get_by_text("第 1 次说").first).to_be_visible()
    page.goto("/desk")
    expect(page.locator(".desk-line")).to_have_count(1)

    for other in others:
        page.goto(page_of(other))
        expect(page.get_by_text("我们合在一起办")).to_be_visible()
        expect(page.get_by_text(other["number"]).first).to_be_visible()
    fits(page)


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_police_find_their_slip_at_once_and_nothing_about_who_reported(client, world, visit, size):
    receipt = submit(client, world, category="SAF-08", text="我叫李梅，有人打架")
    triage(client, world, receipt, redacted_text="有人打架")
    verb(client, world, "grid_head", receipt, "assign", lead="police")

    page = visit("police", size=size)
    fits(page)
    page.get_by_role("link", name="盗窃").click()
    fits(page)
    assert "李梅" not in page.content()
    assert receipt["number"] not in page.content()
    page.get_by_role("button", name="接单").click()
    page.get_by_label("办成什么样了").fill("已到场处理")
    page.get_by_label("凭据").fill("出警 0301-12")
    page.get_by_role("button", name="办完了").click()
    expect(page.get_by_text("您这边已经办完了")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_an_administrator_imports_a_workbook_makes_codes_and_prints_them(world, visit, size):
    page = visit("admin", size=size)
    fits(page)

    workbook = {"name": "a.csv", "mimeType": "text/csv", "buffer": WORKBOOK.encode()}
    page.get_by_label("选填好的表格").set_input_files(workbook)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("导入好了")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="二维码").click()
    page.get_by_label("小区").select_option("XIN")
    page.get_by_role("button", name="查看").click()
    fits(page)
    page.get_by_role("button", name="给没有码的单元做码").click()
    expect(page.get_by_text("做好了 2 个码")).to_be_visible()
    fits(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载 PDF（A5）").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF-")


def test_every_page_fits_a_phone_and_a_wide_screen(client, world, visit):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    paths = ["/desk", "/desk/slips", "/desk/registry", f"/desk/compounds/{world.compound}", "/desk/codes"]
    paths += [
        f"/desk/tickets/{receipt['number']}",
        f"/desk/slips/{slip_no}",
        f"/desk/codes/{world.code}",
        "/desk/codes/batches/1",
    ]
    for size in (PHONE, WIDE):
        page = visit("grid_head", size=size)
        for path in paths:
            assert page.goto(path).status == 200
            page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
            fits(page)
