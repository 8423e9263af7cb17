"""The registry's workbook: bytes → checked entries, and the template. It touches no database."""

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]
from openpyxl import load_workbook

from app.errors import BrokenWorkbookError, ImportRefusedError
from app.rules import place

MOST_ROWS = 200_000
MOST_LINES = 1_048_576  # a spreadsheet's own limit, blank lines included
MOST_COLUMNS = 24
MOST_UNPACKED = 100 * 1024 * 1024
MOST_SHOWN = 200
_HEADER_WITHIN = 10
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ERROR_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")


class Column(StrEnum):
    """What a row says."""

    COMPOUND = "compound"
    NAME = "name"
    STREET = "street"
    COMMUNITY = "community"
    DUTY_PHONE = "duty_phone"
    BUILDING = "building"
    STAIRWELL = "stairwell"
    DOOR = "door"


class Entry(NamedTuple):
    """One household as a row names it, every value in its one spelling. `row` is the spreadsheet's own number."""

    row: int
    compound: str
    name: str
    street: str
    community: str
    duty_phone: str
    building: str
    stairwell: str
    door: str


class _Bad(NamedTuple):
    """A cell without a usable text, and why (a key of the catalogue's problems)."""

    reason: str


class _Rule(NamedTuple):
    """How a column's text is made one, and what it must look like."""

    clean: Callable[[str], str]
    limit: int
    required: bool = True
    pattern: re.Pattern[str] | None = None
    reason: str = ""


_RULES = {
    Column.COMPOUND: _Rule(place.mark, 32, pattern=re.compile(r"[\w-]+"), reason="code"),
    Column.NAME: _Rule(place.line, 60),
    Column.STREET: _Rule(place.line, 60, required=False),
    Column.COMMUNITY: _Rule(place.line, 60, required=False),
    Column.DUTY_PHONE: _Rule(place.mark, 30, required=False, pattern=re.compile(r"[0-9+()-]{3,}"), reason="phone"),
    Column.BUILDING: _Rule(place.building_name, 30),
    Column.STAIRWELL: _Rule(place.stairwell_name, 30),
    Column.DOOR: _Rule(place.door, 20),
}
_SHARED = (Column.NAME, Column.STREET, Column.COMMUNITY, Column.DUTY_PHONE)  # said once per compound

_Cell = str | _Bad
_Line = tuple[int, list[_Cell]]


class _Problems:
    """Everything that is wrong with a file, in the order it was found."""

    def __init__(self) -> None:
        self.found: list[dict[str, object]] = []

    def add(self, row: int, field: str, reason: str, **values: object) -> None:
        message = place.words()["problems"][reason].format(field=field, **values)
        self.found.append({"row": row, "field": field, "message": message})

    def refuse(self) -> None:
        """Raises ImportRefusedError if anything was found."""
        if self.found:
            raise refusal(self.found)


def refusal(found: list[dict[str, object]]) -> ImportRefusedError:
    """All bad rows, up to 200 of them, and how many there are."""
    words = place.words()["refused"]
    detail = words["first" if len(found) > MOST_SHOWN else "all"].format(count=len(found), shown=MOST_SHOWN)
    return ImportRefusedError(detail, errors=found[:MOST_SHOWN])


def title(column: Column) -> str:
    """The heading of a column."""
    return str(place.words()["columns"][column])


def read(data: bytes) -> list[Entry]:
    """Every household of an .xlsx or a CSV (UTF-8, with or without BOM, or GB18030), checked as a whole.

    Raises BrokenWorkbookError for what cannot be read, ImportRefusedError naming every bad row.
    """
    lines = [line for line in _lines(data) if any(line[1])]
    if not lines:
        raise BrokenWorkbookError
    start = _header_at(lines)
    problems = _Problems()
    columns = _columns(lines[start], problems)
    problems.refuse()
    entries = list(_entries(lines[start + 1 :], columns, problems))
    if len(lines) == start + 1:
        problems.add(lines[start][0] + 1, title(Column.COMPOUND), "no_rows")
    _compare(entries, problems)
    problems.found.sort(key=_row_of)
    problems.refuse()
    return entries


def template() -> bytes:
    """An .xlsx to fill in: the columns, two example rows that an import refuses, and a sheet of notes."""
    words = place.words()["template"]
    stream = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, plain) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        text = book.add_format({"num_format": "@", "font_size": 12})
        heading = book.add_format(
            {"num_format": "@", "font_size": 12, "bold": True, "bg_color": "#E8F1EE", "border": 1}
        )
        sheet = book.add_worksheet(words["sheet"])
        for at, column in enumerate(Column):
            sheet.set_column(at, at, 12 if column in {Column.BUILDING, Column.STAIRWELL, Column.DOOR} else 18, text)
            sheet.write_string(0, at, title(column), heading)
            for row, example in enumerate(words["examples"], start=1):
                sheet.write_string(row, at, example[column], text)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet(words["notes_sheet"])
        notes.set_column(0, 0, 80, book.add_format({"font_size": 12, "text_wrap": True}))
        for row, note in enumerate(words["notes"]):
            notes.write_string(row, 0, note)
    return stream.getvalue()


def _lines(data: bytes) -> Iterator[_Line]:
    """Every line with its number, blank ones too. Whatever a parser raises on hostile input is a broken workbook."""
    if data.startswith(_OLD_EXCEL):
        raise BrokenWorkbookError(place.words()["unreadable"]["old"])
    try:
        yield from _bounded(_xlsx(data) if data.startswith(b"PK") else _csv(data))
    except BrokenWorkbookError:
        raise
    except Exception as error:
        raise BrokenWorkbookError from error


