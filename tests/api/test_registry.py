from io import BytesIO
from urllib.parse import quote

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from app.rules.vocabulary import Role
from qr import codes
from tests.builders import build_world, key
from tests.registry_builders import comma_separated, compound, row, xlsx

IMPORT = "/api/v1/compounds/import"


def send(client, world, data, who="admin", name="登记表.xlsx", **headers):
    return client.post(IMPORT, files={"file": (name, data)}, headers=world.as_(who, **headers))


def test_a_code_says_where_it_hangs_what_may_be_reported_and_whom_to_call(client, world):
    answer = client.get(f"/api/v1/codes/{codes.display(world.code).lower()}")
    assert answer.status_code == 200
    said = answer.json()
    assert said["code"] == world.code
    assert said["status"] == "active"
    assert said["place"] == {"compound": "绿荷苑", "building": "1幢", "stairwell": "1单元", "label": "1幢1单元"}
    assert len(said["categories"]) == 12
    assert sum(len(top["children"]) for top in said["categories"]) == 100
    leaves = {leaf["code"]: leaf for top in said["categories"] for leaf in top["children"]}
    assert leaves["SAF-01"]["menu"] is True
    assert any(leaf["emergency"] for leaf in leaves.values())
    assert [(duty["role"], duty["duty_phone"]) for duty in said["contacts"]] == [
        ("grid_head", "0571-11112222"),
        ("police", "0571-11112222"),
        ("property", "0571-11112222"),
    ]
    assert [hotline["number"] for hotline in said["hotlines"]] == ["110", "119", "120", "122"]
    assert "荷花社区" in said["notice"]["text"]
    assert said["notice"]["version"]


def test_a_compound_without_a_roster_still_shows_its_duty_phone(client, database):
    world = build_world(database, without=frozenset(Role))
    assert client.get(f"/api/v1/codes/{world.code}").json()["contacts"] == [
        {"role": "grid_head", "title": "网格长", "duty_phone": "0571-00000000"}
    ]


def test_a_deputy_who_acts_is_called_by_the_deputys_phone(client, world, time):
    put = {
        "role": "police",
        "duty_phone": "0571-11110000",
        "valid_to": time.at.isoformat(),
        "deputy": {"name": "副手", "duty_phone": "0571-22220000"},
    }
    path = f"/api/v1/compounds/{world.compound}/heads"
    assert client.put(path, json={"heads": [put]}, headers=world.as_("committee_secretary")).status_code == 200
    contacts = client.get(f"/api/v1/codes/{world.code}").json()["contacts"]
    assert [duty["duty_phone"] for duty in contacts if duty["role"] == "police"] == ["0571-22220000"]


@pytest.mark.parametrize("code", ["00000000", "7K3M9QXA", "没有", "1" * 70])
def test_an_unknown_code_is_not_found(client, world, code):
    answer = client.get(f"/api/v1/codes/{code}")
    assert (answer.status_code, answer.json()["code"]) == (404, "CODE_UNKNOWN")


def test_a_revoked_code_is_gone_and_a_reissued_one_goes_on_in_grace(client, world):
    made = client.post("/api/v1/qr/batches", json={"compound": "LHQ", "reissue": True}, headers=world.as_("grid_head"))
    assert made.status_code == 201
    assert client.get(f"/api/v1/codes/{world.code}").json()["status"] == "grace"
    gone = client.post(f"/api/v1/qr/{world.code}/revocation", json={"reason": "被撕了"}, headers=world.as_("grid_head"))
    assert (gone.status_code, gone.json()["status"]) == (200, "revoked")
    answer = client.get(f"/api/v1/codes/{world.code}")
    assert (answer.status_code, answer.json()["code"]) == (410, "CODE_REVOKED")


def test_a_workbook_is_imported_and_its_tree_codes_and_print_file_follow(client, world):
    imported = send(client, world, xlsx(*compound(buildings=2, stairwells=2, doors=4)))
    assert imported.status_code == 200
    assert imported.json()["added"] == {"compounds": 1, "buildings": 2, "stairwells": 4, "households": 16}
    again = send(client, world, comma_separated(*compound(buildings=2, stairwells=2, doors=4)), name="登记表.csv")
    assert set(again.json()["added"].values()) == {0}
    batch = client.post("/api/v1/qr/batches", json={"compound": "SHQ"}, headers=world.as_("admin")).json()
    assert [code["label"] for code in batch["codes"]] == ["1幢1单元", "1幢2单元", "2幢1单元", "2幢2单元"]
    tree = client.get("/api/v1/compounds/SHQ/tree", headers=world.as_("admin")).json()
    assert tree["buildings"][0] == {
        "code": "SHQ-01",
        "name": "1幢",
        "stairwells": [
            {"code": "SHQ-01-1", "name": "1单元", "households": 4, "qr": [batch["codes"][0]["code"]]},
            {"code": "SHQ-01-2", "name": "2单元", "households": 4, "qr": [batch["codes"][1]["code"]]},
        ],
    }
    sheet = client.get(f"/api/v1/qr/batches/{batch['id']}/sheet.pdf", headers=world.as_("admin"))
    assert sheet.headers["content-type"] == "application/pdf"
    assert quote("石灰桥新村民情二维码") in sheet.headers["content-disposition"]
    assert len(PdfReader(BytesIO(sheet.content)).pages) == 4
    assert client.get(f"/api/v1/qr/batches/{batch['id']}", headers=world.as_("admin")).json() == batch


