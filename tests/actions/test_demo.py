import time

import pytest

from app import access
from app.access import StaffKey
from app.actions import demo, staff
from app.errors import BadLoginError
from app.queries import demo as queries
from app.queries import place as places
from app.queries import staff as staff_queries
from app.rules.vocabulary import Role
from tests.builders import MONDAY
from tests.registry_builders import ADMIN

SEED = b"a seed of a demo compound" * 2


def build(database, seed=SEED):
    begun = time.perf_counter()
    with database.write() as session:
        return demo.build(session, seed, now=MONDAY), time.perf_counter() - begun


def test_the_demo_compound_is_made_once_and_quickly_found_again(database):
    accounts, first = build(database)
    again, second = build(database)
    assert accounts == again
    assert first < 6
    assert second < 1
    with database.read() as session:
        tree = places.tree(session, ADMIN, "SHQ")
        listing = queries.listing(session, accounts, "http://127.0.0.1:8000")
    stairwells = [stairwell for building in tree.buildings for stairwell in building.stairwells]
    assert (len(tree.buildings), len(stairwells), sum(s.households for s in stairwells)) == (17, 85, 1022)
    assert all(len(stairwell.qr) == 1 for stairwell in stairwells)
    assert len(listing.codes) == 85
    assert (listing.codes[0].label, listing.codes[0].url) == (
        "石灰桥新村1幢1单元",
        f"http://127.0.0.1:8000/s/{listing.codes[0].code}",
    )


def test_there_is_a_login_for_every_role_and_a_second_grid_head(sqlite_database):
    accounts, _ = build(sqlite_database)
    assert {account.username for account in accounts} == {*Role, "grid_head2"}
    assert len({account.password for account in accounts}) == len(accounts)
    for account in accounts:
        assert len(account.password) >= 12
        with sqlite_database.write() as session:
            token = staff.log_in(
                session, staff.verify(session, account.username, account.password), now=MONDAY
            ).access_token
            me = staff_queries.me(access.staff(session, StaffKey(token), MONDAY))
        assert {(grant.compound, grant.role) for grant in me.grants} == {
            (grant.compound, grant.role) for grant in account.grants
        }


def test_passwords_come_from_the_seed_and_from_nothing_else(sqlite_database):
    build(sqlite_database)
    other = demo.password(b"another seed", "admin")
    assert other != demo.password(SEED, "admin")
    with sqlite_database.write() as session, pytest.raises(BadLoginError):
        staff.verify(session, "admin", other)


def test_every_stairwell_has_its_own_stair_head(sqlite_database):
    build(sqlite_database)
    with sqlite_database.read() as session:
        compound = places.compound_id(session, ADMIN, "SHQ")
        roster = access.roster(session, compound)
    assert sum(seat.role is Role.STAIR_HEAD for seat in roster) == 85
    assert len(roster) == 85 + 15
