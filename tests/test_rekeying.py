"""A new sealing key: everything is sealed anew while the server runs, a kill loses nothing, the old key then goes."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time as clock
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from PIL import Image
from sqlalchemy import LargeBinary, event, func, select, update
from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers every table
from app import access, keeping, rekeying
from app.access import resealing, sealed, upkeep
from app.actions import photo as photo_actions
from app.actions import ticket as actions
from app.actions import upkeep as upkeep_actions
from app.db import Database
from app.errors import MisconfiguredError
from app.models.event import Event
from app.models.ticket import Ticket
from app.queries import photo as photos
from app.schemas.ticket import InfoIn, TicketIn
from app.settings import Settings
from app.storage import Folder
from app.vault import Vault, key_id, keyring_at, keyring_from, new_keys, put_keyring, with_new_key
from tests.builders import MONDAY, build_world
from tests.test_notices import personal_form

LATER = datetime(2100, 1, 1, tzinfo=MONDAY.tzinfo)  # long after the key file was written
PLAIN = {"emblem.png"}  # on every poster of a compound
ROOT = Path(__file__).parents[1]


@pytest.fixture
def ring_file(tmp_path, keys):
    path = tmp_path / "keys.json"
    put_keyring(path, keyring_from(keys))
    return path


@pytest.fixture
def files(tmp_path):
    return Folder(tmp_path / "uploads")


@pytest.fixture
def url(database):
    return database.engine.url.render_as_string(hide_password=False)


@contextmanager
def running(url, path):
    """A server's database, with the ring in a file."""
    database = Database(url, Vault(keyring_at(path), path))
    try:
        yield database
    finally:
        database.close()


def png():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def lived_in(database, files, tickets=3):
    """Tickets with a person, words and a photo. Their numbers, receipts and photos."""
    world = build_world(database)
    made = []
    with database.write() as session:
        upkeep_actions.check_keys(session, now=MONDAY)
    for _ in range(tickets):
        with database.write() as session:
            photo = photo_actions.upload(session, files, png(), now=MONDAY).id
            form = TicketIn(**personal_form(world, photos=[photo]))
            view = actions.submit(session, form, device=None, now=MONDAY)
            key = access.ReporterKey(view.number, view.secret)
            actions.info(session, key, InfoIn(text="后来补充的话"), now=MONDAY)
            made.append((view.number, view.secret, photo))
    return made


def all_readable(database, files, made):
    with database.read() as session:
        assert upkeep.keys_fit(session)
        for number, secret, photo in made:
            ticket = access.own_ticket(session, access.ReporterKey(number, secret))
            assert sealed.text_of(session, ticket)
            assert sealed.person_of(session, ticket).phone
            events = session.execute(
                select(Event).where(Event.ticket_id == ticket.id).execution_options(scope="test")
            ).scalars()
            assert "后来补充的话" in [sealed.words_of(session, event) for event in events]
            who = access.Credentials(secret=secret)
            assert photos.jpeg(session, files, photo, who, MONDAY).startswith(b"\xff\xd8")


def ids(ring):
    return [key_id(key) for key in ring.seal]


def test_every_sealed_column_of_the_database_is_known_with_what_it_is_bound_to():
    columns = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    } - PLAIN
    names = [one.name for one in resealing.COLUMNS]
    assert set(names) == columns, "a new sealed column needs a line in app/access/resealing.py"
    assert len(names) == len(set(names))


def test_all_is_sealed_anew_and_the_old_key_goes(database, url, files, ring_file):
    made = lived_in(database, files)
    old = keyring_at(ring_file)
    with running(url, ring_file) as server:
        ring = rekeying.add_key(ring_file)
        assert ids(ring)[1:] == ids(old)
        done = rekeying.reseal(server, files)
        assert done.counts["ticket.text_sealed"] == done.counts[rekeying.FILES] == 3
        assert done.damaged == []
        assert set(rekeying.usage(server, files)) == {ids(ring)[0]}
        assert rekeying.drop_old(ring_file, server, files, LATER) == 1
        assert ids(keyring_at(ring_file)) == ids(ring)[:1]
        all_readable(server, files, made)
    with running(url, ring_file) as restarted:
        all_readable(restarted, files, made)
    number, secret, _ = made[0]
    with database.read() as session, pytest.raises(KeyError):  # who has kept only the old ring reads nothing
        sealed.text_of(session, access.own_ticket(session, access.ReporterKey(number, secret)))


