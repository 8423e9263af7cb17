"""The symbol of a text, level H, and its writers. Every writer keeps the quiet zone of four modules itself."""

import io
from collections.abc import Iterator
from itertools import groupby

from PIL import Image
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode

QUIET_ZONE = 4
# Colours 16 and 231 of the 256-colour palette are fixed; the first sixteen change with the terminal's theme.
_BLACK_ON_WHITE = "\N{ESCAPE}[38;5;16;48;5;231m"
_RESET = "\N{ESCAPE}[0m"
_HALF_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def matrix(data: str) -> list[list[bool]]:
    """The dark modules of the smallest level H symbol that holds `data`, row by row, without a quiet zone.

    Texts of digits, capitals and ``$%*+-./:`` take the dense alphanumeric mode.
    """
    code = QRCode(error_correction=ERROR_CORRECT_H, border=0)
    code.add_data(data, optimize=0)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def png(data: str, scale: int = 12) -> bytes:
    """A 1-bit PNG, `scale` pixels a module."""
    modules = _framed(matrix(data))
    side = len(modules)
    image = Image.new("1", (side, side))
    image.putdata([0 if dark else 255 for row in modules for dark in row])
    stream = io.BytesIO()
    image.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def svg(data: str) -> bytes:
    """A scalable drawing with one path, one unit a module, black on white."""
    modules = matrix(data)
    side = len(modules) + 2 * QUIET_ZONE
    path = "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z" for x, y, length in _runs(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    ).encode()


def blocks(data: str, *, colour: bool = False) -> str:
    """The symbol as lines of half blocks, two rows of modules a line, for a terminal.

    With `colour` it is black on white on every terminal. Without, the light modules are drawn: right on a dark
    terminal; on a light one the symbol is inverted, quiet zone included, which WeChat and other scanners read too.
    """
    modules = _framed(matrix(data))
    if len(modules) % 2:
        modules.append([False] * len(modules))
    pairs = (zip(upper, lower, strict=True) for upper, lower in zip(modules[::2], modules[1::2], strict=True))
    if colour:
        return "\n".join(_BLACK_ON_WHITE + "".join(_HALF_BLOCKS[pair] for pair in line) + _RESET for line in pairs)
    return "\n".join("".join(_HALF_BLOCKS[not upper, not lower] for upper, lower in line) for line in pairs)


def _framed(modules: list[list[bool]]) -> list[list[bool]]:
    side = [False] * QUIET_ZONE
    blank = [[False] * (len(modules) + 2 * QUIET_ZONE) for _ in range(QUIET_ZONE)]
    return [*blank, *(side + row + side for row in modules), *(row.copy() for row in blank)]


def _runs(modules: list[list[bool]]) -> Iterator[tuple[int, int, int]]:
    """The dark stretches as (column, row, length), so that a writer draws one box for many modules."""
    for y, row in enumerate(modules):
        x = 0
        for dark, stretch in groupby(row):
            length = len(list(stretch))
            if dark:
                yield x, y, length
            x += length
