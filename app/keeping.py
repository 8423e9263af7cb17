"""Backup, its proof, and the way back: one archive with the database, the sealed uploads and a list of hashes.

What is sealed stays sealed in the archive. The keys are left out unless they are asked for: who holds both reads it.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from app import migrating
from app.access import upkeep
from app.db import Database, ReadSession
from app.errors import MisconfiguredError
from app.vault import Vault, keyring_from, new_keys

DATABASE = "minqing.db"
KEYS = "keys.json"
SEED = "demo-seed"
_MANIFEST = "manifest.json"
_NAME = re.compile(rf"{re.escape(DATABASE)}|{KEYS}|{SEED}|uploads/[0-9a-f]{{2}}/[0-9a-f]{{32}}")
_CHUNK = 1 << 20


class BackupError(MisconfiguredError):
    """A backup that cannot be made, trusted or put back; every reason in its words."""


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    size: int


class Manifest(BaseModel):
    """What is in the archive. `missing`: photos that the database named and that were gone already."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    made_at: datetime
    files: dict[str, Entry]
    missing: list[str]
    log_ends: dict[int, tuple[int, str]]

    @property
    def photos(self) -> int:
        """How many uploads there are."""
        return sum(name.startswith("uploads/") for name in self.files)

    @property
    def has_keys(self) -> bool:
        return KEYS in self.files


def backup(url: str, data_dir: Path, out: Path, now: datetime, *, keys: str = "") -> Manifest:
    """Writes and verifies an archive while the server runs; `keys` is the key ring's text where it shall be inside.

    `out` is a new file, or a folder for a file named after the time. Raises BackupError; nothing is left behind then.
    """
    database = _database_file(url)
    target = out / f"minqing-{now.astimezone(UTC):%Y%m%d-%H%M%S}.zip" if out.is_dir() else out
    part = target.with_name(f".{target.name}.part")
    with _told(target):
        if target.exists():
            raise BackupError(f"{target} is there already")
        try:
            with TemporaryDirectory(dir=target.parent, prefix=".minqing-") as folder:
                copy = Path(folder) / DATABASE
                _copy_database(database, copy)
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                    _write(file, copy, data_dir, now, keys)
                    file.flush()
                    os.fsync(file.fileno())
            manifest = verify(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def verify(file: Path, vault: Vault | None = None) -> Manifest:
    """Proves an archive: hashes, the database's integrity and revision, its access log's chain, its photos, its keys.

    Keys are tried where the archive has them or a `vault` is given. Raises BackupError with everything that is wrong.
    """
    with _opened(file) as (archive, manifest), TemporaryDirectory(prefix="minqing-verify-") as folder:
        problems = list(_damage(archive, manifest))
        if not problems:
            _extract(archive, DATABASE, Path(folder))
            if manifest.has_keys:
                vault = Vault(keyring_from(archive.read(KEYS).decode()))
            problems = list(_unsound(Path(folder) / DATABASE, manifest, vault))
    if problems:
        raise BackupError("\n  ".join([f"{file} cannot be trusted:", *problems]))
    return manifest


def restore(file: Path, data_dir: Path, vault: Vault | None = None) -> Manifest:
    """Verifies an archive and puts it into an empty data folder (a keys.json may lie there already).

    Raises BackupError where the folder holds anything else, and leaves it as it was.
    """
    with _told(data_dir):
        present = {path.name for path in data_dir.iterdir()} if data_dir.exists() else set()
    if present - {KEYS}:
        raise BackupError(f"{data_dir} is not empty; move it away, or set MINQING_DATA_DIR to a new folder")
    manifest = verify(file, vault)
    if present and manifest.has_keys:
        raise BackupError(f"{data_dir} has a {KEYS} and so has the backup; move one of them away")
    with _opened(file) as (archive, _), _told(data_dir):
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in sorted(
            manifest.files, key=lambda name: name == DATABASE
        ):  # the database last: it makes the rest real
            _extract(archive, name, data_dir)
    return manifest


def log_ends(file: Path) -> dict[int, tuple[int, str]]:
    """Where each compound's access log ended when a backup was made. Raises BackupError."""
    with _opened(file) as (_, manifest):
        return manifest.log_ends


def dump_command(url: str) -> str:
    """What to run for a PostgreSQL database, without its password."""
    parsed = make_url(url)
    shown = URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database)
    return f"pg_dump --format=custom --file=minqing.dump '{shown}'"


def _database_file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise BackupError(
            f"PostgreSQL makes its own backups. Run\n  {dump_command(url)}\n"
            "and copy the folder `uploads` of the data folder after it."
        )
    path = Path(parsed.database or "")
    if not path.is_file():
        raise BackupError(f"there is no database at {path}")
    return path


def _copy_database(source: Path, copy: Path) -> None:
    """A consistent copy of one moment; the server goes on reading and writing meanwhile."""
    copy.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=30)) as original,
            closing(sqlite3.connect(copy)) as target,
        ):
            original.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"{source}: {error}") from error