def test_a_second_run_has_nothing_to_do_and_a_value_is_never_sealed_twice(database, url, files, ring_file):
    made = lived_in(database, files)
    rekeying.add_key(ring_file)
    with running(url, ring_file) as server:
        rekeying.reseal(server, files)
        before = [files.get(photo) for *_, photo in made]
        assert rekeying.reseal(server, files).counts == {}
        assert [files.get(photo) for *_, photo in made] == before


def test_a_server_that_was_running_takes_the_new_key_up_by_itself(database, url, files, ring_file):
    with running(url, ring_file) as server, running(url, ring_file) as idle:
        made = lived_in(server, files, tickets=1)
        rekeying.add_key(ring_file)
        rekeying.reseal(server, files)
        all_readable(idle, files, made)
        with idle.write() as session:
            assert session.vault.seal("x", "y")[:4] == ids(keyring_at(ring_file))[0]


def test_a_run_that_is_interrupted_anywhere_leaves_everything_readable_and_goes_on(
    database, url, files, ring_file, monkeypatch
):
    made = lived_in(database, files, tickets=4)
    monkeypatch.setattr(rekeying, "BATCH", 1)
    rekeying.add_key(ring_file)

    class KilledError(Exception):
        pass

    rounds = 0
    with running(url, ring_file) as server:
        while True:
            told = []

            def die(what, count, told=told):
                told.append((what, count))
                if len(told) == 3:
                    raise KilledError

            try:
                rekeying.reseal(server, files, die)
                break
            except KilledError:
                rounds += 1
                all_readable(server, files, made)
    assert rounds > 5
    with running(url, ring_file) as server:
        assert len(rekeying.usage(server, files)) == 1
        assert rekeying.drop_old(ring_file, server, files, LATER) == 1
        all_readable(server, files, made)


@pytest.mark.full
def test_a_process_that_is_killed_in_the_middle_is_started_again_and_ends_well(
    database, url, files, ring_file, tmp_path
):
    made = lived_in(database, files, tickets=60)
    own = {"DATABASE_URL": url, "MINQING_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app", "rotate-keys"]
    process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        for line in process.stdout:
            if b"event" in line:
                break
        process.send_signal(signal.SIGKILL)
    ring = keyring_at(ring_file)
    assert len(ring.seal) == 2
    with running(url, ring_file) as server:
        all_readable(server, files, made)
        assert len(rekeying.usage(server, files)) == 2  # it was in the middle
    started = clock.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    assert "sealed anew" in done.stdout
    assert clock.perf_counter() - started < 120
    assert keyring_at(ring_file) == ring  # it went on with the same key
    with running(url, ring_file) as server:
        assert set(rekeying.usage(server, files)) == {ids(ring)[0]}
        all_readable(server, files, made)


def test_the_old_key_stays_while_anything_needs_it(database, url, files, ring_file):
    lived_in(database, files)
    rekeying.add_key(ring_file)
    with running(url, ring_file) as server:
        with pytest.raises(MisconfiguredError, match=r"uploads: 3"):
            rekeying.drop_old(ring_file, server, files, LATER)
        rekeying.reseal(server, files)
        files.put(
            "0" * 32, Vault(keyring_at(ring_file)._replace(seal=keyring_at(ring_file).seal[1:])).seal_bytes(b"", "x")
        )
        with pytest.raises(MisconfiguredError, match=r"uploads: 1"):
            rekeying.drop_old(ring_file, server, files, LATER)
    assert len(keyring_at(ring_file).seal) == 2


def test_the_old_key_stays_while_the_new_one_is_fresh(database, url, files, ring_file):
    """A server may be committing just now what it has sealed with the old one."""
    rekeying.add_key(ring_file)
    now = datetime.fromtimestamp(ring_file.stat().st_mtime, tz=MONDAY.tzinfo)
    with running(url, ring_file) as server:
        with pytest.raises(MisconfiguredError, match="too fresh"):
            rekeying.drop_old(ring_file, server, files, now + timedelta(minutes=9))
        assert rekeying.drop_old(ring_file, server, files, now + timedelta(minutes=10)) == 1


def test_a_damaged_photo_is_named_and_stops_nothing_else(database, url, files, ring_file):
    made = lived_in(database, files)
    hurt = made[0][2]
    files.put(hurt, files.get(hurt)[:-1] + b"?")
    rekeying.add_key(ring_file)
    with running(url, ring_file) as server:
        done = rekeying.reseal(server, files)
        assert done.damaged == [hurt]
        assert done.counts[rekeying.FILES] == 2
        all_readable(server, files, made[1:])


