"""A new sealing key, and everything sealed anew with it: while the server runs, and again after a kill.

There is no progress to keep: every sealed value begins with the id of its key, so what is left to do is a question to
the database and the folder. The key for derived secrets and digests stays: receipts in people's hands depend on it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from app.access import resealing
from app.db import Database
from app.errors import MisconfiguredError
from app.storage import Storage
from app.vault import KEY_ID, Keyring, key_id, keyring_at, put_keyring, with_new_key

BATCH = 200
SETTLED_AFTER = timedelta(minutes=10)
FILES = "uploads"
_FAR = datetime(9000, 1, 1, tzinfo=UTC)
Told = Callable[[str, int], None]


class Resealed(NamedTuple):
    """How many values of which column (or `uploads`) were sealed anew, and which files no key opens."""

    counts: Mapping[str, int]
    damaged: list[str]


def add_key(path: Path) -> Keyring:
    """Puts a fresh key in front of the ring in a file. Running servers take it up with the next thing they seal."""
    ring = with_new_key(keyring_at(path))
    put_keyring(path, ring)
    return ring


def usage(database: Database, storage: Storage) -> Mapping[bytes, Mapping[str, int]]:
    """By the id of a key: how many values of which column, and how many uploads, it has sealed."""
    used: dict[bytes, Counter[str]] = {}
    for sealed in resealing.COLUMNS:
        with database.read() as session:
            for one, count in resealing.key_ids(session, sealed).items():
                used.setdefault(one, Counter())[sealed.name] += count
    for key in storage.keys(_FAR):
        used.setdefault(_key_of(storage, key), Counter())[FILES] += 1
    used.pop(b"", None)
    return used


def reseal(database: Database, storage: Storage, told: Told = lambda _what, _count: None) -> Resealed:
    """Seals everything with the newest key that another has sealed; `told` hears of each batch.

    Raises MisconfiguredError where the ring lacks a key that something is sealed with.
    """
    counts: Counter[str] = Counter()
    for sealed in resealing.COLUMNS:
        done: list[int] = [0]
        while done:
            try:
                with database.write() as session:
                    done = resealing.reseal(session, sealed, done[-1], BATCH)
            except KeyError as error:
                raise _lost(sealed.name) from error
            except InvalidTag as error:
                raise MisconfiguredError(f"{sealed.name}: a value after id {done[-1]} is damaged") from error
            if done:
                counts[sealed.name] += len(done)
                told(sealed.name, counts[sealed.name])
    damaged = _reseal_files(database, storage, counts, told)
    return Resealed(counts, damaged)


def _reseal_files(database: Database, storage: Storage, counts: Counter[str], told: Told) -> list[str]:
    """A file is replaced in one step, so that whoever reads it finds the old one or the new one."""
    vault, damaged = database.vault, []
    for key in list(storage.keys(_FAR)):
        if _key_of(storage, key) in {vault.newest, b""}:
            continue
        try:
            plain = vault.open_bytes(storage.get(key), f"photo {key}")
        except FileNotFoundError:
            continue
        except KeyError as error:
            raise _lost(FILES) from error
        except InvalidTag:
            damaged.append(key)
            continue
        storage.put(key, vault.seal_bytes(plain, f"photo {key}"))
        counts[FILES] += 1
        told(FILES, counts[FILES])
    return damaged


def without_old(ring: Keyring, used: Mapping[bytes, Mapping[str, int]]) -> Keyring:
    """The ring with its newest key alone. Raises MisconfiguredError where something still needs another."""
    newest = key_id(ring.seal[0])
    still = Counter[str]()
    for one, counts in used.items():
        if one != newest:
            still.update(counts)
    if still:
        listed = ", ".join(f"{what}: {count}" for what, count in sorted(still.items()))
        raise MisconfiguredError(f"old keys are still in use ({listed}); run rotate-keys again")
    return Keyring(ring.seal[:1], ring.derive)


def drop_old(path: Path, database: Database, storage: Storage, now: datetime) -> int:
    """Takes the old keys out of the file. How many.

    Raises MisconfiguredError where something is still sealed with one, or where the newest key is so fresh that a
    server may be committing what it has sealed before.
    """
    ring = keyring_at(path)
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if len(ring.seal) > 1 and now < changed + SETTLED_AFTER:
        raise MisconfiguredError(f"the newest key is too fresh; wait until {changed + SETTLED_AFTER:%H:%M} UTC")
    kept = without_old(ring, usage(database, storage))
    if len(kept.seal) < len(ring.seal):
        put_keyring(path, kept)
    return len(ring.seal) - len(kept.seal)


def _key_of(storage: Storage, key: str) -> bytes:
    """The id of the key that sealed a file; b"" for one that is gone meanwhile."""
    try:
        return storage.first(key, KEY_ID)
    except FileNotFoundError:
        return b""


def _lost(what: str) -> MisconfiguredError:
    return MisconfiguredError(f"{what}: something is sealed with a key that is not in the ring; put that key back")
