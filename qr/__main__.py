"""`python -m qr sheet in.csv out.pdf` prints posters from a list; `python -m qr check CODE` checks one code."""

import csv
import io
import re
from pathlib import Path
from typing import Annotated

import typer

from qr import codes
from qr.poster import Poster
from qr.sheets import SIZES, GlyphError, write

COLUMNS = ("小区", "位置", "码", "值班电话")
CONTACTS = "联系人"  # may be missing; the card's further lines: 网格员:0571-1;物业:0571-2

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@cli.command("sheet")
def print_sheet(
    source: Annotated[
        Path, typer.Argument(help="CSV with the columns 小区,位置,码,值班电话[,联系人]", exists=True, dir_okay=False)
    ],
    target: Annotated[Path, typer.Argument(help="the PDF to write", dir_okay=False)],
    origin: Annotated[str, typer.Option(help="https://host of the server; not needed where 码 is a full address")] = "",
    size: Annotated[str, typer.Option(help=f"{', '.join(SIZES)}")] = "A5",
    *,
    paper: Annotated[str | None, typer.Option(help="A4: as many as fit; else one a page, for a printing house")] = None,
    cut_marks: Annotated[bool, typer.Option(help="show on the paper where to cut")] = True,
    index: Annotated[bool, typer.Option(help="begin with the pages of all places")] = True,
    emblem: Annotated[
        Path | None, typer.Option(help="SVG or PNG for the middle of the codes", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Print one poster a row into one PDF."""
    unfinished = target.with_name(target.name + ".part")
    try:
        rows = read_rows(source.read_bytes(), origin)
        picture = emblem.read_bytes() if emblem else None
        posters = list(rows.values())
        with unfinished.open("wb") as file:
            pages = write(posters, file, size=size, paper=paper, cut_marks=cut_marks, index=index, emblem=picture)
        unfinished.replace(target)
    except GlyphError as error:
        row = next(row for row, poster in rows.items() if poster is error.poster)
        raise _refusal(f"{source}: row {row}: {error}") from error
    except ValueError as error:
        raise _refusal(f"{source}: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    typer.echo(f"{target}: {len(rows)} posters, {pages} pages")


@cli.command()
def check(code: Annotated[str, typer.Argument(help="a code or a scanned address, as typed")]) -> None:
    """Print the canonical form of a code, or say what is wrong with it."""
    try:
        typer.echo(codes.display(codes.from_url(code)))
    except codes.CodeError as error:
        raise _refusal(f"{code}: {error}") from error


def read_rows(content: bytes, origin: str = "") -> dict[int, Poster]:
    """The posters of a CSV file by line number, the header being line 1. Raises ValueError naming the row."""
    reader = csv.DictReader(io.StringIO(_decoded(content), newline=""), skipinitialspace=True, restval="")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise ValueError(f"row 1: no column {'、'.join(missing)} (expected {','.join(COLUMNS)})")
    posters: dict[int, Poster] = {}
    seen: dict[str, int] = {}
    for values in reader:
        row = reader.line_num
        if not any(values[column].strip() for column in COLUMNS):
            continue
        contacts = values.get(CONTACTS) or ""
        serial = f"{len(posters) + 1:04d}"
        try:
            poster = _poster([values[column] for column in COLUMNS], contacts, origin, serial)
        except ValueError as error:
            raise ValueError(f"row {row}: {error}") from error
        if poster.code in seen:
            raise ValueError(f"row {row}: {codes.display(poster.code)} is already in row {seen[poster.code]}")
        posters[row], seen[poster.code] = poster, row
    return posters


def _poster(cells: list[str], contacts: str, origin: str, serial: str) -> Poster:
    compound, place, code, phone = cells
    scheme, separator, rest = code.strip().partition("://")
    if separator and not origin:
        origin = f"{scheme}://{rest.partition('/')[0]}"
    for column, value in zip(COLUMNS, cells, strict=True):
        if not value.strip():
            raise ValueError(f"{column} is blank")
    if not origin:
        raise ValueError(f"码 {code!r} is not a full address, so --origin https://host is needed")
    try:
        return Poster(codes.from_url(code), origin, compound, place, phone, serial, _contacts(contacts))
    except codes.CodeError as error:
        raise ValueError(f"码 {code!r}: {error}") from error


def _contacts(text: str) -> tuple[tuple[str, str], ...]:
    lines = (line.partition(":") for line in re.split("[;；\n]", text.replace("：", ":")) if line.strip())
    return tuple((title, phone) for title, _, phone in lines)


def _decoded(content: bytes) -> str:
    """Spreadsheets in China save CSV as UTF-8 with a mark or as GB 18030."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _refusal(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


if __name__ == "__main__":
    cli()
