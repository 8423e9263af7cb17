"""The edge of the web: who may scrape, whom a link belongs to, what other sites may send, what is kept by nobody."""

import io
import re

import anyio
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from prometheus_client import CONTENT_TYPE_LATEST

from app.actions import staff as staff_actions
from app.main import create_app
from app.routers import ALL
from app.routers.deps import DESK_COOKIE, DEVICE_COOKIE, KNOWN_COOKIE
from app.routers.pages import PAGES
from app.routers.pages.desk import DESK
from app.settings import Settings
from tests.builders import MONDAY, slip_of, slip_verb, submit, triage
from tests.pages.desk_browser import as_
from tests.pages.reading import HTML

PASSWORD = "a long enough password"
FORMS = sorted({route.path for router in (*PAGES, *DESK) for route in router.routes if "POST" in route.methods})


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def stranger(app, time):
    """A client on another machine, without a cookie of ours."""
    with TestClient(app, raise_server_exceptions=False, client=("203.0.113.7", 4711)) as client:
        yield client


def another(settings, database, **over):
    """The same product with other settings."""
    return create_app(Settings(**(settings.model_dump() | over)), database)


def png():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


# Figures for the operator


def test_metrics_are_for_this_machine(client, stranger):
    assert client.get("/metrics").headers["content-type"] == CONTENT_TYPE_LATEST
    assert stranger.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_this_machine(client, header):
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_with_a_token_metrics_may_be_read_from_elsewhere(settings, database, time):
    app = another(settings, database, metrics_token="a token of the operator")
    with TestClient(app, client=("203.0.113.7", 4711)) as far:
        assert far.get("/metrics", headers={"Authorization": "Bearer a token of the operator"}).status_code == 200
        for wrong in (
            {},
            {"Authorization": "Bearer another"},
            {"Authorization": "Bearer "},
            {"Authorization": "嗯".encode()},
        ):
            assert far.get("/metrics", headers=wrong).status_code == 401


# Roles and links


def test_an_acting_role_narrows_what_photos_open(client, world):
    photo = client.post("/api/v1/uploads", files={"file": ("a.png", png(), "image/png")}).json()["id"]
    receipt = submit(client, world, photos=[photo])
    triage(client, world, receipt, cleared_photos=[photo])
    path = f"/api/v1/uploads/{photo}"
    assert client.get(path, headers=world.as_("grid_head")).status_code == 200
    assert client.get(path, headers=world.as_("grid_head", **{"X-Acting-Role": "grid_head"})).status_code == 200
    refused = client.get(path, headers=world.as_("grid_head", **{"X-Acting-Role": "police"}))
    assert (refused.status_code, refused.json()["code"]) == (403, "VERB_NOT_YOURS")


def handed_out(client, world, receipt):
    slip_no = slip_of(client, world, "property")["slip_no"]
    path = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link"
    return slip_no, client.post(path, headers=world.as_("grid_head")).json()["token"]


def test_a_link_belongs_to_the_client_of_the_first_post_even_if_it_came_without_a_cookie(app, client, world, time):
    slip_no, token = handed_out(client, world, submit(client, world))
    with TestClient(app) as first, TestClient(app) as second:
        taken = first.post(f"/api/v1/slips/{slip_no}/accept", headers={"X-Slip-Token": token})
        assert taken.status_code == 200
        cookie = taken.headers["set-cookie"].lower()
        assert all(part in cookie for part in (DEVICE_COOKIE, "httponly", "samesite=lax", "max-age="))
        note = {"json": {"text": "在办"}, "headers": {"X-Slip-Token": token}}
        assert first.post(f"/api/v1/slips/{slip_no}/progress", **note).status_code == 200
        assert second.post(f"/api/v1/slips/{slip_no}/progress", **note).status_code == 410
        assert second.get(f"/api/v1/slips/{slip_no}", headers={"X-Slip-Token": token}).status_code == 410


def test_two_clients_that_keep_no_cookies_are_not_one_device(app, client, world, time):
    slip_no, token = handed_out(client, world, submit(client, world))
    codes = []
    for _ in range(2):
        with TestClient(app) as forgetful:
            codes.append(forgetful.post(f"/api/v1/slips/{slip_no}/accept", headers={"X-Slip-Token": token}).status_code)
    assert codes == [200, 410]


