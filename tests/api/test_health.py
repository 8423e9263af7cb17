"""Alive, ready, and counted."""

import re
import threading

from sqlalchemy import text

from app import worker
from app.actions import upkeep as upkeep_actions
from app.queries import upkeep as queries
from app.vault import Vault, keyring_from, new_keys
from tests.builders import MONDAY, secret, submit
from tests.senders.post import Post

JSON = {"Accept": "application/json"}


def value(client, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_a_process_is_ready_when_database_revision_and_keys_are(client, world, database):
    assert client.get("/readyz").json() == {"status": "ok"}
    submit(client, world)
    assert client.get("/readyz").status_code == 200


def test_a_process_with_other_keys_is_not_ready(client, world, database):
    submit(client, world)
    database.vault = Vault(keyring_from(new_keys()))
    answer = client.get("/readyz", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (503, "BUSY")
    assert "keys" in answer.json()["detail"]


def test_a_mark_tells_other_keys_before_there_is_a_ticket(client, database):
    with database.write() as session:
        upkeep_actions.check_keys(session, now=MONDAY)
    assert client.get("/readyz").status_code == 200
    database.vault = Vault(keyring_from(new_keys()))
    assert client.get("/readyz").status_code == 503


def test_a_process_on_another_revision_is_not_ready(client, database):
    with database.engine.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = client.get("/readyz", headers=JSON)
        assert answer.status_code == 503
        assert "revision" in answer.json()["detail"]
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": before})


def test_readiness_and_metrics_wait_for_no_writer(client, database):
    done = threading.Event()

    def ask():
        assert client.get("/readyz").status_code == 200
        assert client.get("/metrics").status_code == 200
        done.set()

    with database.write():
        thread = threading.Thread(target=ask)
        thread.start()
        assert done.wait(10)
    thread.join()


def test_a_database_that_is_away_is_said_and_the_other_metrics_stay(client, database, monkeypatch):
    monkeypatch.setattr(queries, "figures", lambda *_: None)
    assert value(client, "minqing_database_up") == 0
    monkeypatch.undo()
    assert value(client, "minqing_database_up") == 1


def test_the_work_is_counted(client, world, database, time):
    assert value(client, "minqing_tickets_open") == 0
    submit(client, world)
    submit(client, world)
    assert value(client, "minqing_tickets_open") == 2
    assert value(client, "minqing_tickets_overdue") == 0
    assert value(client, 'minqing_outbox_messages{status="waiting"}') == 4
    time.set(MONDAY.replace(day=2))
    assert value(client, "minqing_tickets_overdue") == 2
    assert value(client, "minqing_outbox_oldest_due_seconds") == 86400
    worker.deliver(database, Post())
    assert value(client, 'minqing_outbox_messages{status="waiting"}') == 0
    assert value(client, "minqing_outbox_oldest_due_seconds") == 0


def test_requests_are_counted_by_route_and_never_by_number_token_or_address(client, world):
    receipt = submit(client, world)
    client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt))
    client.get(receipt["url"])
    client.get(f"/s/{world.code}")
    client.get("/static/app.css")
    client.get("/wp-login.php?token=secret")
    client.request("BREW", "/livez")
    client.post("/api/v1/auth/token", content=b"x" * 2_000_000)
    said = client.get("/metrics").text
    routes = set(re.findall(r'minqing_requests_total{method="\w+",route="([^"]+)"', said))
    assert {"/api/v1/tickets", "/api/v1/tickets/{number}", "/r/{token}", "/s/{code}", "/static", "none"} <= routes
    for word in (
        receipt["number"],
        receipt["secret"],
        receipt["url"].rsplit("/", 1)[1],
        world.code,
        "wp-login",
        "BREW",
    ):
        assert word not in said
    assert re.search(r'minqing_requests_total{method="POST",route="none",status="413"} \d', said)
    assert re.search(r'minqing_request_seconds_count{method="POST",route="/api/v1/tickets"} \d', said)
