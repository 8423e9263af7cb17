"""A backup is a consistent copy of one moment, it proves itself, and what comes back is what there was."""

import io
import json
import shutil
import sqlite3
import stat
import threading
import zipfile
from contextlib import closing

import pytest
from PIL import Image
from sqlalchemy import select
from typer.testing import CliRunner

from app import access, keeping, main
from app.__main__ import cli
from app.actions import photo as photo_actions
from app.actions import ticket as actions
from app.actions import upkeep as upkeep_actions
from app.errors import MisconfiguredError
from app.keeping import BackupError
from app.models.ticket import Ticket
from app.queries import upkeep as queries
from app.rules.vocabulary import RevealPurpose
from app.schemas.ticket import TicketIn
from app.settings import Settings
from app.storage import Folder
from app.vault import Vault, keyring_from, new_keys
from tests.builders import MONDAY, build_world
from tests.test_notices import CANARIES, personal_form


@pytest.fixture
def settings(tmp_path, keys):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "keys.json").write_text(keys)
    (folder / "keys.json").chmod(0o600)
    return Settings(data_dir=folder)


@pytest.fixture
def lived(settings, sqlite_template):
    """A deployment in use: a ticket with a person and a photo, and three lines in the access log."""
    shutil.copy(sqlite_template, settings.data_dir / "minqing.db")
    database = main.database_of(settings)
    world = build_world(database)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    with database.write() as session:
        upkeep_actions.check_keys(session, now=MONDAY)
        storage = Folder(settings.data_dir / "uploads")
        photo = photo_actions.upload(session, storage, picture.getvalue(), now=MONDAY)
        form = TicketIn(**personal_form(world, photos=[photo.id]))
        number = actions.submit(session, form, device=None, now=MONDAY).number
        head = access.staff(session, access.StaffKey(world.tokens["grid_head"]), MONDAY)
        for _ in range(3):
            seen = access.desk_ticket(session, head, number)
            access.reveal(session, seen, head, ["phone"], RevealPurpose.CONTACT, MONDAY)
            session.flush()
    yield database
    database.close()


def make(settings, out, **more):
    return keeping.backup(settings.url, settings.data_dir, out, MONDAY, **more)


def texts(database):
    with database.read() as session:
        return list(session.scalars(select(Ticket.number).order_by(Ticket.id).execution_options(scope="test")))


