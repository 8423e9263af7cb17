import threading
import time

import pytest
from sqlmodel import select

from app.actions import place
from app.errors import ImportRefusedError, VerbNotYoursError
from app.models.place import Building, Compound, Stairwell
from app.queries import place as queries
from app.rules.vocabulary import Role
from tests.builders import MONDAY, build_world
from tests.registry_builders import ADMIN, compound, entries, row, staff_of


def take_in(database, *rows):
    with database.write() as session:
        return place.import_entries(session, ADMIN, entries(*rows), now=MONDAY)


def tree(database, code="SHQ"):
    with database.read() as session:
        return queries.tree(session, ADMIN, code)


def test_a_whole_compound_is_taken_in_and_the_same_file_again_adds_nothing(database):
    rows = [*compound(), row("701", building=17, stairwell=5), row("702", building=17, stairwell=5)]
    begun = time.perf_counter()
    first = take_in(database, *rows)
    assert time.perf_counter() - begun < 10
    assert first.added == {"compounds": 1, "buildings": 17, "stairwells": 85, "households": 1022}
    assert first.compounds[0].model_dump() == {
        "code": "SHQ",
        "name": "石灰桥新村",
        "buildings": 17,
        "stairwells": 85,
        "households": 1022,
    }
    again = take_in(database, *rows)
    assert again.added == {"compounds": 0, "buildings": 0, "stairwells": 0, "households": 0}
    assert again.compounds == first.compounds
    seen = tree(database)
    assert [building.name for building in seen.buildings] == [f"{number}幢" for number in range(1, 18)]
    assert sum(stairwell.households for building in seen.buildings for stairwell in building.stairwells) == 1022


def test_codes_follow_the_numbers_in_the_names_and_never_clash(database):
    take_in(database, row(building="4", stairwell="2"), row(building="4号楼", stairwell="东单元"), row(building="A座"))
    take_in(database, row(building="1"), row(building="12"))
    built = {
        building.name: (building.code, [s.code for s in building.stairwells]) for building in tree(database).buildings
    }
    assert built == {
        "4幢": ("SHQ-04", ["SHQ-04-2"]),
        "4号楼": ("SHQ-06", ["SHQ-06-1"]),
        "A座": ("SHQ-05", ["SHQ-05-2"]),
        "1幢": ("SHQ-01", ["SHQ-01-2"]),
        "12幢": ("SHQ-12", ["SHQ-12-2"]),
    }


def test_several_compounds_in_one_file_are_kept_apart(database):
    view = take_in(database, row(), row(code="LHQ", name="绿荷苑"), row("1202"))
    assert [(found.code, found.households) for found in view.compounds] == [("SHQ", 2), ("LHQ", 1)]
    assert view.added == {"compounds": 2, "buildings": 2, "stairwells": 2, "households": 3}


def test_a_corrected_phone_replaces_the_old_one_and_a_blank_one_does_not(database):
    for phone in ("0571-00000000", "0571-11111111", ""):
        take_in(database, row(phone=phone))
    with database.read() as session:
        found = session.exec(select(Compound)).one()
    assert (found.duty_phone, found.street, found.community) == ("0571-11111111", "示范街道", "示范社区")


def test_a_code_that_belongs_to_another_compound_is_refused_and_nothing_is_added(database):
    take_in(database, row())
    with pytest.raises(ImportRefusedError) as caught:
        take_in(database, row(code="NEW", name="新小区"), row(name="绿荷苑"))
    assert caught.value.extra["errors"] == [
        {"row": 3, "field": "小区名称", "message": "这个小区编码已经登记为“石灰桥新村”，请核对"}
    ]
    with database.read() as session:
        assert list(session.exec(select(Compound.code))) == ["SHQ"]


def test_an_import_adds_to_a_compound_that_was_registered_by_other_means(database):
    build_world(database)
    added = take_in(
        database, row("1201", code="LHQ", name="绿荷苑", building="1", stairwell="1"), row(code="LHQ", name="绿荷苑")
    )
    assert added.added == {"compounds": 0, "buildings": 1, "stairwells": 1, "households": 1}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_import(sqlite_database, role):
    world = build_world(sqlite_database)
    with sqlite_database.write() as session, pytest.raises(VerbNotYoursError):
        place.import_entries(session, staff_of(world, role), entries(row()), now=MONDAY)


def test_imports_of_one_compound_at_the_same_time_add_it_once(database):
    rows = compound(buildings=3, stairwells=2, doors=4)
    parsed, added, failed = entries(*rows), [], []
    together = threading.Barrier(4)

    def run():
        together.wait()
        try:
            with database.write() as session:
                added.append(place.import_entries(session, ADMIN, parsed, now=MONDAY).added)
        except Exception as error:  # noqa: BLE001 -- whatever goes wrong is what the test is about
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(view["households"] for view in added) == [0, 0, 0, 24]
    with database.read() as session:
        assert len(list(session.exec(select(Building)))) == 3
        assert len(list(session.exec(select(Stairwell)))) == 6
