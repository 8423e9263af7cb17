"""数据: figures with charts, close-out, ledger and common issues, in a browser without scripts."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from tests.access.histories import plant
from tests.builders import MONDAY, NOTICE, desk, slip_of, slip_verb, submit, triage
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import opened

PERIOD = "compound=LHQ&from=2027-01-01&to=2027-03-01"


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def charts(page):
    return [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL)]


def test_charts_say_in_words_what_they_draw_and_need_no_colour(client, world, database):
    plant(database, world, 120, 41)
    page = opened(as_(client, world, "committee_secretary"), f"/desk/figures?{PERIOD}")
    drawn = charts(page)
    assert len(drawn) == 2
    for chart in drawn:
        labels = chart.get("aria-labelledby").split()
        title, description = (next(node for node in chart.iter() if node.get("id") == name) for name in labels)
        assert chart.get("role") == "img"
        assert title.text
        assert re.search(r"\d", description.text)
        assert chart.find(".//pattern") is not None
    assert "style=" not in page.text
    shares = {one["key"]: one for one in stats(client, world)["figures"]}
    bars = drawn[0].find("desc").text
    assert f"当日办结率 {shares['same_day']['share']:.1%}" in bars
    weeks = sum(int(number) for number in re.findall(r"<td>(\d+)</td><td>\d+</td>", page.text))
    assert weeks == shares["on_time"]["denominator"]


def stats(client, world):
    params = {"compound": "LHQ", "from": "2027-01-01", "to": "2027-03-01"}
    return client.get("/api/v1/stats", params=params, headers=world.as_("committee_secretary")).json()


def test_every_figure_leads_to_the_tickets_behind_it(client, world, database):
    plant(database, world, 60, 42)
    page = opened(as_(client, world, "grid_head"), f"/desk/figures?{PERIOD}")
    behind = [link for link in page.links if re.match(r"/desk/figures/\w+\?", link)]
    assert len(behind) > 15
    for link in behind[:4]:
        listed = opened(client, link)
        assert listed.status == 200
        assert "没算进去的" in listed.text
    assert any(link.startswith("/desk/tickets/") for link in opened(client, behind[0]).links)


def test_a_period_that_makes_no_sense_says_so_and_keeps_the_page(client, world):
    as_(client, world, "grid_head")
    for query in ("from=2027-03-02&to=2027-03-01", "from=yesterday", "category=XYZ"):
        page = opened(client, f"/desk/figures?compound=LHQ&{query}")
        assert (page.status, "problem" in page.text) == (422, True), query


def test_a_month_without_anything_due_says_so(client, world):
    assert "这段时间没有到期的诉求" in opened(as_(client, world, "grid_head"), "/desk/figures").text


def test_whoever_opens_no_tickets_sees_totals_and_no_lists(client, world, database):
    plant(database, world, 120, 43)
    page = opened(as_(client, world, "police"), f"/desk/figures?{PERIOD}")
    assert page.status == 200
    assert not [link for link in page.links if "/desk/figures/" in link or "/desk/ledger" in link]
    assert opened(client, "/desk/ledger").status == 403


def test_the_close_out_board_and_the_ledger_agree_and_download(client, world):
    for over in ({}, {"category": "ENV-02", "text": "垃圾没人收"}):
        triage(client, world, submit(client, world, **over))
    as_(client, world, "committee_secretary")
    board = opened(client, "/desk/closeout")
    assert '还有 <b class="number">2</b> 件没销号' in board.text
    page = opened(client, "/desk/ledger?month=2027-03")
    assert "路灯/楼道灯不亮" in page.text
    files = [link for link in page.links if link.startswith("/desk/ledger.")]
    assert len(files) == 2
    for link in files:
        assert client.get(link.replace("&amp;", "&")).status_code == 200
    assert opened(client, "/desk/ledger?month=soon").status == 422
    assert "这个月没有诉求" in opened(client, "/desk/ledger?month=2026-01").text


def test_a_common_issue_from_the_ticket_page_to_its_end(client, world):
    receipts = [submit(client, world) for _ in range(3)]
    as_(client, world, "grid_head")
    page = opened(client, at(receipts[0]))
    assert "可能是一个共性问题" in page.text
    form = page.forms[f"{at(receipts[0])}/issue"]
    answer = client.post(f"{at(receipts[0])}/issue", data=form, follow_redirects=False)
    assert answer.headers["location"].endswith("?ok=issue")
    link = next(link for link in opened(client, at(receipts[0])).links if link.startswith("/desk/issues/"))
    page = opened(client, link)
    assert "还有 3 件没办好" in page.text
    assert posted(client, f"{link}/unlink", ticket=receipts[2]["number"]).status_code == 303
    assert posted(client, f"{link}/link", ticket="270301-000000").status_code == 404
    assert "没有找到" in posted(client, f"{link}/link", ticket="270301-000000").text
    assert posted(client, f"{link}/link", ticket=receipts[2]["number"]).status_code == 303
    assert posted(client, f"{link}/close", text="").status_code == 422
    assert posted(client, f"{link}/close", text="整幢换了灯").status_code == 303
    assert "整幢换了灯" in opened(client, link).text
    assert opened(client, "/desk/issues").links.count(link) == 0
    assert link in opened(client, "/desk/issues?closed=1").links


def test_a_filing_is_noted_on_the_ticket_page(client, world):
    receipt = submit(client, world)
    as_(client, world, "grid_head")
    refused = posted(client, f"{at(receipt)}/file", agency="")
    assert refused.status_code == 422
    done = posted(client, f"{at(receipt)}/file", agency="城管中队", receipt_no="CG-1", filed_at="2027-03-01T08:30")
    assert done.headers["location"] == f"{at(receipt)}?ok=file"
    page = opened(client, at(receipt))
    assert "城管中队" in page.text
    assert "今天 08:30" in page.text
    assert "记一条报备" not in opened(as_(client, world, "property"), at(receipt)).text


def test_a_reply_is_released_for_the_board_only_where_its_box_is_ticked(client, world):
    agreed = {"consent": {"notice_version": NOTICE, "publish": True}}
    receipts = [submit(client, world, **agreed), submit(client, world, category="ENV-02", text="垃圾没人收")]
    for receipt in receipts:
        triage(client, world, receipt)
        slip_no = slip_of(client, world, "property")["slip_no"]
        slip_verb(client, world, "property", slip_no, "done", text="办好了")
    as_(client, world, "grid_head")
    assert "公开这句答复" in opened(client, at(receipts[0])).text
    assert "公开这句答复" not in opened(client, at(receipts[1])).text
    posted(client, f"{at(receipts[0])}/confirm", text="灯修好了", public="1", public_text="换了两盏灯")
    assert desk(client, world, "grid_head", receipts[0]).json()["status"] == "answered"
    assert "换了两盏灯" in client.get("/board/LHQ").text


def test_neighbours_are_shown_apart_from_urges(client, world, time):
    receipt = submit(client, world)
    triage(client, world, receipt)
    client.post(f"/s/{world.code}/me-too", data={"category": "BLD-09"})
    time.set(MONDAY + timedelta(hours=1))
    page = opened(as_(client, world, "grid_head"), at(receipt))
    assert "另有 1 部手机" in page.text
    assert "催了" not in page.text
