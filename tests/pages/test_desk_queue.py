"""The queue: the next thing on top, and nothing that is somebody else's."""

import re
from datetime import timedelta

import pytest

from tests.builders import MONDAY, submit, triage
from tests.pages.desk_browser import as_
from tests.pages.reading import HTML, opened


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_the_most_urgent_is_on_top_under_words_that_say_how_urgent(client, world, time):
    late = submit(client, world, text="楼道灯不亮")
    time.set(MONDAY + timedelta(days=2))
    today = submit(client, world, text="垃圾满了", category="ENV-02")
    later = submit(client, world, text="雨水管接错了", category="BLD-07")
    text = opened(as_(client, world, "grid_head"), "/desk").text
    places = [
        text.index(word)
        for word in ("已超期</h2>", late["number"], "今天要办</h2>", today["number"], "往后几天</h2>", later["number"])
    ]
    assert places == sorted(places)
    assert "已超期，应在 3月1日 24:00 前" in text


def test_the_queue_narrows_by_status_category_overdue_and_words(client, world, time):
    lamp = submit(client, world)
    triage(client, world, lamp, redacted_text="楼道灯不亮，请修")
    bins = submit(client, world, text="垃圾满了", category="ENV-02")
    as_(client, world, "grid_head")

    def found(query):
        text = opened(client, f"/desk?{query}").text
        return [
            name for name, receipt in (("lamp", lamp), ("bins", bins)) if f"/desk/tickets/{receipt['number']}" in text
        ]

    assert found("") == ["lamp", "bins"]
    assert found("category=ENV") == ["bins"]
    assert found("q=请修") == ["lamp"]
    assert found(f"q={bins['number']}") == ["bins"]
    assert found("status=pending_check") == []
    assert found(f"compound={world.compound}") == ["lamp", "bins"]
    assert found("overdue=1") == []
    time.set(MONDAY + timedelta(days=1))
    assert found("overdue=1") == ["lamp", "bins"]


def test_a_long_queue_goes_on_with_the_same_filter_on_the_next_page(client, world, time):
    for day in range(22):
        time.set(MONDAY + timedelta(days=day))
        submit(client, world)
    page = opened(as_(client, world, "grid_head"), "/desk?category=BLD")
    following = next(link for link in page.links if "cursor=" in link)
    assert "category=BLD" in following
    seen = [set(re.findall(r"/desk/tickets/([\w-]+)", text)) for text in (page.text, opened(client, following).text)]
    assert [len(numbers) for numbers in seen] == [20, 2]
    assert not seen[0] & seen[1]


def test_an_empty_queue_says_so_kindly(client, world):
    assert "现在没有要办的事" in opened(as_(client, world, "grid_head"), "/desk").text
    assert "没有符合条件的诉求" in opened(client, "/desk?overdue=1").text


@pytest.mark.parametrize(("who", "home"), [("police", "/desk/slips"), ("admin", "/desk/registry")])
def test_accounts_without_tickets_of_their_own_find_what_is_theirs(client, world, who, home):
    answer = as_(client, world, who).get("/desk", headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    assert opened(client, home).status == 200


def test_the_property_finds_tickets_and_slips(client, world):
    page = opened(as_(client, world, "property"), "/desk")
    assert {"/desk", "/desk/slips"} <= set(page.links)
    assert "/desk/codes" not in page.links
