"""People without a smartphone: they ring up, hear the number, and are told by telephone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models.message import Message
from app.models.ticket import Ticket
from app.rules.vocabulary import Role
from tests.builders import (
    MONDAY,
    NOTICE,
    calls_for,
    desk,
    key,
    phoned,
    secret,
    submit,
    triage,
    verb,
)
from tests.journeys.telephone import ELDER, THEIR_PHONE, answered, asked, post, undrawn, whom

# --- taking it in ---------------------------------------------------------------------------------------------------


def test_a_call_is_answered_like_a_scan_and_the_caller_follows_with_what_was_read_out(client, world, time):
    told = phoned(client, world)
    assert {"number", "secret", "status", "category", "complexity", "promise", "lead", "seen_by", "url"} <= set(told)
    assert told["promise"]["due_at"] == "2027-03-05T00:00:00+08:00"
    mine = client.get(f"/api/v1/tickets/{told['number']}", headers=secret(told)).json()
    assert (mine["text"], mine["status"]) == ("楼上漏水到厨房", "submitted")
    view = desk(client, world, "grid_head", told).json()
    assert (view["channel"], view["contact"], view["proxy"]) == (
        "phone",
        {"name": "李**", "phone": "138****5678"},
        None,
    )
    assert {clock["kind"]: clock["state"] for clock in view["clocks"]}["first_response"] == "stopped"


def test_whoever_is_spoken_to_has_had_a_response_and_an_emergency_still_waits_for_an_act(client, world, time):
    forms = {"category": "BLD-01", "text": "电梯困人", "emergency": True}
    states = {}
    for how, receipt in (
        ("phone", phoned(client, world, "property", **forms)),
        ("scan", submit(client, world, **forms)),
    ):
        view = desk(client, world, "grid_head", receipt).json()
        states[how] = {clock["kind"]: clock["state"] for clock in view["clocks"]}
    assert [states[how]["first_response"] for how in ("phone", "scan")] == ["stopped", "running"]
    assert [states[how]["emergency"] for how in ("phone", "scan")] == ["running", "running"]


def test_the_place_may_be_a_code_or_a_stairwell_and_never_both_or_another_compounds(client, world):
    by_code = phoned(client, world, code=world.code, compound=None, stairwell=None)
    assert by_code["status"] == "submitted"
    body = {"channel": "phone", "text": "灯坏了"}
    for place in ({}, {"compound": "LHQ"}, {"code": world.code, "compound": "LHQ", "stairwell": "LHQ-1-1-s"}):
        wrong = client.post("/api/v1/desk/tickets", json=body | place, headers=world.as_("grid_head") | key())
        assert wrong.status_code == 422, place
    for place in ({"compound": "LHQ", "stairwell": "XX-1-1-s"}, {"compound": "XX", "stairwell": "LHQ-1-1-s"}):
        absent = client.post("/api/v1/desk/tickets", json=body | place, headers=world.as_("grid_head") | key())
        assert (absent.status_code, absent.json()["code"]) == (404, "NOT_FOUND")


def test_the_same_key_gives_the_same_number_and_query_code_once(client, world, database):
    body = {"compound": "LHQ", "stairwell": "LHQ-1-1-s", "channel": "phone", "text": "灯坏了", "category": "BLD-09"}
    header = key()
    first, again = (
        client.post("/api/v1/desk/tickets", json=body, headers=world.as_("grid_head") | header).json() for _ in "12"
    )
    assert first == again
    missing = client.post("/api/v1/desk/tickets", json=body, headers=world.as_("grid_head"))
    assert (missing.status_code, missing.json()["code"]) == (428, "IDEMPOTENCY_KEY_MISSING")
    with database.read() as session:
        rows = session.execute(select(Ticket.recorded_by).execution_options(scope="test")).scalars().all()
    assert rows == [world.accounts["grid_head"]]


def test_a_head_records_what_was_said_face_to_face_and_not_on_the_telephone(client, world):
    body = {"compound": "LHQ", "stairwell": "LHQ-1-1-s", "text": "灯坏了"}
    for channel, status in (("visit", 201), ("phone", 403), ("scan", 422)):
        answer = client.post(
            "/api/v1/desk/tickets", json=body | {"channel": channel}, headers=world.as_("police") | key()
        )
        assert answer.status_code == status, answer.text
    street = client.post("/api/v1/desk/tickets", json=body | {"channel": "visit"}, headers=world.as_("street") | key())
    assert street.status_code == 403


def test_a_contact_is_stored_only_after_it_was_agreed_to(client, world):
    body = {
        "compound": "LHQ", "stairwell": "LHQ-1-1-s", "channel": "phone", "text": "灯坏了",
        "contact": {"phone": "13812345678"}, "consent": {"notice_version": NOTICE},
    }  # fmt: skip
    refused = client.post("/api/v1/desk/tickets", json=body, headers=world.as_("grid_head") | key())
    assert (refused.status_code, refused.json()["code"]) == (422, "CONSENT_NEEDED")


# --- for somebody else ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"proxy_consent": None}, "proxy_consent"),
        ({"beneficiary": None}, "beneficiary"),
        ({"beneficiary": {}}, "beneficiary"),
        ({"proxy_consent": {"kind": "voice"}}, "proxy_consent.note"),
        ({"proxy_consent": {"kind": "hearsay", "note": "听说"}}, "proxy_consent.kind"),
        ({"proxy_consent": {"kind": "standing_mandate", "note": "写了委托书"}}, "proxy_consent"),
        (
            {"proxy_consent": {"kind": "standing_mandate", "note": "委托书", "until": "2028-03-03T00:00:00+08:00"}},
            "proxy_consent.until",
        ),
        (
            {"proxy_consent": {"kind": "standing_mandate", "note": "委托书", "until": "2027-02-01T00:00:00+08:00"}},
            "proxy_consent.until",
        ),
        ({"proxy_consent": {"kind": "voice", "note": "好", "until": "2027-05-01T00:00:00+08:00"}}, "proxy_consent"),
        ({"contact": {"name": "张三", "phone": "0571-1111 2222"}}, "contact.phone"),
        ({"minor": True, "contact": None}, "minor"),
    ],
)
def test_whoever_speaks_for_somebody_else_has_their_consent_and_is_not_in_office(client, world, over, field):
    body = {
        "compound": "LHQ", "stairwell": "LHQ-1-1-s", "channel": "phone", "text": "灯坏了",
        "contact": {"name": "李梅", "phone": "13812345678"}, "consent": {"notice_version": NOTICE, "contact": True},
    } | ELDER | over  # fmt: skip
    refused = client.post("/api/v1/desk/tickets", json=body, headers=world.as_("grid_head") | key())
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, [field]), refused.text


def test_the_beneficiary_is_masked_for_the_grid_head_and_revealed_with_a_purpose_that_the_log_keeps(client, world):
    until = "2028-03-02T00:00:00+08:00"
    told = phoned(
        client, world, **ELDER | {"proxy_consent": {"kind": "standing_mandate", "note": "书面委托", "until": until}}
    )
    assert desk(client, world, "grid_head", told).json()["proxy"] == {
        "name": "陈**",
        "phone": "139****4321",
        "room": "***",
        "consent": "standing_mandate",
        "note": "书面委托",
        "until": until,
    }
    fields = ["beneficiary_name", "beneficiary_phone", "beneficiary_room"]
    plain = verb(client, world, "grid_head", told, "reveal", fields=fields, purpose="contact").json()
    assert plain == {"beneficiary_name": "陈阿婆", "beneficiary_phone": THEIR_PHONE, "beneficiary_room": "301"}
    assert verb(client, world, "property", told, "reveal", fields=fields[:1], purpose="contact").status_code == 403
    looks = client.get(f"/api/v1/tickets/{told['number']}", headers=secret(told)).json()["seen_log"]
    assert [look["role"] for look in looks] == ["grid_head"]


def test_the_proxy_follows_state_and_replies_and_not_what_the_elder_adds_later(client, world):
    told = phoned(client, world, **ELDER)
    client.post(f"/api/v1/tickets/{told['number']}/info", json={"text": "我的病历号是 42"}, headers=secret(told))
    done = answered(client, world, told)
    assert asked(client, world, told, result="reached", solved="yes", stars=4, text="老人说很感谢").status_code == 200
    mine = client.get(f"/api/v1/tickets/{told['number']}", headers=secret(told))
    assert "病历" not in mine.text
    assert "很感谢" not in mine.text
    assert ("confirm", "水管换好了") in [(entry["verb"], entry["text"]) for entry in mine.json()["timeline"]]
    assert mine.json()["status"] == done["status"]
    assert mine.json()["rating"] == {
        "solved": "yes",
        "stars": 4,
        "text": None,
        "at": "2027-03-01T09:00:00+08:00",
        "source": "callback",
    }


def test_an_emergency_by_proxy_is_told_to_the_one_concerned_afterwards(client, world):
    told = phoned(
        client, world, **ELDER | {"proxy_consent": {"kind": "emergency", "note": "老人摔倒，邻居打来"}}, emergency=True
    )
    assert whom(desk(client, world, "grid_head", told).json()) == [("tell", "consent_afterwards", "open")]
    call = calls_for(client, world)[0]
    assert (call["ask"], call["phone"], call["for_somebody_else"]) == ("beneficiary_phone", "139****4321", True)
    assert "say" not in call


def test_the_secretary_hears_of_a_proxy_for_more_than_five_households(client, world, database):
    def notices():
        with database.read() as session:
            query = select(Message.seat_id).where(Message.template == "many_proxies")
            return session.execute(query.execution_options(scope="test")).scalars().all()

    for flat in (101, 102, 103, 104, 105, 105):
        phoned(client, world, **ELDER | {"beneficiary": {"name": "老人", "room": str(flat)}})
    assert notices() == []
    phoned(client, world, contact={"phone": "13700000000"}, **ELDER | {"beneficiary": {"room": "106"}})
    assert notices() == []
    phoned(client, world, **ELDER | {"beneficiary": {"room": "106"}})
    assert notices() == [world.seats[Role.COMMITTEE_SECRETARY]]


# --- telling --------------------------------------------------------------------------------------------------------


def test_every_answer_becomes_one_call_about_the_newest_and_a_scan_becomes_none(client, world, time):
    scanned = submit(
        client, world, category="SVC-09", text="老年证怎么办",
        contact={"phone": "13812345678"}, consent={"notice_version": NOTICE, "contact": True},
    )  # fmt: skip
    assert whom(verb(client, world, "grid_head", scanned, "answer", text="带身份证来").json()) in (
        [],
        [("callback", "self_checked", "open")],
        [("callback", "random", "open")],
    )
    told = phoned(client, world)
    assert whom(verb(client, world, "grid_head", told, "need_info", question="几楼漏？").json()) == [
        ("tell", "need_info", "open")
    ]
    triage(client, world, told)
    client.post(f"/api/v1/tickets/{told['number']}/info", json={"text": "三楼"}, headers=secret(told))
    triage(client, world, told)
    verb(client, world, "grid_head", told, "assign", lead="property")
    time.set(MONDAY + timedelta(days=1))
    replied = verb(client, world, "grid_head", told, "reply", kind="result", text="明天换管子").json()
    assert whom(replied) == [("tell", "reply", "open")]
    call = next(one for one in calls_for(client, world) if one["number"] == told["number"])
    assert (call["say"], call["phone"], call["name"], call["ask"]) == ("明天换管子", "138****5678", "李**", "phone")
    assert (call["due_at"], call["overdue"]) == ("2027-03-03T00:00:00+08:00", False)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("reject", {"reason": "out_of_duty", "text": "请找产权单位"}),
        ("transfer_out", {"agency": "12345"}),
        ("need_info", {"question": "几楼？"}),
    ],
)
def test_what_ends_or_asks_is_told_too(client, world, name, body):
    told = phoned(client, world)
    assert whom(verb(client, world, "grid_head", told, name, **body).json()) == [("tell", name, "open")]


def test_nobody_is_called_who_left_no_number(client, world):
    told = phoned(client, world, contact=None, consent=None)
    assert whom(verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="请找别家").json()) == []


def test_a_call_that_was_made_is_off_the_list_and_stays_in_the_tickets_history(client, world, time):
    told = phoned(client, world)
    verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="请找产权单位")
    call = calls_for(client, world)[0]
    assert calls_for(client, world, "property") == calls_for(client, world, "committee_secretary") == []
    assert post(client, world, f"calls/{call['id']}/done", "property").status_code == 404
    time.set(MONDAY + timedelta(hours=1))
    done = post(client, world, f"calls/{call['id']}/done", note="听懂了，会去问")
    assert done.status_code == 200
    assert calls_for(client, world) == []
    line = desk(client, world, "grid_head", told).json()["calls"][0]
    assert (line["status"], line["done_at"]) == ("done", "2027-03-01T10:00:00+08:00")
    again = post(client, world, f"calls/{call['id']}/done")
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_NOW")


def test_three_tries_on_two_days_end_a_call_and_not_sooner(client, world, time):
    told = phoned(client, world)
    verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="请找产权单位")
    call = calls_for(client, world)[0]["id"]
    for hours, left in ((0, 1), (3, 1), (6, 1), (24, 0)):
        time.set(MONDAY + timedelta(hours=hours))
        assert post(client, world, f"calls/{call}/missed").status_code == 200
        assert len(calls_for(client, world)) == left
    assert desk(client, world, "grid_head", told).json()["calls"][0]["status"] == "unreached"


def test_a_judgement_by_the_reporter_takes_the_call_back(client, world, database):
    told = undrawn(client, world, database)
    assert whom(answered(client, world, told)) == [("tell", "confirm", "open")]
    client.post(f"/api/v1/tickets/{told['number']}/rating", json={"solved": "yes", "stars": 5}, headers=secret(told))
    assert whom(desk(client, world, "grid_head", told).json()) == [("tell", "confirm", "void")]


def test_calls_come_in_the_order_of_their_urgency_page_by_page(client, world, time):
    for day in range(5):
        time.set(MONDAY + timedelta(days=day))
        verb(client, world, "grid_head", phoned(client, world), "reject", reason="out_of_duty", text="请找别家")
    seen, cursor = [], None
    while True:
        page = client.get(
            "/api/v1/desk/calls", params={"limit": 2} | ({"cursor": cursor} if cursor else {}),
            headers=world.as_("grid_head"),
        ).json()  # fmt: skip
        seen += [call["due_at"] for call in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 5
    broken = client.get("/api/v1/desk/calls", params={"cursor": "nonsense"}, headers=world.as_("grid_head"))
    assert broken.status_code == 422
