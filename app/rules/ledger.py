"""工作台账: which month, which columns, and what a line may say about a place. It never names a person."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from app.rules import sla
from app.rules.catalogue import Leaf
from app.rules.vocabulary import Flag, Role, Scope

KEEPS_LEDGER = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
READS_TOTALS = frozenset({Role.COMMUNITY, Role.STREET})
"""Who gets the lines, and who gets the sums only (domain rules §3.4, "export")."""
HANDED_OUT = "ledger"  # what the access log calls a file that was taken
AGES = (timedelta(days=1), timedelta(days=4), timedelta(days=8), timedelta(days=31))
"""Where one age of an open ticket ends and the next begins: less than a day, three days, a week, a month, more."""


@cache
def words() -> Mapping[str, Any]:
    """The ledger's words."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("app").joinpath("catalogue", "ledger.yaml").read_text("utf-8"))
    return loaded


def month_of(day: date) -> str:
    """2027-03."""
    return f"{day:%Y-%m}"


def bounds(month: str) -> tuple[datetime, datetime]:
    """A month's first instant and the next month's. Raises ValueError for what is no month."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    return sla.end_of(first - timedelta(days=1)), sla.end_of(after - timedelta(days=1))


def day_of(at: datetime | None) -> str:
    """The local day of an instant; the time of day is nobody's business here."""
    return sla.local_day(at).isoformat() if at else ""


def due_day(at: datetime) -> str:
    """The day that a due instant is said to be on: 24:00 belongs to the day that ends."""
    return sla.shown_deadline(at.astimezone(UTC))[0].isoformat()


def tells_place(leaf: Leaf, *, shielded: bool) -> bool:
    """Whether a line outside the desk may say where: shared space only, and nothing that points at somebody."""
    return leaf.scope is Scope.PUBLIC and not shielded and Flag.SENSITIVE_PI not in leaf.flags
