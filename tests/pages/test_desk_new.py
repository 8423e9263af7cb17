"""记一件 and the calls without script: one form during a call, a slip to read out, and nothing typed is ever lost."""

import re
from datetime import timedelta

import pytest

from tests.builders import MONDAY, calls_for, desk, phoned, slip_of, slip_verb, triage, verb
from tests.pages.desk_browser import as_, at, posted
from tests.pages.reading import opened, sent

CALLER = {"contact_name": "李梅", "contact_phone": "１３８12345678", "consent_contact": "1"}
ELDER = {
    "beneficiary_name": "陈阿婆",
    "beneficiary_phone": "13987654321",
    "beneficiary_room": "909",
    "proxy_consent_kind": "voice",
    "proxy_consent_note": "电话里本人同意",
}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def filled(client, world, who="grid_head", **over):
    page = opened(as_(client, world, who), "/desk/new")
    return sent(client, page, "/desk/new", **{"text": "楼上漏水到我家厨房", "place": "2-1"} | CALLER | over)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_a_call_is_typed_stored_and_read_out(client, world):
    done = filled(client, world)
    assert done.status == 303
    slip = opened(client, done.headers["location"])
    number = done.headers["location"].rsplit("/", 1)[1]
    assert number in slip.text
    secret = re.search(r"查询码 ([0-9A-Z]{4}) ([0-9A-Z]{4})", words(slip))
    mine = client.get(f"/api/v1/tickets/{number}", headers={"X-Ticket-Secret": "".join(secret.groups())}).json()
    assert (mine["text"], mine["place"]["label"]) == ("楼上漏水到我家厨房", "2幢1单元·室内")
    assert "3月4日 24:00 前给您明确答复，由物业负责" in words(slip)
    assert "0571-11112222" in words(slip)
    view = client.get(f"/api/v1{at({'number': number})}", headers=world.as_("grid_head")).json()
    assert view["contact"] == {"name": "李**", "phone": "138****5678"}


def test_the_slip_shows_nothing_of_who_and_what_was_said(client, world):
    done = filled(client, world, text="我叫李梅，1301 家漏水，打 13812345678", spot="陈阿婆家门口", **ELDER)
    slip = opened(client, done.headers["location"])
    for private in ("李梅", "1301", "13812345678", "陈阿婆", "13987654321", "909", "漏水，打"):
        assert private not in slip.text.replace(done.headers["location"], "")


def test_the_query_code_is_shown_to_the_one_who_typed_it_and_within_the_hour(client, world, time):
    address = filled(client, world).headers["location"]
    assert opened(client, address).status == 200
    for other in ("grid_head2", "committee_secretary", "property"):
        assert opened(as_(client, world, other), address).status == 404
    time.set(MONDAY + timedelta(minutes=60))
    assert opened(as_(client, world, "grid_head"), address).status == 200
    time.set(MONDAY + timedelta(minutes=61))
    assert opened(client, address).status == 404


@pytest.mark.parametrize("typed", ["2-1", "2幢1单元", "２－１", "2栋1", "二幢一单元"])
def test_a_place_is_found_as_it_is_typed(client, world, typed):
    done = filled(client, world, place=typed)
    assert "2幢1单元" in opened(client, done.headers["location"]).text


