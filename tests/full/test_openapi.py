"""Everything that /openapi.json promises, tried with generated requests by every role and without a login.

No answer is a 5xx, every status is declared, and every body has its declared shape.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.main import create_app
from app.rules.vocabulary import Role
from app.settings import Settings
from tests.builders import NOTICE, build_world, key, slip_of, submit, triage

pytestmark = pytest.mark.full
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
CALLERS = [None, *Role]


@pytest.fixture
def app(sqlite_database, tmp_path):
    return create_app(
        Settings(data_dir=tmp_path, base_url="http://testserver", worker="off", log_level="ERROR"), sqlite_database
    )


@pytest.fixture
def known(app, sqlite_database, time):
    """A compound with tickets in several states, so that generated requests meet real rows."""
    from fastapi.testclient import TestClient

    world = build_world(sqlite_database)
    with TestClient(app) as client:
        assigned = submit(client, world)
        waiting = submit(client, world, category="NOI-01", text="楼上很吵", contact={"phone": "13812345678"}, consent={
            "notice_version": NOTICE, "contact": True})  # fmt: skip
        triage(client, world, waiting)
        consult = submit(client, world, category="SVC-09", text="怎么办证")
        batch = client.post(
            "/api/v1/qr/batches", json={"compound": world.compound}, headers=world.as_("grid_head") | key()
        ).json()
        slip = slip_of(client, world, "property")
    return {
        "world": world,
        "tickets": [assigned, waiting, consult],
        "slip_no": slip["slip_no"],
        "code": world.code,
        "batch_id": batch["id"],
    }


@pytest.mark.parametrize("caller", CALLERS, ids=[str(caller or "nobody") for caller in CALLERS])
def test_no_request_breaks_the_contract(app, known, caller):
    headers = {} if caller is None else known["world"].as_(caller)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 30
    for operation in operations:

        @settings(
            max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
        )
        @given(case=operation.as_strategy())
        def check(case):
            _meet_real_rows(case, known)
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        check()


def _meet_real_rows(case, known):
    """Two of three generated requests name something that exists."""
    draw = sum(map(ord, repr(case.body)[:200])) + len(repr(case.query))
    if draw % 3 == 0 or not case.path_parameters:
        return
    ticket = known["tickets"][draw % len(known["tickets"])]
    real = {
        "number": ticket["number"],
        "slip_no": known["slip_no"],
        "code": known["world"].compound if "/compounds/" in case.path else known["code"],
        "batch_id": known["batch_id"],
    }
    for name in case.path_parameters:
        if name in real:
            case.path_parameters[name] = real[name]
    if "number" in case.path_parameters and case.headers is not None:
        case.headers["X-Ticket-Secret"] = ticket["secret"]
