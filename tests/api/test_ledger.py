"""工作台账 and 销号: the sums are the ticket table's own, no line names a person, no cell is a formula."""

import csv
import io
import tracemalloc
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.models.ticket import Ticket
from app.queries import ledger as queries
from app.rules import cells
from app.rules.vocabulary import Role
from tests.access.histories import bare_ticket, places_of, plant
from tests.builders import MONDAY, NOTICE, build_world, secret, submit, triage, verb
from tests.registry_builders import staff_of

MONTH = "2027-02"


def ask(client, world, who="committee_secretary", path="/api/v1/ledger", **params):
    return client.get(path, params={"compound": world.compound, "month": MONTH} | params, headers=world.as_(who))


def test_totals_equal_the_ticket_table_for_the_same_filter(client, world, database):
    plant(database, world, 120, 21)
    build_world(database, compound="QTY", name="清泰苑")
    start, end = queries.ledger.bounds(MONTH)
    table = Ticket.__table__
    inside = (table.c.submitted_at >= start, table.c.submitted_at < end, table.c.compound_id == world.compound_id)
    with database.engine.begin() as connection:
        count = lambda *more: connection.execute(select(func.count()).where(*inside, *more)).scalar_one()  # noqa: E731
        for who, visible in (("committee_secretary", ()), ("grid_head", (~table.c.hidden_grid,))):
            totals = ask(client, world, who).json()["totals"]
            assert totals["total"] == count(*visible) > 20
            assert totals["open"] == count(*visible, table.c.queue < 2)
            assert totals["closed_out"] == count(*visible, table.c.queue == 2)
            for name, column in (
                ("by_status", table.c.status),
                ("by_party", table.c.lead_role),
                ("by_channel", table.c.channel),
            ):
                for one in totals[name]:
                    assert one["total"] == count(*visible, column == one["code"]), (name, one)
                assert sum(one["total"] for one in totals[name]) == totals["total"]
            for one in totals["by_class"]:
                assert one["total"] == count(*visible, table.c.category.startswith(one["code"]))


def test_every_line_of_the_month_comes_once_page_by_page_and_in_both_files(client, world, database):
    plant(database, world, 90, 22)
    total, numbers, cursor = ask(client, world).json()["totals"]["total"], [], None
    while True:
        page = ask(client, world, limit=25, **({"cursor": cursor} if cursor else {})).json()
        numbers += [line["number"] for line in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(numbers) == len(set(numbers)) == total
    comma = ask(client, world, path="/api/v1/ledger.csv")
    assert comma.content.startswith("\ufeff编号".encode())
    lines = list(csv.DictReader(io.StringIO(comma.content.decode("utf-8-sig"))))
    assert [line["编号"] for line in lines] == numbers
    answer = ask(client, world, path="/api/v1/ledger.xlsx")
    assert "%E7%BB%BF%E8%8D%B7%E8%8B%91" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content), read_only=True)
    sheet, summary = book.worksheets
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == numbers
    assert next(summary.iter_rows(values_only=True))[1] == total


def test_the_ledger_says_nothing_about_persons_and_hides_where_private_matters_are(client, world):
    submit(
        client,
        world,
        category="NOI-01",
        text="楼上姓欧阳的半夜吵闹",
        contact={"name": "欧阳金丝雀", "phone": "13911112222", "room": "1987室"},
        consent={"notice_version": NOTICE, "contact": True},
    )
    submit(client, world, text="三楼灯坏了，找13955556666")
    for path in ("/api/v1/ledger", "/api/v1/ledger.csv"):
        shown = ask(client, world, path=path, month="2027-03").text
        assert not [word for word in ("欧阳", "13911112222", "1987", "13955556666", "三楼", "09:00") if word in shown]
    places = {line["category"]: line["place"] for line in ask(client, world, month="2027-03").json()["items"]}
    assert places == {"NOI-01": "小区内", "BLD-09": "1幢1单元"}


def test_days_are_local_and_a_month_ends_at_local_midnight(client, world, time):
    time.set(MONDAY + timedelta(hours=14, minutes=59))  # 23:59 on 1 March
    submit(client, world)
    line = ask(client, world, month="2027-03").json()["items"][0]
    assert (line["submitted"], line["due"]) == ("2027-03-01", "2027-03-02")
    time.set(MONDAY + timedelta(days=30, hours=15))  # 00:00 on 1 April
    submit(client, world)
    assert [ask(client, world, month=m).json()["totals"]["total"] for m in ("2027-03", "2027-04")] == [1, 1]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_would_start_a_formula_is_text(start):
    assert cells.neutral(f"{start}1+1") == f"'{start}1+1"
    assert cells.neutral(f"1{start}") == f"1{start}"


