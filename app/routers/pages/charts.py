"""Where the marks of a chart stand: plain numbers for an SVG of fixed width, drawn by templates/desk/charts.html."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 360  # of a narrow phone, so that its letters keep their size there
ROW, BAR = 44, 14
_COLUMN_HEIGHT = 120
_WIDEST_COLUMN = 36
_GAP = 6
_MOST_LABELS = 10


class Bar(NamedTuple):
    """One row of a bar chart: what it is, its value in words, where it stands and how long it is."""

    label: str
    value: str
    y: int
    length: int


class Column(NamedTuple):
    """One column: all of it, and the part of it that is filled, both measured from the ground up."""

    label: str
    base: int
    over: int
    x: int
    width: int
    base_height: int
    over_height: int


class Columns(NamedTuple):
    """A column chart and the height above the ground that its highest column has."""

    columns: list[Column]
    height: int
    every: int  # which columns have room for a label: every one, every second, ...


def bars(rows: Sequence[tuple[str, str, float]]) -> list[Bar]:
    """Rows of (label, value in words, part of the whole from 0 to 1)."""
    return [
        Bar(label, value, place * ROW, round(min(max(part, 0), 1) * WIDTH))
        for place, (label, value, part) in enumerate(rows)
    ]


def columns(rows: Sequence[tuple[str, int, int]]) -> Columns:
    """Rows of (label, all, filled part), left to right; the highest fills the chart."""
    highest = max((base for _, base, _ in rows), default=0) or 1
    step = WIDTH / max(len(rows), 1)
    width = max(min(round(step - _GAP), _WIDEST_COLUMN), 2)
    found = [
        Column(
            label,
            base,
            over,
            round(place * step + (step - width) / 2),
            width,
            round(base / highest * _COLUMN_HEIGHT),
            round(over / highest * _COLUMN_HEIGHT),
        )
        for place, (label, base, over) in enumerate(rows)
    ]
    return Columns(found, _COLUMN_HEIGHT, max(-(-len(rows) // _MOST_LABELS), 1))
