import io

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from qr import codes, matrix, sheets
from qr.poster import Poster
from qr.sheets import GlyphError, SheetError, sheet

MM = 72 / 25.4


def poster(number=1, **over):
    values = {
        "code": codes.with_check(f"7K3M9{number:02d}"),
        "origin": "https://minqing.example.cn",
        "compound": "石灰桥新村",
        "place_label": f"{number}幢2单元",
        "duty_phone": "0571-8888 0000",
        "serial": f"{number:04d}",
    }
    return Poster(**values | over)


def read(page, dpi=150):
    """The one symbol on a rendered page: text, level, width of the printed symbol in millimetres."""
    (symbol,) = zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil().convert("L"))
    corners = symbol.position
    return symbol.text, symbol.ec_level, (corners.top_right.x - corners.top_left.x) / dpi * 25.4


@pytest.fixture(scope="module")
def many():
    posters = [poster(number) for number in range(1, 13)]
    return posters, sheet(posters)


def test_every_poster_is_one_a5_page_that_scans_to_its_own_address_at_level_h(many):
    posters, pdf = many
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) == len(posters)
    for page, expected in zip(pages, posters, strict=True):
        assert page.get_size() == pytest.approx((148 * MM, 210 * MM), abs=0.1)
        text, level, width = read(page)
        assert (text, level) == (expected.url, "H")
        assert width >= 60


def test_a_page_says_everything_that_a_resident_needs(many):
    posters, pdf = many
    text = PdfReader(io.BytesIO(pdf)).pages[3].extract_text()
    shown = "".join(text.split())
    for words in (
        "民情二维码",
        "石灰桥新村",
        "4幢2单元",
        codes.display(posters[3].code),
        "minqing.example.cn",
        "微信扫一扫",
        "说说哪里有问题",
        "收到编号和答复时间",
        "不收费、不要密码、不用登录",
        "0571-88880000",
        "0004",
    ):
        assert words in shown


def test_the_quiet_zone_of_four_modules_is_white_paper(many):
    posters, pdf = many
    dpi = 300
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil().convert("L")
    (symbol,) = zxingcpp.read_barcodes(image)
    corners = symbol.position
    module = (corners.top_right.x - corners.top_left.x) / len(matrix.matrix(posters[0].url))
    margin = round(4 * module)
    left, top, right, bottom = corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y
    for zone in (
        (left - margin, top - margin, left - 3, bottom + margin),
        (right + 3, top - margin, right + margin, bottom + margin),
        (left - margin, top - margin, right + margin, top - 3),
        (left - margin, bottom + 3, right + margin, bottom + margin),
    ):
        assert image.crop(zone).getextrema() == (255, 255)


def test_only_the_packaged_font_is_used_and_it_is_embedded(many):
    fonts = PdfReader(io.BytesIO(many[1])).pages[0]["/Resources"]["/Font"].values()
    names = {font.get_object()["/BaseFont"] for font in fonts}
    assert names
    assert all("NotoSansSC" in name for name in names)


def test_the_same_posters_give_the_same_file(many):
    posters, pdf = many
    assert sheet(posters) == pdf


def test_a_long_file_is_joined_from_chunks_in_order(monkeypatch, many):
    posters, _ = many
    monkeypatch.setattr(sheets, "CHUNK", 5)
    pages = pypdfium2.PdfDocument(sheet(posters))
    assert [read(page)[0] for page in pages] == [each.url for each in posters]


def test_a4_is_the_same_page_enlarged():
    one = poster()
    (page,) = pypdfium2.PdfDocument(sheet([one], size="A4"))
    assert page.get_size() == pytest.approx((210 * MM, 297 * MM), abs=2)
    text, level, width = read(page, dpi=100)
    assert (text, level) == (one.url, "H")
    assert width >= 84


@pytest.mark.parametrize(
    "over",
    [
        {"place_label": "12幢东单元（近北门岗亭）旁自行车棚外墙"},
        {"compound": "翠苑街道石灰桥新村二期（北区）回迁安置房小区"},
        {"duty_phone": "0571-88880000转8003"},
        {"origin": "https://minqing-shihuiqiao.community.xihu.hangzhou.example.gov.cn:8443"},
    ],
)
def test_long_values_stay_on_one_page_and_scan(over):
    one = poster(**over)
    (page,) = pypdfium2.PdfDocument(sheet([one]))
    assert read(page)[:2] == (one.url, "H")


def test_markup_in_a_value_is_printed_as_it_is():
    label = '#panic("x") *4* $a$ \\ <b> "'
    (page,) = PdfReader(io.BytesIO(sheet([poster(place_label=label)]))).pages
    assert "".join(label.split()) in "".join(page.extract_text().split())


@pytest.mark.parametrize("character", ["\N{GRINNING FACE}", "\ue123", "\N{CJK UNIFIED IDEOGRAPH-20BB7}", "\x07"])
@pytest.mark.parametrize("field", ["compound", "place_label", "duty_phone", "serial"])
def test_a_character_that_the_font_lacks_stops_the_file_and_names_the_place(field, character):
    odd = poster(2, **{field: f"6幢{character}A"})
    with pytest.raises(GlyphError) as refusal:
        sheet([poster(1), odd, poster(3)])
    assert refusal.value.poster is odd
    assert refusal.value.characters == character
    assert odd.place_label in str(refusal.value)
    assert f"U+{ord(character):04X}" in str(refusal.value)


def test_a_label_that_would_be_too_small_to_read_stops_the_file():
    with pytest.raises(SheetError, match="too long for the poster: 长长长"):
        sheet([poster(place_label="长" * 40)])


def test_a_sheet_needs_posters_and_a_known_size():
    with pytest.raises(SheetError, match="no posters"):
        sheet([])
    with pytest.raises(SheetError, match="A5, A4"):
        sheet([poster()], size="A6")


def test_a_poster_makes_its_values_canonical():
    one = poster(origin="HTTPS://MinQing.Example.cn/", code="7k3m-901" + codes.check_symbol("7K3M901").lower())
    assert (one.origin, one.host) == ("https://minqing.example.cn", "minqing.example.cn")
    assert one.url == "HTTPS://MINQING.EXAMPLE.CN/S/" + one.code
    assert poster(place_label=" 4幢\n2单元 ").place_label == "4幢 2单元"
    assert poster(origin="http://10.0.0.2:8000").host == "10.0.0.2:8000"


@pytest.mark.parametrize(
    "over", [{"code": "7K3M9011"}, {"origin": "example.cn"}, {"place_label": " "}, {"compound": ""}, {"duty_phone": ""}]
)
def test_a_poster_with_a_wrong_or_blank_value_cannot_be_made(over):
    with pytest.raises(ValueError):
        poster(**over)
