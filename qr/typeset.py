"""One document set by typst, in a process of its own: what typst remembers goes back to the machine when it ends.

As a script it takes a template's name, reads JSON and writes the PDF; or it takes "--missing", reads a JSON text and
writes those of its characters that have no glyph. A refusal is its error output.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Literal

import typst
from pylopdf_fonts_zh_cn import sans_path

TEMPLATES = Path(__file__).with_name("templates")
# PDF/A embeds every font and, what matters here, refuses a character without a glyph instead of printing a blank.
_STANDARD: Literal["a-2b"] = "a-2b"
_MISSING = "--missing"
_REFUSED = 3


class TypesetError(ValueError):
    """Why typst cannot set a document as it should be."""


def typeset(template: str, data: object) -> bytes:
    """The PDF of a template of this package, filled in; equal data give equal bytes. Raises TypesetError."""
    return _run(template, data)


def missing(characters: str) -> str:
    """Those of the characters that the font has no shape for, or cannot be set at all."""
    found: str = json.loads(_run(_MISSING, characters))
    return found


def _run(order: str, data: object) -> bytes:
    child = [sys.executable, "-P", __file__, order]
    text = json.dumps(data).encode()
    done = subprocess.run(child, input=text, capture_output=True, check=False)  # noqa: S603 - our own file
    if done.returncode == _REFUSED:
        raise TypesetError(done.stderr.decode())
    done.check_returncode()
    return done.stdout


def _main(order: str, text: str) -> bytes:
    # No system fonts: the same file must come out of every machine.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[sans_path().parent])
    if order == _MISSING:
        return json.dumps("".join(each for each in json.loads(text) if not _has_glyph(each, fonts))).encode()
    return _compiled(order, text, fonts)


def _compiled(template: str, text: str, fonts: typst.Fonts) -> bytes:
    """Texts travel as data, so that nothing in them is ever read as markup."""
    document, warnings = typst.compile_with_warnings(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=fonts,
        sys_inputs={"data": text},
        pdf_standards=_STANDARD,
        pdf_tags=False,
        timestamp=0,  # PDF/A wants a date; a fixed one lets the same posters give the same file.
    )
    if warnings:
        raise TypesetError("; ".join(warning.message for warning in warnings))
    return document


def _has_glyph(character: str, fonts: typst.Fonts) -> bool:
    try:
        _compiled("glyph.typ", json.dumps(character), fonts)
    except typst.TypstError:
        return False
    return True


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(_main(sys.argv[1], sys.stdin.buffer.read().decode()))
    except (typst.TypstError, TypesetError) as error:
        sys.stderr.buffer.write(str(error).encode())
        sys.exit(_REFUSED)
