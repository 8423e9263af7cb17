"""Finds doors: room numbers, and homes told by floor and side. Building and stairwell stay, the slip needs them."""

import re
from collections.abc import Iterator

from app.rules.redaction.text import Private, Reading, Span

# What makes a number a count, an amount, a time, a line or a thing when it follows.
_COUNTED = (
    r"(?!\d|[.:]\d|\s?天(?!天)|户(?:[,。;!?\s]|$|人家|居民)|\s?[个元块圆角次年月日幢栋米人吨平度点分秒万千百余层级弄张份条根台盏辆颗棵只片段位名种项页期届瓦伏斤里升克厘毫寸兆帕安倍岁口桶袋箱包]"
    r"|\s?[路线车杆桩井灯梯机柜仓厂街版型款][^堵坏滴漏]|\s?(?:公[里斤交]|小时|国道|省道|高速|医院|中学|小学|胶水?|大道|地铁|监控|摄像|热线|电话|w|v|k|%|db|度电)"
    r"|[号]?(?:楼|线|公交|国道|车位|充电|监控|杆|灯|梯|地铁|道闸|井))"
)
_HOTLINE = r"(?!(?:110|112|114|119|120|122)(?!\d))"
_YEAR = r"(?!(?:19|20)\d\d(?!\d))"
_LETTER = r"(?:[a-h](?![a-z0-9])|-\d(?!\d))?"  # 201A, 502-1: a room that was divided

_ANY = rf"\d{{3,4}}{_LETTER}"
_TOLD = rf"{_HOTLINE}(?!\d00(?!\d)|\d\d00(?!\d)|20[2-9]\d(?!\d))\d{{3,4}}{_LETTER}{_COUNTED}"
_STRICT = rf"{_HOTLINE}{_YEAR}(?:[1-9]|0[1-9]|[1-4]\d)(?:0[1-9]|1\d|20){_LETTER}(?!\d){_COUNTED}"
_LIKELY = _STRICT.replace("1\\d|20", "1[0-2]")  # few stairwells have more than twelve doors on a floor

_ROOM = r"\s?(?:号?室|号?房(?!价|改|源)|号门)"
_HOUSEHOLD = (
    r"(?:住户|业主|租客|租户|房客|房东|户主|的?邻居|那户|这户|那家|这家|门(?!诊)|家(?!.{0,2}(?:商|店|企|公司))|户(?!居|人|业|中|家)"
    r"|楼[上下]|隔壁|对[面门]|老[人太头]|夫妻|[男女]的|的(?!票|价|费|水压))"
)
_COUNTING = r"(?<![\d有共约近总全这满超过达第])"
_FREE = r"(?<![\d¥￥$/#a-z\-–—第])(?<!\d[,.:])"

_PATTERNS = (
    re.compile(rf"(?<![\d.])([a-h]?{_ANY})(?={_ROOM})"),
    re.compile(rf"{_COUNTING}{_FREE}({_STRICT})(?={_HOUSEHOLD})"),
    re.compile(
        rf"(?:单元|[幢栋座楼弄#]|\d号|门牌号?|房号|室号|房间号?|门号)(?:是|为|的|[:\s,\-–—]){{0,3}}([a-h]?{_TOLD})",
    ),
    re.compile(
        r"(?:[住敲]|住在|家在|我家|我家是|们家|我在|我是|楼[上下]|隔壁|对[门面]|邻居|业主|租客|租户|房东|户主|住户|送[到给]"
        rf"|转告|通知|投诉|举报|联系|找)(?:[是的在:\s]){{0,2}}([a-h]?{_TOLD})"
    ),
    re.compile(rf"(?<![涨降达加减升\d])[到来去在从给和跟、]\s?({_STRICT})(?!到)"),
    re.compile(rf"(?<![\d/.:a-z\-–—])\d{{1,2}}\s?[-–—/]\s?\d{{1,2}}\s?[-–—]\s?({_ANY})(?![\d-])"),
    re.compile(rf"(?<=[幢栋座#元楼])\s?[-–—]?\s?\d{{1,2}}\s?[-–—]\s?({_ANY})(?!\d)"),
    re.compile(rf"(?<![\d/.:a-z\-–—])\d{{1,2}}[-–—]({_STRICT})(?![\-–—])"),
    re.compile(rf"{_FREE}({_LIKELY})(?=[和跟与或、]\s?(?:\d{{1,2}}[-–—])?{_LIKELY})"),
)
# A bare number that can be a door: only in figures, since the same in Chinese numerals is often a count.
_BARE = re.compile(
    rf"{_FREE}(?<![涨降达加减升收扣花交共费价付罚约近超路杆编控]到)(?<![涨降加减升]到了)(?<!\d到)(?<![收扣花交共费价付罚约近超第编控杆号线坐乘用])({_LIKELY})(?!\s?[a-z号%~到至]|户[人居业]|家[商店企公])"
)

_FLOOR = r"(?:[\d十]{1,3}|顶|底|阁)(?:楼|层)"
_SIDE = (
    r"(?:[最靠的往]{0,2}[东西南北中左右]{1,2}[边面侧间首]?(?:手边?|套)?|楼梯口|电梯口)"
    r"(?:的|第)?[\d两]?[那这]?\d?(?:家|户|室|套)"
)
_FLOORS = (
    re.compile(rf"({_FLOOR}{_SIDE})"),
    re.compile(rf"({_FLOOR}[^\d,。;!?▇]{{0,6}}?[那这]1?(?:家|户)(?:人家)?)"),
    re.compile(rf"({_FLOOR}(?:\d{{1,2}}|[a-h])(?:号|室|座)(?!楼|梯))"),
    re.compile(
        rf"(?:住在?|家[就还也都]?[在是]|我家|们家|租在?)(?:第|的|\d{{1,2}}(?:幢|栋|号楼)?\d?单元){{0,2}}({_FLOOR})(?!以|的?(?:灯|楼道|走廊|扶手|窗|墙|平台))"
    ),
    re.compile(rf"我是({_FLOOR})的(?!灯)"),
)


def find(text: Reading) -> Iterator[Span]:
    """Doors, in any order. Only the number that leads to one home: not 4幢2单元, not 三楼的灯."""
    for pattern in (*_PATTERNS, *_FLOORS):
        for match in pattern.finditer(text.digits):
            yield Span(*match.span(1), Private.DOOR)
    for match in _BARE.finditer(text.plain):
        yield Span(*match.span(1), Private.DOOR)
