"""不在 and 回来了 on the desk, and what a triage says of the difficulty: without scripts."""

import pytest

from tests.builders import desk, submit
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import opened


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_a_grid_head_is_away_with_one_tap_and_back_with_another(client, world, time):
    grid = as_(client, world, "grid_head")
    assert "我要离开一阵" in opened(grid, "/desk").text
    away = posted(grid, "/desk/absence", compound="LHQ", days="1")
    assert (away.status_code, away.headers["location"]) == (303, "/desk?ok=away")
    shown = opened(grid, "/desk?ok=away").text
    assert "您标了不在" in shown
    assert "到 今天 24:00" in shown
    assert "我要离开一阵" not in shown
    back = posted(grid, "/desk/absence", compound="LHQ")
    assert back.headers["location"] == "/desk?ok=back"
    assert "您标了不在" not in opened(grid, "/desk").text


def test_nobody_else_is_offered_to_leave(client, world, time):
    for who in ("property", "committee_secretary"):
        assert "我要离开一阵" not in opened(as_(client, world, who), "/desk").text
    assert posted(as_(client, world, "property"), "/desk/absence", compound="LHQ", days="1").status_code == 403


def test_the_difficulty_follows_the_category_that_is_chosen(client, world, time):
    receipt = submit(client, world, category="BLD-09", text="楼道灯坏了")
    page = opened(as_(client, world, "grid_head"), at(receipt)).text
    assert 'name="complexity" value="" checked' in page
    sent = posted(client, f"{at(receipt)}/triage", category="TRF-01", complexity="", redacted_text="出入口拥堵")
    assert sent.status_code == 303
    assert desk(client, world, "grid_head", receipt).json()["complexity"] == "complex"


def test_what_the_reporter_called_urgent_stays_urgent_until_somebody_says_otherwise(client, world, time):
    receipt = submit(client, world, category="BLD-09", text="楼道灯坏了", emergency=True)
    page = opened(as_(client, world, "grid_head"), at(receipt)).text
    assert 'name="complexity" value="emergency" required checked' in page
