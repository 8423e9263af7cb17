"""工作台账 and 销号: a month's ledger as a page, a workbook or CSV, and what is not closed out yet."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]

from app.access import Staff, registry
from app.access import ledger as rows
from app.access.ledger import Month, Sums
from app.db import ReadSession
from app.errors import InvalidError, VerbNotYoursError
from app.models.place import Compound
from app.queries.desk import instant, number, pack, unpack
from app.rules import catalogue, cells, ledger, refusals, sla, wording
from app.rules.ledger import KEEPS_LEDGER, READS_TOTALS
from app.schemas.ledger import AgedView, CloseOutView, CountView, LedgerLine, LedgerView, TotalsView

IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


class Asked(NamedTuple):
    """Whose ledger, of which month; "" is this month."""

    compound: str
    month: str = ""


class Book(NamedTuple):
    """A ledger file, ready to be read once from its beginning, and how it is called."""

    file: IO[bytes]
    name: str
    plain_name: str
    month: str
    kind: str

    def chunks(self) -> Iterator[bytes]:
        """The file piece by piece; it is gone afterwards."""
        with self.file:
            while piece := self.file.read(_CHUNK):
                yield piece


def view(
    session: ReadSession, staff: Staff, asked: Asked, now: datetime, *, cursor: str | None = None, limit: int = 100
) -> LedgerView:
    """One page of the month with its totals. Raises NotFoundError, VerbNotYoursError, InvalidError."""
    compound, name, month = _month(session, staff, asked, now)
    totals = _totals(session, staff, month)
    if not may_list(staff, compound.id):
        return LedgerView(compound=compound.code, month=name, totals=totals)
    after = None
    if cursor:
        at, row = unpack(cursor, 2)
        after = (instant(at), number(row))
    found = list(rows.lines(session, staff, month, after, limit + 1))
    page, more = found[:limit], len(found) > limit
    last = page[-1][1] if page else None
    return LedgerView(
        compound=compound.code,
        month=name,
        totals=totals,
        items=[line for line, _ in page],
        next_cursor=pack(last[0].isoformat(), last[1]) if more and last else None,
    )


def workbook(session: ReadSession, staff: Staff, asked: Asked, now: datetime) -> Book:
    """The month as .xlsx: a sheet of lines and one of totals. Written row by row, never whole in memory."""
    compound, name, month = _month(session, staff, asked, now)
    words, file = ledger.words(), tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- whoever reads it closes it
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True})
    if may_list(staff, compound.id):
        sheet = book.add_worksheet(words["sheet"])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(words["columns"]) - 1, 12)
        for place, cells_ in enumerate(_table(session, staff, month)):
            sheet.write_row(place, 0, cells_, bold if place == 0 else None)
    sheet = book.add_worksheet(words["summary"])
    sheet.set_column(0, 0, 24)
    for place, cells_ in enumerate(_summary(_totals(session, staff, month))):
        sheet.write_row(place, 0, cells_)
    book.close()
    file.seek(0)
    return Book(file, _file_name(compound, name) + ".xlsx", f"ledger-{compound.code}-{name}.xlsx", name, "xlsx")


def comma_separated(session: ReadSession, staff: Staff, asked: Asked, now: datetime) -> Book:
    """The month's lines as CSV that spreadsheets open with the right letters; for totals only, the totals."""
    compound, name, month = _month(session, staff, asked, now)
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- whoever reads it closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    listed = may_list(staff, compound.id)
    csv.writer(text).writerows(_table(session, staff, month) if listed else _summary(_totals(session, staff, month)))
    text.detach()
    file.seek(0)
    return Book(file, _file_name(compound, name) + ".csv", f"ledger-{compound.code}-{name}.csv", name, "csv")


def close_out(session: ReadSession, staff: Staff, compound_code: str, now: datetime) -> CloseOutView:
    """销号看板: what is open, by category and by party, with its age. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, compound_code)
    if not staff.roles_in(compound.id) & (KEEPS_LEDGER | READS_TOTALS):
        raise VerbNotYoursError
    known = catalogue.default()
    leaves = rows.ages(session, staff, compound.id, "category", now)
    parties = rows.ages(session, staff, compound.id, "lead_role", now)
    width = 3 + len(ledger.AGES) + 1
    total = [sum(counts[place] for counts in leaves.values()) for place in range(width)]
    return CloseOutView(
        compound=compound.code,
        ages=list(ledger.words()["ages"]),
        total=_aged("", ledger.words()["summary"], total),
        by_category=_most_first([_aged(code, known.leaf(code).name, counts) for code, counts in leaves.items()]),
        by_party=_most_first([_aged(code, known.title(code), counts) for code, counts in parties.items()]),
        filed=total[2],
    )


def may_list(staff: Staff, compound_id: int) -> bool:
    """Whether this account gets the ledger's lines, and not only its totals (domain rules §3.4, "export")."""
    return bool(staff.roles_in(compound_id) & KEEPS_LEDGER)