def test_a_place_may_be_chosen_and_what_is_typed_wins(client, world):
    chosen = filled(client, world, place="", stairwell="LHQ-1-2-s")
    assert "1幢2单元" in opened(client, chosen.headers["location"]).text
    both = filled(client, world, place="2-2", stairwell="LHQ-1-2-s")
    assert "2幢2单元" in opened(client, both.headers["location"]).text


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(client, world):
    typed = {
        "text": "  楼道灯坏了\n晚上看不见 ",
        "place": "9-9",
        "spot": "三楼",
        "emergency": "1",
        "other": "BLD-09",
        "channel": "visit",
        "contact_name": "李梅",
        "contact_phone": "不记得",
        "contact_room": "301",
        "avoid": ["property"],
        "beneficiary_name": "陈阿婆",
        "proxy_consent_kind": "standing_mandate",
        "proxy_consent_until": "2027-13-01",
    }
    page = opened(as_(client, world, "grid_head"), "/desk/new")
    answer = sent(client, page, "/desk/new", **typed)
    assert answer.status == 422
    form = answer.forms["/desk/new"]
    assert {name: form[name] for name in ("text", "place", "spot", "channel", "contact_phone", "avoid")} == {
        "text": ["  楼道灯坏了\n晚上看不见 "],
        "place": ["9-9"],
        "spot": ["三楼"],
        "channel": ["visit"],
        "contact_phone": ["不记得"],
        "avoid": ["property"],
    }
    assert (form["emergency"], form["beneficiary_name"], form["proxy_consent_until"]) == (
        ["1"],
        ["陈阿婆"],
        ["2027-13-01"],
    )
    assert '<option value="BLD-09" selected>' in answer.text
    assert '<option value="standing_mandate" selected>' in answer.text
    for field in ("place", "contact_phone", "proxy_consent_until", "proxy_consent_note"):
        assert f'id="new-{field}-problem"' in answer.text, field
    assert "您写的都还在" in answer.text


def test_a_contact_without_the_tick_is_refused_beside_the_sentence_to_read_out(client, world):
    page = opened(as_(client, world, "grid_head"), "/desk/new")
    answer = sent(client, page, "/desk/new", text="灯坏了", place="1-1", contact_phone="13812345678")
    assert answer.status == 422
    assert 'id="new-consent_contact-problem"' in answer.text
    assert "由荷花社区保管，办结 180 天后删除。您同意吗？" in answer.text
    assert answer.forms["/desk/new"]["contact_phone"] == ["13812345678"]


def test_the_words_suggest_categories_before_anything_is_stored(client, world, database):
    page = opened(as_(client, world, "grid_head"), "/desk/new")
    answer = sent(client, page, "/desk/new", text="楼上漏水到我家厨房")  # without a place: refused, with chips
    assert 'name="category" value="BLD-05"' in answer.text
    typed = answer.forms["/desk/new"] | {"place": ["1-1"]}
    shown = client.post("/desk/new/guess", data=typed, headers={"accept": "text/html"})
    assert (shown.status_code, 'name="category" value="BLD-05"' in shown.text) == (200, True)
    assert client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"] == []


def test_a_double_tap_makes_one_ticket(client, world):
    page = opened(as_(client, world, "grid_head"), "/desk/new")
    answers = [sent(client, page, "/desk/new", text="灯坏了", place="1-1") for _ in "12"]
    assert [one.status for one in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("who", "channels"),
    [
        ("grid_head", ["phone", "visit"]),
        ("property", ["phone", "visit"]),
        ("community", ["phone", "visit"]),
        ("police", ["visit"]),
        ("street", None),
        ("admin", None),
    ],
)
def test_the_form_offers_what_the_role_may_do(client, world, who, channels):
    page = opened(as_(client, world, who), "/desk/new")
    assert ("记一件" in opened(client, "/desk/slips").text) == (channels is not None)
    if channels is None:
        assert page.status == 403
    else:
        assert [c for c in ("phone", "visit") if f'name="channel" value="{c}"' in page.text] == channels


# --- the calls ------------------------------------------------------------------------------------------------------


def rejected(client, world, **over):
    told = phoned(client, world, **over)
    verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="请找产权单位")
    return told


