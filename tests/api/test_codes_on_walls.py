"""Codes on walls: who scans them, which old ones still hang, one new code for one place, and the emblem in them."""

import io
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops
from sqlalchemy import event

from app.rules import codes as rules
from app.rules.vocabulary import CodeReason, CodeSignal, CodeStatus
from qr import codes
from tests.builders import MONDAY, key

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD, SILENT = CodeSignal.OLD_STILL_SCANNED, CodeSignal.NEVER_SCANNED


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def listed(client, world, who="grid_head"):
    answer = client.get("/api/v1/qr/codes", params={"compound": "LHQ"}, headers=world.as_(who))
    assert answer.status_code == 200, answer.text
    return {item["code"]: item for item in answer.json()["items"]}


def reissued(client, world, code, reason="damaged", who="grid_head"):
    return client.post(f"/api/v1/qr/{code}/reissue", json={"reason": reason}, headers=world.as_(who) | key())


def revoked(client, world, code):
    client.post(f"/api/v1/qr/{code}/revocation", json={"reason": "撕了"}, headers=world.as_("grid_head"))


def png(colour=(190, 20, 20, 255), size=(900, 900)):
    stream = io.BytesIO()
    Image.new("RGBA", size, colour).save(stream, "PNG", pnginfo=None)
    return stream.getvalue()


def put_emblem(client, world, data, who="grid_head"):
    files = {"file": ("emblem.png", data, "image/png")}
    return client.put("/api/v1/qr/emblem", params={"compound": "LHQ"}, files=files, headers=world.as_(who))


# --- rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "age", "scanned", "old", "signals"),
    [
        (CodeStatus.ACTIVE, 30 * DAY, None, None, [SILENT]),
        (CodeStatus.ACTIVE, 30 * DAY - HOUR, None, None, []),
        (CodeStatus.ACTIVE, 400 * DAY, 399 * DAY, None, []),
        (CodeStatus.GRACE, 90 * DAY, 14 * DAY, 14 * DAY, [OLD]),
        (CodeStatus.GRACE, 90 * DAY, 15 * DAY, 14 * DAY + HOUR, []),
        (CodeStatus.GRACE, 90 * DAY, 1 * DAY, None, []),
        (CodeStatus.REVOKED, 90 * DAY, HOUR, HOUR, [OLD]),
        (CodeStatus.REVOKED, 90 * DAY, None, None, []),
    ],
)
def test_what_the_scans_of_a_code_say(status, age, scanned, old, signals):
    at = [MONDAY - each if each is not None else None for each in (scanned, old)]
    assert rules.signals(status, MONDAY - age, *at, MONDAY) == signals


# --- scans ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/s/{}", "/api/v1/codes/{}", "/S/{}"])
def test_a_scan_is_noted_to_the_hour_and_the_alarm_of_a_silent_code_goes_off(client, world, time, path):
    assert listed(client, world)[world.code]["signals"] == ["never_scanned"]
    for minutes, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
        time.set(MONDAY + timedelta(minutes=minutes))
        assert client.get(path.format(world.code)).status_code == 200
        line = listed(client, world)[world.code]
        assert line["last_scanned_at"] == f"2027-03-01T{9 + noted // 60:02d}:00:00+08:00"
        assert line["signals"] == []


def test_within_the_hour_a_scan_writes_nothing(client, world, database):
    client.get(f"/s/{world.code}")
    writes = []
    event.listen(database.engine, "begin", writes.append)
    for _ in range(3):
        client.get(f"/s/{world.code}")
        client.get(f"/api/v1/codes/{world.code}")
    assert writes == []


def test_an_old_code_that_still_hangs_says_so_for_two_weeks(client, world, time):
    client.get(f"/s/{world.code}")
    reissued(client, world, world.code)
    assert listed(client, world)[world.code]["signals"] == []  # scanned before it was replaced
    time.set(MONDAY + DAY)
    assert client.get(f"/s/{world.code}").status_code == 200
    line = listed(client, world)[world.code]
    assert (line["status"], line["signals"]) == ("grace", ["old_still_scanned"])
    time.set(MONDAY + 16 * DAY)
    assert listed(client, world)[world.code]["signals"] == []


def test_a_revoked_code_that_is_scanned_is_refused_and_noted(client, world, time):
    revoked(client, world, world.code)
    time.set(MONDAY + DAY)
    for path in ("/s/{}", "/api/v1/codes/{}"):
        assert client.get(path.format(world.code)).status_code == 410
    line = listed(client, world)[world.code]
    assert (line["status"], line["signals"], line["revoke_reason"]) == ("revoked", ["old_still_scanned"], "撕了")


