"""The operator's verbs for accounts, time limits, keys and the log, as they are typed."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from app import access, clock, main, migrating
from app.__main__ import cli
from app.actions import staff as staff_actions
from app.actions import ticket as actions
from app.db import Database
from app.errors import MisconfiguredError, NotFoundError
from app.models.access_log import AccessLog
from app.models.contact import Contact
from app.models.retention import RetentionRun
from app.models.staff import Account, StaffToken
from app.rules.vocabulary import RevealPurpose
from app.schemas.ticket import TicketIn
from app.settings import Settings
from app.vault import Vault, keyring_at, keyring_from
from tests.builders import MONDAY, build_world
from tests.test_notices import personal_form

PASSWORD = "a long enough password"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in os.environ:
        if name.startswith("MINQING_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MINQING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MINQING_LOG_LEVEL", "ERROR")
    return tmp_path


@pytest.fixture
def deployed(folder):
    database = main.database_of(Settings(data_dir=folder))
    migrating.migrate(database)
    yield database
    database.close()


@pytest.fixture
def lived(deployed):
    """A ticket with a person, withdrawn again, and four lines in the access log of two compounds."""
    for name in ("LHQ", "QHW"):
        world = build_world(deployed, compound=name, name=name)
        with deployed.write() as session:
            view = actions.submit(session, TicketIn(**personal_form(world)), device=None, now=MONDAY)
            token = world.tokens["grid_head" if name == "LHQ" else f"grid_head_{name}"]
            head = access.staff(session, access.StaffKey(token), MONDAY)
            for _ in range(2):
                seen = access.desk_ticket(session, head, view.number)
                access.reveal(session, seen, head, ["phone"], RevealPurpose.CONTACT, MONDAY)
                session.flush()
    with deployed.write() as session:
        key = access.ReporterKey(view.number, view.secret)
        actions.withdraw(session, key, actions.WithdrawalIn(), now=MONDAY)
    return deployed


def run(*words, typed=None):
    return CliRunner().invoke(cli, list(words), input=typed, catch_exceptions=True)


def test_a_password_is_set_and_every_login_ends(deployed):
    with deployed.write() as session:
        account = staff_actions.create(session, "wang", "王芳", PASSWORD, now=clock.now()).id
        staff_actions.log_in(session, account, now=clock.now())
    done = run("set-password", "wang", typed="another long password\n")
    assert (done.exit_code, "1 logins ended" in done.stdout) == (0, True)
    with deployed.read() as session:
        assert staff_actions.verify(session, "wang", "another long password") == account
        token = session.execute(select(StaffToken)).scalar_one()
        assert token.revoked_at is not None
    assert isinstance(run("set-password", "nobody", typed="another long password\n").exception, NotFoundError)
    assert run("set-password", "wang", typed="short\n").exit_code != 0


def test_a_disabled_account_does_not_log_in_again(deployed):
    with deployed.write() as session:
        account = staff_actions.create(session, "wang", "王芳", PASSWORD, now=clock.now()).id
        staff_actions.log_in(session, account, now=clock.now())
    assert run("disable-staff", "wang").exit_code == 0
    with deployed.read() as session:
        assert session.get(Account, account).disabled_at is not None
        assert session.execute(select(StaffToken)).scalar_one().revoked_at is not None


def test_retain_counts_first_and_erases_then(lived, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(days=200))

    def contacts():
        with lived.read() as session:
            return session.execute(
                select(func.count()).select_from(Contact).execution_options(scope="test")
            ).scalar_one()

    counted = run("retain", "--dry-run")
    assert (counted.exit_code, contacts()) == (0, 2)
    assert "1  contact" in counted.stdout
    assert "180 days after closing" in counted.stdout
    assert "nothing was erased" in counted.stdout
    done = run("retain")
    assert (done.exit_code, contacts()) == (0, 1)
    with lived.read() as session:
        assert session.execute(select(RetentionRun)).scalar_one().counts["contact"] == 1


def test_the_log_is_proven_with_its_counts_and_ends(lived):
    done = run("verify-log")
    assert done.exit_code == 0
    assert "LHQ: 2 lines, 1 to 2, ends with " in done.stdout
    assert "QHW: 2 lines, 1 to 2, ends with " in done.stdout
    assert "4 lines, unbroken" in done.stdout


@pytest.mark.parametrize("change", [{"role": "police"}, {"fields": ["text"]}, {"result": "refused"}, {"account_id": 1}])
def test_a_changed_line_of_the_log_is_named_and_fails(lived, change):
    with lived.write() as session:
        session.execute(update(AccessLog).where(AccessLog.id == 3).values(**change))
    done = run("verify-log")
    assert done.exit_code == 1
    assert "compound 2, line 1" in str(done.exception)


def test_a_line_that_was_taken_out_is_named_and_fails(lived):
    with lived.write() as session:
        world_lines = session.execute(select(AccessLog.id).execution_options(scope="test")).scalars().all()
        session.execute(update(AccessLog).where(AccessLog.id == world_lines[1]).values(seq=7))
    done = run("verify-log")
    assert (done.exit_code, "compound 1, line 7" in str(done.exception)) == (1, True)


def test_keys_are_rotated_shown_and_dropped(lived, folder, monkeypatch):
    path = folder / "keys.json"
    assert run("rotate-keys").exit_code == 0
    assert len(keyring_at(path).seal) == 2
    status = run("rotate-keys", "--status").stdout
    assert "seals" in status
    assert "old  nothing" in status
    assert run("rotate-keys").exit_code == 0
    assert len(keyring_at(path).seal) == 2  # again is not another key
    assert isinstance(run("rotate-keys", "--drop-old").exception, MisconfiguredError)  # too fresh
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=1))
    assert "1 old keys taken out" in run("rotate-keys", "--drop-old").stdout
    assert len(keyring_at(path).seal) == 1
    assert "unbroken" in run("verify-log").stdout


def test_a_ring_in_the_environment_is_printed_for_the_operator_and_never_written(lived, folder, monkeypatch):
    path = folder / "keys.json"
    text = path.read_text()
    path.unlink()
    monkeypatch.setenv("MINQING_KEYS", text)
    first = run("rotate-keys")
    ring = json.loads(first.stdout.splitlines()[-1])
    assert ring["seal"][1:] == json.loads(text)["seal"]
    monkeypatch.setenv("MINQING_KEYS", json.dumps(ring))
    assert "sealed anew" in run("rotate-keys").stdout
    last = run("rotate-keys", "--drop-old")
    kept = next(json.loads(line) for line in last.stdout.splitlines() if line.startswith("{"))
    assert kept == ring | {"seal": ring["seal"][:1]}
    assert not path.exists()
    again = Database(f"sqlite:///{folder / 'minqing.db'}", Vault(keyring_from(json.dumps(kept))))
    with again.read() as session:
        assert access.upkeep.keys_fit(session)
    again.close()
