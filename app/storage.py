"""Where sealed upload bytes lie: a folder under the data directory. Names are random; contents are ciphertext."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

_KEY = re.compile(r"[0-9a-f]{32}")


class Storage(Protocol):
    """Puts, gets, removes and lists bytes by a random key of 32 hex digits."""

    def put(self, key: str, data: bytes) -> None: ...

    def get(self, key: str) -> bytes: ...

    def first(self, key: str, count: int) -> bytes: ...

    def remove(self, key: str) -> None: ...

    def keys(self, before: datetime) -> Iterator[str]: ...


class Folder:
    """Files in a local folder, two levels deep, written durably before the row that names them is committed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: bytes) -> None:
        """Writes and fsyncs; a crash leaves either the whole file or none under its name."""
        path = self._path(key)
        for folder in (self._root, path.parent):
            folder.mkdir(exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def get(self, key: str) -> bytes:
        """The bytes; FileNotFoundError where there are none."""
        return self._path(key).read_bytes()

    def first(self, key: str, count: int) -> bytes:
        """The first bytes; FileNotFoundError where there are none."""
        with self._path(key).open("rb") as file:
            return file.read(count)

    def remove(self, key: str) -> None:
        """For good; what is gone already stays gone."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, before: datetime) -> Iterator[str]:
        """What was last written before an instant, in no order; files that are no uploads of ours are left out."""
        for path in self._root.glob("??/*"):
            if _KEY.fullmatch(path.name) and path.parent.name == path.name[:2]:
                with suppress(FileNotFoundError):  # erased meanwhile
                    if path.stat().st_mtime < before.timestamp():
                        yield path.name

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self._root / key[:2] / key
