"""Who may call which route: one row per route of the API. A route without a row fails the suite."""

import io

import pytest
from PIL import Image

from app.routers import API
from app.rules.vocabulary import Role
from tests.builders import key, phoned, slip_of, submit, triage, verb

ANYBODY, OWNER, HOLDER = "anybody", "owner", "slip holder"
STAFF = frozenset(Role)
GRID, ADMIN, SECRETARY = Role.GRID_HEAD, Role.ADMIN, Role.COMMITTEE_SECRETARY
SIDES = {GRID, Role.PROPERTY, Role.SELF_MGMT_HEAD, Role.SELF_MGMT_GROUP}
ON_THE_DESK = SIDES | {SECRETARY, Role.COMMUNITY}
SEATED = STAFF - {ADMIN}
LOOK_AFTER = {GRID, SECRETARY, Role.COMMUNITY, ADMIN}
CALLERS = {GRID, SECRETARY, Role.SELF_MGMT_HEAD}
LEDGER = {GRID, SECRETARY, Role.COMMUNITY, Role.STREET}
OF_A_COMPOUND = (
    "/api/v1/stats",
    "/api/v1/ledger",
    "/api/v1/closeout",
    "/api/v1/desk/issues",
    "/api/v1/qr/codes",
    "/api/v1/qr/emblem",
)  # routes that ask which one

