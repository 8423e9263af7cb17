import pypdfium2
import pytest
import zxingcpp
from typer.testing import CliRunner

from qr import codes
from qr.__main__ import cli, read_rows

ONE, TWO = codes.with_check("7K3M901"), codes.with_check("7K3M902")
HEADER = "小区,位置,码,值班电话\n"
ORIGIN = "https://minqing.example.cn"


def run(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def table(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "in.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_becomes_a_print_file(table, tmp_path, encoding):
    rows = (
        f"石灰桥新村,4幢1单元,{codes.display(ONE)},0571-88880000\n\n石灰桥新村,4幢2单元,{TWO.lower()},0571-88880000\n"
    )
    target = tmp_path / "out.pdf"
    result = run("sheet", table(HEADER + rows, encoding), target, "--origin", ORIGIN)
    assert (result.exit_code, result.stdout) == (0, f"{target}: 2 posters, 3 pages\n")
    index, *pages = pypdfium2.PdfDocument(target)
    assert "4幢2单元" in index.get_textpage().get_text_bounded()
    scanned = [zxingcpp.read_barcodes(page.render(scale=2).to_pil())[0].text for page in pages]
    assert scanned == [codes.url(ORIGIN, ONE), codes.url(ORIGIN, TWO)]


def test_cards_carry_the_contacts_of_the_list_and_the_emblem_that_is_given(table, tmp_path):
    source = table(f"小区,位置,码,值班电话,联系人\n甲,1幢,{ONE},1,网格员 李：0571-1；物业:0571-2\n甲,2幢,{TWO},1,\n")
    plain, target, emblem = tmp_path / "plain.pdf", tmp_path / "out.pdf", tmp_path / "emblem.svg"
    emblem.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>')
    common = ("--origin", ORIGIN, "--size", "card", "--paper", "A4", "--no-index", "--no-cut-marks")
    assert run("sheet", source, plain, *common).exit_code == 0
    result = run("sheet", source, target, *common, "--emblem", emblem)
    assert (result.exit_code, result.stdout) == (0, f"{target}: 2 posters, 1 pages\n")
    (page,) = pypdfium2.PdfDocument(target)
    shown = "".join(page.get_textpage().get_text_bounded().split())
    assert "网格员李0571-1物业0571-2急事先打" in shown
    assert len(zxingcpp.read_barcodes(page.render(scale=3).to_pil())) == 2
    assert target.read_bytes() != plain.read_bytes()


def test_full_addresses_need_no_origin():
    posters = read_rows(f"{HEADER}甲,1幢,HTTPS://A.EXAMPLE.CN/S/{ONE},1\n".encode())
    assert posters[2].url == f"HTTPS://A.EXAMPLE.CN/S/{ONE}"


def test_columns_may_come_in_any_order_with_others_beside_them():
    (poster,) = read_rows(f"码,备注,值班电话,位置,小区\n{ONE},x,110,4幢,石灰桥\n".encode(), ORIGIN).values()
    assert (poster.compound, poster.place_label, poster.duty_phone, poster.serial) == ("石灰桥", "4幢", "110", "0001")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("小区,位置,码\n", "row 1: no column 值班电话"),
        ("", "row 1: no column 小区、位置、码、值班电话"),
        (f"{HEADER}甲,1幢,{ONE},1\n甲,,{TWO},1\n", "row 3: 位置 is blank"),
        (f"{HEADER}甲,1幢,{ONE}\n", "row 2: 值班电话 is blank"),
        (f"{HEADER}甲,1幢,7K3M,1\n", "row 2: 码 '7K3M': a code has 8 symbols"),
        (f"{HEADER}甲,1幢,{ONE[1] + ONE[0] + ONE[2:]},1\n", "the check symbol does not fit"),
        (f"{HEADER}甲,1幢,{ONE},1\n,,,\n甲,2幢,{ONE.lower()},1\n", f"row 4: {codes.display(ONE)} is already in row 2"),
        (f"小区,位置,码,值班电话,联系人\n甲,1幢,{ONE},1,民警\n", "row 2: contacts: a title or phone is blank"),
        (
            f"{HEADER}甲,1幢,{ONE},1\n甲,2幢\N{GRINNING FACE},{TWO},1\n",
            "row 3: 甲 2幢\N{GRINNING FACE}: the font cannot",
        ),
        (HEADER, "there are no posters to print"),
    ],
)
def test_a_faulty_list_is_refused_with_its_row_and_nothing_is_written(table, tmp_path, text, complaint):
    result = run("sheet", table(text), tmp_path / "out.pdf", "--origin", ORIGIN)
    assert result.exit_code == 1
    assert complaint in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv"}


def test_a_bare_code_without_an_origin_asks_for_one(table, tmp_path):
    result = run("sheet", table(f"{HEADER}甲,1幢,{ONE},1\n"), tmp_path / "out.pdf")
    assert result.exit_code == 1
    assert "row 2" in result.stderr
    assert "--origin" in result.stderr


def test_a_wrong_origin_is_refused(table, tmp_path):
    result = run("sheet", table(f"{HEADER}甲,1幢,{ONE},1\n"), tmp_path / "out.pdf", "--origin", "example.cn")
    assert result.exit_code == 1
    assert "an origin looks like" in result.stderr


def test_checking_prints_the_canonical_code_or_the_fault():
    good = run("check", f"{ORIGIN}/s/{ONE.lower()}")
    assert (good.exit_code, good.stdout) == (0, codes.display(ONE) + "\n")
    bad = run("check", ONE[:7] + "U")
    assert bad.exit_code == 1
    assert "without U" in bad.stderr