def test_one_tap_shows_the_number_and_one_more_says_it_was_told(client, world):
    told = rejected(client, world)
    page = opened(as_(client, world, "grid_head"), "/desk/calls")
    assert "138****5678" in page.text
    assert "13812345678" not in page.text
    assert "请找产权单位" in page.text
    shown = sent(client, page, "/desk/calls/1/reveal#call-1")
    assert '<a class="desk-call number" href="tel:13812345678">' in shown.text
    looks = client.get(f"/api/v1/tickets/{told['number']}", headers={"X-Ticket-Secret": told["secret"]}).json()
    assert [look["role"] for look in looks["seen_log"]] == ["grid_head"]
    done = sent(client, shown, "/desk/calls/1/done#call-1", note="听懂了")
    assert done.headers["location"] == "/desk/calls?ok=told"
    empty = opened(client, done.headers["location"])
    assert "已记下：打通了，已告知。" in empty.text
    assert "现在没有要打的电话" in empty.text


def test_nobody_answered_is_noted_with_the_hour_once_per_tap(client, world):
    rejected(client, world)
    page = opened(as_(client, world, "grid_head"), "/desk/calls")
    for _ in "12":
        assert sent(client, page, "/desk/calls/1/missed#call-1").headers["location"] == "/desk/calls?ok=missed"
    assert "打过 1 次没人接：今天 09:00" in words(opened(client, "/desk/calls"))


def test_a_callback_is_noted_by_whoever_did_not_handle_it_and_reopens(client, world):
    told = phoned(client, world, category="BLD-01", text="电梯困人", emergency=True)
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="放出来了")
    verb(client, world, "grid_head", told, "confirm", text="已放出")
    call = calls_for(client, world, "grid_head2")
    asked = next(one for one in call if one["kind"] == "callback")
    page = opened(as_(client, world, "grid_head2"), "/desk/calls")
    action = f"/desk/calls/{asked['id']}/callback#call-{asked['id']}"
    half = sent(client, page, action, solved="no", text="又坏了")
    assert half.status == 422
    assert "解决没有和几颗星要一起记" in half.text
    assert half.forms[action]["text"] == ["又坏了"]
    done = sent(client, half, action, solved="no", stars="1", text="又坏了")
    assert done.headers["location"] == "/desk/calls?ok=callback"
    view = desk(client, world, "grid_head", told).json()
    assert (view["status"], view["rating"]["source"]) == ("reopened", "callback")
    shown = opened(as_(client, world, "grid_head"), at(told))
    assert "回访时说的" in shown.text


def test_somebody_without_the_number_notes_what_they_heard_and_gets_no_button(client, world):
    told = phoned(client, world, category="BLD-01", text="电梯困人", emergency=True)
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="放出来了")
    verb(client, world, "grid_head", told, "confirm", text="已放出")
    page = opened(as_(client, world, "committee_secretary"), "/desk/calls")
    assert "5678" not in page.text
    reveal = re.search(r"/desk/calls/(\d+)/callback", page.text)[1]
    refused = posted(client, f"/desk/calls/{reveal}/reveal")
    assert (refused.status_code, "13812345678" in refused.text) == (403, False)
    answer = sent(client, page, f"/desk/calls/{reveal}/callback#call-{reveal}", solved="none")
    assert answer.headers["location"] == "/desk/calls?ok=callback"


def test_the_ticket_shows_the_beneficiary_masked_and_dials_with_one_tap(client, world):
    told = phoned(
        client,
        world,
        beneficiary={"name": "陈阿婆", "phone": "13987654321", "room": "301"},
        proxy_consent={"kind": "voice", "note": "电话里本人同意"},
    )
    page = opened(as_(client, world, "grid_head"), at(told))
    assert "139****4321" in page.text
    assert not [plain for plain in ("陈阿婆", "13987654321", "13812345678") if plain in page.text]
    shown = posted(client, f"{at(told)}/reveal", fields="beneficiary_phone", purpose="contact")
    assert 'href="tel:13987654321"' in shown.text
    other = opened(as_(client, world, "property"), at(told))
    assert not [plain for plain in ("139****", "电话里本人同意", "陈**") if plain in other.text]


def test_the_address_of_a_sent_call_leads_back_to_the_list(client, world):
    as_(client, world, "grid_head")
    answer = client.get("/desk/calls/7/done", headers={"accept": "text/html"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/calls#call-7")