def test_a_bad_workbook_is_refused_with_every_row_and_leaves_nothing(client, world):
    answer = send(client, world, xlsx(row("1201"), row(""), row("1203", building="")))
    assert (answer.status_code, answer.json()["code"]) == (422, "IMPORT_REFUSED")
    assert answer.json()["errors"] == [
        {"row": 3, "field": "室号", "message": "室号没填"},
        {"row": 4, "field": "幢", "message": "幢没填"},
    ]
    listed = client.get("/api/v1/compounds", headers=world.as_("admin")).json()["items"]
    assert [found["code"] for found in listed] == ["LHQ"]
    torn = send(client, world, b"PK not a workbook")
    assert (torn.status_code, torn.json()["code"]) == (422, "WORKBOOK_UNREADABLE")


def test_an_import_is_for_administrators_only_whatever_the_file(client, world):
    for who in ("grid_head", "committee_secretary", "street"):
        answer = send(client, world, b"not even a workbook", who=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "VERB_NOT_YOURS")
    assert client.post(IMPORT, files={"file": ("x.csv", b"")}).status_code == 401


def test_a_file_over_the_limit_is_refused(client, world, settings):
    answer = send(client, world, b"x" * (settings.max_upload_mb * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


def test_an_import_with_a_key_is_done_once_and_answered_alike(client, world):
    headers, workbook = key(), xlsx(row())
    first, second = (send(client, world, workbook, **headers) for _ in range(2))
    assert first.json() == second.json()
    assert first.json()["added"]["households"] == 1
    other = send(client, world, xlsx(row("1202")), **headers)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_compounds_are_listed_page_by_page_and_only_ones_own(client, database, world):
    build_world(database, compound="SHQ", name="石灰桥新村")
    own = client.get("/api/v1/compounds", headers=world.as_("grid_head")).json()
    assert own == {
        "items": [
            {
                "code": "LHQ",
                "name": "绿荷苑",
                "community": "荷花社区",
                "street": "示范街道",
                "duty_phone": "0571-00000000",
            }
        ],
        "next_cursor": None,
    }
    first = client.get("/api/v1/compounds?limit=1", headers=world.as_("admin")).json()
    rest = client.get(f"/api/v1/compounds?limit=1&cursor={first['next_cursor']}", headers=world.as_("admin")).json()
    assert [first["items"][0]["code"], rest["items"][0]["code"], rest["next_cursor"]] == ["LHQ", "SHQ", None]
    assert client.get("/api/v1/compounds?cursor=x", headers=world.as_("admin")).status_code == 422


@pytest.mark.parametrize("path", ["tree", "heads"])
def test_another_compound_is_as_absent_as_none(client, database, world, path):
    build_world(database, compound="SHQ", name="石灰桥新村")
    for code in ("SHQ", "NONE", "a%2Fb"):
        assert client.get(f"/api/v1/compounds/{code}/{path}", headers=world.as_("grid_head")).status_code == 404
    answer = client.put(
        "/api/v1/compounds/SHQ/heads", json={"heads": [{"role": "police"}]}, headers=world.as_("committee_secretary")
    )
    assert answer.status_code == 404


def test_the_roster_is_set_by_the_secretary_read_by_everybody_there_and_by_nobody_outside(client, world):
    path = f"/api/v1/compounds/{world.compound}/heads"
    body = {"heads": [{"role": "stair_head", "stairwell": "1幢1单元", "name": "某", "accounts": ["stair_head"]}]}
    assert client.put(path, json=body).status_code == 401
    refused = client.put(path, json=body, headers=world.as_("grid_head"))
    assert (refused.status_code, refused.json()["code"]) == (403, "VERB_NOT_YOURS")
    seats = client.put(path, json=body, headers=world.as_("committee_secretary")).json()["seats"]
    assert [seat["stairwell"] for seat in seats if seat["role"] == "stair_head"] == [None, "LHQ-1-1-s"]
    assert client.get(path, headers=world.as_("police")).json()["seats"] == seats
    wrong = client.put(path, json={"heads": [{"role": "police", "accounts": ["x"]}]}, headers=world.as_("admin"))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "heads.0.accounts.0")


def test_a_symbol_can_be_scanned(client, world):
    png = client.get(f"/api/v1/qr/{world.code}.png", headers=world.as_("grid_head"))
    assert png.headers["content-type"] == "image/png"
    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(png.content)))
    assert read.text == f"HTTP://TESTSERVER/S/{world.code}"
    svg = client.get(f"/api/v1/qr/{world.code}.svg", headers=world.as_("committee_secretary"))
    assert (svg.headers["content-type"], svg.content[:4]) == ("image/svg+xml", b"<svg")
    assert client.get(f"/api/v1/qr/{world.code}.png", headers=world.as_("police")).status_code == 404
    assert client.get(f"/api/v1/qr/{world.code}.png").status_code == 401


def test_the_template_is_handed_out_under_its_chinese_name(client, world):
    answer = client.get("/api/v1/compounds/template.xlsx", headers=world.as_("admin"))
    assert answer.content.startswith(b"PK")
    assert quote("小区登记表模板.xlsx") in answer.headers["content-disposition"]
