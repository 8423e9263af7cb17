"""What the desk's pages say about themselves: which button leads, who has how much, what may not be changed."""

import re

import pytest

from tests.builders import submit, triage
from tests.pages.desk_browser import as_, at
from tests.pages.reading import HTML, opened


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def always_sure(client, world):
    """A compound whose system is sure of every guess."""
    body = {"auto": 0, "choose": 0}
    path = f"/api/v1/compounds/{world.compound}/thresholds"
    assert client.put(path, json=body, headers=world.as_("committee_secretary")).status_code == 200


def test_one_button_leads_under_triage_and_the_other_is_plain(client, world):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水")
    text = opened(as_(client, world, "grid_head"), at(receipt)).text
    form = text[text.index('id="triage"') :].split("</details>")[0]
    assert re.findall(r'class="button[^"]*button-main[^"]*"[^>]*>([^<]+)<', form) == ["核对好了，直接派给对口的人"]
    assert re.search(r'<button class="button button-wide button">先受理，稍后再派</button>', form)


@pytest.mark.parametrize(
    ("words", "sent_out", "said"),
    [
        ("楼道灯坏了，晚上看不见", True, "把握够，系统直接派单"),
        ("楼上半夜蹦迪，吵得睡不着", False, "类别有把握，但这件事要您核对了再派"),
    ],
)
def test_the_hint_says_that_it_was_sent_out_only_where_it_was(client, world, always_sure, words, sent_out, said):
    receipt = submit(client, world, text=words, category=None)
    assert receipt["lead"]["assigned"] is sent_out
    text = opened(as_(client, world, "grid_head"), at(receipt)).text
    assert said in text
    assert ("系统直接派单" in text) is sent_out


def test_the_assign_form_says_how_much_everybody_has_in_hand(client, world):
    for _ in range(2):
        submit(client, world, category="BLD-09")
    waiting = submit(client, world, category="BLD-05", text="厨房漏水")
    triage(client, world, waiting)
    text = opened(as_(client, world, "grid_head"), at(waiting)).text
    assert "物业 · 手上 2 件" in text
    assert "民警 · 手上" not in text


def test_settings_that_may_only_be_read_say_so_before_anything_else(client, world):
    text = opened(as_(client, world, "grid_head"), "/desk/settings").text
    assert text.index("您只能看，不能改。") < text.index("<fieldset")
    assert "您只能看，不能改。" not in opened(as_(client, world, "committee_secretary"), "/desk/settings").text


def test_the_figures_say_from_how_many_cases_there_are_percentages(client, world):
    submit(client, world)
    assert "满 10 件才算百分比" in opened(as_(client, world, "grid_head"), "/desk/figures").text


def test_the_code_of_a_compound_leads_to_its_codes_and_an_unknown_one_nowhere(client, world):
    as_(client, world, "grid_head")
    found = client.get(f"/desk/codes/{world.compound}", headers=HTML, follow_redirects=False)
    assert (found.status_code, found.headers["location"]) == (303, f"/desk/codes?compound={world.compound}")
    assert client.get("/desk/codes/NOWHERE", headers=HTML).status_code == 404
    as_(client, world, "police")
    assert client.get("/desk/codes/OTHER", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/nowhere", "没有这个页面"),
        ("/desk/compounds/NOWHERE", "没有找到这个小区"),
        ("/desk/tickets/270301-ZZZZZZ", "没有找到，或者不归您看"),
        ("/r/nowhere", "没有找到，请核对编号和查询码"),
    ],
)
def test_a_page_that_is_not_there_is_called_by_what_it_would_have_been(client, world, path, heading):
    text = opened(as_(client, world, "grid_head"), path).text
    assert re.findall(r"<h1>([^<]+)</h1>", text) == [heading]
    assert f"<title>{heading}</title>" in text