def test_what_staff_typed_cannot_become_a_formula_in_a_file(client, world):
    receipt = submit(client, world)
    path = f"/api/v1/desk/tickets/{receipt['number']}/filings"
    assert client.post(path, json={"agency": '=HYPERLINK("x")'}, headers=world.as_("grid_head")).status_code == 201
    comma = ask(client, world, path="/api/v1/ledger.csv", month="2027-03").content.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(comma)))["报备单位"].startswith("'=")
    answer = ask(client, world, path="/api/v1/ledger.xlsx", month="2027-03")
    cell = load_workbook(io.BytesIO(answer.content)).worksheets[0]["Q2"]
    assert (cell.data_type, cell.value[0]) == ("s", "'")


def test_who_gets_lines_who_gets_totals_and_who_gets_nothing(client, world):
    submit(client, world)
    for who in ("grid_head", "committee_secretary"):
        assert len(ask(client, world, who, month="2027-03").json()["items"]) == 1
    lines = ask(client, world, "community", month="2027-03")
    assert (lines.status_code, "items" in lines.json(), lines.json()["totals"]["total"]) == (200, False, 1)
    assert "270301-" not in ask(client, world, "community", path="/api/v1/ledger.csv", month="2027-03").text
    book = ask(client, world, "community", path="/api/v1/ledger.xlsx", month="2027-03")
    assert len(load_workbook(io.BytesIO(book.content)).worksheets) == 1
    for who in ("property", "police", "admin"):
        for path in ("/api/v1/ledger", "/api/v1/ledger.csv", "/api/v1/ledger.xlsx", "/api/v1/closeout"):
            assert ask(client, world, who, path=path).status_code == 403


def test_a_file_that_is_taken_is_a_line_in_the_access_log_and_a_look_is_not(client, world):
    submit(client, world)
    log = {"compound": "LHQ"}
    for path in ("/api/v1/ledger", "/api/v1/ledger.csv", "/api/v1/ledger.xlsx"):
        ask(client, world, "grid_head", path=path, month="2027-03")
    lines = client.get("/api/v1/access-log", params=log, headers=world.as_("committee_secretary")).json()["items"]
    assert [(one["account"], one["fields"], one["facts"]) for one in lines] == [
        ("grid_head", ["ledger"], {"month": "2027-03", "file": "xlsx"}),
        ("grid_head", ["ledger"], {"month": "2027-03", "file": "csv"}),
    ]


@pytest.mark.parametrize("month", ["2027-13", "march", "2027", "0000-01", "2027-1", "9999-12"])
def test_what_is_no_month_is_refused(client, world, month):
    answer = ask(client, world, month=month)
    assert (month, answer.status_code) == (month, 422)


def test_the_close_out_board_counts_what_is_open_by_category_party_and_age(client, world, time):
    old = submit(client, world)
    done = submit(client, world, category="SVC-09", text="老年证怎么办")
    verb(client, world, "grid_head", done, "answer", text="带身份证来")
    client.post(f"/api/v1/tickets/{done['number']}/rating", json={"solved": "yes", "stars": 5}, headers=secret(done))
    time.set(MONDAY + timedelta(days=5))
    for _ in range(2):
        triage(client, world, submit(client, world, category="ENV-02", text="垃圾没人收"))
    board = ask(client, world, "grid_head", path="/api/v1/closeout").json()
    assert (board["total"]["open"], board["total"]["overdue"], board["total"]["ages"]) == (3, 1, [2, 0, 1, 0, 0])
    assert [(one["code"], one["open"], one["ages"]) for one in board["by_category"]] == [
        ("ENV-02", 2, [2, 0, 0, 0, 0]),
        ("BLD-09", 1, [0, 0, 1, 0, 0]),
    ]
    assert sum(one["open"] for one in board["by_party"]) == 3
    assert ask(client, world, "grid_head", month="2027-03").json()["totals"]["open"] == board["total"]["open"]
    assert old["number"] not in str(board)


@pytest.mark.full
def test_a_large_month_is_written_within_bounds(database, world):
    place = places_of(database, world)[0]
    with database.write() as session:
        session.add_all([bare_ticket(world, place, number, MONDAY - timedelta(days=10)) for number in range(20_000)])
    staff = staff_of(world, Role.COMMITTEE_SECRETARY)
    tracemalloc.start()
    with database.read() as session:
        for write in (queries.comma_separated, queries.workbook):
            book = write(session, staff, queries.Asked(world.compound, MONTH), MONDAY)
            assert sum(len(piece) for piece in book.chunks()) > 500_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 * 1024 * 1024
