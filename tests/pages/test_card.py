"""连心卡 and the foot of the scan page: public things only, and no figure of fewer than ten cases."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.models.clock import Clock
from app.models.place import Compound
from app.models.seat import Seat
from tests.builders import MONDAY, slip_of, slip_verb, submit, triage, verb
from tests.pages.reading import HTML, opened


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def done_in_time(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="换好了")
    assert verb(client, world, "grid_head", receipt, "confirm", text="换好了").status_code == 200


def left_lying(client, world):
    submit(client, world)


def test_the_card_behind_a_code_has_the_duty_phones_of_that_place(client, world, database):
    with database.write() as session:
        seat = session.get(Seat, world.seats["property"])
        seat.holder, seat.title = "张三", "物业前台"
    page = opened(client, f"/card/{world.code.lower()}")
    assert page.status == 200
    assert "tel:0571-11112222" in page.links
    assert "物业前台" in page.text
    assert "1幢1单元" in page.text
    assert "张三" not in page.text
    assert page.headers["cache-control"] == "private, max-age=600"


def test_the_card_of_a_compound_names_offices_for_all_of_it_only(client, world, database):
    with database.write() as session:
        seat = session.get(Seat, world.seats["police"])
        seat.scope, seat.building_id = "building", 1
    assert "民警" in opened(client, f"/card/{world.code}").text
    whole = opened(client, f"/card/{world.compound}").text
    assert ("网格长" in whole, "民警" in whole) == (True, False)


@pytest.mark.parametrize(("path", "status"), [("/card/ZZZZZZZZ", 404), ("/card/NOWHERE", 404), ("/card/1", 404)])
def test_a_card_that_is_not_there_is_not_there(client, world, path, status):
    assert client.get(path, headers=HTML).status_code == status


def test_a_card_that_has_not_changed_is_not_sent_again(client, world):
    mark = client.get(f"/card/{world.code}", headers=HTML).headers["etag"]
    again = client.get(f"/card/{world.code}", headers=HTML | {"if-none-match": mark})
    assert (again.status_code, again.headers["cache-control"]) == (304, "private, max-age=600")


def test_the_scan_page_leads_to_the_card_and_to_the_board_where_there_is_one(client, world, database):
    links = opened(client, f"/s/{world.code}").links
    assert {f"/card/{world.code}", f"/board/{world.compound}"} <= set(links)
    with database.write() as session:
        session.exec(select(Compound)).one().has_board = False
    assert f"/board/{world.compound}" not in opened(client, f"/s/{world.code}").links


@pytest.mark.parametrize(("many", "said"), [(9, False), (10, True)])
def test_the_foot_of_the_scan_page_says_how_much_was_kept_from_ten_cases_on(client, world, time, many, said):
    for _ in range(many - 1):
        done_in_time(client, world)
    left_lying(client, world)
    time.set(MONDAY + timedelta(days=2))
    text = opened(client, f"/s/{world.code}").text
    assert (f"近 90 天该办好 {many} 件，按时办好 <b>{many - 1}</b> 件。" in text) is said


def test_the_foot_is_counted_once_a_day(client, world, database, time):
    for _ in range(10):
        done_in_time(client, world)
    time.set(MONDAY + timedelta(days=2))
    assert "该办好 10 件" in opened(client, f"/s/{world.code}").text
    with database.write() as session:
        for clock in session.exec(select(Clock).execution_options(scope="test")):
            clock.due_at -= timedelta(days=365)
    assert "该办好 10 件" in opened(client, f"/s/{world.code}").text
    time.set(MONDAY + timedelta(days=3))
    assert "该办好" not in opened(client, f"/s/{world.code}").text
