"""Finds what a person can be reached or looked up by besides numbers: accounts, e-mail addresses, number plates."""

import re
from collections.abc import Iterator

from app.rules.redaction.text import GAP, Private, Reading, Span

_EMAIL = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}\s?@\s?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}(?![a-z0-9])"
)

_SERVICE = (
    r"(?:微\s?信|薇信|威信|v信|企微|微博|(?<![a-z])(?:[wv]x|q\s?q)|wechat|weixin"
    r"|扣扣|球球|企鹅|抖音|快手|小红书|支付宝|陌陌|钉钉|加v|(?<![a-z])v(?=[:\s]))"
)
_FILLING = r"(?:号码|账号|帐号|同号|同步|号|群|id|搜索?|联系|我|你|的|是|为|叫|加|[:\s,\"“'‘(])"
_NICK = r"[a-z](?=[a-z_-]{0,18}[0-9_-])[a-z0-9_-]{4,19}"  # a bare word of letters could be anything
_ACCOUNT = re.compile(
    rf"{_SERVICE}{_FILLING}{{0,6}}({_NICK}|\d(?:{GAP}?\d){{4,13}})(?![a-z0-9])"
    rf"|{_SERVICE}{_FILLING}{{0,3}}(?:号|id|[:是]){_FILLING}{{0,3}}([a-z][a-z0-9_-]{{4,19}})(?![a-z0-9])"
)
_ACCOUNT_FIRST = re.compile(
    rf"(?<![a-z0-9_@.-])({_NICK}|\d{{5,12}})(?=[\s,(]?(?:是|就是)?(?:我的?)?[\s(]?(?:微信|wx|vx|wechat|qq|扣扣))"
)
_HOUSEHOLD = re.compile(
    r"(?:户号|[水电气]表号|缴费号|客户编号|用户编号|宽带账号|宽带号)(?:码|是|为|[:\s]){0,4}(\d(?:[\s-]?\d){5,15})(?!\d)"
)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SEP = r"[\s·•‧∙.,、\-‐–—_]"
_PLATE = re.compile(
    rf"(?<![\da-z])[{_PROVINCES}]{_SEP}{{0,2}}[a-z]{_SEP}{{0,2}}"
    rf"((?:[a-z0-9]{_SEP}?){{4}}(?:[港澳学警挂试领]|[a-z0-9](?:[a-z0-9]|{_SEP}[a-z0-9](?![a-z0-9\u4e00-\u9fff]))?(?![a-z0-9])))"
)
_PLATE_TOLD = re.compile(
    r"(?:车牌|牌照|车号|号牌|牌号)(?:号码?|是|为|[:\s,(]){0,5}"
    rf"((?:[\u4e00-\u9fff]{{1,2}}{_SEP}?)?[a-z0-9](?:{_SEP}?[a-z0-9]){{2,7}})(?![a-z0-9元块个辆天])"
)
_BICYCLE = re.compile(
    r"(?:电动车|电瓶车|摩托车?|自行车|三轮车|小电驴)(?:号码?|是|为|[:\s,(]){0,3}"
    rf"([\u4e00-\u9fff]{{2}}{_SEP}?[a-z]?\d{{5,7}}|[a-z]{_SEP}?\d{{5,7}})(?![\da-z])"
)
_FEWEST_PLATE_DIGITS = 2


def find(text: Reading) -> Iterator[Span]:
    """WeChat, QQ and other accounts, household numbers of the utilities, e-mail addresses, plates; in any order."""
    for match in _EMAIL.finditer(text.plain):
        yield Span(*match.span(), Private.EMAIL)
    for pattern in (_ACCOUNT, _ACCOUNT_FIRST, _HOUSEHOLD):
        for match in pattern.finditer(text.digits):
            yield Span(*match.span(match.lastindex or 0), Private.ACCOUNT)
    for match in _PLATE.finditer(text.digits):
        if _count_digits(match[1]) >= _FEWEST_PLATE_DIGITS:
            yield Span(*match.span(), Private.PLATE)
    for match in (*_PLATE_TOLD.finditer(text.digits), *_BICYCLE.finditer(text.digits)):
        if _count_digits(match[1]) >= _FEWEST_PLATE_DIGITS:
            yield Span(*match.span(1), Private.PLATE)


def _count_digits(text: str) -> int:
    return sum(symbol.isdigit() for symbol in text)
