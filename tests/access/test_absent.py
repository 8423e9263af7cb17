"""What is not yours and what is not there: the same answer, byte for byte but for the request's id, on every route."""

import io
import re

import pytest
from PIL import Image

from app.routers import API
from tests.access.test_routes import BODIES, WHO_MAY
from tests.builders import NOTICE, build_world, calls_for, key, phoned, slip_of, submit, triage, verb

ABSENT = {
    "number": "270301-000000",
    "slip_no": "000000000",
    "batch_id": "999999",
    "call_id": "999999",
    "request_id": "999999",
    "issue_id": "999999",
    "plan_id": "999999",
    "key": "0" * 32,
}
"""Per name in a path: something that no compound has."""
ABSENT_CODE = {"compounds": "NIX", "qr": "7Q7Q7Q7Q"}
FIXED = {"figure": "n"}
PLAN = {
    "compound": "LHQ",
    "stairwell": "LHQ-1-1-s",
    "kind": "visit",
    "person": {"name": "李梅", "room": "1201"},
    "reason": "living_alone",
    "consent": "voice",
    "every_days": 7,
    "visitor": "grid_head",
}
OPEN_TO_ALL = ("/api/v1/codes/", "/api/v1/board/")
"""What hangs on walls: a code and a board are there for whoever stands in front of them."""


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def real(client, world):
    """One of everything, in the first compound."""
    photo = client.post("/api/v1/uploads", files={"file": ("a.jpg", jpeg(), "image/jpeg")}).json()["id"]
    receipt = submit(client, world, photos=[photo])
    minor = submit(
        client,
        world,
        minor=True,
        contact={"room": "1201"},
        consent={"notice_version": NOTICE, "contact": True},
        category="BLD-05",
        text="漏水",
    )
    verb(client, world, "grid_head", minor, "reveal", fields=["room"], purpose="visit")
    [asked] = client.get("/api/v1/desk/reveal_requests", headers=world.as_("committee_secretary")).json()["items"]
    told = phoned(client, world)
    triage(client, world, told)
    verb(client, world, "grid_head", told, "reject", reason="out_of_duty", text="户内自理")
    grid = world.as_("grid_head")
    issue = client.post("/api/v1/desk/issues", json={"tickets": [receipt["number"]]}, headers=grid).json()
    plan = client.post("/api/v1/desk/visits", json=PLAN, headers=grid).json()
    batch = client.post("/api/v1/qr/batches", json={"compound": "LHQ"}, headers=world.as_("admin") | key()).json()
    return {
        "number": receipt["number"],
        "slip_no": slip_of(client, world, "property")["slip_no"],
        "batch_id": str(batch["id"]),
        "call_id": str(calls_for(client, world)[0]["id"]),
        "request_id": str(asked["id"]),
        "issue_id": str(issue["id"]),
        "plan_id": str(plan["id"]),
        "key": photo,
        "compounds": world.compound,
        "qr": world.code,
    }


def jpeg():
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "JPEG")
    return stream.getvalue()


def routes():
    """Every route of the API that names something by number or id."""
    for router in API:
        for route in router.routes:
            names = re.findall(r"{(\w+)", route.path)
            for method in sorted(route.methods - {"HEAD"}):
                if set(names) - FIXED.keys() and not route.path.startswith(OPEN_TO_ALL):
                    yield method, route.path


def answer(client, method, path, values, headers):
    body = BODIES.get(path.rsplit("/", 1)[-1])
    if path.endswith("/merge"):
        body = {"into": values["number"]}
    if "/issues/" in path:
        body = {"close": {"text": "换了灯"}}.get(path.rsplit("/", 1)[-1], {"ticket": values["number"]})
    kind = path.split("/")[3]
    filled = path.format(
        **FIXED, **{k: v for k, v in values.items() if k not in {"compounds", "qr"}}, code=values.get(kind)
    )
    got = client.request(method, filled, json=body, headers=headers)
    given = {name: value for name, value in got.headers.items() if name != "x-request-id"}
    return got.status_code, given, re.sub(rb'"request_id":"[^"]*"', b"", got.content)


@pytest.mark.parametrize(("method", "path"), sorted(set(routes())))
def test_anothers_and_nobodys_are_the_same(client, world, database, real, method, path):
    other = build_world(database, compound="QTY", name="清泰苑")
    callers = [other.as_(f"{who}_QTY") for who in ("grid_head", "committee_secretary", "property", "community")]
    if WHO_MAY.get((method, path)) == "owner":
        callers = [{"X-Ticket-Secret": "00000000"}, {}]
    for headers in callers:
        hidden = answer(client, method, path, real, headers)
        absent = answer(client, method, path, ABSENT | ABSENT_CODE, headers)
        assert hidden == absent
        assert hidden[0] in {403, 404, 422}, hidden
        assert "application/problem+json" in hidden[1]["content-type"]
