"""Whatever comes in, the answer is a clear Chinese problem document, and what was right about it is not lost."""

import base64
import json

import pytest
from sqlmodel import SQLModel

from tests.builders import NOTICE, key, secret, submit, ticket_form, triage, verb
from tests.problems import count, refused

TICKETS, QUEUE, SLIPS = "/api/v1/tickets", "/api/v1/desk/tickets", "/api/v1/slips"
CONSENT = {"notice_version": NOTICE, "contact": True}


def post(client, world, header=None, **over):
    return client.post(TICKETS, json=ticket_form(world, **over), headers=header or key())


# Forms


WRONG_FIELDS = [
    ({"text": ""}, "text"),
    ({"text": " \n　\t "}, "text"),
    ({"text": "灯" * 5001}, "text"),
    ({"text": None}, "text"),
    ({"text": 5}, "text"),
    ({"text": ["灯"]}, "text"),
    ({"text": "灯\x00坏了"}, "text"),
    ({"txet": "灯坏了"}, "txet"),
    ({"kind": "quarrel"}, "kind"),
    ({"emergency": "perhaps"}, "emergency"),
    ({"category": "XXX-01"}, "category"),
    ({"category": "BLD-77"}, "category"),
    ({"category": "XXX"}, "category"),
    ({"category": "B" * 17}, "category"),
    ({"spot": "灯" * 101}, "spot"),
    ({"photos": ["a"]}, "photos.0"),
    ({"photos": ["0" * 32] * 7}, "photos"),
    ({"photos": ["0" * 32]}, "photos"),
    ({"avoid": ["everybody"]}, "avoid.0"),
    ({"contact": {"phone": "call me"}, "consent": CONSENT}, "contact.phone"),
    ({"contact": {"mail": "a@b.cn"}}, "contact.mail"),
    ({"contact": {"name": "王\x00"}, "consent": CONSENT}, "contact.name"),
    ({"consent": {"contact": True}}, "consent.notice_version"),
    ({"consent": {"notice_version": "1999-01"}}, "consent.notice_version"),
    ({"code": None}, "code"),
]


def test_a_field_that_is_not_right_is_named_in_chinese_and_nothing_is_stored(database, client, world, subtests):
    for over, field in WRONG_FIELDS:
        with subtests.test(str(over)[:60]):
            refused(post(client, world, **over), 422, "INVALID", field)
    assert [count(database, table) for table in ("ticket", "contact", "event", "idempotency_key")] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "over", [{"text": "灯" * 5000}, {"text": "x"}, {"text": "  灯坏了  "}, {"category": "bld-09"}], ids=range(4)
)
def test_what_is_just_right_is_taken(client, world, over):
    assert post(client, world, **over).status_code == 201


def test_everything_that_is_wrong_is_named_at_once(client, world):
    refused(post(client, world, text="", kind="x", extra=1), 422, "INVALID", "text", "kind", "extra")
    refused(client.post(TICKETS, json={}, headers=key()), 422, "INVALID", "text", "code")


def test_a_contact_without_consent_is_asked_for_it(client, world):
    for consent in (None, {"notice_version": NOTICE}, CONSENT | {"contact": False}):
        form = ticket_form(world, contact={"phone": "13812345678"}) | ({"consent": consent} if consent else {})
        refused(client.post(TICKETS, json=form, headers=key()), 422, "CONSENT_NEEDED", "consent.contact")
    assert post(client, world, contact={"name": "", "phone": None}).status_code == 201


def test_a_child_is_asked_to_leave_no_name_and_no_phone(client, world):
    for contact in ({"phone": "13812345678"}, {"name": "王小明"}):
        body = refused(post(client, world, minor=True, contact=contact, consent=CONSENT), 422, "INVALID")
        assert "14" in body["errors"][0]["message"]
    assert post(client, world, minor=True).status_code == 201


def test_the_corrected_form_goes_through_under_the_same_key(client, world):
    header = key()
    refused(post(client, world, header, text=""), 422, "INVALID")
    refused(post(client, world, header, category="XXX-01"), 422, "INVALID")
    assert post(client, world, header).status_code == 201


# Bodies that are no forms


BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"code": "\xff"}',
    b'{"code": 1e999}',
    b"[" * 50_000,
    b"code=ABCDEFGH&text=x",
    b"%PDF-1.7",
    b'{"code": "ABCDEFGH", "text": NaN}',
]


@pytest.mark.parametrize("media", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_no_form_is_refused_politely(client, media, subtests):
    for body in BODIES:
        with subtests.test(repr(body[:20])):
            answer = client.post(TICKETS, content=body, headers=key() | {"Content-Type": media})
            assert answer.status_code in {400, 422}
            refused(answer, answer.status_code, answer.json()["code"])


def test_broken_json_is_called_broken_json(client):
    answer = client.post(TICKETS, content=b'{"code": ', headers=key() | {"Content-Type": "application/json"})
    assert "JSON" in refused(answer, 422, "INVALID")["errors"][0]["message"]


@pytest.mark.parametrize(
    "text", ["\u202e灯", "\ufeff灯", "🧯" * 50, "<script>alert(1)</script>", "' OR 1=1", "{{7*7}}%s\\"]
)
def test_odd_characters_are_words_like_any_other(client, world, text):
    receipt = submit(client, world, text=text, spot=text)
    mine = client.get(f"{TICKETS}/{receipt['number']}", headers=secret(receipt)).json()
    assert (mine["text"], mine["spot"]) == (text, text)


def test_half_a_character_is_refused_wherever_it_stands(client, world, subtests):
    form = json.dumps(ticket_form(world))
    for broken in (
        form.replace('"text": "', '"text": "\\ud83d'),
        form.replace('"category"', '"\\ud83d"'),
        form.replace("BLD-09", "\\udc00"),
        form.replace(world.code, "\\udc00"),
    ):
        with subtests.test(broken[:80]):
            answer = client.post(TICKETS, content=broken, headers=key() | {"Content-Type": "application/json"})
            refused(answer, 422, "INVALID")


def test_an_invisible_character_from_the_staff_never_makes_a_crash(client, world, subtests):
    receipt = submit(client, world)
    grid, held = world.as_("grid_head"), world.as_("property")
    for call in (
        lambda: triage(client, world, receipt, redacted_text="灯\x00坏了"),
        lambda: triage(client, world, receipt, category="BLD\x00"),
        lambda: verb(client, world, "grid_head", receipt, "assign", lead="property", ask="请\x00看"),
        lambda: verb(client, world, "grid_head", receipt, "assign", lead="prop\x00", co=["\x00"]),
        lambda: client.get(QUEUE, params={"q": "灯\x00"}, headers=grid),
        lambda: client.get(QUEUE, params={"category": "BLD\x00"}, headers=grid),
        lambda: client.get(QUEUE, params={"compound": "LHQ\x00"}, headers=grid),
        lambda: client.get(QUEUE, headers={"Authorization": "Bearer a\x00b"}),
        lambda: client.get(f"{QUEUE}/%00", headers=grid),
        lambda: client.get(f"{TICKETS}/%00", headers={"X-Ticket-Secret": "x"}),
        lambda: client.get(f"{SLIPS}/%00", headers=held),
        lambda: client.get("/api/v1/uploads/%00", headers=held),
        lambda: client.post("/api/v1/auth/token", data={"username": "a\x00", "password": "b\x00"}),
        lambda: client.get(QUEUE, params={"q": "\ud83d".encode("utf-8", "surrogatepass")}, headers=grid),
    ):
        with subtests.test():
            answer = call()
            assert answer.status_code < 500, answer.url


def test_a_form_that_is_far_too_large_is_refused_by_its_size(client, world):
    refused(post(client, world, text="x" * 300_000), 413, "TOO_LARGE")


# Codes, numbers and secrets


def test_a_code_that_hangs_on_no_wall_is_unknown(database, client, world, subtests):
    for code in ("ABCDEFGH", "", "1", "😀" * 8, "0" * 64, "/s/", "https://evil.example/s/ABCDEFGH"):
        with subtests.test(code):
            refused(post(client, world, code=code), 404, "CODE_UNKNOWN")
    assert count(database, "ticket") == 0


def test_a_revoked_code_says_so_and_keeps_nothing(database, client, world):
    with database.write() as session:
        codes = SQLModel.metadata.tables["qr_code"]
        session.execute(codes.update().where(codes.c.code == world.code).values(status="revoked"))
    refused(post(client, world), 410, "CODE_REVOKED")
    assert count(database, "ticket") == 0


def test_a_wrong_secret_and_a_wrong_number_get_the_very_same_answer(client, world):
    receipt, other = submit(client, world), submit(client, world)
    mine, rating = f"{TICKETS}/{receipt['number']}", {"solved": "yes", "stars": 5}
    wrong = [
        client.get(mine, headers={"X-Ticket-Secret": "00000000"}),
        client.get(mine, headers=secret(other)),
        client.get(mine),
        client.get(f"{TICKETS}/270301-ZZZZZZ", headers=secret(receipt)),
        client.get(f"{TICKETS}/nonsense", headers=secret(receipt)),
        client.get(f"{TICKETS}/{'9' * 300}", headers=secret(receipt)),
        client.post(f"{mine}/urges", headers=secret(other)),
        client.post(f"{mine}/withdrawal", headers=secret(other)),
        client.post(f"{mine}/rating", json=rating, headers=secret(other)),
        client.post(f"{TICKETS}/270301-ZZZZZZ/rating", json=rating, headers=secret(other)),
    ]
    for answer in wrong:
        refused(answer, 404, "NOT_FOUND")
    assert len({answer.text.replace(answer.json()["request_id"], "") for answer in wrong}) == 1
    shared = [{name: value for name, value in answer.headers.items() if name != "x-request-id"} for answer in wrong]
    assert all(headers == shared[0] for headers in shared)


def test_a_number_and_a_secret_may_be_typed_as_people_type(client, world):
    receipt = submit(client, world)
    number, word = receipt["number"].lower(), receipt["secret"].lower().replace("0", "o").replace("1", "l")
    assert client.get(f"{TICKETS}/{number}", headers={"X-Ticket-Secret": word}).status_code == 200
    assert client.get(f"{TICKETS}/{number.replace('-', '')}", headers=secret(receipt)).status_code == 200


# Verbs out of turn


def test_a_verb_that_is_not_legal_now_is_refused_with_those_that_are(client, world):
    receipt = submit(client, world)
    mine, header = f"{TICKETS}/{receipt['number']}", secret(receipt)
    early = client.post(f"{mine}/rating", json={"solved": "yes", "stars": 5}, headers=header)
    verbs = refused(early, 409, "ILLEGAL_NOW")["verbs"]
    assert {"urge", "info", "withdraw"} <= set(verbs)
    assert "rate" not in verbs
    desk = verb(client, world, "grid_head", receipt, "confirm", text="好了")
    verbs = refused(desk, 409, "ILLEGAL_NOW")["verbs"]
    assert {"triage", "assign", "reply"} <= set(verbs)
    assert "confirm" not in verbs
    assert client.post(f"{mine}/withdrawal", headers=header).status_code == 201
    assert "withdraw" not in refused(client.post(f"{mine}/withdrawal", headers=header), 409, "ILLEGAL_NOW")["verbs"]


def test_pressing_too_early_says_when(client, world):
    receipt = submit(client, world)
    answer = client.post(f"{TICKETS}/{receipt['number']}/urges", headers=secret(receipt))
    assert refused(answer, 429, "URGE_TOO_EARLY")["retry_after"] == int(answer.headers["retry-after"]) > 7000


def test_a_rating_that_is_none_is_refused(client, world, subtests):
    receipt = submit(client, world)
    mine, header = f"{TICKETS}/{receipt['number']}", secret(receipt)
    for body, field in (
        ({"solved": "maybe", "stars": 5}, "solved"),
        ({"solved": "yes", "stars": 0}, "stars"),
        ({"solved": "yes", "stars": 6}, "stars"),
        ({"solved": "yes", "stars": "many"}, "stars"),
        ({"solved": "yes", "stars": 4.5}, "stars"),
        ({"solved": "yes", "stars": 5, "text": "好" * 201}, "text"),
        ({"stars": 5}, "solved"),
    ):
        with subtests.test(str(body)[:60]):
            refused(client.post(f"{mine}/rating", json=body, headers=header), 422, "INVALID", field)
    refused(client.post(f"{mine}/info", json={}, headers=header), 422, "INVALID", "body")


# Keys, cursors, logins, paths


def test_a_key_that_is_no_key_is_refused(client, world, subtests):
    for value in ("short", "k" * 15, "k" * 65, "with blanks inside it", "钥匙" * 9, ""):
        with subtests.test(value):
            body = refused(post(client, world, {"Idempotency-Key": value.encode()}), 422, "INVALID")
            assert [problem["field"].lower() for problem in body["errors"]] == ["idempotency-key"]
    refused(client.post(TICKETS, json=ticket_form(world)), 428, "IDEMPOTENCY_KEY_MISSING")


def cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


DUE = "2027-03-01T00:00:00+08:00"
FOREIGN = ["x", "中", "====", "bnVsbA", "[" * 190, cursor(), cursor(0, 0, 0, 0)]
BAD_OF_QUEUE = [
    *FOREIGN,
    cursor(1),
    cursor("x", DUE, 1),
    cursor(0, DUE, "x"),
    cursor(0, "tomorrow", 1),
    cursor(0, "2027-03-01T00:00:00", 1),
    cursor(0, 5, 1),
    cursor(0, None, 1),
    cursor(0, DUE, {"a": 1}),
    cursor(0, DUE, 10**30),
    cursor(10**30, DUE, 1),
]
BAD_OF_SLIPS = [*FOREIGN, cursor("x"), cursor(None), cursor(True), cursor(-1), cursor(10**30), cursor(DUE, 1)]
AT_THE_EDGE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]


