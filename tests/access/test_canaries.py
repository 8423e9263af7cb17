"""Random verbs by random roles, and canaries in every field: a little in the daily suite, much in the full one."""

import io
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from PIL import Image
from sqlalchemy import make_url

from app import keeping
from tests import postgres
from tests.access.canary_machine import Canaries, Everybody
from tests.builders import MONDAY, NOTICE, phoned, secret, slip_of, slip_verb, submit, triage, verb

_QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}
STAFF_PHONE = "15912341234"


@pytest.fixture
def everybody(settings, sqlite_template, keys, time):
    """The machine with its parts: a settled class, so that each run starts on a fresh database."""
    return type("Here", (Everybody,), {"settings_": settings, "template": sqlite_template, "keys": keys, "clock": time})


def test_whatever_anybody_does_no_answer_shows_a_person_and_no_look_goes_unwritten(everybody):
    run_state_machine_as_test(everybody, settings=settings(max_examples=2, stateful_step_count=8, **_QUIET))


@pytest.mark.full
def test_it_holds_for_long(everybody):
    at_length = settings(max_examples=12, stateful_step_count=30, phases=(Phase.generate,), **_QUIET)
    run_state_machine_as_test(everybody, settings=at_length)


@pytest.fixture
def planted(client, world):
    """Persons in every field that takes words, by resident, proxy and staff; what must not be found anywhere."""
    first, second = Canaries(1), Canaries(2)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "JPEG")
    photo = client.post("/api/v1/uploads", files={"file": ("a.jpg", picture.getvalue(), "image/jpeg")}).json()["id"]
    receipt = submit(
        client,
        world,
        category="BLD-09",
        text=f"我是{first.name}，电话{first.said}",
        elsewhere=f"1幢1单元{first.said}",
        spot=f"{first.room}门口",
        photos=[photo],
        contact={"name": first.name, "phone": first.phone, "room": first.room},
        consent={"notice_version": NOTICE, "contact": True, "address": True},
    )
    triage(client, world, receipt)
    client.post(f"/api/v1/tickets/{receipt['number']}/info", json={"text": first.said}, headers=secret(receipt))
    slip_no = slip_of(client, world, "property")["slip_no"]
    client.post(
        f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/address_grant",
        json={"hours": 24, "reason": f"先打{STAFF_PHONE}", "basis": "consent"},
        headers=world.as_("grid_head"),
    )
    assert client.post(f"/api/v1/slips/{slip_no}/address", headers=world.as_("property")).json()["room"] == first.room
    verb(client, world, "grid_head", receipt, "reveal", fields=["name", "phone", "text"], purpose="contact")
    slip_verb(client, world, "property", slip_no, "progress", text=f"找了{first.name}，{STAFF_PHONE}")
    slip_verb(client, world, "property", slip_no, "done", text=f"{first.name}说好了")
    verb(client, world, "grid_head", receipt, "confirm", text=f"{first.name}您好")
    rated = {"solved": "partly", "stars": 2, "text": f"{first.name}不满意"}
    client.post(f"/api/v1/tickets/{receipt['number']}/rating", json=rated, headers=secret(receipt))
    client.patch(f"/api/v1/tickets/{receipt['number']}/data", json={"phone": second.said}, headers=secret(receipt))
    phoned(
        client,
        world,
        text=f"邻居{second.name}家漏水",
        contact={"name": first.name, "phone": first.phone},
        beneficiary={"name": second.name, "phone": second.phone, "room": second.room},
        proxy_consent={"kind": "voice", "note": f"{second.name}在电话里同意"},
    )
    withdrawn = submit(client, world, category="SAF-03", text=f"{first.room}门口堆物，问{first.said}")
    client.post(
        f"/api/v1/tickets/{withdrawn['number']}/withdrawal", json={"reason": first.said}, headers=secret(withdrawn)
    )
    return [*first.all().values(), *second.all().values(), STAFF_PHONE]


def found(canaries, data: bytes):
    return [canary for canary in canaries if canary.encode() in data or canary.encode("utf-16-le") in data]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_database_file_and_a_backup_hold_no_canary(database, planted, keys, tmp_path):
    file = Path(database.engine.url.database)
    for written in (file, file.with_name(f"{file.name}-wal")):
        assert found(planted, written.read_bytes()) == [], written.name
    database.close()
    (tmp_path / "out").mkdir()
    keeping.backup(f"sqlite:///{file}", tmp_path, tmp_path / "out", MONDAY, keys=keys)
    [archive] = (tmp_path / "out").glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        assert [found(planted, opened.read(name)) for name in names] == [[]] * len(names)
        assert any(name.startswith("uploads/") for name in names)


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_dump_of_postgresql_holds_no_canary(database, planted, postgres_url):
    url = make_url(postgres_url)
    programs = postgres.binaries()
    server = ["-h", url.host, "-p", str(url.port), "-U", url.username, url.database]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    dump = subprocess.run([programs / "pg_dump", *server], capture_output=True, check=True, env=environment).stdout
    assert b"address_grant" in dump
    assert found(planted, dump) == []
