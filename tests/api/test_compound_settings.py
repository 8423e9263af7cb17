"""A compound's settings over HTTP: who sets them, what they change, and how they come back."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from app import worker
from app.models.place import Compound
from tests.builders import MONDAY, key, submit, ticket_form

PATH = "/api/v1/compounds/LHQ/settings"


def put(client, world, who="committee_secretary", **values):
    return client.put(PATH, json=values, headers=world.as_(who))


def test_a_fresh_compound_has_the_usual_values_as_version_nought(client, world):
    view = client.get(PATH, headers=world.as_("grid_head")).json()
    assert (view["version"], view["undoable"], view["may_set"]) == (0, False, False)
    assert view["settings"]["calendar"] == "natural"
    assert view["settings"]["cut_off"] == "18:00:00"
    assert (view["settings"]["board"], view["settings"]["staffed_around_the_clock"]) == (True, False)


def test_the_secretary_sets_the_cut_off_and_the_next_promise_keeps_to_it(client, world, time):
    assert put(client, world, cut_off="10:00").status_code == 200
    time.set(datetime(2027, 3, 1, 2, 0, tzinfo=UTC))  # 10:00 in Shanghai
    late = submit(client, world)
    assert late["promise"]["due_at"] == "2027-03-03T00:00:00+08:00"
    assert "10:00 以后提交的，按明天办" in late["promise"]["text"]
    time.set(datetime(2027, 3, 1, 1, 59, tzinfo=UTC))
    assert submit(client, world)["promise"]["due_at"] == "2027-03-02T00:00:00+08:00"


def test_the_clear_reply_and_the_service_window_are_the_compounds_own(client, world):
    put(client, world, clear_reply_days=1, service_from="09:00", service_to="18:00")
    complex_ = submit(client, world, category="BLD-04", text="屋顶漏水")
    assert complex_["promise"]["due_at"] == "2027-03-03T00:00:00+08:00"
    urgent = submit(client, world, emergency=True)
    assert urgent["promise"]["due_at"] == "2027-03-01T11:00:00+08:00"
    assert "09:00–18:00" in urgent["promise"]["text"]


def test_a_promise_that_was_made_stays_when_the_settings_change(client, world):
    before = submit(client, world, category="BLD-04", text="屋顶漏水")
    put(client, world, clear_reply_days=1)
    view = client.get(f"/api/v1/tickets/{before['number']}", headers={"X-Ticket-Secret": before["secret"]}).json()
    assert view["promise"]["due_at"] == before["promise"]["due_at"]


def test_undoing_brings_back_what_was_before_and_undoing_that_what_was_after(client, world):
    put(client, world, cut_off="17:00", board=False)
    put(client, world, cut_off="16:00")
    undo = lambda: client.post(f"{PATH}/undo", headers=world.as_("admin")).json()  # noqa: E731
    first = undo()
    assert (first["version"], first["settings"]["cut_off"], first["settings"]["board"]) == (3, "17:00:00", False)
    assert first["changed_by"] == "admin"
    assert undo()["settings"]["cut_off"] == "16:00:00"


def test_there_is_nothing_to_undo_where_nothing_was_changed(client, world):
    answer = client.post(f"{PATH}/undo", headers=world.as_("committee_secretary"))
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_NOW")


def test_setting_the_same_again_is_no_new_version(client, world):
    put(client, world, cut_off="17:00")
    assert put(client, world, cut_off="17:00").json()["version"] == 1


@pytest.mark.parametrize("who", ["grid_head", "property", "police", "community"])
def test_only_the_secretary_and_the_administrator_set(client, world, who):
    assert put(client, world, who, cut_off="17:00").status_code == 403


def test_a_bad_value_names_its_field_and_changes_nothing(client, world):
    answer = put(client, world, clear_reply_days=99)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "clear_reply_days"
    assert put(client, world, unheard_of=1).status_code == 422
    assert client.get(PATH, headers=world.as_("admin")).json()["version"] == 0


def test_working_days_are_refused_in_a_year_without_a_holiday_table(client, world):
    answer = put(client, world, calendar="workday")  # the tests' Monday lies in 2027
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "calendar"
    assert "2027" in answer.json()["errors"][0]["message"]


def test_when_the_table_runs_out_nothing_is_promised_wrongly(client, world, time):
    time.set(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    assert put(client, world, calendar="workday").status_code == 200
    assert submit(client, world, category="BLD-04", text="屋顶漏水")["promise"]["due_at"] == "2026-03-06T00:00:00+08:00"
    time.set(MONDAY)
    answer = client.post(
        "/api/v1/tickets",
        json={"code": world.code, "text": "楼道灯坏了", "category": "BLD-09"},
        headers={"Idempotency-Key": "a-key-of-sixteen-letters"},
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "CALENDAR_YEAR_MISSING")
    assert client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"][0]["status"]
    time.set(datetime(2026, 12, 1, 1, 0, tzinfo=UTC))
    assert client.get(PATH, headers=world.as_("grid_head")).json()["lacks_year"] == 2027


def test_where_the_table_has_ended_the_log_says_what_to_do_and_what_was_taken_in_goes_on(
    client, world, time, database, capsys
):
    time.set(datetime(2026, 12, 24, 1, 0, tzinfo=UTC))
    with database.write() as session:  # as the settings stood before the banner said that the table would end
        compound = session.exec(select(Compound).where(Compound.code == "LHQ")).one()
        compound.settings = {"calendar": "workday"}
    taken_in = submit(client, world)
    assert taken_in["promise"]["due_at"] == "2026-12-25T00:00:00+08:00"
    time.set(MONDAY)
    assert worker.sweep(database) == 1
    mine = client.get(f"/api/v1/desk/tickets/{taken_in['number']}", headers=world.as_("street"))
    assert mine.json()["escalated_to"] == 3
    capsys.readouterr()
    answer = client.post("/api/v1/tickets", json=ticket_form(world), headers=key())
    assert (answer.status_code, answer.json()["code"]) == (503, "CALENDAR_YEAR_MISSING")
    said = capsys.readouterr().out
    assert "holiday table ends" in said
    assert "2027" in said
    assert "chinesecalendar" in said


def test_two_who_change_at_the_same_time_get_two_versions(client, world, database):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda hour: put(client, world, cut_off=f"{hour}:00").status_code, (14, 15, 16, 17)))
    assert made == [200] * 4
    assert client.get(PATH, headers=world.as_("admin")).json()["version"] == 4
