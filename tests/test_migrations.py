import os
import re
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, Table, create_engine, inspect, text
from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers every table
from app import migrating
from app.db import Database
from app.errors import MisconfiguredError
from app.migrating import FOLDER
from app.vault import Vault, keyring_from
from tests.builders import build_world

TABLES = {table.name for table in SQLModel.metadata.sorted_tables}
REVISIONS = sorted(ScriptDirectory(str(FOLDER)).walk_revisions(), key=lambda revision: revision.revision)


@pytest.fixture
def empty_sqlite(tmp_path, keys):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}", Vault(keyring_from(keys)))
    yield database
    database.close()


@pytest.fixture
def empty_postgres(postgres_url, worker_name, keys):
    """A database without tables, beside the worker's own."""
    name = f"minqing_empty_{worker_name}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(f"{postgres_url.rsplit('/', 1)[0]}/{name}", Vault(keyring_from(keys)))
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request):
    return request.getfixturevalue(f"empty_{request.param}")


def tables(database):
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def differences(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, SQLModel.metadata)


def test_up_down_and_up_again_ends_where_it_began(empty):
    assert not migrating.is_current(empty)
    migrating.migrate(empty)
    assert tables(empty) == TABLES
    assert migrating.is_current(empty)
    migrating.downgrade(empty, "base")
    assert tables(empty) == set()
    assert not migrating.is_current(empty)
    migrating.migrate(empty)
    assert tables(empty) == TABLES
    assert differences(empty) == []


def test_models_and_revisions_agree_on_both_databases(empty):
    migrating.migrate(empty)
    assert differences(empty) == []


def test_migrating_what_is_current_changes_nothing_and_loses_nothing(empty):
    migrating.migrate(empty)
    build_world(empty)
    migrating.migrate(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM stairwell")).scalar_one() == 4


def test_one_step_back_and_forth_keeps_the_data_that_both_revisions_know(empty):
    migrating.migrate(empty)
    if len(REVISIONS) == 1:
        return
    build_world(empty)
    migrating.downgrade(empty, "-1")
    migrating.migrate(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM stairwell")).scalar_one() == 4


@pytest.mark.full
def test_a_database_that_is_in_use_goes_back_and_forth_through_tables_that_are_built_anew(empty):
    """SQLite changes a table by building it anew, while rows of others point at it."""
    migrating.migrate(empty)
    build_world(empty)
    migrating.downgrade(empty, "0001")
    migrating.migrate(empty)
    assert differences(empty) == []
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM qr_code")).scalar_one() == 4


def test_references_that_a_revision_would_break_take_it_back(empty_sqlite):
    migrating.migrate(empty_sqlite, "0003")
    with empty_sqlite.engine.connect() as connection:
        plain = connection.connection.cursor()
        plain.execute("PRAGMA foreign_keys=OFF")
        plain.execute("INSERT INTO building (compound_id, code, name) VALUES (999, 'X', 'X')")
        plain.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(MisconfiguredError, match="building"):
        migrating.migrate(empty_sqlite)
    with empty_sqlite.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0003"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_the_check_of_models_against_revisions_passes():
    migrating.check()


def test_the_check_notices_a_model_without_a_revision(monkeypatch):
    added = Table("forgotten", SQLModel.metadata, Column("id", Integer, primary_key=True))
    try:
        with pytest.raises(MisconfiguredError, match="forgotten"):
            migrating.check()
    finally:
        SQLModel.metadata.remove(added)


@pytest.mark.full  # a process takes seconds to start
@pytest.mark.postgres
def test_processes_that_start_together_migrate_once(empty_postgres, tmp_path):
    url = empty_postgres.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "app", "migrate"]
    environment = os.environ | {"DATABASE_URL": url, "MINQING_DATA_DIR": str(tmp_path)}
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert migrating.is_current(empty_postgres)


def test_revisions_are_numbered_in_sequence_each_after_the_last():
    assert [revision.revision for revision in REVISIONS] == [f"{n:04d}" for n in range(1, len(REVISIONS) + 1)]
    for before, after in zip([None, *REVISIONS], REVISIONS, strict=False):
        assert after.down_revision == (before.revision if before else None)
    for revision in REVISIONS:
        assert re.fullmatch(rf"{revision.revision}_[a-z0-9_]+\.py", revision.path.rsplit("/", 1)[1])
        assert revision.doc