# (method, path): (who may, who is told 403; everybody else who is logged in gets 404)
WHO_MAY = {
    ("GET", "/api/v1/codes/{code}"): ANYBODY,
    ("POST", "/api/v1/codes/{code}/suggestions"): ANYBODY,
    ("POST", "/api/v1/uploads"): ANYBODY,
    ("GET", "/api/v1/uploads/{key}"): ANYBODY,
    ("POST", "/api/v1/tickets"): ANYBODY,
    ("POST", "/api/v1/auth/token"): ANYBODY,
    ("GET", "/api/v1/tickets/{number}"): OWNER,
    ("POST", "/api/v1/tickets/{number}/urges"): OWNER,
    ("POST", "/api/v1/tickets/{number}/rating"): OWNER,
    ("POST", "/api/v1/tickets/{number}/info"): OWNER,
    ("POST", "/api/v1/tickets/{number}/category"): OWNER,
    ("POST", "/api/v1/tickets/{number}/withdrawal"): OWNER,
    ("POST", "/api/v1/tickets/{number}/objection"): OWNER,
    ("GET", "/api/v1/tickets/{number}/data"): OWNER,
    ("PATCH", "/api/v1/tickets/{number}/data"): OWNER,
    ("PUT", "/api/v1/tickets/{number}/data"): OWNER,
    ("DELETE", "/api/v1/tickets/{number}/data"): OWNER,
    ("POST", "/api/v1/tickets/{number}/data/restriction"): OWNER,
    ("POST", "/api/v1/tickets/{number}/data/consent"): OWNER,
    ("POST", "/api/v1/slips/{slip_no}/address"): (set(), {Role.PROPERTY, GRID}),  # no door was granted on this slip
    ("POST", "/api/v1/desk/tickets/{number}/slips/{slip_no}/address_grant"): ({GRID}, ON_THE_DESK - {GRID}),
    ("DELETE", "/api/v1/desk/tickets/{number}/slips/{slip_no}/address_grant"): (set(), ON_THE_DESK - {GRID}),
    ("GET", "/api/v1/access-log"): (STAFF, set()),
    ("GET", "/api/v1/desk/reveal_requests"): (STAFF, set()),
    ("POST", "/api/v1/desk/reveal_requests/{request_id}/approve"): (set(), set()),
    ("POST", "/api/v1/desk/reveal_requests/{request_id}/refuse"): (set(), set()),
    ("POST", "/api/v1/slips/{slip_no}/ask"): HOLDER,
    ("GET", "/api/v1/slips/{slip_no}"): HOLDER,
    ("POST", "/api/v1/slips/{slip_no}/accept"): HOLDER,
    ("POST", "/api/v1/slips/{slip_no}/progress"): HOLDER,
    ("POST", "/api/v1/slips/{slip_no}/reply"): HOLDER,
    ("POST", "/api/v1/slips/{slip_no}/done"): HOLDER,
    ("POST", "/api/v1/slips/{slip_no}/return"): HOLDER,
    ("GET", "/api/v1/auth/me"): (STAFF, set()),
    ("DELETE", "/api/v1/auth/token"): (STAFF, set()),
    ("GET", "/api/v1/auth/sessions"): (STAFF, set()),
    ("DELETE", "/api/v1/auth/sessions"): (STAFF, set()),
    ("PUT", "/api/v1/auth/password"): (STAFF, set()),
    ("GET", "/api/v1/slips"): (STAFF, set()),
    ("GET", "/api/v1/desk/tickets"): (STAFF, set()),
    ("POST", "/api/v1/desk/tickets"): (ON_THE_DESK, STAFF - ON_THE_DESK),
    ("GET", "/api/v1/desk/tickets/{number}"): (ON_THE_DESK, set()),
    ("POST", "/api/v1/desk/tickets/{number}/callback"): (CALLERS, ON_THE_DESK - CALLERS),
    ("GET", "/api/v1/desk/calls"): (STAFF, set()),
    ("POST", "/api/v1/desk/calls/{call_id}/missed"): ({GRID}, set()),
    ("POST", "/api/v1/desk/calls/{call_id}/done"): ({GRID}, set()),
    ("GET", "/api/v1/desk/visits"): ({GRID, SECRETARY}, set()),
    ("POST", "/api/v1/desk/visits"): ({GRID}, set()),
    ("GET", "/api/v1/desk/visits/today"): ({GRID, SECRETARY}, set()),
    ("POST", "/api/v1/desk/visits/{plan_id}/result"): ({GRID}, set()),
    ("POST", "/api/v1/desk/visits/{plan_id}/reveal"): ({GRID}, set()),
    ("POST", "/api/v1/desk/visits/{plan_id}/end"): ({GRID}, set()),
    ("GET", "/api/v1/desk/inbox"): (STAFF, set()),
    ("POST", "/api/v1/desk/inbox/seen"): (STAFF, set()),
    ("GET", "/api/v1/desk/messages/dead"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("POST", "/api/v1/desk/messages/dead/resend"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/triage"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/assign"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/take_back"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/undo"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/tickets/{number}/answer"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/reject"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/reply"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/confirm"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/reject_work"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/need_info"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/decide"): ({SECRETARY}, ON_THE_DESK - {SECRETARY}),
    ("POST", "/api/v1/desk/tickets/{number}/merge"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/unmerge"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/transfer_out"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/pause"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/tickets/{number}/resume"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/tickets/{number}/extend"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/tickets/{number}/reclassify"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/escalate"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/tickets/{number}/deescalate"): (set(), ON_THE_DESK),
    ("POST", "/api/v1/desk/tickets/{number}/slips/{slip_no}/cancel"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/desk/tickets/{number}/reveal"): ({GRID, Role.PROPERTY}, ON_THE_DESK - {GRID, Role.PROPERTY}),
    ("POST", "/api/v1/desk/tickets/{number}/slips/{slip_no}/link"): ({GRID}, ON_THE_DESK - {GRID}),
    ("POST", "/api/v1/compounds/import"): ({ADMIN}, SEATED),
    ("GET", "/api/v1/compounds"): (STAFF, set()),
    ("GET", "/api/v1/compounds/template.xlsx"): (STAFF, set()),
    ("GET", "/api/v1/compounds/{code}/settings"): (LOOK_AFTER, STAFF - LOOK_AFTER),
    ("PUT", "/api/v1/compounds/{code}/settings"): ({ADMIN, SECRETARY}, STAFF - {ADMIN, SECRETARY}),
    ("POST", "/api/v1/compounds/{code}/settings/undo"): ({ADMIN, SECRETARY}, STAFF - {ADMIN, SECRETARY}),
    ("GET", "/api/v1/compounds/{code}/thresholds"): (LOOK_AFTER, STAFF - LOOK_AFTER),
    ("PUT", "/api/v1/compounds/{code}/thresholds"): ({ADMIN, SECRETARY}, STAFF - {ADMIN, SECRETARY}),
    ("GET", "/api/v1/compounds/{code}/rules"): (LOOK_AFTER, STAFF - LOOK_AFTER),
    ("PUT", "/api/v1/compounds/{code}/rules"): ({GRID, SECRETARY}, STAFF - {GRID, SECRETARY}),
    ("POST", "/api/v1/compounds/{code}/rules/undo"): ({GRID, SECRETARY}, STAFF - {GRID, SECRETARY}),
    ("POST", "/api/v1/compounds/{code}/rules/dry-run"): (LOOK_AFTER, STAFF - LOOK_AFTER),
    ("GET", "/api/v1/compounds/{code}/tree"): (STAFF, set()),
    ("GET", "/api/v1/compounds/{code}/map"): (ON_THE_DESK | {Role.STREET}, STAFF - ON_THE_DESK - {Role.STREET}),
    ("GET", "/api/v1/compounds/{code}/onboarding"): ({ADMIN, GRID, SECRETARY}, STAFF - {ADMIN, GRID, SECRETARY}),
    ("GET", "/api/v1/compounds/{code}/heads"): (STAFF, set()),
    ("PUT", "/api/v1/compounds/{code}/heads"): ({ADMIN, SECRETARY}, SEATED - {SECRETARY}),
    ("POST", "/api/v1/compounds/{code}/heads/absence"): ({GRID, SECRETARY}, STAFF - {GRID, SECRETARY}),
    ("POST", "/api/v1/qr/batches"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("GET", "/api/v1/qr/batches/{batch_id}"): ({ADMIN, GRID, SECRETARY}, set()),
    ("GET", "/api/v1/qr/batches/{batch_id}/sheet.pdf"): ({ADMIN, GRID, SECRETARY}, set()),
    ("GET", "/api/v1/qr/{code}.png"): ({ADMIN, GRID, SECRETARY}, set()),
    ("GET", "/api/v1/qr/{code}.svg"): ({ADMIN, GRID, SECRETARY}, set()),
    ("GET", "/api/v1/qr/codes"): ({ADMIN, GRID, SECRETARY}, set()),
    ("GET", "/api/v1/qr/emblem"): ({ADMIN, GRID, SECRETARY}, set()),
    ("PUT", "/api/v1/qr/emblem"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("DELETE", "/api/v1/qr/emblem"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("POST", "/api/v1/qr/{code}/reissue"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("POST", "/api/v1/qr/{code}/revocation"): ({ADMIN, GRID}, SEATED - {GRID}),
    ("GET", "/api/v1/stats"): (STAFF, set()),
    ("GET", "/api/v1/stats/{figure}/tickets"): (ON_THE_DESK, STAFF - ON_THE_DESK),
    ("GET", "/api/v1/ledger"): (LEDGER, STAFF - LEDGER),
    ("GET", "/api/v1/ledger.xlsx"): (LEDGER, STAFF - LEDGER),
    ("GET", "/api/v1/ledger.csv"): (LEDGER, STAFF - LEDGER),
    ("GET", "/api/v1/closeout"): (LEDGER, STAFF - LEDGER),
    ("GET", "/api/v1/desk/tickets/{number}/filings"): (ON_THE_DESK, set()),
    ("GET", "/api/v1/desk/tickets/{number}/related"): (ON_THE_DESK, set()),
    ("GET", "/api/v1/desk/issues"): (STAFF, set()),
    ("POST", "/api/v1/desk/issues"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("GET", "/api/v1/desk/issues/{issue_id}"): (ON_THE_DESK, set()),
    ("POST", "/api/v1/desk/issues/{issue_id}/link"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/issues/{issue_id}/unlink"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("POST", "/api/v1/desk/issues/{issue_id}/close"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
    ("GET", "/api/v1/board/{compound}"): ANYBODY,
    ("GET", "/api/v1/codes/{code}/matters"): ANYBODY,
    ("POST", "/api/v1/codes/{code}/me_too"): ANYBODY,
    ("POST", "/api/v1/desk/tickets/{number}/filings"): ({GRID, SECRETARY}, ON_THE_DESK - {GRID, SECRETARY}),
}
BODIES = {
    "visits": {
        "compound": "LHQ",
        "stairwell": "LHQ-1-1-s",
        "kind": "visit",
        "person": {"name": "陈阿婆"},
        "reason": "elder",
        "consent": "voice",
        "every_days": 7,
        "visitor": "grid_head",
    },
    "result": {"result": "fine"},
    "seen": {"id": 1},
    "resend": {"ids": [1]},
    "reissue": {"reason": "damaged"},
    "password": {"old": "not the one", "new": "a long enough password"},
    "triage": {"category": "BLD-09", "complexity": "simple", "redacted_text": "灯不亮"},
    "assign": {"lead": "property"},
    "answer": {"text": "好"},
    "reject": {"reason": "test_or_empty", "text": "请写清楚"},
    "suggestions": {"text": "楼道灯坏了"},
    "category": {"category": "BLD-09"},
    "settings": {"cut_off": "17:00"},
    "thresholds": {"auto": 0.9, "choose": 0.5},
    "rules": {"rules": [{"lead": "property"}]},
    "dry-run": {"rules": [{"lead": "property"}]},
    "reply": {"kind": "result", "text": "好了"},
    "confirm": {"text": "好了"},
    "reject_work": {"reason": "没好"},
    "reveal": {"fields": ["text"], "purpose": "verify"},
    "batches": {"compound": "LHQ"},
    "revocation": {"reason": "贴错了"},
    "filings": {"agency": "城管"},
    "heads": {"heads": [{"role": "police", "name": "值班民警"}]},
    "absence": {"until": None},
    "need_info": {"question": "几楼？"},
    "decide": {"outcome": "accepted", "text": "应当受理"},
    "transfer_out": {"agency": "12345"},
    "pause": {"reason": "waiting_external", "until": "2027-03-02T09:00:00+08:00"},
    "extend": {"until": "2027-03-05", "reason": "等配件"},
    "reclassify": {"complexity": "complex", "reason": "要换整根线"},
    "escalate": {"reason": "没人管"},
    "deescalate": {"reason": "好了"},
    "cancel": {"reason": "不用了"},
    "objection": {"text": "应当受理"},
    "ask": {"question": "几楼？"},
    "data": {"text": "是三楼"},
    "restriction": {"on": True},
    "consent": {"give": ["address"]},
    "address_grant": {"hours": 24, "reason": "上门", "basis": "consent"},
    "progress": {"text": "在路上"},
    "done": {"text": "好了"},
    "return": {"reason": "不归我"},
    "rating": {"solved": "yes", "stars": 5},
    "callback": {"result": "not_reached"},
    "tickets": {"compound": "LHQ", "stairwell": "LHQ-1-1-s", "channel": "phone", "text": "灯坏了"},
    "info": {"text": "还有"},
}
# 409 and 422: allowed, but not in this state or without this file
ALLOWED_AND_STATE = {200, 201, 204, 409, 422, 429}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def call_waiting(client, world):
    """The number of a call that the grid head has to make."""
    told = phoned(client, world, text="老年证怎么办", category="SVC-09")
    return verb(client, world, "grid_head", told, "answer", text="带身份证来").json()["calls"][0]["id"]


def dot() -> bytes:
    """A small picture."""
    stream = io.BytesIO()
    Image.new("RGBA", (8, 8), "red").save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def real(client, world):
    receipt = submit(client, world)
    emblem = {"file": ("emblem.png", dot(), "image/png")}
    client.put("/api/v1/qr/emblem", params={"compound": "LHQ"}, files=emblem, headers=world.as_("admin"))
    plan = client.post("/api/v1/desk/visits", json=BODIES["visits"], headers=world.as_("grid_head")).json()
    batch = client.post("/api/v1/qr/batches", json={"compound": "LHQ"}, headers=world.as_("admin") | key()).json()
    return {
        "number": receipt["number"],
        "secret": receipt["secret"],
        "slip_no": slip_of(client, world, "property")["slip_no"],
        "batch_id": batch["id"],
        "call_id": call_waiting(client, world),
        "plan_id": plan["id"],
        "key": "0" * 32,
        "figure": "n",
        "compound": "LHQ",
        "issue_id": client.post(
            "/api/v1/desk/issues", json={"tickets": [receipt["number"]]}, headers=world.as_("grid_head")
        ).json()["id"],
        "request_id": 1,
    }


def routes():
    return {(method, route.path) for router in API for route in router.routes for method in route.methods - {"HEAD"}}


def call(client, world, real, method, path, headers):
    filled = path.format(
        **{k: v for k, v in real.items() if k != "secret"}, code="LHQ" if "/compounds/" in path else world.code
    )
    body = BODIES.get(path.rsplit("/", 1)[-1])
    if "/calls/" in path:
        body = {}
    if path.endswith("{plan_id}/reveal"):
        body = {"fields": ["name"]}
    if path.endswith("merge"):
        body = {"into": real["number"]}
    if "/issues" in path and method == "POST":
        body = {"close": {"text": "换了灯"}, "issues": {"tickets": [real["number"]]}}.get(
            path.rsplit("/", 1)[-1], {"ticket": real["number"]}
        )
    files = {"file": ("a.csv", b"not a registry", "text/csv")} if path.endswith(("import", "uploads")) else None
    if (method, path) == ("PUT", "/api/v1/qr/emblem"):
        files = {"file": ("emblem.png", dot(), "image/png")}
    if path == "/api/v1/desk/tickets" and method == "POST":
        headers = headers | key()
    params = {"compound": "LHQ"} if path.startswith(OF_A_COMPOUND) else None
    return client.request(method, filled, json=body, files=files, headers=headers, params=params)


def test_every_route_has_a_row_and_every_row_a_route():
    assert routes() == set(WHO_MAY)


def test_without_a_login_the_door_is_shut(client, world, real, subtests):
    for method, path in sorted(row for row, who in WHO_MAY.items() if who == HOLDER or isinstance(who, tuple)):
        with subtests.test(f"{method} {path}"):
            answer = call(client, world, real, method, path, {})
            assert (answer.status_code, answer.json()["code"]) == (401, "LOGIN_NEEDED")
            expired = call(client, world, real, method, path, {"Authorization": "Bearer token-of-nobody"})
            assert (expired.status_code, expired.json()["code"]) == (401, "LOGIN_NEEDED")


@pytest.mark.parametrize(("method", "path"), sorted(row for row, who in WHO_MAY.items() if who == OWNER))
def test_a_ticket_opens_for_its_secret_alone(client, world, real, method, path):
    for headers in ({}, {"X-Ticket-Secret": "00000000"}, world.as_("grid_head"), world.as_("admin")):
        assert call(client, world, real, method, path, headers).status_code == 404
    assert call(client, world, real, method, path, {"X-Ticket-Secret": real["secret"]}).status_code in ALLOWED_AND_STATE


@pytest.mark.parametrize(("method", "path"), sorted(row for row, who in WHO_MAY.items() if isinstance(who, tuple)))
def test_each_role_gets_what_its_row_says(client, world, real, method, path):
    may, told = WHO_MAY[method, path]
    for role in sorted(STAFF, key=lambda role: role in may):  # those who may come last: they change things
        answer = call(client, world, real, method, path, world.as_(role))
        expected = ALLOWED_AND_STATE if role in may else {403} if role in told else {404}
        expected = expected | {404} if path.endswith("/cancel") and role in may else expected  # it is a lead slip
        assert answer.status_code in expected, (role, answer.status_code, answer.text)


@pytest.mark.parametrize(("method", "path"), sorted(row for row, who in WHO_MAY.items() if who == HOLDER))
def test_a_slip_opens_for_its_seat_and_the_grid_head(client, world, real, method, path):
    for role in sorted(STAFF - {Role.PROPERTY, GRID}):
        assert call(client, world, real, method, path, world.as_(role)).status_code == 404
    for role in (Role.PROPERTY, GRID):
        assert call(client, world, real, method, path, world.as_(role)).status_code in ALLOWED_AND_STATE


def test_an_acting_role_narrows_to_that_role_and_one_not_held_is_refused(client, world):
    receipt = submit(client, world, text="楼上漏水", category="BLD-05")
    path = f"/api/v1/desk/tickets/{receipt['number']}"
    assert client.get(path, headers=world.as_("grid_head", **{"X-Acting-Role": "grid_head"})).status_code == 200
    refused = client.get(path, headers=world.as_("grid_head", **{"X-Acting-Role": "police"}))
    assert (refused.status_code, refused.json()["code"]) == (403, "VERB_NOT_YOURS")
    assert triage(client, world, receipt, "grid_head").status_code == 200