# --- one new code ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "status"),
    [("damaged", "grace"), ("other", "grace"), ("moved", "revoked"), ("suspected_fake", "revoked")],
)
def test_one_place_gets_a_new_code_and_a_wrong_or_copied_old_one_ends_at_once(client, world, reason, status):
    batch = reissued(client, world, world.code, reason)
    assert batch.status_code == 201, batch.text
    (fresh,) = batch.json()["codes"]
    assert (fresh["label"], fresh["version"], fresh["status"]) == ("1幢1单元", 2, "active")
    lines = listed(client, world)
    assert (lines[world.code]["status"], lines[fresh["code"]]["why"]) == (status, reason)
    assert len(lines) == 5
    assert client.get(f"/s/{fresh['code']}").status_code == 200
    pdf = client.get(f"/api/v1/qr/batches/{batch.json()['id']}/sheet.pdf", headers=world.as_("grid_head"))
    assert len(pypdfium2.PdfDocument(pdf.content)) == 1


def test_a_code_is_replaced_once_and_only_for_a_known_reason(client, world):
    assert reissued(client, world, world.code, "because").status_code == 422
    assert reissued(client, world, world.code).status_code == 201
    again = reissued(client, world, world.code)
    assert (again.status_code, again.json()["code"]) == (409, "ILLEGAL_NOW")
    assert {reason.value for reason in CodeReason} == {"damaged", "moved", "suspected_fake", "other"}


def test_only_grid_heads_and_administrators_replace_a_code(client, world):
    assert reissued(client, world, world.code, who="property").status_code == 403
    assert reissued(client, world, world.code, who="admin").status_code == 201


# --- print ----------------------------------------------------------------------------------------------------------


def test_a_poster_with_the_compounds_emblem_says_everything_and_still_scans_at_level_h(client, world):
    assert put_emblem(client, world, png()).status_code == 204
    batch = client.post(
        "/api/v1/qr/batches", json={"compound": "LHQ", "reissue": True}, headers=world.as_("grid_head")
    ).json()
    pdf = client.get(f"/api/v1/qr/batches/{batch['id']}/sheet.pdf?size=A5", headers=world.as_("grid_head"))
    pages = pypdfium2.PdfDocument(pdf.content)
    assert len(pages) == 4
    page = pages[0]
    text = "".join(page.get_textpage().get_text_range().split())
    first = batch["codes"][0]
    for words in (
        "绿荷苑",
        first["label"],
        codes.display(first["code"]),
        "0571-00000000",
        "testserver",
        "不收费、不要密码",
        "LHQ-1-1-sv2",
        "微信扫一扫",
        "说说哪里有问题",
        "收到编号和答复时间",
    ):
        assert words in text, words
    dpi = 300
    image = page.render(scale=dpi / 72).to_pil().convert("RGB")
    (symbol,) = zxingcpp.read_barcodes(image, zxingcpp.BarcodeFormat.QRCode)
    assert (symbol.text.upper(), symbol.ec_level) == (f"HTTP://TESTSERVER/S/{first['code']}", "H")
    at = symbol.position
    side = at.bottom_right.x - at.top_left.x
    assert side / dpi * 25.4 >= 60
    box = image.crop((at.top_left.x, at.top_left.y, at.bottom_right.x, at.bottom_right.y))
    red, green, _ = box.split()
    left, _, right, _ = ImageChops.subtract(red, green).point(lambda value: 255 if value > 80 else 0).getbbox()
    assert 0 < (right - left) / side <= 0.2


def test_an_emblem_is_encoded_anew_small_and_can_be_taken_away(client, world):
    hidden = png() + b"<script>"
    assert put_emblem(client, world, hidden).status_code == 204
    params = {"compound": "LHQ"}
    kept = client.get("/api/v1/qr/emblem", params=params, headers=world.as_("committee_secretary"))
    assert (kept.headers["content-type"], b"<script>" in kept.content) == ("image/png", False)
    assert Image.open(io.BytesIO(kept.content)).size == (400, 400)
    assert client.delete("/api/v1/qr/emblem", params=params, headers=world.as_("grid_head")).status_code == 204
    assert client.get("/api/v1/qr/emblem", params=params, headers=world.as_("grid_head")).status_code == 404


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\nnonsense", b"GIF89a", b"<svg/>"])
def test_what_is_no_png_is_refused(client, world, data):
    answer = put_emblem(client, world, data)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")


def test_others_neither_see_nor_change_an_emblem(client, world):
    put_emblem(client, world, png())
    assert put_emblem(client, world, png(), who="property").status_code == 403
    for who in ("property", "police", "community"):
        hidden = client.get("/api/v1/qr/emblem", params={"compound": "LHQ"}, headers=world.as_(who))
        assert hidden.status_code == 404
