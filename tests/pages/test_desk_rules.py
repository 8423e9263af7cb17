"""派单规则 on the desk: a draft that can be tried out, saved, thrown away and taken back, without scripts."""

import re

import pytest

from tests.builders import submit
from tests.pages.desk_browser import as_, posted
from tests.pages.reading import opened

HOME = "/desk/rules"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def grid(client, world):
    return as_(client, world, "grid_head")


def step(client, name, no=0):
    answer = posted(client, f"{HOME}/{name}", compound="LHQ", no=no)
    assert answer.status_code == 303, answer.text
    return opened(client, answer.headers["location"])


def add(client, **fields):
    answer = posted(client, f"{HOME}/row", **{"compound": "LHQ", "lead": "stair_head"} | fields)
    assert answer.status_code == 303, answer.text


def rows(page):
    return re.findall(r"<b>(\d+)\.</b> (.*?) → <b>(.*?)</b>", page.text)


def test_a_fresh_compound_says_that_there_are_no_rules_and_who_may_make_some(client, world, grid):
    text = opened(grid, HOME).text
    assert "还没有自己的规则" in text
    assert "加一条规则" in text
    as_(client, world, "community")
    assert "要改，请找网格长或书记" in opened(client, HOME).text
    as_(client, world, "property")
    assert opened(client, HOME).status == 200
    assert "您没有可以看的小区设置" in opened(client, HOME).text


def test_a_row_is_added_moved_switched_and_taken_out_in_a_draft_that_changes_nothing_yet(client, world, grid):
    add(grid, category="BLD-09", building="LHQ-1-1", opens="20:00", closes="08:00", days=["6", "7"])
    add(grid, category="ENV", lead="property", co=["stair_head"])
    page = opened(grid, HOME)
    assert rows(page) == [
        ("1", "1幢、路灯/楼道灯不亮、周六、周日、20:00–08:00", "楼道长"),
        ("2", "环境卫生", "物业，协办 楼道长"),
    ]
    assert "有改动，还没生效" in page.text
    assert next(says for _, says, _ in rows(step(grid, "up", 2))) == "环境卫生"
    assert [says for _, says, _ in rows(step(grid, "down", 1))][1] == "环境卫生"
    assert "已停用" in step(grid, "switch", 1).text
    assert len(rows(step(grid, "remove", 2))) == 1
    assert client.get("/api/v1/compounds/LHQ/rules", headers=world.as_("grid_head")).json()["rules"] == []
    assert "有改动" not in opened(as_(client, world, "committee_secretary"), HOME).text


def test_a_draft_is_tried_out_on_past_tickets_and_then_saved(client, world, grid):
    receipt = submit(client, world)
    submit(client, world, category="ENV-02", text="垃圾满了")
    add(grid, category="BLD-09")
    page = step(grid, "try")
    assert "最近 2 件里会改变 1 件" in page.text
    assert f"/desk/tickets/{receipt['number']}" in page.links
    assert "规则已生效" in step(grid, "save").text
    assert submit(client, world)["lead"]["role"] == "stair_head"
    assert "最近" not in opened(grid, HOME).text


def test_a_saved_change_is_taken_back_and_a_draft_is_thrown_away(client, world, grid):
    add(grid, category="BLD-09")
    step(grid, "save")
    assert "已恢复到上一次的规则" in step(grid, "undo").text
    assert submit(client, world)["lead"]["role"] == "property"
    add(grid, category="BLD-09")
    assert "改动已放弃" in step(grid, "drop").text
    assert rows(opened(grid, HOME)) == []


def test_a_row_is_changed_in_its_place(client, world, grid):
    add(grid, category="BLD-09")
    add(grid, category="ENV")
    assert "修改第 1 条" in opened(grid, f"{HOME}?compound=LHQ&edit=1").text
    add(grid, no=1, category="BLD-10", lead="property")
    assert [says for _, says, _ in rows(opened(grid, HOME))] == ["单元门禁/对讲故障", "环境卫生"]


def test_what_does_not_fit_comes_back_with_its_reason_and_everything_typed(grid):
    answer = posted(grid, f"{HOME}/row", compound="LHQ", category="GOV-01", lead="property", opens="08:00", closes="")
    assert answer.status_code == 422
    assert "时间段要写开始和结束" in answer.text or "要写" in answer.text
    answer = posted(grid, f"{HOME}/row", compound="LHQ", category="GOV-01", lead="property")
    assert answer.status_code == 422
    assert "不能由它主办" in answer.text
    assert 'value="GOV-01" selected' in answer.text
    answer = posted(grid, f"{HOME}/row", compound="LHQ", category="BLD", lead="")
    assert "请选谁主办" in answer.text


def test_whoever_is_second_keeps_the_draft_and_is_told_that_others_were_faster(client, world, grid):
    add(grid, category="BLD-09")
    rules = {"rules": [{"lead": "property"}]}
    client.put("/api/v1/compounds/LHQ/rules", json=rules, headers=world.as_("committee_secretary"))
    answer = posted(grid, f"{HOME}/save", compound="LHQ", no=0)
    assert answer.status_code == 409
    assert "别人刚刚改过规则" in answer.text
    assert rows(opened(grid, HOME))[0][1] == "路灯/楼道灯不亮"


def test_nobody_else_changes_rules_and_an_unknown_step_is_no_page(client, world, grid):
    assert posted(grid, f"{HOME}/explode", compound="LHQ", no=1).status_code == 404
    as_(client, world, "community")
    assert posted(client, f"{HOME}/row", compound="LHQ", lead="property").status_code == 403
    as_(client, world, "police")
    assert posted(client, f"{HOME}/save", compound="LHQ").status_code == 403
