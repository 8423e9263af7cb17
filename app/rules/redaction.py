"""Finds what could identify a person in free text. The result is a draft: a person confirms before others read it."""

import re
import unicodedata
from typing import NamedTuple

MASK = "▇▇"

_SURNAME = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施华严俞章鲁葛奚洪包左吉"
    "裘柳鲍费岑倪滕殷毕樊凌霍虞柯管莫房缪干解应宗宣郁单杭诸钮嵇邢陶戚喻"
)
_TWO_SYMBOL_SURNAME = "欧阳|司马|上官|诸葛|司徒|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|端木|南宫"
_FAMILY = rf"(?:{_TWO_SYMBOL_SURNAME}|[{_SURNAME}])"
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_GAP = r"[\s\-—_.·,、]?"
_NAME_ENDS = r"(?=[\s,。.;!、0-9(]|电话|手机|住在|住[0-9]|家住|微信|$)"
_TITLES = "阿姨|大爷|大妈|奶奶|爷爷|先生|女士|小姐|老师|叔叔|伯伯"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_COUNTED = "个元块次年月日号天户幢栋米人吨平度点分"

# Each pattern runs over the folded text (see _folded). Where it has a group, only the group is the finding.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("id", re.compile(rf"(?<!\d)\d{{6}}{_GAP}(?:\d{_GAP}){{11}}[\dx](?!\d)")),
    ("phone", re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")),
    ("phone", re.compile(rf"(?<!\d)\(?0\d{{2,3}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)")),
    ("phone", re.compile(rf"(?:电话|手机|联系|拨打|号码|座机)\D{{0,6}}(\d{{3,4}}{_GAP}\d{{3,4}})(?!\d)")),
    ("plate", re.compile(rf"[{_PROVINCES}][a-z][\s·.-]?(?:[a-z0-9]{{5,6}}|[a-z0-9]{{4}}[港澳学警挂])(?![a-z0-9])")),
    ("account", re.compile(r"(?:微信|vx|wx|qq|扣扣)(?:号码|号|是|的|:|\s)*([a-z0-9][a-z0-9_-]{4,19})")),
    ("door", re.compile(r"(?<!\d)\d{3,4}(?=室|房|号房|住户|门|家|业主|的(?:邻居|住户|业主))")),
    (
        "door",
        re.compile(
            r"(?:单元|楼上|楼下|隔壁|对门|我家|我住|住在|家住)(\d{3,4})"
            rf"(?!\d|[{_COUNTED}])"
        ),
    ),
    ("door", re.compile(r"(?<!\d)(\d{3,4})(?=的(?!度|费|票)|楼上|楼下|那户|这户|那家|这家)")),
    ("door", re.compile(r"(?:住|家|在)(\d{1,2}[-—]\d{3,4})(?!\d|[-—])")),
    ("door", re.compile(r"(?<=号楼)\d{3,4}(?!\d)")),
    ("door", re.compile(r"(?<=[-—幢栋])\d{1,2}[-—]\d{3,4}(?!\d)")),
    ("name", re.compile(rf"我叫({_FAMILY}{_GIVEN})")),
    ("name", re.compile(rf"(?:我是|本人|联系人?|姓名|找)[: ]?({_FAMILY}{_GIVEN}){_NAME_ENDS}")),
    ("name", re.compile(rf"({_FAMILY})(?:{_TITLES})")),
    ("name", re.compile(rf"(?<![大中较最])([小老][{_SURNAME}])(?=[\s,。.;!、]|的|家|说|他|她|在|是|又|总|每|$)")),
)
_NUMERALS = str.maketrans("零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789")
_HAN_NUMERAL_KINDS = frozenset({"phone", "id", "door"})


class Finding(NamedTuple):
    """A span of the text, half-open, and what it looks like: id, phone, plate, account, door, name."""

    kind: str
    start: int
    end: int


def find(text: str) -> list[Finding]:
    """Everything that looks personal, in order; what overlaps is one finding of the earliest, longest kind."""
    plain = _folded(text)
    numbered = plain.translate(_NUMERALS)
    hits = [
        Finding(kind, *match.span(match.lastindex or 0))
        for kind, pattern in _PATTERNS
        for match in pattern.finditer(numbered if kind in _HAN_NUMERAL_KINDS else plain)
    ]
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    joined: list[Finding] = []
    for hit in hits:
        if joined and hit.start < joined[-1].end:
            joined[-1] = joined[-1]._replace(end=max(joined[-1].end, hit.end))
        else:
            joined.append(hit)
    return joined


def masked(text: str) -> str:
    """The text with every finding replaced by a fixed-length mark: how the three sides read it before a reveal."""
    parts, at = [], 0
    for hit in find(text):
        parts += [text[at : hit.start], MASK]
        at = hit.end
    return "".join([*parts, text[at:]])


def _folded(text: str) -> str:
    """Full-width forms and capitals as plain ones, place for place, so that spans fit the original."""
    return "".join(_fold(symbol) for symbol in text)


def _fold(symbol: str) -> str:
    plain = unicodedata.normalize("NFKC", symbol).lower()
    return plain if len(plain) == 1 else symbol
