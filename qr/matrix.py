"""The symbol of a text, level H, and its writers. Every writer keeps the quiet zone of four modules itself."""

import io
import re
from collections.abc import Iterable, Iterator
from functools import cache

from PIL import Image
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode

QUIET_ZONE = 4
_DARK = re.compile(rb"\x01+")
# Colours 16 and 231 of the 256-colour palette are fixed; the first sixteen change with the terminal's theme.
_BLACK_ON_WHITE = "\N{ESCAPE}[38;5;16;48;5;231m"
_RESET = "\N{ESCAPE}[0m"
_HALF_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def matrix(data: str) -> list[list[bool]]:
    """The dark modules of the smallest level H symbol that holds `data`, row by row, without a quiet zone.

    Texts of digits, capitals and ``$%*+-./:`` take the dense alphanumeric mode. Of the eight masks it wears the one
    with the lowest penalty of ISO/IEC 18004, the first of several.
    """
    plain = _masked(data, 0)
    side, bits = len(plain), _packed(plain)
    bits = min((bits ^ flips for flips in _flips((side - 17) // 4)), key=lambda each: penalty(each, side))
    return [[character == "1" for character in row] for row in _rows(bits, side)]


def penalty(bits: int, side: int) -> int:
    """How badly a symbol would scan, by the four rules of ISO/IEC 18004; module (x, y) is bit `y * side + x`.

    Whole symbols are compared with shifted copies of themselves, eight masks in 0.06 ms; module by module takes 3 ms.
    """
    everywhere = (1 << side * side) - 1
    light = ~bits & everywhere
    across, down = _inside(side, side - 1, side), _inside(side, side, side - 1)
    same_across, same_down = ~(bits ^ bits >> 1) & across, ~(bits ^ bits >> side) & down
    total = 3 * (same_across & same_across >> side & same_down).bit_count()  # squares of one colour
    for same, step, finders in (
        (same_across, 1, _inside(side, side - 10, side)),
        (same_down, side, _inside(side, side, side - 10)),
    ):
        fives = same & same >> step & same >> 2 * step & same >> 3 * step
        total += fives.bit_count() + 2 * (fives & ~(fives << step)).bit_count()  # runs of five and more
        blank = light & light >> step & light >> 2 * step & light >> 3 * step
        finder = bits & light >> step & bits >> 2 * step & bits >> 3 * step
        finder &= bits >> 4 * step & light >> 5 * step & bits >> 6 * step
        total += 40 * (finder & blank >> 7 * step & finders).bit_count()  # looks like a corner mark
        total += 40 * (blank & finder >> 4 * step & finders).bit_count()
    return total + 10 * (abs(200 * bits.bit_count() - 100 * side * side) // (10 * side * side))  # far from half dark


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
    return drawing(matrix(data))


def drawing(modules: list[list[bool]], clear: int = 0) -> bytes:
    """The symbol of these modules as `svg` draws it; the middle `clear` × `clear` of them stay white."""
    first = (len(modules) - clear) // 2
    rows = [bytearray(row) for row in modules]
    for row in rows[first : first + clear]:
        row[first : first + clear] = bytes(clear)
    side = len(modules) + 2 * QUIET_ZONE
    path = "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z" for x, y, length in _runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    ).encode()


def room(side: int) -> int:
    """How many modules in the middle of a symbol an emblem and its margin may take: an odd number, a fifth of the side
    at most. That is 4 % of the symbol, and level H makes up for the loss of up to 30 %.
    """
    most = side // 5
    return most if most % 2 else most - 1


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


def _runs(rows: Iterable[bytearray]) -> Iterator[tuple[int, int, int]]:
    """The dark stretches as (column, row, length), so that a writer draws one box for many modules."""
    for y, row in enumerate(rows):
        for stretch in _DARK.finditer(row):
            yield stretch.start(), y, stretch.end() - stretch.start()


def _masked(data: str, mask: int, version: int | None = None) -> list[list[bool]]:
    code = QRCode(version, ERROR_CORRECT_H, border=0, mask_pattern=mask)
    code.add_data(data, optimize=0)
    return [[bool(module) for module in row] for row in code.get_matrix()]


@cache
def _flips(version: int) -> tuple[int, ...]:
    """What turns a symbol with mask 0 into one with each mask: the same modules whatever the text is."""
    first, *others = (_packed(_masked("", mask, version)) for mask in range(8))
    return (0, *(first ^ other for other in others))


@cache
def _inside(side: int, width: int, height: int) -> int:
    """The upper left `width` × `height` modules of a symbol."""
    return sum((1 << width) - 1 << y * side for y in range(height))


def _packed(modules: list[list[bool]]) -> int:
    return int("".join("1" if module else "0" for row in reversed(modules) for module in reversed(row)), 2)


def _rows(bits: int, side: int) -> list[str]:
    digits = f"{bits:0{side * side}b}"[::-1]
    return [digits[start : start + side] for start in range(0, side * side, side)]
