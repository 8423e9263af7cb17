from datetime import timedelta

import pytest
from sqlmodel import select

from app import access
from app.access import StaffKey
from app.actions import seat
from app.errors import InvalidError, NotFoundError, VerbNotYoursError
from app.models.staff import Account, Grant
from app.queries import seat as queries
from app.rules.vocabulary import PlaceKind, Role
from app.schemas.staff import HeadsIn
from tests.builders import MONDAY, build_world
from tests.registry_builders import ADMIN, staff_of

DAY = timedelta(days=1)


def put(database, world, *heads, who=ADMIN, now=MONDAY):
    with database.write() as session:
        return seat.set_heads(session, who, world.compound, HeadsIn(heads=list(heads)), now=now)


def seated(database, world, username, now=MONDAY):
    with database.read() as session:
        staff = access.staff(session, StaffKey(world.tokens[username]), now)
        return [(held.role, held.title) for held in staff.seats]


def refused(database, world, *heads):
    with pytest.raises(InvalidError) as caught:
        put(database, world, *heads)
    return [(error["field"], error["message"]) for error in caught.value.extra["errors"]]


def test_a_seat_is_found_by_the_name_or_the_code_of_its_place(database, world):
    view = put(
        database,
        world,
        {"role": "stair_head", "stairwell": "1幢2单元", "name": "某"},
        {"role": "stair_head", "building": "2", "stairwell": "1"},
        {"role": "area_head", "building": "LHQ-2-1"},
    )
    made = {(s.role, s.scope, s.building, s.stairwell, s.title) for s in view.seats if s.scope != PlaceKind.COMPOUND}
    assert made == {
        (Role.STAIR_HEAD, PlaceKind.STAIRWELL, "LHQ-1-1", "LHQ-1-2-s", "1幢2单元楼道长"),
        (Role.STAIR_HEAD, PlaceKind.STAIRWELL, "LHQ-2-1", "LHQ-2-1-s", "2幢1单元楼道长"),
        (Role.AREA_HEAD, PlaceKind.BUILDING, "LHQ-2-1", None, "2幢周边单位片长"),
    }


def test_setting_a_seat_again_changes_it_and_leaves_the_others(database, world):
    before = put(database, world, {"role": "police", "name": "甲", "duty_phone": "0571-11110000"})
    after = put(database, world, {"role": "police", "name": "乙", "title": "社区民警"})
    assert len(after.seats) == len(before.seats) == 16
    changed = [new for old, new in zip(before.seats, after.seats, strict=True) if old != new]
    assert [(new.role, new.name, new.duty_phone, new.title) for new in changed] == [(Role.POLICE, "乙", "", "社区民警")]


def test_listed_accounts_take_over_at_once_and_the_others_lose_the_seat(database, world):
    assert seated(database, world, "property") == [(Role.PROPERTY, "物业")]
    put(database, world, {"role": "property", "title": "物业", "accounts": ["club_head"]})
    assert seated(database, world, "property") == []
    assert (Role.PROPERTY, "物业") in seated(database, world, "club_head")
    put(database, world, {"role": "property", "title": "物业", "accounts": ["property"]}, now=MONDAY + DAY)
    assert seated(database, world, "property", MONDAY + DAY) == [(Role.PROPERTY, "物业")]


def test_a_seat_that_is_set_without_accounts_keeps_those_it_has(database, world):
    put(database, world, {"role": "property", "title": "物业公司"})
    assert seated(database, world, "property") == [(Role.PROPERTY, "物业公司")]


def test_a_term_that_ends_takes_the_access_away_that_minute(database, world):
    end = MONDAY + timedelta(hours=3)
    put(database, world, {"role": "police", "title": "民警", "valid_to": end.isoformat()})
    assert seated(database, world, "police", end - timedelta(seconds=1)) == [(Role.POLICE, "民警")]
    assert seated(database, world, "police", end) == []


def test_the_roster_says_who_is_vacant_and_where_a_deputy_acts(database, world):
    gone = {"valid_to": MONDAY.isoformat()}
    deputy = {"name": "副手", "duty_phone": "0571-22220000"}
    put(database, world, {"role": "police", **gone}, {"role": "urban_mgmt", **gone, "deputy": deputy})
    with database.read() as session:
        roster = queries.roster(session, ADMIN, world.compound, MONDAY)
    seats = {found.role: found for found in roster.seats}
    assert roster.vacant_roles == [Role.POLICE]
    assert (seats[Role.POLICE].vacant, seats[Role.POLICE].deputy_acts) == (True, False)
    assert (seats[Role.URBAN_MGMT].vacant, seats[Role.URBAN_MGMT].deputy_acts) == (True, True)
    assert [found.role for found in roster.seats[:2]] == [Role.GRID_HEAD, Role.POLICE]


def test_the_security_captain_gets_no_view_of_persons_by_a_mere_listing(sqlite_database):
    world = build_world(sqlite_database)
    put(sqlite_database, world, {"role": "security_captain", "accounts": ["club_head"]})
    with sqlite_database.read() as session:
        grant = (
            select(Grant.views_persons)
            .join(Account)
            .where(Account.username == "club_head", Grant.seat_id == world.seats["security_captain"])
        )
        assert session.exec(grant).one() is False


def test_every_field_that_does_not_fit_is_named_and_nothing_is_set(sqlite_database):
    world = build_world(sqlite_database)
    later, earlier = (MONDAY + DAY).isoformat(), MONDAY.isoformat()
    found = refused(
        sqlite_database,
        world,
        {"role": "property", "name": "新"},
        {"role": "admin"},
        {"role": "stair_head", "building": "9幢"},
        {"role": "stair_head", "stairwell": "9单元"},
        {"role": "stair_head", "building": "1幢", "stairwell": "2幢1单元"},
        {"role": "police", "valid_from": later, "valid_to": earlier},
        {"role": "police", "deputy": {"name": "副", "valid_from": later, "valid_to": earlier}},
        {"role": "police", "deputy": {"duty_phone": "110"}},
        {"role": "police", "accounts": ["police", "nobody"]},
        {"role": "property"},
    )
    assert [field for field, _ in found] == [
        "heads.1.role",
        "heads.2.building",
        "heads.3.stairwell",
        "heads.4.stairwell",
        "heads.5.valid_to",
        "heads.6.deputy.valid_to",
        "heads.7.deputy.name",
        "heads.8.accounts.1",
        "heads.9.role",
    ]
    assert found[7][1] == "没有“nobody”这个账号，或已停用"
    with sqlite_database.read() as session:
        assert "新" not in {s.name for s in queries.roster(session, ADMIN, world.compound, MONDAY).seats}


@pytest.mark.parametrize("role", list(Role))
def test_the_secretary_and_the_administrator_set_the_roster_and_nobody_else(sqlite_database, role):
    world = build_world(sqlite_database)
    who = staff_of(world, role)
    if role in {Role.COMMITTEE_SECRETARY, Role.ADMIN}:
        assert put(sqlite_database, world, {"role": "police", "name": "新"}, who=who).compound == "LHQ"
    else:
        with pytest.raises(VerbNotYoursError):
            put(sqlite_database, world, {"role": "police", "name": "新"}, who=who)


def test_the_secretary_of_another_compound_does_not_even_see_this_one(sqlite_database):
    world = build_world(sqlite_database)
    other = build_world(sqlite_database, compound="SHQ", name="石灰桥新村")
    with pytest.raises(NotFoundError):
        put(sqlite_database, world, {"role": "police"}, who=staff_of(other, Role.COMMITTEE_SECRETARY))