def test_a_lost_key_is_said_before_anything_is_lost(database, url, files, ring_file):
    made = lived_in(database, files)
    other = keyring_at(ring_file)._replace(seal=keyring_from(new_keys()).seal)
    put_keyring(ring_file, other)
    with running(url, ring_file) as server, pytest.raises(MisconfiguredError, match="not in the ring"):
        rekeying.reseal(server, files)
    all_readable(database, files, made)


def test_what_changes_meanwhile_is_neither_lost_nor_overwritten(database, url, files, ring_file):
    lived_in(database, files, tickets=1)
    rekeying.add_key(ring_file)
    with running(url, ring_file) as server:

        @event.listens_for(server.engine, "before_cursor_execute")
        def statement(_connection, _cursor, text, *_):
            if server.sqlite or "FOR UPDATE" not in text:
                return
            assert "OF " in text  # the rows that are read are held until they are written

        with server.write() as session:
            ticket = session.execute(select(Ticket).execution_options(scope="test")).scalar_one()
            session.execute(
                update(Ticket)
                .where(Ticket.id == ticket.id)
                .values(text_sealed=sealed.seal_words(session, ticket.number, "text", "刚改的"))
            )
        rekeying.reseal(server, files)
        with server.read() as session:
            ticket = session.execute(select(Ticket).execution_options(scope="test")).scalar_one()
            assert sealed.text_of(session, ticket) == "刚改的"


def test_erased_values_stay_erased(database, url, files, ring_file):
    lived_in(database, files, tickets=1)
    with database.write() as session:
        session.execute(update(Ticket).values(text_sealed=sealed.GONE, spot_sealed=None))
    rekeying.add_key(ring_file)
    with running(url, ring_file) as server:
        rekeying.reseal(server, files)
        assert len(rekeying.usage(server, files)) == 1
        with server.read() as session:
            gone = select(func.count()).select_from(Ticket).where(Ticket.text_sealed == b"")
            assert session.execute(gone.execution_options(scope="test")).scalar_one() == 1


def test_a_key_file_is_readable_for_its_owner_only_and_another_deployments_ring_is_refused(ring_file):
    (ring_file.parent / ".keys.json.part").write_text("left over")
    (ring_file.parent / ".keys.json.part").chmod(0o644)
    vault = Vault(keyring_at(ring_file), ring_file)
    rekeying.add_key(ring_file)
    assert stat.S_IMODE(ring_file.stat().st_mode) == 0o600
    assert vault.newest == ids(keyring_at(ring_file))[0]
    put_keyring(ring_file, keyring_from(new_keys()))
    with pytest.raises(MisconfiguredError, match="another deployment"):
        vault.seal("x", "y")


def test_a_ring_that_is_away_for_a_moment_changes_nothing(ring_file):
    vault = Vault(keyring_at(ring_file), ring_file)
    value = vault.seal("x", "y")
    ring_file.rename(ring_file.with_name("elsewhere"))
    assert vault.open(value, "y") == "x"
    assert vault.open(vault.seal("z", "y"), "y") == "z"


def test_a_backup_made_before_is_still_proven_with_the_ring_of_its_time(sqlite_template, tmp_path, keys):
    import shutil

    folder = tmp_path / "data"
    folder.mkdir()
    put_keyring(folder / "keys.json", keyring_from(keys))
    shutil.copy(sqlite_template, folder / "minqing.db")
    settings = Settings(data_dir=folder)
    files = Folder(folder / "uploads")
    path = folder / "keys.json"
    with running(settings.url, path) as server:
        made = lived_in(server, files)
        keeping.backup(settings.url, folder, tmp_path / "before.zip", MONDAY)
        old = keyring_at(path)
        rekeying.add_key(path)
        rekeying.reseal(server, files)
        rekeying.drop_old(path, server, files, LATER)
        keeping.backup(settings.url, folder, tmp_path / "after.zip", MONDAY)
        all_readable(server, files, made)
    new = Vault(keyring_at(path))
    assert keeping.verify(tmp_path / "before.zip", Vault(old)).photos == 3
    assert keeping.verify(tmp_path / "after.zip", new).photos == 3
    for file, wrong in (("before.zip", new), ("after.zip", Vault(old))):
        with pytest.raises(keeping.BackupError, match="keys do not open it"):
            keeping.verify(tmp_path / file, wrong)


def test_a_value_opens_nowhere_else_with_any_key(ring_file):
    vault = Vault(with_new_key(keyring_at(ring_file)))
    with pytest.raises(InvalidTag):
        vault.open(vault.seal("x", "here"), "there")
    assert json.loads(ring_file.read_text())["derive"]
