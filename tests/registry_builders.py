"""Workbooks as people fill them in, and staff to act with."""

import csv
import io

from openpyxl import Workbook

from app.access import Seated, Staff
from app.actions import workbook
from app.rules.privacy import column_of
from app.rules.vocabulary import Role

HEADER = ["小区编码", "小区名称", "街道", "社区", "值班电话", "幢", "单元", "室号"]
ADMIN = Staff(0, "operator", "operator", is_admin=True, seats=())


def row(door="1201", *, code="SHQ", name="石灰桥新村", phone="0571-00000000", building="4", stairwell="2"):
    """One household; tests name only what matters."""
    return [code, name, "示范街道", "示范社区", phone, building, stairwell, door]


def xlsx(*rows, header=HEADER):
    """An .xlsx with these rows under the header."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("小区登记表")
    sheet.append(header)
    for values in rows:
        sheet.append(values)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def comma_separated(*rows, header=HEADER, encoding="utf-8", delimiter=","):
    """The same as CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([header, *rows])
    return stream.getvalue().encode(encoding)


def compound(buildings=17, stairwells=5, doors=12, **over):
    """The rows of a whole compound."""
    return [
        row(f"{floor}{side:02d}", building=b, stairwell=s, **over)
        for b in range(1, buildings + 1)
        for s in range(1, stairwells + 1)
        for floor in range(1, doors // 2 + 1)
        for side in (1, 2)
    ]


def entries(*rows):
    """What the parser makes of rows."""
    return workbook.read(xlsx(*rows))


def staff_of(world, role):
    """The world's account of a role as access would hand it out."""
    seat = Seated(
        world.seats.get(role, 0), world.compound_id, world.compound, role, role, column_of(role, views_persons=True)
    )
    account = world.accounts.get(role) or world.accounts[f"{role}_{world.compound}"]
    return Staff(account, role, role, is_admin=role is Role.ADMIN, seats=() if role is Role.ADMIN else (seat,))
