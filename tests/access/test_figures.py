"""The figures in SQL against the same figures counted one by one, for each kind of viewer, on both databases."""

from datetime import date, timedelta

from app.access import figures as counted
from app.access.figures import Slice
from app.rules import figures
from app.rules.figures import Unit
from app.rules.vocabulary import Role
from tests.access.histories import plant, recount, rows
from tests.builders import MONDAY
from tests.registry_builders import staff_of

PERIODS = {
    "a month": (date(2027, 2, 1), date(2027, 2, 28)),
    "a day": (date(2027, 2, 11), date(2027, 2, 11)),
    "the future too": (date(2027, 1, 1), date(2027, 3, 31)),
}


def sees(role):
    hidden = {Role.GRID_HEAD: "hidden_grid", Role.PROPERTY: "hidden_property"}.get(role)
    return lambda ticket: hidden is None or not getattr(ticket, hidden)


def test_sql_and_a_recount_by_hand_agree_for_every_figure(database, world):
    plant(database, world, 150, 1)
    found = rows(database)
    for (first, last), role in [
        (PERIODS["a month"], Role.COMMITTEE_SECRETARY),
        (PERIODS["a month"], Role.GRID_HEAD),
        (PERIODS["a month"], Role.PROPERTY),
        (PERIODS["a month"], Role.POLICE),
        (PERIODS["a day"], Role.COMMITTEE_SECRETARY),
        (PERIODS["the future too"], Role.COMMITTEE_SECRETARY),
        (PERIODS["the future too"], Role.PROPERTY),
    ]:
        start, end = counted.period(first, last)
        expected, seconds = recount(found, start, end, MONDAY, sees(role))
        staff = staff_of(world, role)
        with database.read() as session:
            wanted = Slice(world.compound_id, start, end)
            got = counted.counts(session, staff, wanted, MONDAY)
            halves = counted.seconds_to_done(session, staff, wanted, MONDAY, 50)
            nine_tenths = counted.seconds_to_done(session, staff, wanted, MONDAY, 90)
        assert {key: tuple(count) for key, count in got.items()} == expected, (role, first, last)
        assert halves[1] == nine_tenths[1] == len(seconds)
        if seconds:
            assert halves[0] == seconds[figures.place_of(50, len(seconds))]
            assert nine_tenths[0] == seconds[figures.place_of(90, len(seconds))]
    assert all(base > 0 for _, base in expected.values()), (
        "a history that leaves a figure empty proves nothing about it"
    )


def test_a_category_and_a_party_narrow_what_is_counted(database, world):
    plant(database, world, 120, 3)
    found, staff = rows(database), staff_of(world, Role.COMMITTEE_SECRETARY)
    start, end = counted.period(*PERIODS["the future too"])
    for category, lead in (("BLD", None), ("BLD-02", None), (None, Role.PROPERTY), ("ENV", Role.POLICE)):
        expected, _ = recount(
            found,
            start,
            end,
            MONDAY,
            wanted=lambda t, c=category, r=lead: (not c or t.category.startswith(c)) and (not r or t.lead_role == r),
        )
        with database.read() as session:
            got = counted.counts(session, staff, Slice(world.compound_id, start, end, category, lead), MONDAY)
        assert {key: tuple(count) for key, count in got.items()} == expected


def test_the_parts_by_class_and_by_day_add_up_to_the_whole(database, world):
    plant(database, world, 120, 4)
    staff, wanted = (
        staff_of(world, Role.COMMITTEE_SECRETARY),
        Slice(world.compound_id, *counted.period(*PERIODS["a month"])),
    )
    with database.read() as session:
        whole = counted.counts(session, staff, wanted, MONDAY)
        for axis in ("top", "category", "lead_role", "day"):
            parts = counted.by(session, staff, wanted, MONDAY, axis, ("n", "on_time", "solved"))
            for key in ("n", "on_time", "solved"):
                summed = (sum(p[key].over for p in parts.values()), sum(p[key].base for p in parts.values()))
                assert summed == tuple(whole[key]), (axis, key)
        days = counted.by(session, staff, wanted, MONDAY, "day", ("n",))
    first, last = PERIODS["a month"]
    on = {date(1970, 1, 1) + timedelta(days=day) for day, found in days.items() if found["n"].base}
    assert on
    assert all(first <= day <= last for day in on)


def test_behind_each_figure_stand_exactly_the_tickets_it_counts(database, world):
    plant(database, world, 120, 5)
    wanted = Slice(world.compound_id, *counted.period(*PERIODS["a month"]))
    for role in (Role.COMMITTEE_SECRETARY, Role.PROPERTY):
        staff = staff_of(world, role)
        with database.read() as session:
            got = counted.counts(session, staff, wanted, MONDAY)
            for one in figures.table().figures:
                if (
                    one.unit is Unit.HOURS
                    or one.key == "on_time"
                    or (role is Role.PROPERTY and one.key not in {"n", "recurred"})
                ):
                    continue
                for part, expected in (("over", got[one.key].over), ("rest", got[one.key].base - got[one.key].over)):
                    listed = counted.behind(session, staff, wanted, MONDAY, one.key, part, None, 1000)
                    assert len(listed) == expected, (role, one.key, part)
                    assert all(sees(role)(seen.ticket) for seen in listed)


def test_the_table_has_words_for_exactly_the_figures_that_are_counted(database, world):
    with database.read() as session:
        got = counted.counts(session, staff_of(world, Role.GRID_HEAD), Slice(world.compound_id, MONDAY, MONDAY), MONDAY)
    shares = {one.key for one in figures.table().figures if one.unit is not Unit.HOURS}
    assert set(got) == shares
    assert all(tuple(count) == (0, 0) for count in got.values())