def test_a_cursor_that_we_did_not_make_is_refused(client, world, subtests):
    submit(client, world)
    for path, who, bad in [
        *((QUEUE, "grid_head", bad) for bad in BAD_OF_QUEUE),
        *((SLIPS, "property", bad) for bad in BAD_OF_SLIPS),
    ]:
        with subtests.test(bad):
            refused(client.get(path, params={"cursor": bad}, headers=world.as_(who)), 422, "INVALID", "cursor")
    for at in AT_THE_EDGE:
        with subtests.test(at):
            odd = {"cursor": cursor(0, at, 1)}
            assert client.get(QUEUE, params=odd, headers=world.as_("grid_head")).status_code in {200, 422}


@pytest.mark.parametrize(
    ("params", "field"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": "all"}, "limit"), ({"status": "lost"}, "status.0")],
)
def test_a_list_asked_for_wrongly_says_what_is_wrong(client, world, params, field):
    refused(client.get(QUEUE, params=params, headers=world.as_("grid_head")), 422, "INVALID", field)


def test_who_is_not_logged_in_is_asked_to_and_a_stranger_on_the_desk_is_not_found_out(client, world):
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"}):
        answer = client.get(QUEUE, headers=headers)
        refused(answer, 401, "LOGIN_NEEDED")
        assert answer.headers["www-authenticate"] == "Bearer"
    refused(client.get(QUEUE, headers=world.as_("police", **{"X-Acting-Role": "grid_head"})), 403, "VERB_NOT_YOURS")
    refused(client.get(QUEUE, headers=world.as_("police", **{"X-Acting-Role": "king"})), 422, "INVALID")
    refused(client.get(f"{QUEUE}/270301-ZZZZZZ", headers=world.as_("grid_head")), 404, "NOT_FOUND")


def test_a_login_that_fails_says_no_more_than_that(client, world):
    answer = client.post("/api/v1/auth/token", data={"username": "nobody", "password": "wrong password"})
    refused(answer, 401, "LOGIN_FAILED")
    refused(client.post("/api/v1/auth/token", data={"username": "grid_head"}), 422, "INVALID", "password")
    refused(client.post("/api/v1/auth/token", json={"username": "a", "password": "b"}), 422, "INVALID")


def test_a_path_that_leads_nowhere_is_a_problem_document_too(client):
    for path in ("/api/v1/nowhere", "/api/v2/tickets", "/api/v1/uploads/nonsense", f"/api/v1/uploads/{'0' * 32}"):
        refused(client.get(path), 404, "NOT_FOUND")
    refused(client.delete(TICKETS), 405, "HTTP_405")
