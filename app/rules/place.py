"""How places are called: what people type for a 小区, 幢, 单元 or 室, made one; and the words of the registry."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml

HIGHEST_NUMBER = 999  # a number in a name above this is no house number

_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_WHOLE = re.compile(r"0*([0-9]+)(?:\.0+)?")
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")
_SPOKEN = re.compile(r"([0-9]{1,3})(?:幢|栋|号楼|座|#)?(?:(?:[-—,.·/]|(?<=[幢栋楼座#]))([0-9]{1,2})(?:单元|门|梯)?)?")
_LED = re.compile(r"([0-9]{1,3})(?:幢|栋|号楼|座)([0-9]{1,2})单元.+|([0-9]{1,3})-([0-9]{1,2})-[0-9]{3,4}室?")
_BLANK_BETWEEN = re.compile(r"(?<=[0-9])\s+(?=[0-9])")
_DIGITS = re.compile(r"[0-9]+")
T = TypeVar("T")


@cache
def words() -> Mapping[str, Any]:
    """The registry's words."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("app").joinpath("catalogue", "registry.yaml").read_text("utf-8"))
    return loaded


def line(text: str) -> str:
    """One line without outer blanks; full-width letters and digits made plain, punctuation left as written."""
    return " ".join(text.translate(_FULL_WIDTH).split())


def mark(text: str) -> str:
    """A code or a number as typed: every full-width form made plain, no blanks at all."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def building_name(text: str) -> str:
    """4, ４, 04 and 4幢 are 4幢; other names stay."""
    return _counted(text, words()["suffixes"]["building"])


def stairwell_name(text: str) -> str:
    """2, 2.0 and 2单元 are 2单元; other names stay."""
    return _counted(text, words()["suffixes"]["stairwell"])


def door(text: str) -> str:
    """1201, 1201.0 and 1201室 are 1201. Leading zeros stay: 0101 may be a door of its own."""
    typed = mark(text).removesuffix(words()["suffixes"]["door"])
    return re.sub(r"(?<=[0-9])\.0+$", "", typed)


def number_in(name: str) -> int | None:
    """The house number in a name (4 of 4幢), if it has a plausible one."""
    found = _DIGITS.search(name)
    number = int(found[0]) if found and len(found[0]) <= len(str(HIGHEST_NUMBER)) else 0
    return number or None


def stairwell(text: str) -> tuple[str, str]:
    """What people say for a stairwell, as (building, stairwell): 4-2, 4幢2单元, 四栋二; 4 is ("4幢", "")."""
    found = _SPOKEN.fullmatch(mark(_BLANK_BETWEEN.sub("-", text)).translate(_NUMERALS))
    if found is None:
        return "", ""
    return building_name(found[1]), stairwell_name(found[2]) if found[2] else ""


def leading(text: str) -> tuple[str, str]:
    """The stairwell that words begin with, as (building, stairwell): 4幢2单元门口, 4-2-302; none for 2-3楼之间."""
    found = _LED.fullmatch(mark(text).translate(_NUMERALS))
    if found is None:
        return "", ""
    return building_name(found[1] or found[3]), stairwell_name(found[2] or found[4])


def among(doors: Mapping[tuple[str, str], T], typed: str) -> T | None:
    """What stands in `doors` under the (building, stairwell) that was typed, however people say it.

    None where there is none like it. A building alone is enough where it has one stairwell.
    """
    whole = next((door for names, door in doors.items() if mark("".join(names)) == mark(typed)), None)
    building, said = stairwell(typed)
    alone = [door for names, door in doors.items() if names[0] in {building, typed.strip()}]
    found = whole if whole is not None else doors.get((building, said))
    return found if found is not None or said or len(alone) != 1 else alone[0]


def in_order(name: str) -> tuple[tuple[int, str], ...]:
    """The key that sorts 2幢 before 10幢."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts if part)


def _counted(text: str, suffix: str) -> str:
    typed = mark(text)
    whole = _WHOLE.fullmatch(typed.removesuffix(suffix))
    return f"{whole[1]}{suffix}" if whole else typed
