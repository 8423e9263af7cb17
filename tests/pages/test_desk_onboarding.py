"""The checklist of a new compound: every step is read off what is there, and is gone from the desk once all is done."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.models.place import Building, Compound, Stairwell
from app.models.seat import Seat
from app.models.staff import Account, Grant
from app.rules.onboarding import NEEDED
from tests.builders import MONDAY
from tests.pages.desk_browser import as_
from tests.pages.reading import HTML, opened

DONE = ["done"] * 5


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def scanned(client, world, *stairwells):
    for name in stairwells:
        client.get(f"/s/{world.codes[name]}", headers=HTML)


def progress(client, world, who="committee_secretary"):
    answer = client.get(f"/api/v1/compounds/{world.compound}/onboarding", headers=world.as_(who)).json()
    return [step["progress"] for step in answer["steps"]], answer


def test_a_scan_in_every_building_ends_the_list_and_takes_it_off_the_desk(client, world):
    steps, view = progress(client, world)
    assert (steps, view["left"]) == (["done", "done", "done", "todo", "todo"], 2)
    home = opened(as_(client, world, "committee_secretary"), "/desk")
    assert "绿荷苑还差 2 步，居民才能扫码。" in home.text
    assert "绿荷苑还差" not in opened(as_(client, world, "grid_head"), "/desk").text
    scanned(client, world, "1幢1单元")
    assert progress(client, world)[0] == ["done", "done", "done", "done", "partly"]
    scanned(client, world, "2幢2单元")
    assert progress(client, world)[0] == DONE
    assert "绿荷苑还差" not in opened(as_(client, world, "committee_secretary"), "/desk").text
    assert "都好了，居民可以扫码了。" in opened(client, "/desk/onboarding").text


def test_a_new_stairwell_without_a_code_opens_the_list_again(client, world, database):
    scanned(client, world, "1幢1单元", "2幢2单元")
    with database.write() as session:
        building = session.exec(select(Building).where(Building.name == "1幢")).one()
        session.add(Stairwell(compound_id=world.compound_id, building_id=building.id, code="LHQ-1-3-s", name="3单元"))
    steps, view = progress(client, world)
    assert steps == ["done", "done", "partly", "done", "done"]
    codes = next(step for step in view["steps"] if step["step"] == "codes")
    assert (codes["done"], codes["whole"]) == (4, 5)


@pytest.mark.parametrize("role", NEEDED)
def test_an_office_that_nobody_holds_or_nobody_can_log_in_as_is_named(client, world, database, role):
    def lacking():
        steps = progress(client, world, "admin")[1]["steps"]
        return next(step for step in steps if step["step"] == "heads")["roles"]

    assert lacking() == []
    with database.write() as session:
        grants = session.exec(select(Grant).where(Grant.seat_id == world.seats[role])).all()
        for account in session.exec(select(Account).where(Account.id.in_([grant.account_id for grant in grants]))):
            account.disabled_at = MONDAY - timedelta(days=1)
            session.add(account)
    assert lacking() == [role]
    with database.write() as session:
        session.get(Seat, world.seats[role]).ends_at = MONDAY
    assert lacking() == [role]
    assert "还缺：" in opened(as_(client, world, "admin"), f"/desk/onboarding?compound={world.compound}").text


def test_a_compound_without_anything_starts_with_the_import(client, world, database):
    with database.write() as session:
        session.add(Compound(code="XIN", name="新苑", created_at=MONDAY))
    page = opened(as_(client, world, "admin"), "/desk/onboarding?compound=XIN")
    assert "还差 5 步，居民就能扫码了。" in page.text
    assert page.links[page.links.index("/desk/compounds/XIN") + 1] == "/desk/registry"
    assert "开通还差 5 步" in opened(client, "/desk/registry").text


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 200), ("committee_secretary", 200), ("grid_head", 200), ("property", 403)]
)
def test_the_list_is_for_those_who_set_the_compound_up(client, world, who, status):
    path = f"/desk/onboarding?compound={world.compound}"
    assert as_(client, world, who).get(path, headers=HTML).status_code == status