def _month(session: ReadSession, staff: Staff, asked: Asked, now: datetime) -> tuple[Compound, str, Month]:
    compound = registry.compound(session, staff, asked.compound)
    if not staff.roles_in(compound.id) & (KEEPS_LEDGER | READS_TOTALS):
        raise VerbNotYoursError
    name = asked.month or ledger.month_of(sla.local_day(now))
    try:
        start, end = ledger.bounds(name)
    except (ValueError, OverflowError) as error:
        raise InvalidError(errors=[{"field": "month", "message": refusals.say("month_wrong")}]) from error
    return compound, name, Month(compound.id, start, end)


def _totals(session: ReadSession, staff: Staff, month: Month) -> TotalsView:
    known = catalogue.default()
    classes = rows.sums(session, staff, month, "top")
    total, left = (sum(found[place] for found in classes.values()) for place in (0, 1))
    common, filed = rows.marked(session, staff, month)
    return TotalsView(
        total=total,
        closed_out=total - left,
        open=left,
        common=common,
        filed=filed,
        by_class=_counts(classes, lambda code: known.top(code).name),
        by_party=_counts(rows.sums(session, staff, month, "lead_role"), known.title),
        by_status=_counts(rows.sums(session, staff, month, "status"), lambda code: wording.word("status", code)),
        by_channel=_counts(rows.sums(session, staff, month, "channel"), lambda code: wording.word("channel", code)),
    )


def _counts(found: Mapping[str, Sums], name: Callable[[str], str]) -> list[CountView]:
    views = [CountView(code=code, name=name(code), total=sums.total, open=sums.open) for code, sums in found.items()]
    return sorted(views, key=lambda view: (-view.total, view.code))


def _aged(code: str, name: str, counts: Sequence[int]) -> AgedView:
    return AgedView(code=code, name=name, open=counts[0], overdue=counts[1], ages=list(counts[3:]))


def _most_first(views: Iterable[AgedView]) -> list[AgedView]:
    return sorted(views, key=lambda view: (-view.open, view.code))


def _table(session: ReadSession, staff: Staff, month: Month) -> Iterator[list[str | int]]:
    """The header and the lines; texts neutralised, numbers as numbers."""
    yield list(ledger.words()["columns"].values())
    for line, _ in rows.lines(session, staff, month):
        yield [cells.neutral(cell) if isinstance(cell, str) else cell for cell in _cells(line)]


def _cells(line: LedgerLine) -> list[str | int]:
    """A line in the order of the columns, in words."""
    known, words = catalogue.default(), ledger.words()
    found: dict[str, str | int] = {
        "number": line.number,
        "submitted": line.submitted.isoformat(),
        "top": known.top(line.category[:3]).name,
        "category": line.category_name,
        "complexity": wording.word("complexity", line.complexity),
        "channel": wording.word("channel", line.channel),
        "place": line.place,
        "status": wording.word("status", line.status),
        "party": known.title(line.party),
        "due": line.due.isoformat(),
        "done": line.done.isoformat() if line.done else "",
        "closed": line.closed.isoformat() if line.closed else "",
        "rounds": line.rounds,
        "urges": line.urges,
        "solved": wording.word("solved", line.solved) if line.solved else words["not_rated"],
        "stars": line.stars or "",
        "filings": line.filings,
        "issue": words["yes"] if line.common else "",
    }
    return [found[name] for name in words["columns"]]


def _summary(totals: TotalsView) -> Iterator[list[str | int]]:
    words = ledger.words()
    for key, name in words["totals"].items():
        yield [name, getattr(totals, key)]
    for key in ("by_class", "by_party", "by_status", "by_channel"):
        yield []
        yield [words[key], words["count"], words["totals"]["open"]]
        for one in getattr(totals, key):
            yield [cells.neutral(one.name), one.total, one.open]


def _file_name(compound: Compound, month: str) -> str:
    return str(ledger.words()["file"]).format(compound=compound.name, month=month)
