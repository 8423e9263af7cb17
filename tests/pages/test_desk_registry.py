"""小区档案 and 二维码: a workbook in, posters out, and one seat at a time."""

import csv
import io
import re

import pytest

from tests.pages.desk_browser import as_, posted
from tests.pages.reading import HTML, opened

HEADING = ["小区编码", "小区名称", "街道", "社区", "值班电话", "幢", "单元", "室号"]


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def workbook(*rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADING, *rows])
    return out.getvalue().encode()


def row(building="1", stairwell="1", door="101", phone="0571-12345"):
    return ["XIN", "新苑", "示范街道", "示范社区", phone, building, stairwell, door]


def imported(client, data):
    return client.post("/desk/registry", files={"file": ("a.csv", data, "text/csv")}, headers=HTML)


def test_an_administrator_imports_a_workbook_and_a_second_time_adds_nothing(client, world):
    data = workbook(row(), row(door="102"), row("2", "1", "101"))
    as_(client, world, "admin")
    answer = imported(client, data)
    assert answer.status_code == 200
    assert "新增 1 个小区、2 幢、2 个单元、3 户" in answer.text
    assert "没有新增" in imported(client, data).text
    text = opened(client, "/desk/compounds/XIN").text
    assert "共 2 幢，2 个单元，3 户" in text
    assert "还空着" in text


def test_bad_rows_are_listed_with_row_column_and_reason(client, world):
    answer = imported(as_(client, world, "admin"), workbook(row(), row(), row(phone="abc", door="103")))
    assert answer.status_code == 422
    rows = re.findall(r'<td class="number">(\d+)</td><td>([^<]+)</td><td>([^<]+)</td>', answer.text)
    assert [(line, column) for line, column, _ in rows] == [("3", "室号"), ("4", "值班电话")]
    assert "XIN" not in opened(client, "/desk/registry").text


def test_a_file_that_is_no_workbook_or_is_missing_says_so(client, world):
    as_(client, world, "admin")
    assert "打不开" in imported(client, b"PK\x03\x04nonsense").text
    answer = posted(client, "/desk/registry")
    assert (answer.status_code, "请先选一个表格" in answer.text) == (422, True)


def test_only_an_administrator_sees_the_import_and_may_do_it(client, world):
    assert 'type="file"' not in opened(as_(client, world, "grid_head"), "/desk/registry").text
    answer = imported(client, workbook(row()))
    assert answer.status_code == 403
    assert "这一步不归您办" in answer.text


def test_the_template_comes_as_a_workbook(client, world):
    answer = as_(client, world, "admin").get("/desk/registry/template.xlsx")
    assert answer.content.startswith(b"PK")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


def test_a_seat_is_set_for_whole_days(client, world):
    as_(client, world, "committee_secretary")
    form = {
        "role": "stair_head",
        "building": "LHQ-1-1",
        "stairwell": "2单元",
        "name": "赵敏",
        "duty_phone": "0571-22223333",
        "valid_from": "2027-03-01",
        "valid_to": "2027-12-31",
        "accounts": "stair_head,police",
    }
    answer = posted(client, f"/desk/compounds/{world.compound}/heads", **form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/compounds/{world.compound}?ok=head#roster")
    seats = client.get(f"/api/v1/compounds/{world.compound}/heads", headers=world.as_("admin")).json()["seats"]
    seat = next(one for one in seats if one["name"] == "赵敏")
    assert (seat["valid_from"], seat["valid_to"]) == ("2027-03-01T00:00:00+08:00", "2028-01-01T00:00:00+08:00")
    assert (seat["title"], seat["scope"]) == ("1幢2单元楼道长", "stairwell")
    text = opened(client, f"/desk/compounds/{world.compound}?seat={seat['id']}").text
    assert 'value="2027-03-01"' in text
    assert 'value="2027-12-31"' in text


def test_a_seat_that_does_not_fit_comes_back_with_the_reason_beside_its_field(client, world):
    answer = posted(
        as_(client, world, "admin"),
        f"/desk/compounds/{world.compound}/heads",
        role="police",
        name="钱进",
        accounts="nobody_here",
        valid_from="2027-03-02",
        valid_to="2027-03-01",
    )
    assert answer.status_code == 422
    assert "任期的结束时间要晚于开始时间" in answer.text
    assert 'value="钱进"' in answer.text


@pytest.mark.parametrize("who", ["grid_head", "property"])
def test_whoever_may_not_set_seats_reads_the_roster_only(client, world, who):
    page = opened(as_(client, world, who), f"/desk/compounds/{world.compound}")
    assert page.status == 200
    assert set(page.forms) == {"/desk/logout"}
    answer = posted(client, f"/desk/compounds/{world.compound}/heads", role="police", name="钱进")
    assert answer.status_code == 403


def test_codes_are_made_printed_and_taken_out_of_use(client, world):
    imported(as_(client, world, "admin"), workbook(row(), row("2")))
    page = opened(client, "/desk/codes?compound=XIN")
    assert page.text.count("还没有码") == 3
    form = {name: values[0] for name, values in page.forms["/desk/codes"].items()}
    answers = [posted(client, "/desk/codes", **form) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    page = opened(client, answers[0].headers["location"])
    assert page.text.count("使用中") == 2
    sheet = next(link for link in page.links if link.endswith("size=A5"))
    pdf = client.get(sheet)
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")

    path = next(link for link in page.links if re.fullmatch(r"/desk/codes/\w{8}", link))
    assert posted(client, f"{path}/revocation", reason="被撕掉了").headers["location"] == f"{path}?ok=revoked"
    page = opened(client, path)
    assert "已停用" in page.text
    assert set(page.forms) == {"/desk/logout"}
    assert client.get(f"/api/v1/codes/{path[-8:]}").status_code == 410


@pytest.mark.parametrize(("buildings", "folds"), [(4, 0), (5, 5)])
def test_many_buildings_are_folded_and_say_outside_what_has_no_code_yet(client, world, buildings, folds):
    imported(
        as_(client, world, "admin"), workbook(*(row(str(n), str(s)) for n in range(1, buildings + 1) for s in (1, 2)))
    )
    text = opened(client, "/desk/codes?compound=XIN").text
    summaries = re.findall(r"<summary>(?=<h3)(.*?)</summary>", text)
    assert len(summaries) == folds
    assert all("2 个单元" in summary and "2 个没有码" in summary for summary in summaries)
    assert len(re.findall(r"还没有码</span>", text)) == 2 * buildings


def test_new_codes_for_all_leave_the_old_ones_in_grace(client, world):
    page = opened(as_(client, world, "grid_head"), "/desk/codes")
    assert "每个单元都有码了" in page.text
    answer = posted(client, "/desk/codes", compound=world.compound, reissue="1")
    assert opened(client, answer.headers["location"]).text.count("使用中") == 4
    assert "旧码，还能扫" in opened(client, f"/desk/codes/{world.code}").text
    pdf = client.get(f"/desk/codes/sheet.pdf?compound={world.compound}")
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["/desk/codes/batches/1", "/desk/codes/batches/1/sheet.pdf", "/desk/codes/{code}"])
def test_print_runs_are_not_there_for_whoever_may_not_print(client, world, path):
    as_(client, world, "police")
    assert client.get(path.format(code=world.code), headers=HTML).status_code == 404
