"""Telephone numbers as people write them, brought into one form for keeping, hashing and comparing.

A mobile is 13812345678, a landline 0571-88886666 with its extension behind another hyphen, one abroad +85261234567.
"""

import re
import unicodedata

_SPACING = re.compile(r"[\s\-‐-―−.()·/]+")
_HYPHEN = re.compile(r"[‐-―−]")
_SAID_EXTENSION = re.compile(r"(?P<number>.+?)\s*(?:转|分机|ext\.?|x|#)\s*(?P<extension>\d{1,6})$", re.IGNORECASE)
_BARE_EXTENSION = re.compile(r"(?P<number>.+\d)-(?P<extension>\d{1,6})$")
_FROM_ABROAD = re.compile(r"(?:\+|00)86")
_MOBILE = re.compile(r"1[3-9]\d{9}$")
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d\d)(\d{7,8})$")
_ABROAD = re.compile(r"(?:\+|00)(?!86)([1-9]\d{6,14})$")
_WITHOUT_AREA_CODE = (7, 8)
PATTERN = r"^(1[3-9][0-9]{9}|0(10|2[0-9]|[3-9][0-9]{2})-[0-9]{7,8}(-[0-9]{1,6})?)$"
"""The one form of a number at home, as the API's schema tells it."""


def canonical(text: str) -> str | None:
    """The one form of a number at which a resident is reached; None for a half one, or a service line like 95598."""
    number, extension = _parts(text)
    if _MOBILE.match(number) and not extension:
        return number
    if landline := _LANDLINE.match(number):
        return "-".join(filter(None, (*landline.groups(), extension)))
    if (abroad := _ABROAD.match(number)) and not extension:
        return f"+{abroad[1]}"
    return None


def digits(text: str) -> str:
    """The digits by which a number is hashed: of its one form where it has one, else of what was written."""
    return "".join(ch for ch in canonical(text) or unicodedata.normalize("NFKC", text) if ch.isdigit())


def same(one: str, other: str) -> bool:
    """Whether both ring at the same place, however they are written: without extensions, or without an area code."""
    shorter, longer = sorted((_parts(one)[0], _parts(other)[0]), key=len)
    if len(shorter) in _WITHOUT_AREA_CODE:
        landline = _LANDLINE.match(longer)
        return shorter == longer or (landline is not None and landline[2] == shorter)
    return bool(shorter) and shorter == longer


def _parts(text: str) -> tuple[str, str]:
    """The number without spaces, hyphens and the country's own code; and its extension, "" where there is none."""
    typed = _HYPHEN.sub("-", unicodedata.normalize("NFKC", text).strip())
    for pattern in (_SAID_EXTENSION, _BARE_EXTENSION):
        found = pattern.match(typed)
        if found and _LANDLINE.match(_at_home(found["number"])):
            return _at_home(found["number"]), found["extension"]
    return _at_home(typed), ""


def _at_home(typed: str) -> str:
    """As it is dialled inside the country."""
    number = _SPACING.sub("", typed)
    local = _FROM_ABROAD.sub("", number, count=1) if _FROM_ABROAD.match(number) else number
    if local != number and not local.startswith("0") and _LANDLINE.match(f"0{local}") and not _MOBILE.match(local):
        return f"0{local}"
    if number.startswith("86") and (_MOBILE.match(number[2:]) or _LANDLINE.match(number[2:])):
        return number[2:]
    return local