def rewritten(source, target, change):
    """The same archive with files changed by `change(name, data)`, which returns the new bytes or None for none."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return target


def tampered(source, target, statement):
    """The same archive with its database changed and its list made to match, as a patient forger would."""
    database = target.with_suffix(".db")
    with zipfile.ZipFile(source) as old:
        database.write_bytes(old.read("minqing.db"))
        manifest = json.loads(old.read("manifest.json"))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)
    manifest["files"]["minqing.db"] = keeping.Entry(
        sha256=keeping.hashlib.sha256(database.read_bytes()).hexdigest(), size=database.stat().st_size
    ).model_dump()
    changed = {"minqing.db": database.read_bytes(), "manifest.json": json.dumps(manifest).encode()}
    return rewritten(source, target, changed.get)


def test_a_backup_holds_database_and_uploads_and_no_keys_and_only_its_owner_may_read_it(settings, lived, tmp_path):
    out = tmp_path / "copy.zip"
    manifest = make(settings, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (manifest.photos, manifest.has_keys, manifest.missing) == (1, False, [])
    assert [seq for seq, _ in manifest.log_ends.values()] == [3]
    with zipfile.ZipFile(out) as archive:
        kept = b"".join(archive.read(name) for name in archive.namelist())
        assert sorted(name.split("/")[0] for name in archive.namelist()) == ["manifest.json", "minqing.db", "uploads"]
    assert [word for word in CANARIES if word.encode() in kept] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.zip", "data"]
    assert keeping.verify(out) == manifest


def test_what_comes_back_is_what_there_was_and_serves_again(settings, lived, tmp_path, keys):
    make(settings, tmp_path / "copy.zip")
    back = Settings(data_dir=tmp_path / "back", keys=keys)
    keeping.restore(tmp_path / "copy.zip", back.data_dir)
    assert sorted(path.name for path in back.data_dir.iterdir()) == ["minqing.db", "uploads"]
    database = main.database_of(back)
    assert texts(database) == texts(lived)
    assert queries.unfit(database) == []
    with database.read() as session:
        ticket = session.scalars(select(Ticket).execution_options(scope="test")).one()
        assert session.vault.open(ticket.text_sealed, f"ticket {ticket.number} text") == CANARIES[3]
    for path in (settings.data_dir / "uploads").rglob("*"):
        if path.is_file():
            copy = back.data_dir / path.relative_to(settings.data_dir)
            assert copy.read_bytes() == path.read_bytes()
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    database.close()


def test_with_its_keys_a_backup_opens_itself(settings, lived, tmp_path):
    (settings.data_dir / "demo-seed").write_bytes(b"seed")
    manifest = make(settings, tmp_path / "copy.zip", keys=main.keys_of(settings))
    assert manifest.has_keys
    back = Settings(data_dir=tmp_path / "back")
    keeping.restore(tmp_path / "copy.zip", back.data_dir)
    assert stat.S_IMODE((back.data_dir / "keys.json").stat().st_mode) == 0o600
    assert (back.data_dir / "demo-seed").read_bytes() == b"seed"
    database = main.database_of(back)
    assert queries.unfit(database) == []
    database.close()


def test_a_backup_of_a_database_that_is_being_written_to_is_one_moment_of_it(settings, lived, tmp_path):
    world_code = texts(lived)
    stop, written = threading.Event(), []

    def write():
        with lived.read() as session:
            first = session.scalars(select(Ticket).execution_options(scope="test")).one()
        while not stop.is_set():
            copy = Ticket(**{c.name: getattr(first, c.name) for c in Ticket.__table__.columns if c.name != "id"})
            copy.number, copy.receipt_hash = f"n{len(written)}", f"r{len(written)}"
            with lived.write() as session:
                session.add(copy)
            written.append(copy.number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        sizes = []
        for number in range(3):
            before = len(written)
            make(settings, tmp_path / f"{number}.zip")
            keeping.restore(tmp_path / f"{number}.zip", tmp_path / f"back{number}")
            with closing(sqlite3.connect(tmp_path / f"back{number}" / "minqing.db")) as connection:
                found = [row[0] for row in connection.execute("SELECT number FROM ticket ORDER BY id")]
            assert found[: len(world_code)] == world_code
            assert found[len(world_code) :] == [f"n{i}" for i in range(len(found) - len(world_code))]
            assert len(found) - len(world_code) >= before
            sizes.append(len(found))
    finally:
        stop.set()
        thread.join()
    assert sizes == sorted(sizes)
    assert written


@pytest.mark.parametrize("name", ["minqing.db", "uploads", "manifest.json"])
def test_a_flipped_bit_is_found(settings, lived, tmp_path, name):
    make(settings, tmp_path / "copy.zip")

    def flip(file, data):
        if not file.startswith(name):
            return data
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    with pytest.raises(BackupError):
        keeping.verify(rewritten(tmp_path / "copy.zip", tmp_path / "bad.zip", flip))


def test_a_flipped_bit_of_the_archive_itself_is_found(settings, lived, tmp_path):
    make(settings, tmp_path / "copy.zip")
    whole = bytearray((tmp_path / "copy.zip").read_bytes())
    whole[len(whole) // 3] ^= 1
    (tmp_path / "bad.zip").write_bytes(whole)
    with pytest.raises(BackupError):
        keeping.verify(tmp_path / "bad.zip")


@pytest.mark.parametrize("gone", ["minqing.db", "uploads/", "manifest.json"])
def test_a_file_that_is_missing_is_found(settings, lived, tmp_path, gone):
    make(settings, tmp_path / "copy.zip")
    bad = rewritten(
        tmp_path / "copy.zip", tmp_path / "bad.zip", lambda name, data: None if name.startswith(gone) else data
    )
    with pytest.raises(BackupError):
        keeping.verify(bad)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "uploads/../../evil", "extra.txt", "uploads/aa/short"])
def test_a_file_that_does_not_belong_is_found_and_never_written(settings, lived, tmp_path, name):
    make(settings, tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip", "a") as archive:
        archive.writestr(name, "evil")
    with pytest.raises(BackupError, match="no place"):
        keeping.restore(tmp_path / "copy.zip", tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("cut", [0, 10, 500, -30])
def test_half_a_file_is_refused(settings, lived, tmp_path, cut):
    make(settings, tmp_path / "copy.zip")
    (tmp_path / "bad.zip").write_bytes((tmp_path / "copy.zip").read_bytes()[:cut])
    with pytest.raises(BackupError, match="not a backup"):
        keeping.verify(tmp_path / "bad.zip")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE access_log SET account_id = 2 WHERE seq = 2", "line 2"),
        ("UPDATE access_log SET result = 'refused' WHERE seq = 3", "line 3"),
        ("DELETE FROM access_log WHERE seq = 2", "line 3"),
        ("DELETE FROM access_log WHERE seq = 3", "does not end"),
        ("UPDATE photo SET key = 'ffffffffffffffffffffffffffffffff'", "photo ffff"),
        ("UPDATE contact SET ticket_id = 999", "foreign_key_check"),
        ("UPDATE alembic_version SET version_num = '9999'", "another version"),
        ("DROP TABLE access_log", "does not open"),
    ],
)
def test_a_forged_database_is_found_even_where_the_hashes_agree(settings, lived, tmp_path, statement, said):
    make(settings, tmp_path / "copy.zip")
    with pytest.raises(BackupError, match=said):
        keeping.verify(tampered(tmp_path / "copy.zip", tmp_path / "bad.zip", statement))


def test_a_log_whose_oldest_lines_are_past_their_time_is_whole(settings, lived, tmp_path):
    make(settings, tmp_path / "copy.zip")
    keeping.verify(tampered(tmp_path / "copy.zip", tmp_path / "late.zip", "DELETE FROM access_log WHERE seq = 1"))


def test_other_keys_are_noticed(settings, lived, tmp_path):
    make(settings, tmp_path / "copy.zip")
    keeping.verify(tmp_path / "copy.zip", main.vault_of(settings))
    with pytest.raises(BackupError, match="keys do not open"):
        keeping.verify(tmp_path / "copy.zip", Vault(keyring_from(new_keys())))


def test_a_photo_that_was_lost_before_the_backup_is_said_and_does_not_stop_it(settings, lived, tmp_path):
    for path in (settings.data_dir / "uploads").glob("*/*"):
        path.unlink()
    manifest = make(settings, tmp_path / "copy.zip")
    assert len(manifest.missing) == 1
    keeping.verify(tmp_path / "copy.zip")


def test_a_backup_never_replaces_a_file_and_a_folder_gets_one_named_after_the_time(settings, lived, tmp_path):
    make(settings, tmp_path)
    assert (tmp_path / "minqing-20270301-010000.zip").exists()
    with pytest.raises(BackupError, match="there already"):
        make(settings, tmp_path)
    with pytest.raises(BackupError, match="No such file"):
        make(settings, tmp_path / "nowhere" / "copy.zip")


@pytest.mark.parametrize("there", ["minqing.db", "uploads", "notes.txt"])
def test_a_folder_that_holds_anything_is_not_restored_into(settings, lived, tmp_path, there):
    make(settings, tmp_path / "copy.zip")
    folder = tmp_path / "back"
    folder.mkdir()
    (folder / there).write_text("precious")
    with pytest.raises(BackupError, match="not empty"):
        keeping.restore(tmp_path / "copy.zip", folder)
    assert (folder / there).read_text() == "precious"


def test_a_folder_that_holds_only_keys_is_restored_into_but_they_are_never_replaced(settings, lived, tmp_path):
    folder = tmp_path / "back"
    folder.mkdir()
    shutil.copy(settings.data_dir / "keys.json", folder)
    make(settings, tmp_path / "with.zip", keys=main.keys_of(settings))
    with pytest.raises(BackupError, match="so has the backup"):
        keeping.restore(tmp_path / "with.zip", folder)
    make(settings, tmp_path / "copy.zip")
    keeping.restore(tmp_path / "copy.zip", folder)
    assert (folder / "minqing.db").exists()


def test_for_postgresql_the_command_to_run_is_shown_without_the_password(settings, tmp_path):
    url = "postgresql+psycopg://mq:canary-password@db.example:5433/minqing?connect_timeout=3"
    with pytest.raises(BackupError) as caught:
        keeping.backup(url, settings.data_dir, tmp_path / "copy.zip", MONDAY)
    assert "pg_dump --format=custom --file=minqing.dump 'postgresql://mq@db.example:5433/minqing'" in str(caught.value)
    assert "canary-password" not in str(caught.value)
    assert not (tmp_path / "copy.zip").exists()


def test_a_missing_database_is_said(settings, tmp_path):
    with pytest.raises(BackupError, match="there is no database"):
        make(settings, tmp_path / "copy.zip")


# The keys of a start


def test_a_start_with_other_keys_is_refused_and_with_rotated_ones_it_is_not(settings, lived, keys):
    with lived.write() as session:
        upkeep_actions.check_keys(session, now=MONDAY)
    old, new = json.loads(keys), json.loads(new_keys())
    for ring, fits in [
        (new, False),
        (old | {"derive": new["derive"]}, False),
        (old | {"seal": new["seal"]}, False),
        (old | {"seal": [*new["seal"], *old["seal"]]}, True),
    ]:
        database = main.Database(settings.url, Vault(keyring_from(json.dumps(ring))))
        assert queries.unfit(database) == ([] if fits else ["keys"])
        if fits:
            with database.write() as session:
                upkeep_actions.check_keys(session, now=MONDAY)
        else:
            with pytest.raises(MisconfiguredError, match="keys do not open"), database.write() as session:
                upkeep_actions.check_keys(session, now=MONDAY)
        database.close()


# The verbs


def run(settings, *words, **more):
    environment = {"MINQING_DATA_DIR": str(settings.data_dir), "DATABASE_URL": None, "MINQING_KEYS": None} | more
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def test_the_verbs_tell_what_they_did(settings, lived, tmp_path):
    done = run(settings, "backup", tmp_path / "copy.zip")
    assert done.exit_code == 0, done.output
    assert "1 uploads" in done.output
    assert "keys are not inside" in done.output
    assert run(settings, "verify", tmp_path / "copy.zip").exit_code == 0
    assert isinstance(run(settings, "restore", tmp_path / "copy.zip").exception, BackupError)
    back = Settings(data_dir=tmp_path / "back")
    done = run(back, "restore", tmp_path / "copy.zip")
    assert done.exit_code == 0, done.output
    assert "now put keys.json" in done.output
    assert isinstance(run(back, "migrate").exception, MisconfiguredError)
    assert not (back.data_dir / "keys.json").exists()
    done = run(settings, "backup", "--with-keys", tmp_path / "with.zip")
    assert "guard this file" in done.output
    refused = run(back, "restore", tmp_path / "copy.zip", DATABASE_URL="postgresql+psycopg://x/y")
    assert isinstance(refused.exception, MisconfiguredError)


def test_requeue_lists_what_was_given_up_and_sends_it_again(settings, lived):
    assert "given up: 0" in run(settings, "requeue").output
    with closing(sqlite3.connect(settings.data_dir / "minqing.db")) as connection, connection:
        connection.execute("UPDATE message SET status = 'dead', attempts = 6, last_error = 'errcode 40058'")
    listed = run(settings, "requeue").output
    assert "errcode 40058" in listed
    assert "due now: 0" in listed
    assert "given up: 0" in run(settings, "requeue", "--dead").output
    assert "given up: 0" in run(settings, "requeue").output
