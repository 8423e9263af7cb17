"""Finds numbers that belong to a person: phones, identity papers, bank cards, and long numbers nobody explains."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from app.rules.redaction.text import GAP, Private, Reading, Span

_CLUSTER = re.compile(rf"\d(?:{GAP}{{0,4}}\d)*")
_GROUP = re.compile(r"\d+")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 21  # the longest number looked for has 20: one more shows that it goes on
_MOST_GROUPS = 8  # a number in more pieces than this is written digit by digit, or is a list
_MOBILE_DIGITS = 11
_CARD_GROUP = 4  # cards are written in fours, with a rest
_PHONE_GROUP = 3  # shorter pieces parted by commas are a list
_FEWEST_REAL = 5  # of the eleven digits of a mobile number, when letters stand for the others

_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_MOBILE = re.compile(r"(?:(?:00)?86|0)?1[3-9]\d{9}")
_AREA = r"(?:10|2\d|[3-9]\d\d)"
_TRUNK = re.compile(rf"(?:(?:00)?86)?0{_AREA}[1-9]\d{{6,7}}|(?:00)?86{_AREA}[2-9]\d{{6,7}}")
_TRUNK_HEADS = re.compile(rf"(?:(?:00)?86)?0?{_AREA}|(?:00)?86")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_EXTENSION = re.compile(r"\s?(?:转|分机|#|ext)\s?\d{1,5}")
_ID = re.compile(rf"[1-9]\d{{5}}(?:19|20)\d\d{_DAY}\d{{4}}(?:\d\d)?")  # a disability card has two digits more
_OLD_ID = re.compile(rf"[1-9]\d{{5}}\d\d{_DAY}\d{{3}}")
_ID_TOLD = re.compile(r"\d{18}(?:\d\d)?")
_NO_CHECK = re.compile(r"\d{17}")  # the eighteenth place is an X
_CHECK_X = re.compile(rf"{GAP}{{0,2}}x(?![a-z0-9])")
_CARD = re.compile(r"[34569]\d{15,18}")
_CARD_TOLD = re.compile(r"\d{12,21}")
_ATTACHED = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\u20e3")  # what makes a keycap of a digit
_DATE = re.compile(rf"(?:19|20)\d\d{_DAY}(?:(?:[01]\d|2[0-4])[0-5]\d(?:[0-5]\d)?)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_HOTLINE = re.compile(r"[48]00\d{7}")
_AMOUNT = re.compile(
    r"(?:\.\d{1,4})?\s?(?:[多余]?[万亿千]?(?:元|块|圆|角)|[万亿%户人次票吨度米]|平|公里|公斤|股|千瓦|kw|km|kg|rmb)"
)
_CURRENCY = re.compile(r"[¥￥$]\s?$")

# What stands before a number and says what it is, with a few symbols between.
_BEFORE = 14
_PHONE_WORD = re.compile(
    r"(?:电话|座机|固话|传真|宅电|手机|号码|小灵通|热线|拨|打|致电|联系|呼|tel|phone|这一?个?号)[^\d。!?;▇]{0,7}$"
)
_ID_WORD = re.compile(r"(?:身份|证件|证号|户口|残疾证|社保|医保)[^\d。!?;▇]{0,7}$")
_CARD_WORD = re.compile(r"(?:卡|账号|帐号|账户|帐户|户头|存折|汇到|打到)[^\d。!?;▇]{0,6}$")
_CODE_WORD = re.compile(
    r"(?:单号?|编号|编码|代码|识别码|设备号?|序列号|型号|批号|流水号|受理号|案号|文号|杆号|条码|注册号?|备案号?)"
    r"[^\d。!?;,▇]{0,8}(?:\d{2,8}[^\d]{0,2})?$"
)

# "138, then 0013, the last four 0001": words between the pieces of one mobile number.
_WORD = r"[2-8]位数?|后[面边头]|然后|接着|中间|最后|末尾|尾[号数]|前面|开头|打头|加上|就是|那个|[后末前再来接加跟是的]"
_SPLIT_HEAD = re.compile(r"(?<!\d)1[3-9]\d{1,5}(?!\d)")
_SPLIT_NEXT = re.compile(rf"((?:{_WORD}|{GAP}|[:…]){{1,8}}?)(\d{{2,8}})(?!\d|位)")
_HAN = re.compile(r"[\u4e00-\u9fff]")

_LETTERED = re.compile(rf"(?<![a-z0-9])[1li]{GAP}{{0,2}}[3-9](?:{GAP}{{0,2}}[\doli]){{9}}(?![a-z0-9])")
_STARRED = re.compile(r"(?<!\d)1[3-9]\d?[*x×某#□○]{3,8}\d{2,4}(?!\d)")
_ENDING = re.compile(
    r"(?:尾[号数]|[后末]{1,2}面?[3-8]位数?|最后[3-8]位数?)(?:号码|数字|是|为|[:\s(])*([a-z0-9]{3,8})(?![a-z0-9])"
)
_PAPER = re.compile(
    r"(?:护照|通行证|台胞证|回乡证|军官证|士兵证|居住证|驾驶证|港澳证)(?:的?号码?|是|为|[:\s(]){0,6}([a-z]{0,2}\d{6,12})(?!\d)"
)


class _Group(NamedTuple):
    """Digits without a gap."""

    start: int
    end: int
    digits: str


def find(text: Reading) -> Iterator[Span]:
    """Phones, landlines, identity papers, bank cards and unexplained long numbers, in any order; they may overlap."""
    digits = text.digits
    for cluster in _CLUSTER.finditer(digits):
        yield from _in_cluster(digits, cluster)
    yield from _split_over_words(digits)
    for match in _LETTERED.finditer(digits):
        if sum(symbol.isdigit() for symbol in match[0]) >= _FEWEST_REAL:
            yield Span(*match.span(), Private.PHONE)
    for match in _STARRED.finditer(digits):
        yield Span(*match.span(), Private.PHONE)
    for match in _PAPER.finditer(digits):
        yield Span(*match.span(1), Private.ID)
    for match in _ENDING.finditer(digits):
        if kind := _ending_kind(digits, match):
            yield Span(*match.span(1), kind)


def _in_cluster(digits: str, cluster: re.Match[str]) -> Iterator[Span]:
    """The numbers in a run of digits and gaps, from left to right: at each group the longest reading wins."""
    groups = [_Group(*match.span(), match[0]) for match in _GROUP.finditer(digits, *cluster.span())]
    at = 0
    while at < len(groups):
        before = digits[max(0, groups[at].start - _BEFORE) : groups[at].start]
        for window in _windows(groups, at):
            if kind := _kind(digits, window, before):
                yield _span(digits, window, kind)
                at += len(window)
                break
        else:
            if _is_unexplained(digits, groups[at], before):
                yield Span(groups[at].start, groups[at].end, Private.NUMBER)
            at += 1


def _windows(groups: list[_Group], at: int) -> list[list[_Group]]:
    """This group with its followers, as far as one number can reach, longest first."""
    reach, length = at, 0
    while reach < len(groups) and length + len(groups[reach].digits) <= _MOST_DIGITS:
        length += len(groups[reach].digits)
        reach += 1
    return [groups[at:upto] for upto in range(reach, at, -1)]


def _span(digits: str, window: list[_Group], kind: Private) -> Span:
    start, end = window[0].start, window[-1].end
    tail = {Private.ID: _CHECK_X, Private.LANDLINE: _EXTENSION}.get(kind)
    if tail and (more := tail.match(digits, end)):
        end = more.end()
    while digits[end : end + 1] in _ATTACHED:
        end += 1
    opened = digits[start - 1 : start]
    if opened == "+" or (opened == "(" and ")" in digits[start:end]):
        start -= 1
    return Span(start, end, kind)


def _kind(digits: str, window: list[_Group], before: str) -> Private | None:
    """What these groups are when read as one number."""
    number = "".join(group.digits for group in window)
    if len(number) < _FEWEST_DIGITS:
        return None
    sizes, end = [len(group.digits) for group in window], window[-1].end
    gaps = {mark for left, right in pairwise(window) for mark in digits[left.end : right.start]}
    together = _hold_together(sizes, gaps) and not (len(window) > 1 and _AMOUNT.match(digits, end))
    if together and _is_id(number, sizes, digits, end, before):
        return Private.ID
    if together and _MOBILE.fullmatch(number):
        return Private.PHONE
    if _is_card(number, sizes, before):
        return Private.CARD
    if together and _is_landline(number, window, before):
        return Private.LANDLINE
    return None


def _hold_together(sizes: list[int], gaps: set[str]) -> bool:
    """Whether the groups may be one number: not what looks like the items of a list."""
    if max(sizes) == 1:
        return not gaps & set(",、./")
    return len(sizes) <= _MOST_GROUPS and (min(sizes) >= _PHONE_GROUP or not gaps & set(",、/"))


def _is_id(number: str, sizes: list[int], digits: str, end: int, before: str) -> bool:
    told = _ID_WORD.search(before) is not None
    if _NO_CHECK.fullmatch(number):
        return _CHECK_X.match(digits, end) is not None and (told or _ID.fullmatch(number + "0") is not None)
    if _ID.fullmatch(number) or (told and _ID_TOLD.fullmatch(number)):
        return True
    return (told or len(sizes) == 1) and _OLD_ID.fullmatch(number) is not None


def _is_card(number: str, sizes: list[int], before: str) -> bool:
    if min(sizes[:-1], default=_CARD_GROUP) < _CARD_GROUP:
        return False
    if _CARD_WORD.search(before):
        return _CARD_TOLD.fullmatch(number) is not None
    return _CARD.fullmatch(number) is not None and not _CODE_WORD.search(before)


def _is_landline(number: str, window: list[_Group], before: str) -> bool:
    sizes = [len(group.digits) for group in window]
    if _TRUNK.fullmatch(number):
        return len(window) == 1 or max(sizes) == 1 or _TRUNK_HEADS.match(window[0].digits) is not None
    if not _LOCAL.fullmatch(number) or _CODE_WORD.search(before) or _DATE.fullmatch(number):
        return False
    if _PHONE_WORD.search(before):
        return max(sizes) == 1 or (min(sizes) >= _PHONE_GROUP and not _YEAR.fullmatch(window[0].digits))
    return sizes == [4, 4] and not any(_YEAR.fullmatch(group.digits) for group in window)


def _is_unexplained(digits: str, group: _Group, before: str) -> bool:
    if len(group.digits) < _FEWEST_DIGITS or _DATE.fullmatch(group.digits) or _HOTLINE.fullmatch(group.digits):
        return False
    return not (_AMOUNT.match(digits, group.end) or _CURRENCY.search(before) or _CODE_WORD.search(before))


def _split_over_words(digits: str) -> Iterator[Span]:
    """Mobile numbers told in pieces, with words between them."""
    for head in _SPLIT_HEAD.finditer(digits):
        number, end, words = head[0], head.end(), False
        while len(number) < _MOBILE_DIGITS and (piece := _SPLIT_NEXT.match(digits, end)):
            words = words or _HAN.search(piece[1]) is not None
            number, end = number + piece[2], piece.end()
        if words and len(number) == _MOBILE_DIGITS:
            yield Span(head.start(), end, Private.PHONE)


def _ending_kind(digits: str, match: re.Match[str]) -> Private | None:
    """Whose last digits these are, by the words before and behind."""
    ending, before = match[1], digits[max(0, match.start() - _BEFORE) : match.start()]
    if not any(symbol.isdigit() for symbol in ending) or _CODE_WORD.search(before):
        return None
    for words, kind in (
        ("身份|证", Private.ID),
        ("卡|账|帐", Private.CARD),
        ("车|牌", Private.PLATE),
        ("手机|电话|号码", Private.PHONE),
    ):
        if re.search(words, before):
            return kind
    if re.match(r"的?.{0,2}[车色]|的?(?:大众|奥迪|宝马|奔驰|丰田|本田|特斯拉|比亚迪|面包)", digits[match.end() :][:8]):
        return Private.PLATE
    return Private.PLATE if not ending.isdigit() else Private.PHONE