def _bounded(lines: Iterable[list[_Cell]]) -> Iterator[_Line]:
    filled = 0
    for number, cells in enumerate(lines, start=1):
        filled += any(cells)
        if filled > MOST_ROWS + _HEADER_WITHIN or number > MOST_LINES:
            raise BrokenWorkbookError(place.words()["unreadable"]["too_many"].format(limit=MOST_ROWS))
        yield number, cells


def _xlsx(data: bytes) -> Iterator[list[_Cell]]:
    """The first sheet. What it unpacks to is bounded before anything is parsed, its width while it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise BrokenWorkbookError(place.words()["unreadable"]["too_many"].format(limit=MOST_ROWS))
        for part in archive.infolist():
            with archive.open(part) as opened:
                if b"<!DOCTYPE" in opened.read(1024):  # no spreadsheet program writes one: it is there for its entities
                    raise BrokenWorkbookError
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    sheet: Any = book.worksheets[0]
    sheet.reset_dimensions()  # some programs write wrong ones
    for row in sheet.iter_rows(max_col=MOST_COLUMNS):
        yield ["" if cell.value is None else _of_cell(cell.value, cell.data_type) for cell in row]


def _csv(data: bytes) -> Iterator[list[_Cell]]:
    if b"\0" in data:
        raise BrokenWorkbookError
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    head = text.partition("\n")[0]
    comma = max(",;\t", key=head.count)
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True):
        yield [_of_text(cell) for cell in row[:MOST_COLUMNS]]


def _of_cell(value: object, kind: str) -> _Cell:
    """A cell's text, or why it has none. Numbers come back as people typed them: 1201, not 1201.0."""
    if isinstance(value, str):
        reason = {"f": "formula", "e": "error"}.get(kind)
        return _Bad(reason) if reason else _of_text(value)
    if isinstance(value, bool):
        return _Bad("boolean")
    if isinstance(value, int | float):
        whole = math.isfinite(value) and value == int(value)
        return str(int(value)) if whole else _Bad("fraction")
    return _Bad("formula" if kind == "f" else "date")


def _of_text(value: str) -> _Cell:
    text = " ".join(value.strip("\N{ZERO WIDTH NO-BREAK SPACE}\N{ZERO WIDTH SPACE}").split())
    if text.startswith(("=", "＝", "@")):
        return _Bad("formula")
    if _ERROR_VALUE.fullmatch(text):
        return _Bad("error")
    return text if text.isprintable() else _Bad("control")


def _header_at(lines: list[_Line]) -> int:
    """Where the columns are named: the first line, or below a title within the first ten."""
    known = {title(column) for column in Column}
    for at, (_, cells) in enumerate(lines[:_HEADER_WITHIN]):
        if len(known & {place.mark(cell) for cell in cells if isinstance(cell, str)}) >= len(_SHARED) - 1:
            return at
    return 0


def _columns(header: _Line, problems: _Problems) -> dict[int, Column]:
    """Which column stands where; free order, nothing unknown, nothing twice, nothing missing."""
    number, cells = header
    known = {title(column): column for column in Column}
    columns: dict[int, Column] = {}
    for at, cell in enumerate(cells):
        name = place.mark(cell) if isinstance(cell, str) else "?"
        if not name:
            continue
        if name not in known:
            problems.add(number, name[:40], "unknown_column", name=name[:40])
        elif known[name] in columns.values():
            problems.add(number, name, "twice_column", name=name)
        else:
            columns[at] = known[name]
    for column, rule in _RULES.items():
        if rule.required and column not in columns.values():
            problems.add(number, title(column), "missing_column")
    return columns


def _entries(lines: list[_Line], columns: dict[int, Column], problems: _Problems) -> Iterator[Entry]:
    """The rows in which every cell is right; the others are noted."""
    example = place.words()["template"]["example_code"]
    for number, cells in lines:
        before = len(problems.found)
        values = dict.fromkeys(Column, "")
        for at, cell in enumerate(cells + [""] * (max(columns) + 1 - len(cells))):
            if at in columns:
                values[columns[at]] = _checked(number, columns[at], cell, problems)
            elif cell:
                problems.add(number, place.words()["nameless"].format(at=at + 1), "no_header")
        if values[Column.COMPOUND] == example:
            problems.add(number, title(Column.COMPOUND), "example")
        if len(problems.found) == before:
            yield Entry(number, *(values[column] for column in Column))


def _checked(row: int, column: Column, cell: _Cell, problems: _Problems) -> str:
    """The cell's one spelling; what is wrong with it is noted."""
    rule = _RULES[column]
    text = rule.clean(cell) if isinstance(cell, str) else ""
    if isinstance(cell, _Bad):
        problems.add(row, title(column), cell.reason)
    elif rule.required and not text:
        problems.add(row, title(column), "missing")
    elif len(text) > rule.limit:
        problems.add(row, title(column), "too_long", limit=rule.limit)
    elif text and rule.pattern and not rule.pattern.fullmatch(text):
        problems.add(row, title(column), rule.reason)
    return text


def _compare(entries: list[Entry], problems: _Problems) -> None:
    """Rows against each other: one household once, and one compound always described in the same words."""
    doors: dict[tuple[str, ...], int] = {}
    said: dict[tuple[str, Column], tuple[str, int]] = {}
    for entry in entries:
        here = (entry.compound, entry.building, entry.stairwell, entry.door)
        first = doors.setdefault(here, entry.row)
        if first != entry.row:
            problems.add(entry.row, title(Column.DOOR), "twice", first=first)
        for column in _SHARED:
            value: str = getattr(entry, column)
            known, row = said.setdefault((entry.compound, column), (value, entry.row)) if value else (value, 0)
            if value != known:
                problems.add(entry.row, title(column), "differs", first=row, value=known)


def _row_of(problem: dict[str, object]) -> int:
    row = problem["row"]
    return row if isinstance(row, int) else 0
