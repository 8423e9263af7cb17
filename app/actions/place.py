"""The registry: compounds, buildings, stairwells and households out of a workbook. Rows are only ever added."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from app import access
from app.access import Staff
from app.actions import workbook
from app.actions.workbook import Column, Entry
from app.db import WriteSession
from app.errors import VerbNotYoursError
from app.models.place import Building, Compound, Household, Stairwell
from app.rules import place
from app.schemas.place import ImportedCompound, ImportView

_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)
_SOME = 5000  # how many keys or rows one statement carries


def check_may_import(staff: Staff) -> None:
    """Only the system administrator registers places. Raises VerbNotYoursError."""
    if not staff.is_admin:
        raise VerbNotYoursError


def import_entries(session: WriteSession, staff: Staff, entries: Sequence[Entry], *, now: datetime) -> ImportView:
    """Adds what the registry lacks of a checked workbook (`workbook.read`); see `register`."""
    check_may_import(staff)
    return register(session, entries, now=now)


def register(session: WriteSession, entries: Sequence[Entry], *, now: datetime) -> ImportView:
    """Adds what the registry lacks, all or nothing; the same entries again add nothing.

    Phones, streets and communities that are given replace what was there. Two imports of one compound wait for each
    other. Raises ImportRefusedError where a code belongs to a compound of another name.
    """
    of_compound = _grouped(entries, lambda entry: entry.compound)
    added = {"compounds": _add_compounds(session, of_compound, now)}
    compounds = _locked_compounds(session, of_compound)
    _check_names(compounds, of_compound)
    for code, compound in compounds.items():
        _update(compound, of_compound[code])
    buildings, added["buildings"] = _add_buildings(session, compounds, of_compound)
    stairwells, added["stairwells"] = _add_stairwells(session, compounds, buildings, entries)
    added["households"] = _add_households(session, compounds, buildings, stairwells, entries)
    found = [
        ImportedCompound(
            code=code,
            name=compounds[code].name,
            buildings=len({entry.building for entry in rows}),
            stairwells=len({(entry.building, entry.stairwell) for entry in rows}),
            households=len(rows),
        )
        for code, rows in of_compound.items()
    ]
    return ImportView(compounds=found, added=added)


def _add_compounds(session: WriteSession, of_compound: Mapping[str, list[Entry]], now: datetime) -> int:
    """In the order of their codes, so that two imports cannot wait for each other in a circle."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    added = 0
    for code in sorted(of_compound):
        values = {"code": code, "name": of_compound[code][0].name, "created_at": now}
        blank = {"community": "", "street": "", "duty_phone": "", "staffed_around_the_clock": False}
        statement = dialect.insert(Compound).values(**values, **blank).on_conflict_do_nothing()
        added += len(session.execute(statement.returning(col(Compound.id))).all())
    return added


def _locked_compounds(session: WriteSession, codes: Iterable[str]) -> dict[str, Compound]:
    query = select(Compound).where(col(Compound.code).in_(list(codes))).order_by(col(Compound.code)).with_for_update()
    found = session.exec(query.execution_options(populate_existing=True))
    return {compound.code: compound for compound in found}


def _check_names(compounds: Mapping[str, Compound], of_compound: Mapping[str, list[Entry]]) -> None:
    """A code that stands for another compound is a slip of the pen, and its rows could never be taken out again."""
    heading, words = workbook.title(Column.NAME), place.words()["problems"]["registered"]
    wrong: list[dict[str, object]] = [
        {"row": rows[0].row, "field": heading, "message": words.format(value=compounds[code].name)}
        for code, rows in of_compound.items()
        if compounds[code].name != rows[0].name
    ]
    if wrong:
        raise workbook.refusal(wrong)


def _update(compound: Compound, rows: Sequence[Entry]) -> None:
    """What the file says of the compound beside its name; a blank cell leaves what is registered."""
    compound.street = next((row.street for row in rows if row.street), compound.street)
    compound.community = next((row.community for row in rows if row.community), compound.community)
    compound.duty_phone = next((row.duty_phone for row in rows if row.duty_phone), compound.duty_phone)


