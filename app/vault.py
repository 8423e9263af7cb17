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
_KEY_ID = 4


class Keyring(NamedTuple):
    """`seal` keys, newest first (old ones still open what they sealed), and one key for derived secrets and digests."""

    seal: tuple[bytes, ...]
    derive: bytes


class Vault:
    """Seals and opens bytes, derives secrets, and makes keyed digests. Holds keys, nothing else."""

    def __init__(self, keyring: Keyring) -> None:
        self._ciphers = {_key_id(key): AESGCM(key) for key in keyring.seal}
        self._newest = _key_id(keyring.seal[0])
        self._derive = keyring.derive

    def seal(self, plain: str, context: str) -> bytes:
        """Ciphertext of `plain`, bound to `context` (it opens nowhere else)."""
        return self.seal_bytes(plain.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        return self.open_bytes(sealed, context).decode()

    def seal_bytes(self, plain: bytes, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, context.encode())

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The plain bytes. Raises KeyError for a lost key and InvalidTag for a foreign context or damage."""
        key_id, nonce, body = sealed[:_KEY_ID], sealed[_KEY_ID : _KEY_ID + _NONCE], sealed[_KEY_ID + _NONCE :]
        return self._ciphers[key_id].decrypt(nonce, body, context.encode())

    def derive(self, purpose: str, *parts: object) -> bytes:
        """32 bytes that only this keyring can make again; used for secrets of which no plain copy is stored."""
        return hmac.digest(self._derive, json.dumps([purpose, *map(str, parts)]).encode(), "sha256")

    def digest(self, purpose: str, value: str) -> str:
        """A keyed hash for exact look-ups of a value that is not stored."""
        return self.derive("digest:" + purpose, value).hex()


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


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:_KEY_ID]
