"""走访: today's list in a browser without scripts, a plan, an outcome in one tap, and a matter in two."""

import pytest
from sqlalchemy import select

from app.models.access_log import AccessLog
from app.models.visit import Visit
from tests.builders import NOTICE, key
from tests.pages.desk_browser import as_, posted
from tests.pages.reading import HTML, opened, sent

PHONE = "13987654321"
RESULT, REVEAL, END = (f"/desk/visits/1/{verb}#visit-1" for verb in ("result", "reveal", "end"))
FORM = {
    "kind": "visit", "name": "陈阿婆", "place": "1-2", "room": "301", "phone": PHONE, "reason": "living_alone",
    "consent": "voice", "every_days": "7", "visitor": "stair_head",
}  # fmt: skip


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture(autouse=True)
def at_nine(time):
    return time


def planned(client, world, **over):
    page = opened(as_(client, world, "grid_head"), "/desk/visits")
    return sent(client, page, "/desk/visits", **FORM | over)


def looks(database):
    with database.read() as session:
        return [
            (line.fields, line.purpose) for line in session.scalars(select(AccessLog).execution_options(scope="test"))
        ]


def test_the_grid_head_plans_on_the_page_and_the_visitor_has_the_line_and_its_tab(client, world):
    assert "今天没有要走访的" in opened(as_(client, world, "grid_head"), "/desk/visits").text
    assert planned(client, world).headers["location"] == "/desk/visits?ok=planned"
    page = opened(as_(client, world, "stair_head"), "/desk/visits?ok=planned")
    assert (page.status, "已排上" in page.text, "1幢2单元" in page.text) == (200, True, True)
    assert "/desk/visits" in page.links
    for person in ("陈阿婆", PHONE, "301"):
        assert person not in page.text


def test_whoever_has_no_list_has_no_tab_and_finds_no_page(client, world):
    planned(client, world)
    page = opened(as_(client, world, "property"), "/desk/slips")
    assert "/desk/visits" not in page.links
    assert opened(client, "/desk/visits").status == 404


def test_a_secretary_has_figures_and_no_line(client, world):
    planned(client, world)
    page = opened(as_(client, world, "committee_secretary"), "/desk/visits")
    assert (page.status, "&lt;3" in page.text, "陈" in page.text, "1幢2单元" in page.text) == (200, True, False, False)


def test_what_is_wrong_in_a_plan_is_said_beside_the_field_and_nothing_typed_is_lost(client, world):
    page = planned(client, world, place="9-9", kind="greeting_call", phone="")
    assert (page.status, "没找到这个单元" in page.text) == (422, True)
    page = planned(client, world, kind="greeting_call", phone="")
    assert (page.status, "问候电话要有电话号码" in page.text) == (422, True)
    assert page.forms["/desk/visits"]["name"] == ["陈阿婆"]
    assert page.forms["/desk/visits"]["room"] == ["301"]


def test_one_tap_writes_the_outcome_down_and_a_second_send_of_the_same_form_does_nothing(client, world, database):
    planned(client, world)
    page = opened(as_(client, world, "stair_head"), "/desk/visits")
    for _ in range(2):
        answer = sent(client, page, RESULT, result="fine", note="精神很好")
        assert answer.headers["location"] == "/desk/visits?ok=visited"
    after = opened(client, "/desk/visits").text
    assert ("3月8日" in after, "今天没有要走访的" in after, "精神很好" in after) == (True, True, True)
    with database.read() as session:
        assert len(session.scalars(select(Visit).execution_options(scope="test")).all()) == 1


def test_one_tap_shows_the_number_to_dial_and_another_the_door_each_with_its_line_in_the_log(client, world, database):
    planned(client, world)
    page = opened(as_(client, world, "stair_head"), "/desk/visits")
    called = sent(client, page, REVEAL, what="phone")
    assert (f"tel:{PHONE}" in called.links, "301" in called.text) == (True, False)
    door = sent(client, page, REVEAL, what="door")
    assert ("301" in door.text, PHONE in door.text) == (True, False)
    assert looks(database) == [(["name", "phone"], "visit"), (["name", "room"], "visit")]


def test_a_matter_takes_two_taps_and_the_visit_keeps_its_number(client, world, database):
    planned(client, world)
    page = opened(as_(client, world, "stair_head"), "/desk/visits")
    form = sent(client, page, "/desk/visits/1/matter")
    filled = form.forms["/desk/new"]
    assert (form.status, filled["visit"], filled["place"]) == (200, ["1"], ["1幢2单元"])
    assert (filled["beneficiary_name"], filled["beneficiary_phone"], filled["channel"]) == (
        ["陈阿婆"],
        [PHONE],
        ["visit"],
    )
    assert looks(database) == [(["name", "phone", "room"], "visit")]
    done = sent(client, form, "/desk/new", text="厨房水管一直滴水", proxy_consent_kind="voice")
    assert done.status == 303, done.text
    number = done.headers["location"].rsplit("/", 1)[1]
    assert number in opened(client, done.headers["location"]).text
    after = opened(client, "/desk/visits")
    assert (f"记了 {number}" in after.text, "3月2日" in after.text) == (True, True)
    view = client.get(f"/api/v1/desk/tickets/{number}", headers=world.as_("grid_head")).json()
    assert (view["channel"], view["proxy"]["name"], view["proxy"]["consent"]) == ("visit", "陈**", "voice")


def test_a_mistake_in_the_matter_loses_neither_what_was_typed_nor_the_visit(client, world):
    planned(client, world)
    form = sent(client, opened(as_(client, world, "stair_head"), "/desk/visits"), "/desk/visits/1/matter")
    again = sent(client, form, "/desk/new", text="", proxy_consent_kind="voice")
    assert (again.status, again.forms["/desk/new"]["visit"]) == (422, ["1"])
    assert again.forms["/desk/new"]["beneficiary_name"] == ["陈阿婆"]


def test_somebody_elses_visit_takes_no_matter(client, world):
    planned(client, world)
    body = {
        "visit": "1", "compound": "LHQ", "place": "1-2", "channel": "visit", "text": "灯坏了",
        "notice_version": NOTICE, "key": key()["Idempotency-Key"],
    }  # fmt: skip
    assert posted(as_(client, world, "property"), "/desk/new", **body).status_code == 404
    assert client.post("/desk/visits/1/matter", headers=HTML).status_code == 404


def test_ending_a_plan_asks_to_be_sure(client, world):
    planned(client, world)
    page = opened(as_(client, world, "stair_head"), "/desk/visits")
    unsure = sent(client, page, END)
    assert (unsure.status, "请先打勾" in unsure.text) == (422, True)
    assert sent(client, page, END, sure="1").headers["location"] == "/desk/visits?ok=ended"
    assert opened(client, "/desk/visits").status == 404


def test_the_address_of_a_form_opened_again_leads_to_the_list(client, world):
    planned(client, world)
    back = as_(client, world, "stair_head").get(RESULT, headers=HTML, follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, "/desk/visits#visit-1")