def _add_buildings(
    session: WriteSession, compounds: Mapping[str, Compound], of_compound: Mapping[str, list[Entry]]
) -> tuple[dict[tuple[int, str], Building], int]:
    """Every building of these compounds by compound and name, and how many are new."""
    ids = [compound.id for compound in compounds.values()]
    known = _grouped(_all(session, Building, col(Building.compound_id), ids), lambda row: row.compound_id)
    new = [
        {"compound_id": compound.id, "code": f"{code}-{serial:02d}", "name": name}
        for code, compound in compounds.items()
        for name, serial in _serials({entry.building for entry in of_compound[code]}, known.get(compound.id, []))
    ]
    _insert(session, Building, new)
    there = _all(session, Building, col(Building.compound_id), ids)
    return {(building.compound_id, building.name): building for building in there}, len(new)


def _add_stairwells(
    session: WriteSession,
    compounds: Mapping[str, Compound],
    buildings: Mapping[tuple[int, str], Building],
    entries: Sequence[Entry],
) -> tuple[dict[tuple[int, str], int], int]:
    """The id of every stairwell of these compounds by building and name, and how many are new."""
    ids = [compound.id for compound in compounds.values()]
    known = _grouped(_all(session, Stairwell, col(Stairwell.compound_id), ids), lambda row: row.building_id)
    wanted: dict[int, set[str]] = defaultdict(set)
    by_id = {building.id: building for building in buildings.values()}
    for entry in entries:
        wanted[buildings[compounds[entry.compound].id, entry.building].id].add(entry.stairwell)
    new = [
        {
            "compound_id": by_id[building].compound_id,
            "building_id": building,
            "code": f"{by_id[building].code}-{serial}",
            "name": name,
        }
        for building, names in wanted.items()
        for name, serial in _serials(names, known.get(building, []))
    ]
    _insert(session, Stairwell, new)
    there = _all(session, Stairwell, col(Stairwell.compound_id), ids)
    return {(stairwell.building_id, stairwell.name): stairwell.id for stairwell in there}, len(new)


def _add_households(
    session: WriteSession,
    compounds: Mapping[str, Compound],
    buildings: Mapping[tuple[int, str], Building],
    stairwells: Mapping[tuple[int, str], int],
    entries: Sequence[Entry],
) -> int:
    rows: list[dict[str, Any]] = []
    for entry in entries:
        compound = compounds[entry.compound].id
        stairwell = stairwells[buildings[compound, entry.building].id, entry.stairwell]
        rows.append({"compound_id": compound, "stairwell_id": stairwell, "door": entry.door})
    there: set[tuple[int, str]] = set()
    for some in _parts(sorted({row["stairwell_id"] for row in rows})):
        there |= access.doors(session, some)
    new = [row for row in rows if (row["stairwell_id"], row["door"]) not in there]
    _insert(session, Household, new)
    return len(new)


def _serials(names: set[str], known: Sequence[Building | Stairwell]) -> Iterator[tuple[str, int]]:
    """A serial number for each new name: the number in the name where it is free, else one above all that exist."""
    taken = {int(last) for row in known if (last := row.code.rpartition("-")[2]).isdecimal()}
    left = []
    for name in sorted(names - {row.name for row in known}, key=lambda name: (len(name), place.in_order(name))):
        number = place.number_in(name)
        if number is None or number in taken:
            left.append(name)
        else:
            taken.add(number)
            yield name, number
    yield from zip(left, count(max(taken, default=0) + 1), strict=False)


def _all(session: WriteSession, model: type[_T], owner: Mapped[int], ids: list[int]) -> list[_T]:
    return [row for some in _parts(ids) for row in session.exec(select(model).where(owner.in_(some)))]


def _insert(session: WriteSession, model: type[Any], rows: list[dict[str, Any]]) -> None:
    for some in _parts(rows):
        session.execute(insert(model), some)


def _grouped(rows: Iterable[_T], key: Callable[[_T], _K]) -> dict[_K, list[_T]]:
    groups: dict[_K, list[_T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _parts(items: Sequence[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(items), _SOME):
        yield list(items[start : start + _SOME])
