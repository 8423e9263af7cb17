"""`python -m qr sheet in.csv out.pdf` prints posters from a list; `python -m qr check CODE` checks one code."""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from qr import codes
from qr.poster import Poster
from qr.sheets import GlyphError, SheetError, sheet

COLUMNS = ("小区", "位置", "码", "值班电话")

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@cli.command("sheet")
def print_sheet(
    source: Annotated[
        Path, typer.Argument(help="CSV with the columns 小区,位置,码,值班电话", exists=True, dir_okay=False)
    ],
    target: Annotated[Path, typer.Argument(help="the PDF to write", dir_okay=False)],
    origin: Annotated[str, typer.Option(help="https://host of the server; not needed where 码 is a full address")] = "",
    size: Annotated[str, typer.Option(help="A5 or A4")] = "A5",
) -> None:
    """Print one poster a row into one PDF."""
    try:
        rows = read_rows(source.read_bytes(), origin)
        pages = _sheet(rows, size)
    except ValueError as error:
        raise _refusal(f"{source}: {error}") from error
    target.write_bytes(pages)
    typer.echo(f"{target}: {len(rows)} posters")


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
        try:
            poster = _poster(*(values[column] for column in COLUMNS), origin=origin, serial=f"{len(posters) + 1:04d}")
        except ValueError as error:
            raise ValueError(f"row {row}: {error}") from error
        if poster.code in seen:
            raise ValueError(f"row {row}: {codes.display(poster.code)} is already in row {seen[poster.code]}")
        posters[row], seen[poster.code] = poster, row
    return posters


def _poster(compound: str, place: str, code: str, phone: str, *, origin: str, serial: str) -> Poster:
    scheme, separator, rest = code.strip().partition("://")
    if separator and not origin:
        origin = f"{scheme}://{rest.partition('/')[0]}"
    for column, value in zip(COLUMNS, (compound, place, code, phone), strict=True):
        if not value.strip():
            raise ValueError(f"{column} is blank")
    if not origin:
        raise ValueError(f"码 {code!r} is not a full address, so --origin https://host is needed")
    try:
        return Poster(codes.from_url(code), origin, compound, place, phone, serial)
    except codes.CodeError as error:
        raise ValueError(f"码 {code!r}: {error}") from error


def _sheet(rows: dict[int, Poster], size: str) -> bytes:
    try:
        return sheet(list(rows.values()), size=size)
    except GlyphError as error:
        row = next(row for row, poster in rows.items() if poster is error.poster)
        raise SheetError(f"row {row}: {error}") from error


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
