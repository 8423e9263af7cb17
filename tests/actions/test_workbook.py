import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import load_workbook

from app.actions import workbook
from app.errors import BrokenWorkbookError, ImportRefusedError
from tests.registry_builders import HEADER, comma_separated, row, xlsx


def refused(data):
    with pytest.raises(ImportRefusedError) as caught:
        workbook.read(data)
    return [(error["row"], error["field"], error["message"]) for error in caught.value.extra["errors"]]


def test_a_workbook_is_read_with_every_value_in_its_one_spelling():
    (entry,) = workbook.read(xlsx(row(1201, building=4, stairwell=2.0)))
    assert entry == (2, "SHQ", "石灰桥新村", "示范街道", "示范社区", "0571-00000000", "4幢", "2单元", "1201")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_separated_files_say_the_same_as_workbooks(encoding, delimiter):
    rows = [row("1201"), row("1202室", building="４")]
    assert workbook.read(comma_separated(*rows, encoding=encoding, delimiter=delimiter)) == workbook.read(xlsx(*rows))


def test_columns_may_stand_in_any_order_and_the_optional_ones_may_be_absent():
    header = ["室号", "单元", "幢", "小区名称", "小区编码"]
    (entry,) = workbook.read(xlsx(["1201", "2", "4", "石灰桥新村", "SHQ"], header=header))
    assert entry == (2, "SHQ", "石灰桥新村", "", "", "", "4幢", "2单元", "1201")


def test_a_title_above_the_header_and_blank_lines_are_passed_over():
    rows = [["某小区登记表"], [], HEADER, row("1201"), [], [None] * 8, row("1202")]
    book = xlsx(*rows[1:], header=rows[0])
    assert [(entry.row, entry.door) for entry in workbook.read(book)] == [(4, "1201"), (7, "1202")]


def test_every_bad_cell_is_named_with_its_row():
    found = refused(
        xlsx(
            row("1201"),
            row(None),
            row("1203", code="", building=""),
            row(12.5),
            row("=1+1"),
            row("#N/A"),
            row(datetime(2026, 1, 2)),
            row(True),
            row("1" * 21),
            row("1210", code="S/Q"),
            row("1211", phone="张三"),
            row("12\u202e12"),
        )
    )
    assert found == [
        (3, "室号", "室号没填"),
        (4, "小区编码", "小区编码没填"),
        (4, "幢", "幢没填"),
        (5, "室号", "这里不能填小数"),
        (6, "室号", "这里是公式，请改成直接填写内容"),
        (7, "室号", "这里是出错的公式结果，请改成直接填写内容"),
        (8, "室号", "这一格被表格软件当成了日期，请把这一列设成“文本”格式再填一次"),
        (9, "室号", "这里要填文字或数字"),
        (10, "室号", "室号太长了，最多 20 个字"),
        (11, "小区编码", "小区编码只能用字母、数字、汉字和短横线"),
        (12, "值班电话", "值班电话只能有数字、加号、括号和短横线"),
        (13, "室号", "这里有看不见的特殊字符，请删掉重填"),
    ]


def test_the_same_door_twice_is_refused_however_it_is_spelt():
    assert refused(xlsx(row("1201"), row("1201室", building="4幢", stairwell="２"))) == [
        (3, "室号", "和第 2 行是同一户")
    ]


def test_rows_of_one_compound_must_describe_it_in_the_same_words():
    assert refused(xlsx(row("1201"), row("1202", name="石灰桥"), row("1203", phone=""), row("1204", phone="110"))) == [
        (3, "小区名称", "和第 2 行写的“石灰桥新村”不一样，同一个小区要写得一样"),
        (5, "值班电话", "和第 2 行写的“0571-00000000”不一样，同一个小区要写得一样"),
    ]


def test_missing_unknown_and_repeated_columns_are_named():
    header = ["小区编码", "小区名称", "幢", "单元", "单元", "户主"]
    assert refused(xlsx(["SHQ", "石灰桥新村", "4", "2", "2", "某"], header=header)) == [
        (1, "单元", "“单元”这一列出现了两次"),
        (1, "户主", "不认识“户主”这一列，列名请和模板一样"),
        (1, "室号", "缺少“室号”这一列"),
    ]


def test_a_value_under_no_column_name_is_refused():
    assert refused(xlsx([*row("1201"), "备注"])) == [(2, "第 9 列", "这一格上面没有列名")]


def test_a_header_without_rows_is_refused():
    assert refused(xlsx()) == [(2, "小区编码", "表格里只有列名，没有内容")]


def test_two_hundred_problems_are_listed_and_all_are_counted():
    with pytest.raises(ImportRefusedError) as caught:
        workbook.read(xlsx(*[row("") for _ in range(250)]))
    assert len(caught.value.extra["errors"]) == 200
    assert "250" in caught.value.detail


def test_the_template_is_a_workbook_whose_examples_are_never_taken_for_households():
    made = workbook.template()
    book = load_workbook(io.BytesIO(made))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADER
    assert len(book.worksheets) == 2
    assert {error[2] for error in refused(made)} == {"这是模板里的示例，请删掉这一行"}


def test_a_filled_in_template_is_taken():
    book = load_workbook(io.BytesIO(workbook.template()))
    sheet = book.worksheets[0]
    sheet.delete_rows(2, 2)
    sheet.append(row("1201"))
    stream = io.BytesIO()
    book.save(stream)
    assert [entry.door for entry in workbook.read(stream.getvalue())] == ["1201"]


def bomb():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (workbook.MOST_UNPACKED + 1))
    return stream.getvalue()


def with_entities():
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(row()))) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + data.partition(b"?>")[2]
            target.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 not a workbook",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        '小区编码,小区名称\n"没有收尾的引号'.encode(),
        bomb(),
        with_entities(),
    ],
    ids=["empty", "blank", "torn", "old", "picture", "torn csv", "bomb", "entities"],
)
def test_what_cannot_be_read_is_refused_as_a_whole(data):
    with pytest.raises(BrokenWorkbookError):
        workbook.read(data)


def test_too_many_rows_are_refused_before_they_are_looked_at(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 20)
    with pytest.raises(BrokenWorkbookError, match="20"):
        workbook.read(xlsx(*[row(str(number)) for number in range(40)]))


def test_a_cell_far_to_the_right_costs_nothing():
    (entry,) = workbook.read(xlsx([*row("1201"), *[None] * 16_000, "x"]))
    assert entry.door == "1201"
