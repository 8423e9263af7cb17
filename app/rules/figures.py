"""The published figures (domain rules §2.8): their names, formulas in words, and when a share may be shown."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml
from pydantic import ConfigDict, TypeAdapter

_STRICT = ConfigDict(extra="forbid")


class Unit(StrEnum):
    """What a figure is: how many, which part of how many, or how long."""

    COUNT = "count"
    SHARE = "share"
    HOURS = "hours"


@dataclass(frozen=True)
class Formula:
    """One figure. `over` is counted out of `of`; a figure in hours is the value at `percent` of those in `of`."""

    __pydantic_config__ = _STRICT

    key: str
    group: str
    name: str
    over: str
    of: str
    unit: Unit
    percent: int = 0

    @property
    def words(self) -> str:
        """The formula in one line."""
        return f"{self.over} ÷ {self.of}" if self.unit is not Unit.HOURS else f"{self.over}（{self.of}）"


@dataclass(frozen=True)
class Table:
    """All figures in the order of publication. Below `smallest_base` a count is shown, and no share of it."""

    __pydantic_config__ = _STRICT

    version: int
    smallest_base: int
    groups: dict[str, str]
    figures: tuple[Formula, ...]
    notes: tuple[str, ...]


@cache
def table() -> Table:
    """The one table of formulas."""
    text = (files("app") / "catalogue" / "figures.yaml").read_text("utf-8")
    return TypeAdapter(Table).validate_python(yaml.safe_load(text))


def share(over: int, base: int) -> float | None:
    """A part as a number from 0 to 1, to four places; None where the base is too small to speak of a share."""
    return round(over / base, 4) if base >= table().smallest_base else None


def place_of(percent: int, base: int) -> int:
    """Which of `base` sorted values stands at a percentage, counted from 0: the nearest rank, an existing value."""
    if base < 1:
        raise ValueError("no value stands among none")
    return max(-(-base * percent // 100), 1) - 1


def document() -> str:
    """docs/figures.md."""
    known = table()
    lines = [
        "# Figures",
        "",
        "Made from `app/catalogue/figures.yaml` by `python -m app docs`; change it there.",
        "The words are those that staff and residents read beside each figure.",
        "",
        f"A share is shown from {known.smallest_base} cases on; below that, counts only.",
        "",
        "| key | 名称 | 分子 | 分母 | unit |",
        "|---|---|---|---|---|",
        *(f"| `{one.key}` | {one.name} | {one.over} | {one.of} | {one.unit} |" for one in known.figures),
        "",
        *(f"- {note}" for note in known.notes),
        "",
    ]
    return "\n".join(lines)
