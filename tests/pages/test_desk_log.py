"""查看记录 without scripts: the log, what to look out for, and looks at minors to decide."""

import pytest

from tests.builders import NOTICE, submit, verb
from tests.pages.desk_browser import as_, posted
from tests.pages.reading import opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def report(client, world, **over):
    form = {"contact": {"room": "1987室"}, "consent": {"notice_version": NOTICE, "contact": True}}
    return submit(client, world, **form | over)


def look(client, world, receipt, who="grid_head", fields=("room",)):
    return verb(client, world, who, receipt, "reveal", fields=list(fields), purpose="visit")


def test_the_log_is_empty_until_somebody_looks_and_then_says_who_what_and_why(client, world):
    assert "还没有人看过" in opened(as_(client, world, "committee_secretary"), "/desk/log").text
    receipt = report(client, world)
    look(client, world, receipt)
    page = opened(client, "/desk/log")
    for words in ("测试grid_head", "网格长", "门牌号，为了上门", receipt["number"]):
        assert words in page.text, words
    assert "1987室" not in page.text
    assert "没有找到" in opened(client, "/desk/log?account=nobody").text
    assert (
        receipt["number"] in opened(client, f"/desk/log?number={receipt['number']}&from=2027-03-01&to=2027-03-01").text
    )


def test_the_tab_is_for_those_who_watch_and_the_page_shows_everybody_their_own_lines(client, world):
    receipt = report(client, world)
    look(client, world, receipt)
    for who in ("committee_secretary", "community", "admin"):
        assert "/desk/log" in opened(as_(client, world, who), "/desk/log").links
    own = opened(as_(client, world, "grid_head"), "/desk/log")
    assert receipt["number"] in own.text
    assert "/desk/log" not in [link for link in own.links if link != "/desk/log"]
    assert receipt["number"] not in opened(as_(client, world, "property"), "/desk/log").text


def test_what_is_out_of_the_ordinary_stands_on_top(client, world):
    receipt = report(client, world)
    for _ in range(3):
        look(client, world, receipt)
    page = opened(as_(client, world, "committee_secretary"), "/desk/log")
    assert "同一个人查看同一位居民 3 次以上" in page.text


def test_the_secretary_decides_about_a_minor_by_one_tap(client, world):
    receipt = report(client, world, minor=True)
    assert look(client, world, receipt).status_code == 403
    page = opened(as_(client, world, "committee_secretary"), "/desk/log")
    assert "等您批准" in page.text
    assert "1987室" not in page.text
    [approve] = [action for action in page.forms if action.endswith("/approve")]
    done = sent(client, page, approve)
    assert done.headers["location"] == "/desk/log?ok=approve"
    assert "已批准" in opened(client, done.headers["location"]).text
    assert look(client, world, receipt).json() == {"room": "1987室"}
    twice = posted(client, approve)
    assert (twice.status_code, "已经有结果" in twice.text) == (409, True)
    assert posted(as_(client, world, "property"), approve).status_code == 404
