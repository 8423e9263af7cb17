"""Sealing at rest: what identifies a person is stored as ciphertext, its keys live outside the database."""

import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import MisconfiguredError

_NONCE = 12
KEY_ID = 4  # bytes; a sealed value begins with them


class Keyring(NamedTuple):
    """`seal` keys, newest first (old ones still open what they sealed), and one key for derived secrets and digests."""

    seal: tuple[bytes, ...]
    derive: bytes


class Vault:
    """Seals and opens bytes, derives secrets, and makes keyed digests. Holds keys, nothing else.

    A ring that lies in a file is read again when the file has changed, so that a new key needs no restart.
    """

    def __init__(self, keyring: Keyring, path: Path | None = None) -> None:
        self._path, self._stamp = path, _stamp(path)
        self._derive = keyring.derive
        self._use(keyring)

    @property
    def newest(self) -> bytes:
        """The id of the key that seals; every sealed value begins with the id of its key."""
        self._read_again()
        return self._newest

    @property
    def known(self) -> frozenset[bytes]:
        """The ids of the keys that open."""
        return frozenset(self._ciphers)

    def seal(self, plain: str, context: str) -> bytes:
        """Ciphertext of `plain`, bound to `context` (it opens nowhere else)."""
        return self.seal_bytes(plain.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        return self.open_bytes(sealed, context).decode()

    def seal_bytes(self, plain: bytes, context: str) -> bytes:
        self._read_again()
        nonce = secrets.token_bytes(_NONCE)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, context.encode())

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes. Raises KeyError for a lost key and InvalidTag for a foreign context or damage."""
        key_id, nonce, body = sealed[:KEY_ID], sealed[KEY_ID : KEY_ID + _NONCE], sealed[KEY_ID + _NONCE :]
        if key_id not in self._ciphers:
            self._read_again()
        return self._ciphers[key_id].decrypt(nonce, body, context.encode())

    def derive(self, purpose: str, *parts: object) -> bytes:
        """32 bytes that only this keyring can make again; used for secrets of which no plain copy is stored."""
        return hmac.digest(self._derive, json.dumps([purpose, *map(str, parts)]).encode(), "sha256")

    def digest(self, purpose: str, value: str) -> str:
        """A keyed hash for exact look-ups of a value that is not stored."""
        return self.derive("digest:" + purpose, value).hex()

    def _use(self, keyring: Keyring) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in keyring.seal}
        self._newest = key_id(keyring.seal[0])

    def _read_again(self) -> None:
        """Takes up keys that were added to the file. A file that is away for a moment changes nothing.

        Raises MisconfiguredError where it is another deployment's ring.
        """
        stamp = _stamp(self._path)
        if self._path is None or stamp is None or stamp == self._stamp:
            return
        ring = keyring_at(self._path)
        if ring.derive != self._derive:
            raise MisconfiguredError(f"{self._path} holds another deployment's keys now")
        self._use(ring)
        self._stamp = stamp


def fingerprint(token: str) -> str:
    """How a random token of at least 128 bits is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyring_from(text: str) -> Keyring:
    """Reads `{"seal": [base64 of 32 bytes, …], "derive": base64}`."""
    try:
        data = json.loads(text)
        ring = Keyring(tuple(b64decode(key) for key in data["seal"]), b64decode(data["derive"]))
    except (ValueError, KeyError, TypeError) as error:
        message = 'MINQING_KEYS must be {"seal": ["base64 of 32 bytes"], "derive": "base64 of 32 bytes"}'
        raise MisconfiguredError(message) from error
    if not ring.seal or any(len(key) != 32 for key in (*ring.seal, ring.derive)):  # noqa: PLR2004 -- AES-256
        message = "every key in MINQING_KEYS must be 32 random bytes"
        raise MisconfiguredError(message)
    return ring


def new_keys() -> str:
    """A fresh key file's text."""
    return json.dumps(
        {"seal": [b64encode(secrets.token_bytes(32)).decode()], "derive": b64encode(secrets.token_bytes(32)).decode()}
    )


def keyring_at(path: Path) -> Keyring:
    """The keyring in a 0600 file; made on first use, so that one box needs no set-up."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return keyring_at(path)
        with os.fdopen(handle, "w") as file:
            file.write(new_keys())
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        message = f"{path} can be read by others: chmod 600 it"
        raise MisconfiguredError(message)
    return keyring_from(path.read_text())


def ring_text(ring: Keyring) -> str:
    """A key ring as it is written down."""
    return json.dumps(
        {"seal": [b64encode(key).decode() for key in ring.seal], "derive": b64encode(ring.derive).decode()}
    )


def with_new_key(ring: Keyring) -> Keyring:
    """The ring with a fresh key that seals from now on; the old ones still open."""
    return Keyring((secrets.token_bytes(32), *ring.seal), ring.derive)


def put_keyring(path: Path, ring: Keyring) -> None:
    """Writes a ring durably, readable for its owner only; a crash leaves the old ring or the new one."""
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)  # a left-over part may have had another mode
        file.write(ring_text(ring))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def key_id(key: bytes) -> bytes:
    """By which a sealed value names its key."""
    return hashlib.sha256(b"key id" + key).digest()[:KEY_ID]


def _stamp(path: Path | None) -> tuple[int, int] | None:
    """What changes when the file is replaced; None where there is none."""
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return (found.st_mtime_ns, found.st_ino) if found else None
