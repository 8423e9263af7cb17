import io
import re
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from qrcode import util
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode

from qr import codes, matrix

URL = codes.url("https://m.example.cn", codes.with_check("7K3M9PX"))
TEXTS = [URL, "HTTP://192.168.1.5:8000/S/00000000", "https://m.example.cn/s/7k3m9pxf", "民情二维码"]


def read(image):
    """The one symbol in a picture, as (text, error correction level)."""
    (symbol,) = zxingcpp.read_barcodes(image.convert("L"), zxingcpp.BarcodeFormat.QRCode)
    return symbol.text, symbol.ec_level


def picture(rows, scale=8):
    """An image from rows of dark/light modules, exactly as given: no quiet zone is added."""
    image = Image.new("1", (len(rows[0]), len(rows)))
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def rows_of(image):
    return [[image.getpixel((x, y)) == 0 for x in range(image.width)] for y in range(image.height)]


def quiet_zone(rows):
    """The light margins in modules: left, top, right, bottom."""
    dark = [(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    xs, ys = [x for x, _ in dark], [y for _, y in dark]
    return min(xs), min(ys), len(rows[0]) - 1 - max(xs), len(rows) - 1 - max(ys)


def test_capitals_at_level_h_need_no_more_than_version_3():
    assert len(URL) <= 35
    assert len(matrix.matrix(URL)) == 29
    assert len(matrix.matrix(URL.lower())) == 33


def packed(rows):
    """Module (x, y) as bit y * side + x."""
    return sum(1 << y * len(rows) + x for y, row in enumerate(rows) for x, module in enumerate(row) if module)


def in_mask(text, mask):
    code = QRCode(error_correction=ERROR_CORRECT_H, border=0, mask_pattern=mask)
    code.add_data(text, optimize=0)
    return code.get_matrix()


@given(st.integers(3, 8), st.data())
def test_the_penalty_is_the_librarys_for_any_picture(version, data):
    side = 17 + 4 * version
    bits = data.draw(st.integers(0, (1 << side * side) - 1))
    modules = [[bool(bits >> y * side + x & 1) for x in range(side)] for y in range(side)]
    assert matrix.penalty(bits, side) == util.lost_point(modules)


@pytest.mark.parametrize(
    "text", [*TEXTS, *(f"HTTPS://M.EXAMPLE.CN/S/{codes.with_check(f'7K3M9{n:02d}')}" for n in range(20))]
)
def test_of_the_eight_masks_a_symbol_wears_the_one_with_the_lowest_penalty(text):
    masked = [in_mask(text, mask) for mask in range(8)]
    assert matrix.matrix(text) == min(masked, key=util.lost_point)
    assert matrix.penalty(packed(matrix.matrix(text)), len(masked[0])) == min(map(util.lost_point, masked))


def test_a_matrix_has_no_quiet_zone_of_its_own():
    assert quiet_zone(matrix.matrix(URL)) == (0, 0, 0, 0)


@pytest.mark.parametrize("text", TEXTS)
def test_a_png_is_read_back_at_level_h_with_four_light_modules_around(text):
    image = Image.open(io.BytesIO(matrix.png(text, scale=6)))
    assert image.mode == "1"
    assert read(image) == (text, "H")
    modules = image.resize((image.width // 6, image.height // 6), Image.Resampling.NEAREST)
    assert quiet_zone(rows_of(modules)) == (4, 4, 4, 4)
    assert [row[4:-4] for row in rows_of(modules)[4:-4]] == matrix.matrix(text)


def rasterised(svg):
    """The modules of our SVG: a white square and one path of boxes one unit high."""
    root = ET.fromstring(svg)
    side = int(root.get("viewBox").split()[2])
    background, path = list(root)
    assert (background.get("fill"), background.get("width"), path.get("fill")) == ("#fff", str(side), "#000")
    rows = [[False] * side for _ in range(side)]
    drawn = path.get("d")
    boxes = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn)
    assert "".join(f"M{x} {y}h{length}v1h-{back}z" for x, y, length, back in boxes) == drawn
    for x, y, length, back in boxes:
        assert length == back
        for step in range(int(length)):
            rows[int(y)][int(x) + step] = True
    return rows


@pytest.mark.parametrize("text", TEXTS)
def test_an_svg_is_one_path_read_back_at_level_h_with_four_light_modules_around(text):
    rows = rasterised(matrix.svg(text))
    assert quiet_zone(rows) == (4, 4, 4, 4)
    assert read(picture(rows)) == (text, "H")


@pytest.mark.parametrize("text", TEXTS)
def test_with_an_emblems_room_left_white_level_h_still_makes_the_text_out(text):
    modules = matrix.matrix(text)
    room = matrix.room(len(modules))
    assert room % 2 == 1
    assert 0.1 < room / len(modules) <= 0.2
    rows = rasterised(matrix.drawing(modules, room))
    first = (len(rows) - room) // 2
    assert not any(module for row in rows[first : first + room] for module in row[first : first + room])
    assert sum(map(sum, rows)) < sum(map(sum, modules))
    assert read(picture(rows)) == (text, "H")


BRIGHT = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}


def on_terminal(text):
    """The half blocks of a text as rows of foreground (True) and background."""
    rows = []
    for line in text.split("\n"):
        upper, lower = zip(*(BRIGHT[character] for character in line), strict=True)
        rows += [list(upper), list(lower)]
    return rows


def inverted(rows):
    return [[not module for module in row] for row in rows]


@pytest.mark.parametrize("dark_terminal", [True, False])
def test_plain_blocks_scan_from_a_dark_and_from_a_light_terminal(dark_terminal):
    drawn = on_terminal(matrix.blocks(URL))
    screen = inverted(drawn) if dark_terminal else drawn
    edge = [[dark_terminal] * (len(screen[0]) + 8)] * 4  # what the rest of such a terminal looks like
    framed = [*edge, *([dark_terminal] * 4 + row + [dark_terminal] * 4 for row in screen), *edge]
    assert read(picture(framed)) == (URL, "H")


def test_plain_blocks_draw_their_quiet_zone():
    left, top, right, bottom = quiet_zone(inverted(on_terminal(matrix.blocks(URL))))
    assert (left, top, right) == (4, 4, 4)
    assert bottom >= 4


def test_coloured_blocks_are_black_on_white_on_every_line_whatever_the_theme():
    lines = matrix.blocks(URL, colour=True).split("\n")
    assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines)
    rows = on_terminal("\n".join(re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines))
    assert quiet_zone(rows)[:3] == (4, 4, 4)
    assert read(picture(rows)) == (URL, "H")
