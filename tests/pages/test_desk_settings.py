"""小区设置 on the desk: what each value means, what was wrong, and the way back."""

from datetime import UTC, datetime

import pytest

from tests.builders import submit, triage
from tests.pages.desk_browser import as_, posted
from tests.pages.reading import opened, sent

HOME = "/desk/settings"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def secretary(client, world):
    return as_(client, world, "committee_secretary")


def current(client, world):
    return client.get("/api/v1/compounds/LHQ/settings", headers=world.as_("admin")).json()["settings"]


def save(client, **fields):
    page = opened(client, HOME)
    answer = sent(client, page, f"{HOME}#refusal", **fields)
    return answer, (opened(client, answer.headers["location"]) if answer.status == 303 else answer)


def test_saving_the_form_as_it_stands_changes_nothing(client, world, secretary):
    before = current(client, world)
    answer, page = save(secretary)
    assert answer.status == 303
    assert "已保存" in page.text
    assert current(client, world) == before
    assert "还没有改过" in page.text


def test_what_is_typed_is_in_force_and_the_last_change_is_taken_back(client, world, secretary):
    _, page = save(secretary, cut_off="17:00", menu=["BLD-09", "ENV-02"], auto="90", most_open="12", rollover="")
    assert "第 1 版" in page.text
    now = current(client, world)
    assert (now["cut_off"], now["menu"], now["auto"], now["most_open"]) == ("17:00:00", ["BLD-09", "ENV-02"], 0.9, 12)
    answer = posted(secretary, f"{HOME}/undo", compound="LHQ")
    assert "已恢复到上一次的设置" in opened(secretary, answer.headers["location"]).text
    assert current(client, world)["cut_off"] == "18:00:00"


def test_the_scan_page_shows_the_compounds_own_tiles_and_the_announcements_of_the_day(client, world, secretary, time):
    save(
        secretary,
        menu=["BLD-09", "ENV-02"],
        announcements_text=["周三停水"],
        announcements_first=["2027-03-01"],
        announcements_last=["2027-03-01"],
    )
    page = opened(client, f"/s/{world.code}")
    assert 'value="BLD-09"' in page.text
    assert "周三停水" in page.text
    assert page.text.index("ENV-02") < page.text.index("<span>其他</span>")
    view = client.get(f"/api/v1/codes/{world.code}").json()
    assert ([leaf["code"] for leaf in view["menu"]], view["announcements"]) == (
        ["BLD-09", "ENV-02", "GOV-99"],
        ["周三停水"],
    )
    time.set(datetime(2027, 3, 2, 1, 0, tzinfo=UTC))
    assert "周三停水" not in opened(client, f"/s/{world.code}").text


def test_a_wrong_value_comes_back_beside_its_field_with_everything_typed(secretary):
    answer, _ = save(secretary, clear_reply_days="30", cut_off="16:30")
    assert answer.status == 422
    assert "16:30" in answer.text
    assert "settings-clear_reply_days-problem" in answer.text
    answer, _ = save(secretary, auto="20", choose="50")
    assert "不能高于“自动派单”的把握" in answer.text
    answer, _ = save(secretary, auto="viel")
    assert "请填 0 到 100 的整数" in answer.text


def test_the_grid_head_reads_and_others_do_not(client, world):
    as_(client, world, "grid_head")
    text = opened(client, HOME).text
    assert "要改，请找书记或系统管理员" in text
    assert "<fieldset" in text
    assert "disabled" in text
    assert posted(client, HOME, compound="LHQ", cut_off="17:00", auto="80", choose="30").status_code == 403
    as_(client, world, "police")
    assert "您没有可以看的小区设置" in opened(client, HOME).text


def test_a_table_that_ends_soon_is_a_banner_on_the_desk(client, world, time):
    time.set(datetime(2026, 12, 1, 1, 0, tzinfo=UTC))
    headers = world.as_("committee_secretary")
    time.set(datetime(2026, 10, 20, 1, 0, tzinfo=UTC))
    assert (
        client.put("/api/v1/compounds/LHQ/settings", json={"calendar": "workday"}, headers=headers).status_code == 200
    )
    as_(client, world, "grid_head")
    assert "节假日表" not in opened(client, "/desk").text
    time.set(datetime(2026, 12, 1, 1, 0, tzinfo=UTC))
    assert "节假日表里没有 2027 年" in opened(client, "/desk").text
    assert "节假日表里没有 2027 年" in opened(client, HOME).text


def test_learnt_thresholds_are_shown_and_taken_over_with_one_tap(client, world, secretary):
    assert "核对过的才 0 件" in opened(secretary, HOME).text
    for code in world.codes.values():
        for _ in range(10):
            triage(client, world, submit(client, world, code=code, category=None, text="楼道灯坏了，晚上看不见"))
    page = opened(secretary, HOME)
    assert "会自动派单 40 件，40 件是对的" in page.text
    answer = sent(secretary, page, f"{HOME}/thresholds")
    assert answer.status == 303
    assert current(client, world)["auto"] >= 0.9
