"""What the words may mean while they are typed: nothing is kept, danger shows whom to call, and it has its limit."""

import pytest
from sqlalchemy import func, select

from app.models.event import Event
from app.models.ticket import Ticket
from tests.builders import submit
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def ask(client, world, text, code=None):
    return client.post(f"/api/v1/codes/{code or world.code}/suggestions", json={"text": text})


def test_the_likely_leaves_come_best_first_with_their_class_and_how_sure_it_is(client, world):
    found = ask(client, world, "楼道灯坏了，晚上看不见").json()
    assert found["items"][0] == {"code": "BLD-09", "name": "路灯/楼道灯不亮", "top": "BLD", "sureness": "likely"}
    assert len(found["items"]) <= 3
    assert found["danger"] is None


def test_words_that_sound_like_danger_bring_the_leafs_own_number_first(client, world):
    danger = ask(client, world, "电梯往下坠了好几层").json()["danger"]
    assert danger["hotlines"][0]["number"] == "96333"
    assert danger["text"].startswith("提醒不等于报警")


def test_nothing_is_suggested_for_words_that_say_nothing(client, world):
    assert ask(client, world, "zzzz").json() == {"items": [], "danger": None}


def test_nothing_of_the_text_is_stored_or_logged(client, world, database, capfd):
    assert ask(client, world, "金丝雀小区的楼道灯坏了").status_code == 200
    said = capfd.readouterr()
    assert "金丝雀" not in said.out + said.err
    with database.engine.connect() as connection:
        for table in (Ticket, Event):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0


def test_an_unknown_code_and_an_empty_text_are_refused(client, world):
    assert ask(client, world, "楼道灯坏了", code="00000000").status_code == 404
    assert ask(client, world, "  ").status_code == 422


def test_the_scan_page_offers_the_route_and_works_without_it(client, world):
    page = opened(client, f"/s/{world.code}")
    assert f'data-guess="/api/v1/codes/{world.code}/suggestions"' in page.text
    assert "data-danger hidden" in page.text
    answer = sent(client, page, f"/s/{world.code}", text="希望多搞点活动", category="")
    receipt = opened(client, answer.headers["location"])
    assert "是这一类吗" in receipt.text
    action = next(action for action in receipt.forms if action.endswith("/category"))
    told = opened(client, sent(client, receipt, action, category="CUL-02").headers["location"])
    assert "已经按您选的来办" in told.text
    assert "是这一类吗" not in told.text


def test_the_desk_shows_why_and_how_sure_and_takes_back_with_one_tap(client, world):
    receipt = submit(client, world, text="楼道灯坏了，晚上看不见", category=None)
    as_(client, world, "grid_head")
    page = opened(client, at(receipt))
    assert "类别很可能对" in page.text
    assert "命中：楼道灯" in page.text
    assert "这类事一般由物业主办" in page.text
    answer = posted(client, f"{at(receipt)}/take_back", key=page.forms[f"{at(receipt)}/take_back"]["key"][0])
    assert answer.status_code == 303
    told = opened(client, answer.headers["location"]).text
    assert "已撤回，对方的任务单已取消" in told
    assert "撤回派单，我来核对" not in told
