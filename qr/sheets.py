"""Many posters → one print file. The look is in templates/*.typ; this module only fills it in."""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from qr import codes, matrix, typeset
from qr.join import Joiner
from qr.poster import Poster

CHUNK = 240  # posters a typst process: some 0.2 MB for each on top of 60 MB
_COLUMNS, _ROWS = 2, 42  # of an index page
_INDEX_PAGE = _COLUMNS * _ROWS
_INDEX_CHUNK = 10  # pages
_LARGEST_EMBLEM = 2**18


class SheetError(ValueError):
    """A file that would not be fit to print."""


class GlyphError(SheetError):
    """The font has no shape for `characters`, which `poster` needs."""

    def __init__(self, poster: Poster, characters: str) -> None:
        named = " ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(f"{poster.compound} {poster.place_label}: the font cannot print {named}")
        self.poster = poster
        self.characters = characters


@dataclass(frozen=True)
class Size:
    """A product: its template, how much that is enlarged, and how it lies on A4."""

    template: str
    scale: float
    paper: tuple[float, float]  # mm; upright or lying A4, whichever takes more of them
    across: int
    down: int


_UPRIGHT, _LYING = (210, 297), (297, 210)
SIZES = {
    "A4": Size("a5", 2**0.5, _UPRIGHT, 1, 1),  # the door plate, enlarged; smaller would shrink its code below 60 mm
    "A5": Size("a5", 1, _LYING, 2, 1),
    "A6": Size("a6", 1, _UPRIGHT, 2, 2),
    "card": Size("card", 1, _UPRIGHT, 2, 5),
}


def sheet(
    posters: Sequence[Poster],
    *,
    size: str = "A5",
    paper: str | None = None,
    cut_marks: bool = True,
    index: bool = True,
    emblem: bytes | None = None,
) -> bytes:
    """The print file that `write` writes."""
    stream = io.BytesIO()
    write(posters, stream, size=size, paper=paper, cut_marks=cut_marks, index=index, emblem=emblem)
    return stream.getvalue()


def write(
    posters: Sequence[Poster],
    target: BinaryIO,
    *,
    size: str = "A5",
    paper: str | None = None,
    cut_marks: bool = True,
    index: bool = True,
    emblem: bytes | None = None,
) -> int:
    """Write a PDF with the posters in their order and return the number of its pages; equal posters give equal bytes.

    Without `paper` a page is as large as a poster, for a printing house. On "A4" there are as many as fit, with marks
    for the knife. The index, A4 pages at the front, tells the page of every place. The emblem, SVG or PNG, goes into
    the middle of every code. The file is written part by part, so thousands take no more memory than hundreds.

    Raises GlyphError naming the place and the characters that the font lacks, SheetError for no posters, an unknown
    size or paper, a text too long for its line, or a picture that cannot be read; the target is then incomplete.
    """
    if not posters:
        raise SheetError("there are no posters to print")
    if size not in SIZES:
        raise SheetError(f"size is one of {', '.join(SIZES)}, not {size!r}")
    if paper not in {None, "A4"}:
        raise SheetError(f"paper is A4 or none, not {paper!r}")
    product = SIZES[size]
    per_page = product.across * product.down if paper else 1
    heading = posters[0].compound if len({poster.compound for poster in posters}) == 1 else ""
    layout = {
        "product": product.template,
        "scale": product.scale,
        "paper": product.paper if paper or size == "A4" else None,
        "across": product.across if paper else 1,
        "down": product.down if paper else 1,
        "cut_marks": cut_marks and paper is not None,
        "emblem": None if emblem is None else _picture(emblem),
        "heading": heading,
    }
    joiner = Joiner(target)
    pages = math.ceil(len(posters) / per_page)
    if index:
        pages += math.ceil(len(posters) / _INDEX_PAGE)
        for part in _index(posters, size, heading, pages, per_page):
            joiner.add(part)
    step = math.ceil(CHUNK / per_page) * per_page  # a part begins with a page
    for start in range(0, len(posters), step):
        joiner.add(_sheets(posters[start : start + step], layout))
    joiner.close()
    return pages


def _sheets(posters: Sequence[Poster], layout: dict[str, Any]) -> bytes:
    values = [_values(poster, emblem=layout["emblem"] is not None) for poster in posters]
    return _set("sheet.typ", layout | {"posters": values}, posters)


def _values(poster: Poster, *, emblem: bool) -> dict[str, Any]:
    modules = matrix.matrix(poster.url)
    clear = matrix.room(len(modules)) if emblem else 0
    return {
        "code": codes.display(poster.code),
        "compound": poster.compound,
        "place": poster.place_label,
        "phone": poster.duty_phone,
        "host": poster.host,
        "serial": poster.serial,
        "contacts": poster.contacts,
        "symbol": matrix.drawing(modules, clear).decode(),
        "modules": len(modules),
        "clear": clear,
    }


def _index(posters: Sequence[Poster], size: str, heading: str, pages: int, per_page: int) -> Iterator[bytes]:
    """The index in parts. A row is [place, serial, code, page]; places of several compounds carry the compound."""
    of = math.ceil(len(posters) / _INDEX_PAGE)
    step = _INDEX_CHUNK * _INDEX_PAGE
    for start in range(0, len(posters), step):
        part = posters[start : start + step]
        entries = [
            (
                poster.place_label if heading else f"{poster.compound} {poster.place_label}",
                poster.serial,
                codes.display(poster.code),
                of + number // per_page + 1,
            )
            for number, poster in enumerate(part, start)
        ]
        data = {
            "heading": heading,
            "posters": len(posters),
            "size": size,
            "pages": pages,
            "number": start // _INDEX_PAGE + 1,
            "of": of,
            "columns": _COLUMNS,
            "rows": _ROWS,
            "entries": entries,
        }
        yield _set("index.typ", data, part)


def _set(template: str, data: object, posters: Sequence[Poster]) -> bytes:
    try:
        return typeset.typeset(template, data)
    except typeset.TypesetError as error:
        _name_missing_glyphs(posters)
        raise SheetError(str(error)) from error


def _name_missing_glyphs(posters: Sequence[Poster]) -> None:
    """Raise GlyphError for the first poster with a character that alone cannot be set. Runs only after a failure."""
    texts = {
        poster: "".join(
            (poster.compound, poster.place_label, poster.duty_phone, poster.serial, *sum(poster.contacts, ()))
        )
        for poster in posters
    }
    missing = typeset.missing("".join(sorted(set().union(*texts.values()))))
    for poster, text in texts.items():
        found = "".join(character for character in dict.fromkeys(text) if character in missing)
        if found:
            raise GlyphError(poster, found)


def _picture(emblem: bytes) -> str | list[int]:
    """An emblem as a template takes it: SVG as text, PNG as numbers."""
    if len(emblem) > _LARGEST_EMBLEM:
        raise SheetError(f"the emblem has more than {_LARGEST_EMBLEM // 1024} kB")
    if emblem.startswith(b"\x89PNG"):
        return list(emblem)
    try:
        return emblem.decode()
    except UnicodeDecodeError as error:
        raise SheetError("the emblem is neither SVG nor PNG") from error
