"""Many posters → one print file. The look is templates/poster.typ; this module only fills it in."""

import io
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst
from pylopdf_fonts_zh_cn import sans_path
from pypdf import PdfReader, PdfWriter

from qr import codes, matrix
from qr.poster import Poster

TEMPLATES = Path(__file__).with_name("templates")
# The page is designed as A5; the other ISO sizes are the same page, larger. Smaller would shrink the code below 60 mm.
SIZES = {"A5": 1.0, "A4": 2**0.5}
CHUNK = 200  # A thousand posters in one document take some 400 MB; chunks keep that flat.
# PDF/A embeds every font and, what matters here, refuses a character without a glyph instead of printing a blank.
_STANDARD: Literal["a-2b"] = "a-2b"


class SheetError(ValueError):
    """A file that would not be fit to print."""


class GlyphError(SheetError):
    """The font has no shape for `characters`, which `poster` needs."""

    def __init__(self, poster: Poster, characters: str) -> None:
        named = " ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(f"{poster.compound} {poster.place_label}: the font cannot print {named}")
        self.poster = poster
        self.characters = characters


def sheet(posters: Sequence[Poster], *, size: str = "A5") -> bytes:
    """A PDF with one page a poster, in their order; equal posters give equal bytes.

    Raises GlyphError naming the place and the characters that the font lacks, SheetError for no posters, an unknown
    size or a text too long for the page.
    """
    if not posters:
        raise SheetError("there are no posters to print")
    if size not in SIZES:
        raise SheetError(f"size is one of {', '.join(SIZES)}, not {size!r}")
    parts = [_document(posters[start : start + CHUNK], size) for start in range(0, len(posters), CHUNK)]
    return parts[0] if len(parts) == 1 else _joined(parts)


def _document(posters: Sequence[Poster], size: str) -> bytes:
    data = {"scale": SIZES[size], "posters": [_values(poster) for poster in posters]}
    try:
        return _compiled(TEMPLATES / "poster.typ", data)
    except typst.TypstError as error:
        _name_missing_glyphs(posters)
        raise SheetError(str(error)) from error


def _values(poster: Poster) -> dict[str, Any]:
    return {
        "code": codes.display(poster.code),
        "compound": poster.compound,
        "place": poster.place_label,
        "phone": poster.duty_phone,
        "host": poster.host,
        "serial": poster.serial,
        "symbol": matrix.svg(poster.url).decode(),
    }


def _compiled(template: Path, data: object) -> bytes:
    """Texts travel as data, so that nothing in them is ever read as markup."""
    document, warnings = typst.compile_with_warnings(
        template,
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=_STANDARD,
        pdf_tags=False,
        timestamp=0,  # PDF/A wants a date; a fixed one lets the same posters give the same file.
    )
    if warnings:
        raise SheetError("; ".join(warning.message for warning in warnings))
    return document


@cache
def _fonts() -> typst.Fonts:
    """The packaged fonts. No system fonts: the same file must come out of every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent])


def _name_missing_glyphs(posters: Sequence[Poster]) -> None:
    """Raise GlyphError for the first poster with a character that alone fails to compile. Runs only after a failure."""
    printable: dict[str, bool] = {}
    for poster in posters:
        texts = (poster.compound, poster.place_label, poster.duty_phone, poster.serial)
        characters = dict.fromkeys("".join(texts))
        for character in characters.keys() - printable.keys():
            printable[character] = _has_glyph(character)
        missing = "".join(character for character in characters if not printable[character])
        if missing:
            raise GlyphError(poster, missing)


def _has_glyph(character: str) -> bool:
    try:
        _compiled(TEMPLATES / "glyph.typ", character)
    except typst.TypstError:
        return False
    return True


def _joined(parts: Sequence[bytes]) -> bytes:
    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)), import_outline=False)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
