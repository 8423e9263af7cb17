import io

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader

from qr import codes, matrix, sheets
from qr.poster import MOST_CONTACTS, Poster
from qr.sheets import SIZES, GlyphError, SheetError, sheet

MM = 72 / 25.4
PAGES = {"A4": (210, 297), "A5": (148, 210), "A6": (105, 148), "card": (85, 54)}
SIDES = {"A4": 84, "A5": 60, "A6": 48, "card": 26}  # the least width of a code in mm, quiet zone not counted
ON_A4 = {"A4": 1, "A5": 2, "A6": 4, "card": 10}
CONTACTS = (
    ("网格长", "0571-88880001"),
    ("物业", "0571-88880002"),
    ("民警", "0571-88880003"),
    ("书记", "0571-88880004"),
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><circle cx="1" cy="1" r="1" fill="#07733d"/></svg>'
LONG = {
    "place_label": "12幢东单元（近北门岗亭）旁自行车棚外墙",
    "compound": "翠苑街道石灰桥新村二期（北区）回迁安置房小区",
    "duty_phone": "0571-88880000转8003",
    "origin": "https://minqing-shihuiqiao.community.xihu.hangzhou.example.gov.cn:8443",
    "serial": "SHIHUIQIAO-112-12 v12",
}


def poster(number=1, **over):
    values = {
        "code": codes.with_check(f"7K3M{number:03d}"),
        "origin": "https://minqing.example.cn",
        "compound": "石灰桥新村",
        "place_label": f"{number}幢2单元",
        "duty_phone": "0571-8888 0000",
        "serial": f"{number:04d}",
    }
    return Poster(**values | over)


def pages_of(pdf):
    return list(pypdfium2.PdfDocument(pdf))


def picture(page, dpi=150):
    return page.render(scale=dpi / 72).to_pil().convert("L")


def symbols(page, dpi=150):
    """The symbols on a rendered page in reading order."""
    found = zxingcpp.read_barcodes(picture(page, dpi), zxingcpp.BarcodeFormat.QRCode)
    return sorted(found, key=lambda each: (round(each.position.top_left.y / dpi), each.position.top_left.x))


def read(page, dpi=150):
    """The one symbol on a rendered page: text, level, width of the printed symbol in millimetres."""
    (symbol,) = symbols(page, dpi)
    return symbol.text, symbol.ec_level, (symbol.position.top_right.x - symbol.position.top_left.x) / dpi * 25.4


def quiet_zones(image, symbol, modules):
    """The four strips of four modules around a symbol, less what a pixel's rounding may cover."""
    corners, slack = symbol.position, 3
    left, top, right, bottom = corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y
    margin = round(4 * (right - left) / modules) - slack
    for strip in (
        (left - margin, top - margin, left - slack, bottom + margin),
        (right + slack, top - margin, right + margin, bottom + margin),
        (left - margin, top - margin, right + margin, top - slack),
        (left - margin, bottom + slack, right + margin, bottom + margin),
    ):
        yield image.crop(strip)


def words_of(page):
    return "".join(page.get_textpage().get_text_bounded().split())


@pytest.fixture(scope="module", params=SIZES)
def product(request):
    """One poster of each size with everything that fits, and its only page."""
    one = poster(4, contacts=CONTACTS)
    (page,) = pages_of(sheet([one], size=request.param, index=False))
    return request.param, one, page


def test_a_poster_is_a_page_of_its_size_that_scans_to_its_own_address_at_level_h(product):
    size, one, page = product
    assert page.get_size() == pytest.approx([length * MM for length in PAGES[size]], abs=0.1)
    text, level, width = read(page)
    assert (text, level) == (one.url, "H")
    assert width >= SIDES[size]


def test_a_page_says_everything_that_a_resident_needs(product):
    size, one, page = product
    shown = words_of(page)
    for words in (
        "民情二维码",
        "石灰桥新村",
        "4幢2单元",
        codes.display(one.code),
        "只认这个网址：minqing.example.cn",
        "微信扫一扫",
        "收到",
        "不收费、不要密码",
        "值班电话",
        "0571-88880000",
        "119、110、120",
        "0004",
    ):
        assert words in shown
    for title, phone in CONTACTS:
        assert (f"{title}{phone}" in shown) == (size == "card")


def test_the_quiet_zone_of_four_modules_is_white_paper(product):
    _, one, page = product
    image = picture(page, dpi=300)
    (symbol,) = symbols(page, dpi=300)
    for strip in quiet_zones(image, symbol, len(matrix.matrix(one.url))):
        assert strip.getextrema() == (255, 255)


@pytest.mark.parametrize("size", SIZES)
def test_the_longest_values_stay_on_their_page_and_scan(size):
    one = poster(contacts=(("街道综合执法队", "0571-88880000转8003"),) * MOST_CONTACTS, **LONG)
    (page,) = pages_of(sheet([one], size=size, index=False))
    assert read(page)[:2] == (one.url, "H")
    width, height = page.get_size()
    texts = page.get_textpage()
    for number in range(texts.count_rects()):
        left, bottom, right, top = texts.get_rect(number)
        assert 2 * MM < left < right < width - 2 * MM
        assert 2 * MM < bottom < top < height - 2 * MM


def test_only_the_packaged_font_is_used_and_it_is_embedded():
    fonts = PdfReader(io.BytesIO(sheet([poster()]))).pages[1]["/Resources"]["/Font"].values()
    names = {font.get_object()["/BaseFont"] for font in fonts}
    assert names
    assert all("NotoSansSC" in name for name in names)


def test_the_title_is_the_compounds():
    assert PdfReader(io.BytesIO(sheet([poster()]))).metadata.title == "石灰桥新村 民情二维码"
    several = [poster(1), poster(2, compound="翠苑一区")]
    assert PdfReader(io.BytesIO(sheet(several, index=False))).metadata.title == "民情二维码"


@pytest.mark.parametrize("size", SIZES)
def test_on_a4_paper_the_posters_lie_side_by_side_in_order(size):
    posters = [poster(number) for number in range(1, ON_A4[size] + 2)]
    first, second = pages_of(sheet(posters, size=size, paper="A4", index=False))
    assert sorted(first.get_size()) == pytest.approx([210 * MM, 297 * MM], abs=0.1)
    assert [symbol.text for symbol in symbols(first)] == [each.url for each in posters[:-1]]
    assert [symbol.text for symbol in symbols(second)] == [posters[-1].url]
    assert symbols(second)[0].position.top_left.x == symbols(first)[0].position.top_left.x


@pytest.mark.parametrize(
    ("size", "cuts", "uncut"),
    [
        ("A5", [(148.5, 1.5), (148.5, 208.5)], [(1.5, 105)]),
        ("A6", [(105, 1.5), (105, 295.5), (1.5, 148.5), (208.5, 148.5), (105, 148.5)], [(52, 148.5)]),
        (
            "card",
            [(20, 10.5), (105, 10.5), (190, 286.5), (17, 13.5), (193, 67.5), (105, 121.5)],
            [(20, 40), (62, 67.5)],
        ),
    ],
)
def test_cut_marks_are_at_the_ends_and_crossings_of_the_cuts_and_can_be_left_out(size, cuts, uncut):
    dpi, posters = 300, [poster(number) for number in range(1, ON_A4[size] + 1)]

    def darkest(image, at):
        x, y = (length / 25.4 * dpi for length in at)
        return image.crop((round(x) - 3, round(y) - 3, round(x) + 4, round(y) + 4)).getextrema()[0]

    marked, plain = (
        picture(pages_of(sheet(posters, size=size, paper="A4", index=False, cut_marks=marks))[0], dpi)
        for marks in (True, False)
    )
    assert [darkest(marked, at) < 200 for at in cuts] == [True] * len(cuts)
    assert [darkest(marked, at) for at in uncut] == [255] * len(uncut)
    assert [darkest(plain, at) for at in cuts] == [255] * len(cuts)


def test_the_index_names_the_page_that_each_code_is_on():
    posters = [poster(number) for number in range(1, 102)]
    pages = pages_of(sheet(posters, size="A6", paper="A4"))
    at = {symbol.text: number for number, page in enumerate(pages, 1) for symbol in symbols(page, dpi=100)}
    shown = "".join(words_of(page) for page in pages[:2])
    assert len(at) == len(posters)
    for each in posters:
        assert f"{each.place_label}{each.serial}{codes.display(each.code)}{at[each.url]}" in shown
    assert "A6贴纸，共101张。这份文件共28页" in shown
    assert ("目录1/2" in shown, "目录2/2" in shown) == (True, True)
    assert not symbols(pages[1])


def test_an_index_of_several_compounds_says_which():
    pages = pages_of(sheet([poster(1), poster(2, compound="翠苑一区")]))
    assert "石灰桥新村1幢2单元" in words_of(pages[0])
    assert "翠苑一区2幢2单元" in words_of(pages[0])
    assert len(pages) == 3


def test_a_file_of_several_parts_is_one_sound_file_in_order(monkeypatch):
    monkeypatch.setattr(sheets, "CHUNK", 5)
    posters = [poster(number) for number in range(1, 13)]
    target = io.BytesIO()
    count = sheets.write(posters, target, size="card", index=False)
    assert [read(page)[0] for page in pages_of(target.getvalue())] == [each.url for each in posters]
    whole = PdfReader(target, strict=True)
    assert len(whole.pages) == count == 12
    assert whole.root_object["/Lang"] == "zh-CN"
    for number in range(1, whole.trailer["/Size"]):
        assert whole.get_object(number) is not None


def test_the_same_posters_give_the_same_file():
    assert sheet([poster(1), poster(2)]) == sheet([poster(1), poster(2)])


def png_emblem():
    image = Image.new("RGBA", (200, 100), (7, 115, 61, 255))
    ImageDraw.Draw(image).ellipse((20, 20, 80, 80), fill="white")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("emblem", [SVG, png_emblem()], ids=["svg", "png"])
def test_an_emblem_sits_in_the_middle_with_a_white_margin_and_the_code_still_scans(size, emblem):
    one, dpi = poster(), 300
    (page,) = pages_of(sheet([one], size=size, index=False, emblem=emblem))
    (symbol,) = symbols(page, dpi)
    assert (symbol.text, symbol.ec_level) == (one.url, "H")
    corners, modules = symbol.position, len(matrix.matrix(one.url))
    x, y = (corners.top_left.x + corners.bottom_right.x) / 2, (corners.top_left.y + corners.bottom_right.y) / 2
    module = (corners.bottom_right.x - corners.top_left.x) / modules
    image = picture(page, dpi)

    def extremes(inner, outer):
        """The darkest and lightest in the square ring around the middle, between so many modules from it."""
        ring = image.crop(tuple(round(edge) for edge in (x - outer, y - outer, x + outer, y + outer)))
        width = round(outer - inner)
        sides = ((0, 0, ring.width, width), (0, ring.height - width, ring.width, ring.height))
        return [ring.crop(side).getextrema() for side in sides]

    room = matrix.room(modules) / 2
    assert extremes(0, module)[0][0] < 150
    assert extremes((room - 0.35) * module, (room - 0.15) * module) == [(255, 255)] * 2


@pytest.mark.parametrize("emblem", [b"\x89PNG not really", b"<svg", b"\xff\xd8\xff jpeg", b"", b" " * 300_000])
def test_an_emblem_that_is_no_small_svg_or_png_stops_the_file(emblem):
    with pytest.raises(SheetError):
        sheet([poster()], index=False, emblem=emblem)


def test_markup_in_a_value_is_printed_as_it_is():
    label = '#panic("x") *4* $a$ \\ <b> "'
    index, page = pages_of(sheet([poster(place_label=label)]))
    for each in (index, page):
        assert "".join(label.split()) in words_of(each)


@pytest.mark.parametrize("character", ["\N{GRINNING FACE}", "\ue123", "\N{CJK UNIFIED IDEOGRAPH-20BB7}", "\x07"])
def test_a_character_that_the_font_lacks_stops_the_file_and_names_the_place(character):
    odd = poster(2, place_label=f"6幢{character}A")
    with pytest.raises(GlyphError) as refusal:
        sheet([poster(1), odd, poster(3)])
    assert refusal.value.poster is odd
    assert refusal.value.characters == character
    assert odd.place_label in str(refusal.value)
    assert f"U+{ord(character):04X}" in str(refusal.value)


@pytest.mark.parametrize("field", ["compound", "duty_phone", "serial", "contacts"])
def test_a_missing_character_is_found_wherever_it_is_printed(field):
    text = "6幢\N{GRINNING FACE}"
    odd = poster(2, **{field: ((text, "110"),) if field == "contacts" else text})
    with pytest.raises(GlyphError) as refusal:
        sheet([poster(1), odd], size="card")
    assert refusal.value.poster is odd


def test_a_label_that_would_be_too_small_to_read_stops_the_file():
    with pytest.raises(SheetError, match="too long for the poster: 长长长"):
        sheet([poster(place_label="长" * 40)])


def test_a_sheet_needs_posters_a_known_size_and_known_paper():
    with pytest.raises(SheetError, match="no posters"):
        sheet([])
    with pytest.raises(SheetError, match="A4, A5, A6, card"):
        sheet([poster()], size="A7")
    with pytest.raises(SheetError, match="A4 or none"):
        sheet([poster()], paper="A3")


@pytest.mark.full
@pytest.mark.parametrize(("size", "paper"), [("A6", "A4"), ("card", "A4"), ("A5", None)])
def test_every_code_of_six_hundred_stairwells_is_read_from_its_page(size, paper):
    """Text, level and quiet zone of each, as a printer would put them on paper."""
    posters = [
        poster(
            code=codes.new_code(),
            place_label=f"{number // 4 + 1}幢{number % 4 + 1}单元",
            serial=f"{number:04d}",
            contacts=CONTACTS,
        )
        for number in range(600)
    ]
    pages = pages_of(sheet(posters, size=size, paper=paper, index=False))
    expected = iter(posters)
    for page in pages:
        image = picture(page, dpi=200)
        for symbol in symbols(page, dpi=200):
            one = next(expected)
            assert (symbol.text, symbol.ec_level) == (one.url, "H")
            for strip in quiet_zones(image, symbol, len(matrix.matrix(one.url))):
                assert strip.getextrema() == (255, 255)
    assert next(expected, None) is None


def test_a_poster_makes_its_values_canonical():
    one = poster(origin="HTTPS://MinQing.Example.cn/", code="7k3m-901" + codes.check_symbol("7K3M901").lower())
    assert (one.origin, one.host) == ("https://minqing.example.cn", "minqing.example.cn")
    assert one.url == "HTTPS://MINQING.EXAMPLE.CN/S/" + one.code
    assert poster(place_label=" 4幢\n2单元 ").place_label == "4幢 2单元"
    assert poster(origin="http://10.0.0.2:8000").host == "10.0.0.2:8000"
    assert poster(contacts=[[" 物 业", "110\n"]]).contacts == (("物 业", "110"),)


@pytest.mark.parametrize(
    "over",
    [
        {"code": "7K3M9011"},
        {"origin": "example.cn"},
        {"place_label": " "},
        {"compound": ""},
        {"duty_phone": ""},
        {"contacts": (("", "110"),)},
        {"contacts": (("民警", " "),)},
        {"contacts": (("民警", "110"),) * (MOST_CONTACTS + 1)},
    ],
)
def test_a_poster_with_a_wrong_or_blank_value_cannot_be_made(over):
    with pytest.raises(ValueError):
        poster(**over)