def test_the_page_of_a_link_binds_the_phone_that_taps_first_without_having_looked(app, client, world, time):
    _, token = handed_out(client, world, submit(client, world))
    with TestClient(app) as phone, TestClient(app) as other:
        tapped = phone.post(f"/slip/{token}/accept", headers=HTML, follow_redirects=False)
        assert (tapped.status_code, DEVICE_COOKIE in tapped.headers["set-cookie"]) == (303, True)
        assert phone.get(f"/slip/{token}").status_code == 200
        assert other.get(f"/slip/{token}").status_code == 410


def test_looking_at_a_link_by_the_api_sets_no_cookie_and_binds_nothing(app, client, world, time):
    slip_no, token = handed_out(client, world, submit(client, world))
    for _ in range(2):
        with TestClient(app) as preview:
            seen = preview.get(f"/api/v1/slips/{slip_no}", headers={"X-Slip-Token": token})
            assert (seen.status_code, "set-cookie" in seen.headers) == (200, False)


def test_a_mark_that_was_refused_once_is_still_one_mark(app, client, world, time):
    """A refused form answers with the page; it must not hand out a second mark beside the first."""
    _, token = handed_out(client, world, submit(client, world))
    with TestClient(app) as phone:
        refused = phone.post(f"/slip/{token}/return", headers=HTML, follow_redirects=False)
        assert refused.status_code == 422
        assert len([line for line in refused.headers.get_list("set-cookie") if DEVICE_COOKIE in line]) == 1
        assert phone.post(f"/slip/{token}/accept", headers=HTML, follow_redirects=False).status_code == 303


# Bodies


def poured(app, path, media):
    """Sends 100 MB that do not say how long they are; the status, and how many bytes were read before it."""
    read, statuses = 0, []

    async def receive():
        nonlocal read
        read += 65_536
        return {"type": "http.request", "body": b"a" * 65_536, "more_body": read < 100 * 1024 * 1024}

    async def send(message):
        statuses.append(message.get("status"))

    headers = [(b"host", b"testserver"), (b"content-type", media), (b"idempotency-key", b"k" * 16)]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": headers, "client": ("203.0.113.7", 4711), "server": ("testserver", 80), "scheme": "http"}
    anyio.run(app, scope | {"asgi": {"version": "3.0"}, "http_version": "1.1", "root_path": ""}, receive, send)
    return statuses[0], read


@pytest.mark.parametrize(
    ("path", "media", "most"),
    [
        ("/api/v1/tickets", b"application/json", 0.5),
        ("/api/v1/auth/token", b"application/x-www-form-urlencoded", 0.5),
        ("/desk/login", b"application/x-www-form-urlencoded", 0.5),
        ("/desk/login", b"multipart/form-data; boundary=x", 0.5),
        ("/api/v1/uploads", b"multipart/form-data; boundary=x", 10.5),
        ("/s/AAAAAAAA", b"multipart/form-data; boundary=x", 60.5),
        ("/anything", b"application/json", 0.5),
    ],
)
def test_a_body_without_a_length_is_cut_off_while_it_is_read(app, time, path, media, most):
    status, read = poured(app, path, media)
    assert status in {400, 404, 413, 422}
    assert read <= most * 1024 * 1024


@pytest.mark.parametrize("path", ["/api/v1/tickets", "/desk/login", "/api/v1/auth/token"])
def test_a_body_that_says_it_is_too_long_is_refused_unread(client, path):
    answer = client.post(path, content=b"x", headers={"content-length": str(300 * 1024)})
    assert answer.status_code == 413


# Hosts


@pytest.mark.parametrize("host", ["mq.example.cn", "MQ.example.cn", "mq.example.cn:8443"])
def test_the_own_host_names_are_answered(settings, database, time, host):
    app = another(settings, database, allowed_hosts="mq.example.cn, other.example.cn")
    with TestClient(app) as client:
        assert client.get("/livez", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "", "mq.example.cn.evil.example", "evil.example:mq.example.cn"])
def test_other_host_names_are_refused(settings, database, time, host):
    app = another(settings, database, allowed_hosts="mq.example.cn")
    with TestClient(app) as client:
        answer = client.get("/livez", headers={"host": host})
        assert (answer.status_code, answer.json()["code"]) == (403, "CROSS_SITE")


