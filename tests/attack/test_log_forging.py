"""Somebody writes to the database, has no keys, and wants one look out of the log: whatever they do shows."""

import hashlib
import json
import sqlite3
from datetime import UTC, datetime

import pytest
import structlog
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app import worker
from app.__main__ import cli
from app.access import upkeep
from app.storage import Folder
from app.vault import keyring_from, put_keyring
from tests.builders import NOTICE, submit, verb

PERSON = {"contact": {"phone": "13812345678"}, "consent": {"notice_version": NOTICE, "contact": True}}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def looked(client, world, database):
    """Five looks; the third is the one that shall not have been."""
    receipt = submit(client, world, **PERSON)
    for who in ("grid_head", "grid_head", "grid_head2", "grid_head", "grid_head"):
        assert verb(client, world, who, receipt, "reveal", fields=["phone"], purpose="contact").status_code == 200
    assert broken(database) == []
    return receipt


def broken(database, *, keyed=True):
    with database.read() as session:
        return list(upkeep.broken_links(session, keyed=keyed))


def write(database, statement, *values):
    with sqlite3.connect(database.engine.url.database) as connection:
        connection.execute(statement, values)


def chained_by_hand(database, mark):
    """The whole chain written anew by somebody who has read this program: every hash fits the one before it."""
    with sqlite3.connect(database.engine.url.database) as connection:
        rows = connection.execute("SELECT id, compound_id, seq, at, account_id, role, ticket_id, fields, purpose,"
                                  " result, facts FROM access_log ORDER BY seq").fetchall()  # fmt: skip
        previous = ""
        for row, (id_, compound, _, at, account, role, ticket, fields, purpose, result, facts) in enumerate(rows, 1):
            instant = datetime.fromisoformat(at).replace(tzinfo=UTC).isoformat()
            content = [compound, row, instant, account, role, ticket, json.loads(fields), purpose, result]
            content += [json.loads(facts), previous]
            digest = mark(hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest())
            connection.execute(
                "UPDATE access_log SET seq = ?, previous = ?, hash = ? WHERE id = ?", (row, previous, digest, id_)
            )
            previous = digest


def test_a_changed_line_shows(looked, database):
    write(database, "UPDATE access_log SET account_id = 1 WHERE seq = 3")
    assert broken(database) == broken(database, keyed=False) == ["compound 1, line 3"]


def test_a_line_taken_out_and_lines_in_another_order_show(looked, database):
    write(database, "DELETE FROM access_log WHERE seq = 3")
    assert broken(database) == ["compound 1, line 4"]
    write(database, "UPDATE access_log SET seq = 40 WHERE seq = 4")
    write(database, "UPDATE access_log SET seq = 4 WHERE seq = 5")
    write(database, "UPDATE access_log SET seq = 5 WHERE seq = 40")
    assert len(broken(database)) >= 2


def test_a_chain_that_was_mended_behind_the_change_shows_too(looked, database):
    write(database, "UPDATE access_log SET account_id = 1 WHERE seq = 3")
    chained_by_hand(database, lambda digest: "k" + digest[:31] + "0" * 32)
    assert broken(database, keyed=False) == [], "the chain itself is whole"
    assert len(broken(database)) == 5


def test_lines_without_a_key_after_lines_that_have_one_show(looked, database, client, world):
    write(database, "DELETE FROM access_log WHERE seq = 3")
    chained_by_hand(database, lambda digest: digest)
    verb(client, world, "grid_head", looked, "reveal", fields=["phone"], purpose="contact")
    assert broken(database) == [], "an old log that goes on with keyed lines"
    with database.read() as session:
        [end] = upkeep.log_ends(session)
    assert (end.lines, end.unkeyed) == (5, 4), "but it says how much of it nobody has signed"
    write(database, "UPDATE access_log SET hash = ? WHERE seq = 5", "0" * 64)
    assert broken(database) == ["compound 1, line 5"]


def run(settings, database, *words):
    url = database.engine.url.render_as_string(hide_password=False)
    environment = {"MINQING_DATA_DIR": str(settings.data_dir), "DATABASE_URL": url, "MINQING_KEYS": None}
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def test_a_tail_cut_off_shows_against_any_backup_that_has_it(looked, database, settings, keys, tmp_path):
    put_keyring(settings.data_dir / "keys.json", keyring_from(keys))
    assert run(settings, database, "backup", tmp_path / "copy.zip").exit_code == 0
    assert run(settings, database, "verify-log", "--backup", tmp_path / "copy.zip").exit_code == 0
    write(database, "DELETE FROM access_log WHERE seq >= 4")
    assert run(settings, database, "verify-log").exit_code == 0, "the chain alone cannot tell"
    told = run(settings, database, "verify-log", "--backup", tmp_path / "copy.zip")
    assert "line 5" in str(told.exception)


def test_the_ends_of_the_logs_go_into_the_day_s_log_which_may_be_kept_elsewhere(looked, database, tmp_path):
    with capture_logs() as lines:
        worker._retain(database, Folder(tmp_path / "uploads"))
    structlog.reset_defaults()
    [end] = [line for line in lines if line["event"] == "access log ends"]
    assert (end["compound"], end["line"], len(end["hash"])) == ("LHQ", 5, 64)