def _write(file: IO[bytes], copy: Path, data_dir: Path, now: datetime, keys: str) -> None:
    """The database first, then the uploads: they are on the disk before a row names them, so none is missing."""
    files: dict[str, Entry] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        files[DATABASE] = _add(archive, DATABASE, copy)
        uploads = data_dir / "uploads"
        for path in sorted(uploads.glob("??/*")):
            name = f"uploads/{path.parent.name}/{path.name}"
            if _NAME.fullmatch(name):
                try:
                    files[name] = _add(archive, name, path, stored=True)
                except FileNotFoundError:  # erased meanwhile
                    continue
        if keys:
            archive.writestr(_info(KEYS), keys)
            files[KEYS] = Entry(sha256=hashlib.sha256(keys.encode()).hexdigest(), size=len(keys.encode()))
            if (data_dir / SEED).exists():
                files[SEED] = _add(archive, SEED, data_dir / SEED)
        with _reading(copy) as session:
            missing = sorted(key for key in upkeep.photo_keys(session) if f"uploads/{key[:2]}/{key}" not in files)
            ends = {compound: (end.seq, end.hash) for compound, end in upkeep.chain_heads(session).items()}
        manifest = Manifest(made_at=now, files=files, missing=missing, log_ends=ends)
        archive.writestr(_info(_MANIFEST), manifest.model_dump_json(indent=1))


def _add(archive: zipfile.ZipFile, name: str, path: Path, *, stored: bool = False) -> Entry:
    """Sealed bytes do not shrink, so they are stored as they are."""
    digest, size = hashlib.sha256(), 0
    info = _info(name)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return Entry(sha256=digest.hexdigest(), size=size)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    with _told(file):
        try:
            archive = zipfile.ZipFile(file)
            manifest = Manifest.model_validate_json(archive.read(_MANIFEST))
        except (zipfile.BadZipFile, zlib.error, KeyError, ValidationError, EOFError) as error:
            raise BackupError(f"{file} is not a backup of ours, or only a part of one") from error
        with archive:
            yield archive, manifest


def _damage(archive: zipfile.ZipFile, manifest: Manifest) -> Iterator[str]:
    names = archive.namelist()
    for name in sorted({*manifest.files, *names} - {_MANIFEST}):
        if not _NAME.fullmatch(name):
            yield f"{name} has no place in a backup"
        elif name not in manifest.files or names.count(name) != 1:
            yield f"{name} is not on its list exactly once"
        elif _entry(archive, name, manifest.files[name].size) != manifest.files[name]:
            yield f"{name} is not what was written"
    if DATABASE not in manifest.files:
        yield "there is no database in it"


def _entry(archive: zipfile.ZipFile, name: str, most: int) -> Entry | None:
    """What a file of the archive is now; None where it cannot be read or is longer than it should be."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as source:
            while size <= most and (chunk := source.read(_CHUNK)):
                digest.update(chunk)
                size += len(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return None
    return Entry(sha256=digest.hexdigest(), size=size)


def _unsound(copy: Path, manifest: Manifest, vault: Vault | None) -> Iterator[str]:
    """What is wrong inside the database. It is brought to this version first, so that old backups are tried too."""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            for pragma in ("integrity_check", "foreign_key_check"):
                found = [row for row in connection.execute(f"PRAGMA {pragma}").fetchmany(5) if row != ("ok",)]
                yield from (f"{pragma}: {' '.join(map(str, row))}" for row in found)
        with _reading(copy, vault, current=True) as session:
            fits = vault is not None and upkeep.keys_fit(session)
            broken = upkeep.broken_links(session, keyed=fits)
            yield from (f"the access log is broken at {place}" for place in broken)
            if {compound: tuple(end) for compound, end in upkeep.chain_heads(session).items()} != manifest.log_ends:
                yield "the access log does not end where it ended when the backup was made"
            known = {*manifest.files, *(f"uploads/{key[:2]}/{key}" for key in manifest.missing)}
            lost = [key for key in upkeep.photo_keys(session) if f"uploads/{key[:2]}/{key}" not in known]
            yield from (f"photo {key} is missing" for key in lost)
            if vault is not None and not fits:
                yield "the keys do not open it"
    except BackupError:
        raise
    except MisconfiguredError as error:  # it cannot be brought to this version
        yield str(error)
    except (sqlite3.Error, SQLAlchemyError) as error:
        yield f"its database does not open: {type(error).__name__}"


@contextmanager
def _reading(copy: Path, vault: Vault | None = None, *, current: bool = False) -> Iterator[ReadSession]:
    """A session on a copy; without a vault it holds keys that open nothing, and nobody asks them to."""
    database = Database(f"sqlite:///{copy}", vault or Vault(keyring_from(new_keys())))
    try:
        if current:
            if not migrating.is_known(database):
                raise BackupError("the backup comes from another version: use the version that made it, or a later one")
            migrating.migrate(database)
        with database.read() as session:
            yield session
    finally:
        database.close()


def _extract(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    """Writes one file durably. The name is one of our own patterns, so it cannot lead out of the folder."""
    if not _NAME.fullmatch(name):
        raise BackupError(f"{name} has no place in a backup")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    with (
        archive.open(name) as source,
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target,
    ):
        shutil.copyfileobj(source, target, _CHUNK)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A full disk or a closed folder, in words instead of a trace."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{error.filename or path}: {error.strerror or error}") from error