def test_no_link_is_ever_made_from_the_host_of_a_request(client, world):
    for path in (f"/s/{world.code}", "/desk/login"):
        assert "evil.example" not in client.get(path, headers={"host": "evil.example"}).text
    receipt = client.post(
        "/api/v1/tickets",
        json={"code": world.code, "text": "灯坏了"},
        headers={"host": "evil.example", "Idempotency-Key": "k" * 16},
    )
    assert receipt.json()["url"].startswith("http://testserver/r/")


# Cookies


@pytest.mark.parametrize(("base", "secure"), [("https://mq.example.cn", True), ("http://mq.example.cn", False)])
def test_every_cookie_is_out_of_reach_for_scripts_and_other_sites(settings, database, world, time, base, secure):
    with database.write() as session:
        staff_actions.create(session, "wang", "王芳", PASSWORD, now=MONDAY)
    with TestClient(another(settings, database, base_url=base), base_url=base) as client:
        answers = [
            client.get(f"/s/{world.code}?size=big"),
            client.post("/desk/login", data={"username": "wang", "password": PASSWORD}, follow_redirects=False),
        ]
    cookies = [line.lower() for answer in answers for line in answer.headers.get_list("set-cookie")]
    named = {line.split("=", 1)[0] for line in cookies}
    assert named >= {DEVICE_COOKIE, DESK_COOKIE, KNOWN_COOKIE, "mq_size"}
    for line in cookies:
        assert "httponly" in line
        assert "samesite=lax" in line
        assert ("secure" in line.split("; ")) == secure
        assert "domain=" not in line


# Other sites


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    ],
    ids=str,
)
def test_no_form_of_ours_is_filled_in_by_another_site(client, world, path, headers):
    as_(client, world, "grid_head")
    filled = re.sub(r"{\w+}", "1", path)
    answer = client.post(filled, data={"x": "y"}, headers=HTML | headers, follow_redirects=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_form_of_our_own_pages_is_taken(client, world):
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}):
        answer = client.post("/desk/login", data={"username": "x", "password": "y"}, headers=HTML | headers)
        assert answer.status_code == 401


def test_the_api_takes_no_cookie_for_a_login(client, world):
    client.cookies.set(DESK_COOKIE, world.tokens["grid_head"])
    for path in ("/api/v1/desk/tickets", "/api/v1/auth/me", "/api/v1/slips"):
        assert client.get(path).status_code == 401


# What nobody keeps


def test_nothing_private_is_kept_by_a_cache_or_told_to_another_site(client, world):
    receipt = submit(client, world)
    triage(client, world, receipt)
    slip_no, token = handed_out(client, world, receipt)
    as_(client, world, "grid_head")
    own = {"X-Ticket-Secret": receipt["secret"]}
    answers = [
        client.get(f"/api/v1/tickets/{receipt['number']}", headers=own),
        client.get(f"/api/v1/tickets/{receipt['number']}", headers={"X-Ticket-Secret": "AAAAAAAA"}),
        client.get(receipt["url"].removeprefix("http://testserver")),
        client.get(f"/slip/{token}"),
        client.get(f"/desk/tickets/{receipt['number']}"),
        client.get("/desk"),
        client.get("/desk/account"),
        client.get("/desk/login"),
        client.get(f"/s/{world.code}"),
        client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")),
        client.get("/api/v1/auth/sessions", headers=world.as_("grid_head")),
        slip_verb(client, world, "property", slip_no, "accept"),
        client.get("/nothing/here"),
        client.get("/metrics"),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store", answer.url
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_every_refusal_at_the_edge_has_the_same_armour(settings, database, time):
    app = another(settings, database, allowed_hosts="mq.example.cn", hsts=True)
    with TestClient(app) as client:
        for answer in (
            client.get("/livez"),
            client.post("/desk/login", headers={"host": "mq.example.cn", "sec-fetch-site": "cross-site"}),
            client.get("/%00", headers={"host": "mq.example.cn"}),
        ):
            assert answer.status_code in {403, 404, 422}
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_only_static_files_may_be_kept(client, world):
    kept = [
        route.path
        for router in ALL
        for route in router.routes
        if "GET" in route.methods and "{" not in route.path and "import" not in route.path
        if "public" in client.get(route.path, headers=world.as_("admin")).headers.get("cache-control", "")
    ]
    assert kept == []
