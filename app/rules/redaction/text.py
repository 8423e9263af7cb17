"""What the finders share: a span, and a text made comparable place for place."""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from typing import NamedTuple


class Private(StrEnum):
    """What a span looks like; where it looks like two things, the earlier one counts.

    NUMBER: seven digits or more of which nobody knows what they are.
    """

    PHONE = "phone"
    ID = "id"
    PLATE = "plate"
    EMAIL = "email"
    CARD = "card"
    ACCOUNT = "account"
    DOOR = "door"
    NAME = "name"
    LANDLINE = "landline"
    NUMBER = "number"


class Span(NamedTuple):
    """A part of the text, half-open, and what it looks like."""

    start: int
    end: int
    kind: Private


class Reading(NamedTuple):
    """One text read in two ways, both as long as the text itself.

    `plain`: full-width, capital and traditional forms made one. `digits`: that, with Chinese numerals as digits.
    """

    plain: str
    digits: str


# What people put between the digits of one number; no line break, because the next line is another matter.
GAP = r"(?:[^\S\r\n]|[\u200b-\u200d\u2060\ufeff\ufe0e\ufe0f\u20e3]|[-‐‑‒–—―_~.·•‧∙,、()/=|+])"

_NUMERALS = str.maketrans("零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789")
_TRADITIONAL = dict(
    zip(
        "電話號碼聯繫樓棟單門車戶鄰機車東邊張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭許鄧蘇盧蔣賈葉閻鍾陸龍萬錢湯賴龔貳陸參為個們說這",
        "电话号码联系楼栋单门车户邻机车东边张刘陈杨赵黄吴孙马罗郑谢韩冯萧许邓苏卢蒋贾叶阎钟陆龙万钱汤赖龚贰陆叁为个们说这",
        strict=True,
    )
)
_ONE_OF_A_WORD = re.compile("一(?=[直个样起定些下次点天般共旦边切])")  # 一直 is no 1


def read(text: str) -> Reading:
    """The text in both ways; every place of either stands for the same place of the text."""
    plain = "".join(map(_fold, text))
    return Reading(plain, _ONE_OF_A_WORD.sub("\0", plain).translate(_NUMERALS).replace("\0", "一"))


@cache
def _fold(symbol: str) -> str:
    digit = unicodedata.decimal(symbol, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", symbol).lower()
    plain = plain if len(plain) == 1 else symbol
    return _TRADITIONAL.get(plain, plain)
