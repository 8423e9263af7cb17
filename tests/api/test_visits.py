"""Visits and greeting calls: who sees that somebody is looked after, when the next one is, and what a look leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models.access_log import AccessLog
from app.models.message import Message
from app.models.visit import Visit, VisitPlan
from app.rules.vocabulary import Role
from tests.builders import MONDAY, build_world, key, phoned

PHONE = "13987654321"
PERSON = {"name": "陈阿婆", "phone": PHONE, "room": "三零一"}
CANARIES = ("陈阿婆", PHONE, "三零一", "living_alone")


@pytest.fixture(autouse=True)
def at_nine(time):
    return time


def form(**over):
    return {
        "compound": "LHQ",
        "stairwell": "LHQ-1-1-s",
        "kind": "visit",
        "person": PERSON,
        "reason": "living_alone",
        "consent": "voice",
        "every_days": 7,
        "visitor": "stair_head",
    } | over


def planned(client, world, who="grid_head", **over):
    answer = client.post("/api/v1/desk/visits", json=form(**over), headers=world.as_(who) | key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def went(client, world, plan, who="stair_head", result="fine", **body):
    path = f"/api/v1/desk/visits/{plan['id']}/result"
    return client.post(path, json={"result": result} | body, headers=world.as_(who))


def today(client, world, who="stair_head"):
    return client.get("/api/v1/desk/visits/today", headers=world.as_(who))


def listed(client, world, who):
    return client.get("/api/v1/desk/visits", headers=world.as_(who))


def told(database, template):
    with database.read() as session:
        query = select(Message.seat_id).where(Message.template == template).execution_options(scope="test")
        return list(session.execute(query).scalars())


def test_the_grid_head_plans_and_the_visitor_finds_the_person_masked_on_todays_list(client, world):
    plan = planned(client, world)
    (line,) = today(client, world).json()["items"]
    assert (line["id"], line["name"], line["phone"], line["has_room"]) == (plan["id"], "陈**", "139****4321", True)
    assert (line["place"]["label"], line["next_on"], line["reason"]) == ("1幢1单元", "2027-03-01", "living_alone")
    assert (line["mine"], line["visitor"], line["last"]) == (True, "测试stair_head", None)
    assert "room" not in line


@pytest.mark.parametrize("path", ["", "/today"])
def test_nobody_but_the_visitor_and_the_grid_head_knows_that_there_is_a_list(client, world, database, path):
    planned(client, world)
    for role in Role:
        answer = client.get(f"/api/v1/desk/visits{path}", headers=world.as_(role))
        if role in {Role.GRID_HEAD, Role.STAIR_HEAD, Role.COMMITTEE_SECRETARY}:
            assert answer.status_code == 200
            names = [item["name"] for item in answer.json()["items"]]
            assert names == ([] if role is Role.COMMITTEE_SECRETARY else ["陈**"])
        else:
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), role


def test_a_plan_of_somebody_else_answers_like_one_that_is_not_there(client, world, database):
    plan = planned(client, world)
    build_world(database, compound="XIN", name="新苑")
    for who in ("property", "committee_secretary", "community", "admin", "police"):
        for verb, body in (("result", {"result": "fine"}), ("end", None), ("reveal", {"fields": ["name"]})):
            answer = client.post(f"/api/v1/desk/visits/{plan['id']}/{verb}", json=body, headers=world.as_(who))
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), (who, verb)
    foreign = {"Authorization": "Bearer token-of-grid_head_XIN"}
    assert client.post(f"/api/v1/desk/visits/{plan['id']}/end", headers=foreign).status_code == 404
    assert client.get("/api/v1/desk/visits", headers=foreign).json()["items"] == []


def test_only_who_heads_the_grid_plans_and_only_for_somebody_in_office_there(client, world):
    for who in ("property", "committee_secretary", "stair_head"):
        assert client.post("/api/v1/desk/visits", json=form(), headers=world.as_(who)).status_code == 404
    wrong = client.post(
        "/api/v1/desk/visits",
        json=form(visitor="nobody", kind="greeting_call", person={"name": "陈阿婆"}, ends_on="2029-01-01"),
        headers=world.as_("grid_head"),
    )
    fields = {error["field"] for error in wrong.json()["errors"]}
    assert (wrong.status_code, fields) == (422, {"visitor", "person.phone", "ends_on"})
    nameless = client.post("/api/v1/desk/visits", json=form(person={}), headers=world.as_("grid_head"))
    assert [error["field"] for error in nameless.json()["errors"]] == ["person.name"]
    no_consent = {name: value for name, value in form().items() if name != "consent"}
    assert client.post("/api/v1/desk/visits", json=no_consent, headers=world.as_("grid_head")).status_code == 422


@pytest.mark.parametrize(
    ("result", "next_on"),
    [("fine", "2027-03-08"), ("declined", "2027-03-08"), ("not_home", "2027-03-02"), ("needs_help", "2027-03-02")],
)
def test_a_result_says_when_the_next_visit_is_and_takes_the_line_off_todays_list(client, world, result, next_on):
    plan = planned(client, world)
    view = went(client, world, plan, result=result, note="门口有人应").json()
    assert (view["next_on"], view["last"]["result"], view["last"]["note"]) == (next_on, result, "门口有人应")
    assert today(client, world).json()["items"] == []


def test_nobody_at_home_twice_in_a_row_is_told_to_the_grid_head_once(client, world, database, time):
    plan = planned(client, world)
    went(client, world, plan, result="not_home")
    went(client, world, plan, result="not_home")  # the same afternoon: no second day yet
    assert told(database, "visit_missed") == []
    time.set(MONDAY + timedelta(days=1))
    assert went(client, world, plan, result="not_home").json()["misses"] == 2
    assert told(database, "visit_missed") == [world.seats["grid_head"]]
    time.set(MONDAY + timedelta(days=2))
    assert went(client, world, plan, result="fine").json()["misses"] == 0
    assert told(database, "visit_missed") == [world.seats["grid_head"]]
    inbox = client.get("/api/v1/desk/inbox", headers=world.as_("grid_head")).json()["items"]
    assert [item["text"] for item in inbox] == ["有一位走访对象连着两次没见到人，请到走访页看一看"]


def test_somebody_who_needs_help_is_told_to_the_grid_head_unless_a_ticket_says_it(client, world, database):
    plan = planned(client, world)
    ticket = phoned(client, world, who="stair_head", channel="visit", contact=None, consent=None)
    view = went(client, world, plan, result="needs_help", ticket=ticket["number"])
    assert (view.status_code, view.json()["last"]["ticket"]) == (200, ticket["number"])
    assert told(database, "visit_help") == []
    went(client, world, plan, result="needs_help")
    assert told(database, "visit_help") == [world.seats["grid_head"]]


def test_a_visit_keeps_only_a_number_that_the_same_account_recorded_in_that_compound(client, world):
    plan = planned(client, world)
    other = phoned(client, world, who="police", channel="visit", contact=None, consent=None)
    for number in (other["number"], "270301-AAAAAA", "nonsense"):
        answer = went(client, world, plan, result="needs_help", ticket=number)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "ticket"), number


def test_the_grid_head_does_not_learn_which_matter_about_them_came_from_a_visit(client, world):
    plan = planned(client, world)
    told = phoned(
        client, world, who="stair_head", channel="visit", contact=None, consent=None,
        text="网格长从来不管事", avoid=["grid_head"],
    )  # fmt: skip
    went(client, world, plan, result="fine", ticket=told["number"])
    (mine,) = listed(client, world, "stair_head").json()["items"]
    (theirs,) = listed(client, world, "grid_head").json()["items"]
    assert (mine["last"]["ticket"], theirs["last"]["ticket"]) == (told["number"], None)


def test_a_look_at_the_number_is_given_and_stands_in_the_access_log(client, world, database):
    plan = planned(client, world, kind="greeting_call")
    path = f"/api/v1/desk/visits/{plan['id']}/reveal"
    answer = client.post(path, json={"fields": ["phone"]}, headers=world.as_("stair_head"))
    assert answer.json() == {"phone": PHONE}
    with database.read() as session:
        (line,) = session.scalars(select(AccessLog).execution_options(scope="test"))
    assert (line.account_id, line.role, line.purpose, line.result) == (
        world.accounts["stair_head"],
        "stair_head",
        "contact",
        "given",
    )
    assert (line.ticket_id, line.facts, line.fields) == (None, {"visit_plan": plan["id"]}, ["phone"])
    log = client.get("/api/v1/access-log", headers=world.as_("committee_secretary")).json()["items"]
    assert [(entry["number"], entry["fields"]) for entry in log] == [(None, ["phone"])]


def test_a_plan_ends_at_one_word_of_the_person_and_by_itself_after_its_last_day(client, world, time):
    plan, short = planned(client, world), planned(client, world, ends_on="2027-03-02")
    answer = client.post(f"/api/v1/desk/visits/{plan['id']}/end", headers=world.as_("stair_head"))
    assert answer.json()["ended_at"] == "2027-03-01T09:00:00+08:00"
    assert went(client, world, plan).status_code == 404
    assert [item["id"] for item in today(client, world).json()["items"]] == [short["id"]]
    time.set(MONDAY + timedelta(days=2))
    assert today(client, world).status_code == 404


def test_a_visitor_out_of_office_sees_the_list_no_more(client, world, database):
    from app.models.seat import Seat

    planned(client, world)
    with database.write() as session:
        session.get(Seat, world.seats["stair_head"]).ends_at = MONDAY - timedelta(days=1)
    assert today(client, world).status_code == 404
    assert len(today(client, world, "grid_head").json()["items"]) == 1


def test_a_secretary_reads_figures_and_small_ones_stay_unsaid(client, world):
    plans = [planned(client, world) for _ in range(3)]
    went(client, world, plans[0], result="not_home")
    (counts,) = listed(client, world, "committee_secretary").json()["counts"]
    assert counts == {
        "compound": "绿荷苑", "plans": "3", "due": "<3", "visits": "<3", "not_home": "<3", "needs_help": "0",
    }  # fmt: skip
    assert listed(client, world, "stair_head").json()["counts"] == []


def test_the_list_comes_in_parts(client, world):
    plans = [planned(client, world, next_on=f"2027-03-0{day}") for day in (3, 2, 1)]
    first = client.get("/api/v1/desk/visits?limit=2", headers=world.as_("grid_head")).json()
    rest = client.get(
        "/api/v1/desk/visits", params={"cursor": first["next_cursor"], "limit": 2}, headers=world.as_("grid_head")
    ).json()
    ids = [item["id"] for item in (*first["items"], *rest["items"])]
    assert (ids, rest["next_cursor"]) == ([plan["id"] for plan in reversed(plans)], None)
    bad = client.get("/api/v1/desk/visits", params={"cursor": "xx"}, headers=world.as_("grid_head"))
    assert bad.status_code == 422


def test_the_same_key_plans_once(client, world):
    header = world.as_("grid_head") | key()
    first, again = (client.post("/api/v1/desk/visits", json=form(), headers=header).json() for _ in "12")
    assert first == again
    assert len(listed(client, world, "grid_head").json()["items"]) == 1


def test_no_person_and_no_mark_lies_in_the_tables_in_plain(client, world, database):
    plan = planned(client, world)
    went(client, world, plan, note="陈阿婆说膝盖疼")
    with database.read() as session:
        for table in (VisitPlan, Visit, AccessLog, Message):
            for row in session.scalars(select(table).execution_options(scope="test")):
                stored = repr(list(row.model_dump().values()))
                assert [canary for canary in CANARIES if canary in stored] == []
