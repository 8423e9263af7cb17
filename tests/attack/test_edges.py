"""Attacks on the edge: odd bytes, cursors, cookies, headers, and what one rude visitor costs all others."""

import base64
import io
import json
import threading

import pytest
from PIL import Image
from sqlalchemy import literal, select

from app.actions import photo as photo_actions
from app.actions import staff as staff_actions
from tests.builders import MONDAY, key, submit, ticket_form, triage, verb

JSONS = {"content-type": "application/json"}


def cursor(*position):
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+08:00"], ids=str
)
@pytest.mark.parametrize("path", ["/api/v1/desk/tickets", "/api/v1/slips"])
def test_an_instant_at_the_edge_of_time_is_a_bad_cursor_not_a_crash(client, world, at, path):
    position = (0, at, 1) if "tickets" in path else (at, 1)
    answer = client.get(path, params={"cursor": cursor(*position)}, headers=world.as_("grid_head"))
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("after", ["\x00", "\ud800", "a\x00b"], ids=repr)
def test_a_cursor_of_compounds_with_odd_characters_is_no_crash(client, world, after):
    answer = client.get("/api/v1/compounds", params={"cursor": cursor(after)}, headers=world.as_("admin"))
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("field", ["text", "spot", "code", "category"])
def test_half_a_surrogate_is_refused_not_a_crash(client, world, field):
    body = json.dumps(ticket_form(world) | {field: "坏\ud800"})
    answer = client.post("/api/v1/tickets", content=body, headers=JSONS | key())
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("field", ["name", "title"])
def test_half_a_surrogate_in_the_roster_is_no_crash(client, world, field):
    body = json.dumps({"heads": [{"role": "police", field: "坏\ud800"}]})
    answer = client.put(f"/api/v1/compounds/{world.compound}/heads", content=body, headers=JSONS | world.as_("admin"))
    assert answer.status_code < 500, answer.text


def test_a_deep_document_is_no_crash(client):
    answer = client.post("/api/v1/tickets", content="[" * 100_000, headers=JSONS | key())
    assert answer.status_code < 500


def test_extreme_terms_are_no_crash(client, world):
    heads = {"heads": [{"role": "police", "valid_from": "0001-01-01T00:00:00+23:00"}]}
    answer = client.put(f"/api/v1/compounds/{world.compound}/heads", json=heads, headers=world.as_("admin"))
    assert answer.status_code < 500, answer.text


def test_a_huge_seat_number_is_no_crash(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    for lead in (10**30, "9" * 40, "²", "-1", 0, True):
        answer = verb(client, world, "grid_head", receipt, "assign", lead=lead)
        assert answer.status_code == 422, (lead, answer.text)


@pytest.mark.parametrize("number", ["%2e%2e", "a" * 3000, "260101-%F0%9F%98%80", "'--", "%", "_"], ids=str)
def test_odd_numbers_are_plainly_not_found(client, world, number):
    for path, headers in (
        (f"/api/v1/tickets/{number}", {"X-Ticket-Secret": "x"}),
        (f"/api/v1/desk/tickets/{number}", world.as_("grid_head")),
        (f"/api/v1/slips/{number}", world.as_("property")),
        (f"/api/v1/uploads/{number}", {"X-Ticket-Secret": "x"}),
        (f"/api/v1/codes/{number}", {}),
    ):
        assert client.get(path, headers=headers).status_code in {404, 422}, path


@pytest.mark.parametrize(
    "wanted", ["//evil.cn", "https://evil.cn", "/\\evil.cn", "/desk\\..", "/deskx", "/desk/\r\nX: y"]
)
def test_a_login_goes_on_to_the_desk_only(client, world, database, wanted):
    with database.write() as session:
        staff_actions.create(session, "mallory", "M", "0123456789", now=MONDAY)
    answer = client.post(
        "/desk/login",
        data={"username": "mallory", "password": "0123456789", "next": wanted},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk"


def test_a_device_mark_that_we_did_not_give_finds_nobody_elses_matters(client, world):
    """An API client that sends a weak mark shares 我的诉求 with whoever guesses it."""
    client.cookies.set("mq_device", "1")
    submit(client, world)
    client.cookies.clear()
    page = client.get(f"/s/{world.code}", headers={"Cookie": "mq_device=1"})
    assert "我的诉求" not in page.text


@pytest.mark.parametrize("path", ["/R/{}", "//r/{}", "/r//{}", "/slip//{}"])
def test_a_mistyped_path_keeps_its_token_out_of_the_log(client, world, path, capsys):
    token = "ab" * 16
    client.get(path.format(token))
    said = capsys.readouterr()
    assert token not in said.out + said.err


def test_private_pages_are_not_kept_by_caches(client, world):
    receipt = submit(client, world)
    for path in (receipt["url"].removeprefix("http://testserver"), f"/s/{world.code}"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


# --- what one rude visitor costs all others (SQLite has one writer) -------------------------------------------------


def writer_is_free(database):
    """Whether somebody else could write at this very moment."""
    got = threading.Event()

    def write():
        with database.write() as session:
            session.execute(select(literal(1)))  # the transaction begins with its first statement
            got.set()

    threading.Thread(target=write, daemon=True).start()
    return got.wait(1)


def test_decoding_a_photo_does_not_hold_the_only_writer(client, world, database, monkeypatch):
    """Forty-nine million pixels in 200 KB take 3 seconds and 700 MB; anybody may send them, as often as they like."""
    free, decode = [], photo_actions.reencode

    def watched(data):
        free.append(writer_is_free(database))
        return decode(data)

    monkeypatch.setattr(photo_actions, "reencode", watched)
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    assert client.post("/api/v1/uploads", files={"file": ("a.png", stream.getvalue(), "image/png")}).status_code == 201
    assert free == [True]


def test_a_password_is_checked_without_holding_the_only_writer(client, world, database, monkeypatch):
    """Argon2 is slow on purpose. Nobody else may have to wait for a stranger's wrong password."""
    free = []

    class Watched:
        def verify(self, *_):
            free.append(writer_is_free(database))
            return False

    monkeypatch.setattr(staff_actions, "_hasher", Watched())
    client.post("/api/v1/auth/token", data={"username": "x", "password": "y"})
    assert free == [True]


def test_a_refused_photo_form_with_a_made_up_receipt_stores_nothing(client, world, database):
    from sqlalchemy import func, select

    from app.models.photo import Photo

    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    answer = client.post(
        "/r/0123456789abcdef0123456789abcdef/info", files={"photos": ("a.png", stream.getvalue(), "image/png")}
    )
    assert answer.status_code == 404
    with database.read() as session:
        assert (
            session.execute(select(func.count()).select_from(Photo).execution_options(scope="test")).scalar_one() == 0
        )
