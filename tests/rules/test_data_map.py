"""The data map names every column that may hold or stand for a person, and no column that does not exist."""

from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers every table
from app.rules import data_map
from app.rules.data_map import ENTRIES, Since

COLUMNS = {f"{table.name}.{column.name}" for table in SQLModel.metadata.sorted_tables for column in table.columns}
MAPPED = [column for entry in ENTRIES for column in entry.columns]


def test_every_sealed_or_hashed_column_has_a_line():
    guarded = {column for column in COLUMNS if column.endswith(("_sealed", "_hash", ".sealed"))}
    assert guarded - set(MAPPED) == set()


def test_every_line_names_columns_that_exist_each_once():
    assert set(MAPPED) <= COLUMNS
    assert len(MAPPED) == len(set(MAPPED))


def test_every_line_says_what_for_on_what_basis_who_and_how_long():
    for entry in ENTRIES:
        assert entry.what, entry
        assert entry.purpose, entry
        assert entry.basis, entry
        assert data_map.who(entry.item), entry
        assert data_map.kept(entry), entry
        assert entry.enforced, entry


def test_the_periods_are_those_of_the_privacy_notice():
    assert [(p.name, p.since, p.span.days) for p in data_map.TOLD_TO_REPORTERS] == [
        ("contact", Since.CLOSED, 180),
        ("photos", Since.CLOSED, 180),
        ("words", Since.CLOSED, 365),
        ("proofs", Since.MADE, 1095),
    ]
