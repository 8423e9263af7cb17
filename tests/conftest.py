"""Real databases for every test: a migrated SQLite file, and a PostgreSQL cluster per run, a database per worker."""

import copy
import filecmp
import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
import structlog
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import Pool
from sqlmodel import SQLModel

import app.models
from app import clock, migrating
from app.db import Database
from app.main import attach, create_app
from app.settings import Settings
from app.vault import Vault, keyring_from, new_keys
from tests import postgres
from tests.builders import MONDAY, build_world

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")  # a busy machine is slow, not wrong; a failure fails again


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        return
    try:
        config.cluster = postgres.start()
    except RuntimeError as error:
        os.environ.pop(postgres.VARIABLE, None)
        os.environ["MINQING_TEST_NO_POSTGRES"] = str(error)
    else:
        os.environ[postgres.VARIABLE] = config.cluster.url


SETTLED_ON_SQLITE = {
    "api",
    "journeys",
    "attack",
    "access",
    "pages",
    "test_outbox.py",
    "test_retaining.py",
    "test_rekeying.py",
}
"""Whole requests and long labours are repeated on PostgreSQL in the full suite; actions and races always."""


AT_LENGTH = {
    "access/test_absent.py",
    "actions/test_sweep_after_upgrade.py",
    "attack/test_callers.py",
    "attack/test_every_byte.py",
    "browser/test_bad_network.py",
    "browser/test_desk_several.py",
    "browser/test_left_behind.py",
    "browser/test_matrix.py",
    "browser/test_photos_wait.py",
    "browser/test_receipt_journey.py",
    "browser/test_visit_journey.py",
    "journeys/test_learning.py",
    "qr/test_sheets.py",
    "rules/test_redaction_properties.py",
    "test_caretaking.py",
}
"""Files that say at length, for every route, window or print file, what shorter tests say once, and the operator's
verbs: the full suite's."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        path = item.path.relative_to(item.config.rootpath / "tests")
        settled = path.parts[0] in SETTLED_ON_SQLITE and "[postgres" in item.name
        if settled or path.as_posix() in AT_LENGTH:
            item.add_marker(pytest.mark.full)


def pytest_unconfigure(config):
    if hasattr(config, "cluster"):
        config.cluster.stop()


@pytest.fixture(autouse=True)
def _logs_as_they_start():
    """What one test set for the log is forgotten before the next."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def keys():
    return new_keys()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory, keys):
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}", Vault(keyring_from(keys)))
    migrating.migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_name, keys):
    """A migrated database of this worker's own. Without server programs the test fails and says what is missing."""
    if postgres.VARIABLE not in os.environ:
        pytest.fail(os.environ.get("MINQING_TEST_NO_POSTGRES", "no PostgreSQL: run scripts/system-packages"))
    server = os.environ[postgres.VARIABLE]
    name = f"minqing_{worker_name}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = f"{server.rsplit('/', 1)[0]}/{name}"
    database = Database(url, Vault(keyring_from(keys)))
    migrating.migrate(database)
    database.close()
    return url


@pytest.fixture(scope="session")
def worker_name():
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def sqlite_engines(tmp_path_factory, keys):
    """One pair of engines per worker: an engine remembers every statement that it compiled, and a test repeats them."""
    path = tmp_path_factory.mktemp("sqlite") / "test.db"
    database = Database(f"sqlite:///{path}", Vault(keyring_from(keys)))
    event.listen(Pool, "connect", _without_waiting_for_the_disk)
    yield database, path
    database.close()


def _without_waiting_for_the_disk(connection, _record):
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def sqlite_database(sqlite_engines, sqlite_template, keys):
    database, path = sqlite_engines
    database.vault = Vault(keyring_from(keys))
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(sqlite_template, path)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_engines(postgres_url, keys):
    database = Database(postgres_url, Vault(keyring_from(keys)))
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres_engines, keys):
    postgres_engines.vault = Vault(keyring_from(keys))
    yield postgres_engines
    postgres_engines.close()
    with postgres_engines.engine.begin() as connection:
        connection.execute(
            text("TRUNCATE " + ", ".join(f'"{t.name}"' for t in SQLModel.metadata.sorted_tables) + " CASCADE")
        )
    postgres_engines.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request):
    """The same test on both databases."""
    return request.getfixturevalue(f"{request.param}_database")


class Clock:
    """The time of a test: stands still until it is set."""

    def __init__(self) -> None:
        self.at = MONDAY

    def set(self, at: datetime) -> None:
        self.at = at


@pytest.fixture
def time(monkeypatch):
    """A clock that stands at Monday, 1 March 2027, 09:00 in Shanghai."""
    standing = Clock()
    monkeypatch.setattr(clock, "now", lambda: standing.at)
    return standing


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path, base_url="http://testserver", worker="off", log_level="ERROR")


_built = {}


@pytest.fixture
def app(settings, database):
    """Built once per worker and kind of settings: working out its routes takes longer than most tests."""
    kind = repr(settings.model_dump(exclude={"data_dir"}))
    if kind not in _built:
        _built[kind] = create_app(settings, database)
    attach(_built[kind], settings, database)
    return _built[kind]


@pytest.fixture
def client(app, time):
    with TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50000)) as client:
        yield client


@pytest.fixture(scope="session")
def furnished(tmp_path_factory):
    """Where a worker keeps its first world on SQLite, and that world; empty until a test needs one."""
    return {"file": tmp_path_factory.mktemp("furnished") / "test.db", "world": None}


@pytest.fixture
def world(database, sqlite_template, furnished):
    """Built once per worker and copied from then on; a database that something stands in already gets its own."""
    path = Path(database.engine.url.database)
    database.close()
    if not (database.sqlite and filecmp.cmp(path, sqlite_template, shallow=False)):
        return build_world(database)
    if furnished["world"] is None:
        furnished["world"] = build_world(database)
        database.close()
        shutil.copy(path, furnished["file"])
    shutil.copy(furnished["file"], path)
    return copy.deepcopy(furnished["world"])
