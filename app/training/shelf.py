"""Published models in a folder: the newest three, one of them in use; reading needs no scikit-learn."""

import re
from pathlib import Path
from typing import NamedTuple

import structlog

from app.rules import router_model
from app.rules.router_model import Model, UnreadableModelError
from app.training.figures import Figures

KEPT = 3
LEAST_NEEDED = 20
LEAST_MEASURED = 5
IN_USE = "in-use"
# Less than this is the noise of a small holdout, no worsening.
TOLERANCE = 0.005
_log = structlog.get_logger("minqing.router")
_FILE = re.compile(r"(\d{6})-(.+)\.npz")


class NotBetterError(ValueError):
    """The model is worse than the one in use, and stays unpublished."""


class NothingOlderError(LookupError):
    """There is no earlier model to go back to."""


class Shelf(NamedTuple):
    """The published files, oldest first, and the one that serves; None: the model that ships."""

    files: list[Path]
    serving: Path | None


def look(folder: Path) -> Shelf:
    """What is on the shelf; an absent folder is an empty one."""
    files = sorted(path for path in folder.glob("*.npz") if _FILE.fullmatch(path.name))
    pointer = folder / IN_USE
    name = pointer.read_text("utf-8").strip() if pointer.exists() else ""
    return Shelf(files, next((path for path in files if path.name == name), None))


def current(folder: Path) -> Model | None:
    """The model that serves, or None for the one that ships; raises UnreadableModelError."""
    serving = look(folder).serving
    return router_model.read(serving.read_bytes()) if serving else None


class Follower:
    """Which model a folder has in use at this moment. Looks at the pointer every time, and reads each model once."""

    def __init__(self, folder: Path) -> None:
        self._pointer = folder / IN_USE
        self._mark: tuple[int, int] | None = None
        self._model: Model | None = None

    def __call__(self) -> Model | None:
        """The model that serves, or None for the one that ships. One that cannot be read leaves the last in use."""
        mark = self._seen()
        if mark != self._mark:
            try:
                self._model = current(self._pointer.parent)
            except (UnreadableModelError, OSError) as error:
                _log.error("model unreadable", kind=type(error).__name__)
            self._mark = mark
        return self._model

    def _seen(self) -> tuple[int, int] | None:
        try:
            found = self._pointer.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def publish(folder: Path, model: Model, *, new: Figures, old: Figures) -> Path:
    """Puts a model to use, measured against the one in use on the same later rows; keeps the newest three.

    Raises NotBetterError where macro-F1 falls or the calibration gap grows.
    """
    if new.macro_f1 < old.macro_f1 - TOLERANCE or new.calibration > old.calibration + TOLERANCE:
        raise NotBetterError(
            f"macro-F1 {old.macro_f1:.3f} -> {new.macro_f1:.3f}, calibration gap {old.calibration:.3f} -> "
            f"{new.calibration:.3f} on {new.rows} rows"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = look(folder).files
    number = int(files[-1].name[:6]) + 1 if files else 1
    path = folder / f"{number:06}-{model.version}.npz"
    _write(path, router_model.dump(model))
    _write(folder / IN_USE, path.name.encode())
    for old_file in look(folder).files[:-KEPT]:
        old_file.unlink()
    return path


def rollback(folder: Path) -> Path | None:
    """Goes back to the model before the one in use, and at last to the one that ships (None).

    Raises NothingOlderError where that one serves already.
    """
    shelf = look(folder)
    if shelf.serving is None:
        raise NothingOlderError("the model that ships is in use already")
    older = [path for path in shelf.files if path < shelf.serving]
    _write(folder / IN_USE, older[-1].name.encode() if older else b"")
    return older[-1] if older else None


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: a reader never sees half a file."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(path)
