from datetime import UTC, date, datetime

import pytest

from app.rules import catalogue, ledger


def test_a_month_begins_and_ends_at_local_midnight():
    assert ledger.bounds("2027-02") == (
        datetime(2027, 1, 31, 16, tzinfo=UTC),
        datetime(2027, 2, 28, 16, tzinfo=UTC),
    )
    assert ledger.bounds("2026-12")[1] == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2027-13", "2027-00", "27-01", "2027", "", "2027-01-01"])
def test_what_is_no_month_has_no_bounds(text):
    with pytest.raises(ValueError):
        ledger.bounds(text)


def test_a_due_instant_at_midnight_belongs_to_the_day_that_ends():
    assert ledger.due_day(datetime(2027, 3, 1, 16, tzinfo=UTC)) == "2027-03-01"
    assert ledger.day_of(datetime(2027, 3, 1, 16, tzinfo=UTC)) == "2027-03-02"
    assert ledger.day_of(None) == ""
    assert ledger.month_of(date(2027, 3, 1)) == "2027-03"


@pytest.mark.parametrize(
    ("code", "shielded", "told"),
    [
        ("BLD-09", False, True),
        ("BLD-09", True, False),
        ("NOI-01", False, False),
        ("UTL-01", False, False),
        ("BLD-12", False, False),
    ],
)
def test_a_place_is_told_of_shared_space_only(code, shielded, told):
    assert ledger.tells_place(catalogue.default().leaf(code), shielded=shielded) is told
