"""Finds names of persons by what stands around them: a surname is looked at when its neighbours speak for a name."""

import re
from collections.abc import Iterator

from app.rules.redaction import words
from app.rules.redaction.text import Private, Reading, Span

_HAN = r"[\u4e00-\u9fff]"
_SURNAME = rf"(?:{words.COMPOUND_SURNAMES}|[{words.SURNAMES}])"
_FAMILY = re.compile(_SURNAME)
_LEFT = 12  # so many symbols before a surname are read

# Behind a name: the end of a phrase, or a word that people go on with.
_HARD = r"[\s,.。;:!?、()\"”'’\d▇/<>《》【】\[\]~—…-]|$"
_SOFT = rf"[一二三四五六七八九十两]{{1,3}}岁|{words.VERBS}|{words.TITLES}"

_END = re.compile(rf"{_HARD}|{_SOFT}")

_TITLE = re.compile(
    rf"(?:{words.TITLES})|[工姐哥叔伯婶嫂妹姨舅队所](?!{_HAN})"
    r"|(?:[姐哥叔伯婶嫂妹姨舅工]|总(?!是|在|会|要|不|来|让|给|有|得))(?=[说讲家的答来去在是又帮给打跟和让不修住她他已天每昨今带就也把])"
)
_SOMEBODY = re.compile("某(?:某|(?![小区家苑公楼单地处社宾栋幢个街写商内路村店户城高]))")
_FULL = re.compile(rf"[{words.GIVEN}大][{words.GIVEN}](?!{words.PLACES})|[{words.GIVEN}](?={words.TITLES})")
_LIKELY_GIVEN = re.compile(rf"[{words.GIVEN}大]{_HAN}?(?!{words.PLACES})")
_GIVEN = re.compile(rf"{_HAN}{{2}}(?={_HARD})|{_HAN}(?={_HARD}|{_SOFT})|{_HAN}{{2}}(?={_SOFT})")
_GIVEN_AT_ANY_RATE = re.compile(rf"{_HAN}{{1,2}}")
_GIVEN_OF_SUBJECT = re.compile(
    rf"{_HAN}{{1,2}}?(?=昨|今天|今晚|前天|又[在把]|每天|每晚|天天|半夜|总是|老是|一直|经常|说|反映|投诉|举报|建议|要求|表示"
    rf"|承认|答应|拒绝|骂人|家[的里]|[和跟与]{_SURNAME}|{words.TITLES})"
    rf"|[{words.GIVEN}](?=\s?\(|[\s,][男女])"
)
_UP_TO_NUMBER = re.compile(rf"({_HAN}{{1,2}})[\s:,、(]{{0,2}}")
_WHOLE_GIVEN = re.compile(rf"{_HAN}{{1,2}}(?={_HARD})")
_SIGNED = re.compile(r"(?:——|--|此致|敬礼)[\s,!]*$")
_I_AM = re.compile(r"我[是系][^,。;!?▇]{0,8}的$")
_JOINTS = re.compile(r"(?:[\s:,]|叫做?|是|名叫|一下|的|了)*$")

_NICKNAMES = (
    re.compile(
        rf"(?:我叫|(?<!改)名叫|我的名字叫?是?|(?:{words.KIN}|孩子|小孩|宝宝|老人)叫)\s?({_HAN}{{2,4}})(?={_HARD}|电话|手机)"
    ),
    re.compile(rf"(?:我叫|名叫|姓名|联系人)[:\s]?({_HAN}{{1,6}}[·•.]{_HAN}{{1,8}}?)(?={_HARD}|电话|手机)"),
    re.compile(r"(?:我叫|名叫)\s?([a-z]{2,15}(?:\s[a-z]{2,15})?)(?![a-z0-9])"),
    re.compile(rf"(?:联系人?|姓名|找)[:\s]?((?!app|wifi|vip|tel|qq|vx|wx|http|www)[a-z]{{3,15}})(?=[\s]?(?:{_HARD}))"),
    re.compile(rf"[叫喊]({_HAN}[哥姐叔婶爷])(?=的|{_HARD})"),
    re.compile(
        rf"(?:[叫喊][我她他]|称呼[我她他]|外号|绰号|人称|昵称|网名)(?:一声|叫|是|为|:)?({_HAN}{{2,3}}?)"
        r"(?=就行|就好|就可以|即可|好了|吧|都行)"
    ),
)
_NO_NICKNAME = re.compile(
    r"[了过的你他她它物保来不什人车外救停开叫去到先等送修拆警报门医搬换快滴网出跑代家邻楼着几两三好再多无声苦喊醒]|师傅|维修|阿姨来"
)
_SURNAME_TOLD = re.compile(rf"(?<!百)姓(?:是|:)?({_SURNAME}|[水花车时全成党连商])(?![名氏])")
_FAMILIAR = re.compile(
    rf"(?<![大中较最缩从养敬古破衰胆细窄矮减父长法百太很变])[小老阿](?![房楼路池席景单])([{words.SURNAMES}])头?(?!高[了的])"
)


def find(text: Reading, others: list[Span]) -> Iterator[Span]:
    """Names, in any order. `others`: what else was found in this text; who stands beside a phone is named by it."""
    plain = text.plain
    numbers = [span for span in others if span.kind in {Private.PHONE, Private.LANDLINE, Private.ID, Private.CARD}]
    starts, ends = {span.start for span in numbers}, {span.end for span in numbers}
    last = -2  # nowhere
    for family in _FAMILY.finditer(plain):
        listed = family.start() == last + 1 and plain[last] in "、和与跟及,"
        if end := _end(plain, family, starts, ends, listed=listed):
            yield Span(family.start(), end, Private.NAME)
            last = end
    for match in _FAMILIAR.finditer(plain):
        clear = match[1] not in words.RISKY_SURNAMES or _END.match(plain, match.end())
        if clear and plain[match.start(1) : match.start(1) + 2] not in words.NO_NAMES:
            yield Span(*match.span(), Private.NAME)
    for match in _SURNAME_TOLD.finditer(plain):
        yield Span(*match.span(1), Private.NAME)
    for pattern in _NICKNAMES:
        for match in pattern.finditer(plain):
            if not _NO_NICKNAME.match(match[1]):
                yield Span(*match.span(1), Private.NAME)


def _end(plain: str, family: re.Match[str], starts: set[int], ends: set[int], *, listed: bool) -> int | None:
    """Where the name ends that starts with this surname; None where its neighbours do not speak for a name."""
    start, behind = family.span()
    left = plain[max(0, start - _LEFT) : start]
    if plain[start : behind + 1] in words.NO_NAMES or (left and left[-1] in words.END_OF_WORD.get(family[0], "")):
        return None
    within = bool(left) and re.match(_HAN, left[-1]) is not None
    if match := _FULL.match(plain, behind):
        return match.end()
    if not (within and family[0] in words.RISKY_SURNAMES):
        if match := _SOMEBODY.match(plain, behind):
            return match.end()
        if _TITLE.match(plain, behind):
            return behind
    if end := _after_label(plain, family, left, listed=listed):
        return end
    if within:
        return None
    return _on_its_own(plain, family, left, starts, ends)


def _after_label(plain: str, family: re.Match[str], left: str, *, listed: bool) -> int | None:
    """The end of a name behind 我叫, 联系人, 楼上 and the like, with or without 是, 叫 or a colon between.

    `listed`: another name stands right before, parted by 、 or 和.
    """
    near, far = left.rstrip(" :,"), _JOINTS.sub("", left)
    if near.endswith(words.INTRODUCTIONS) or far.endswith(words.INTRODUCTIONS):
        return _given(plain, family, _GIVEN) or _given(plain, family, _GIVEN_AT_ANY_RATE)
    role = near.endswith(words.ROLES) or far.endswith(words.ROLES)
    if not (role or listed or _I_AM.search(left) or near.endswith(words.LABELS) or far.endswith(words.LABELS)):
        return None
    clear = family[0] not in words.RISKY_SURNAMES or left.endswith(":")
    if clear and plain[family.end() : family.end() + 1] == "家":
        return family.end()
    end = _given(plain, family, _GIVEN) if clear else None
    if end is None and role and _LIKELY_GIVEN.match(plain, family.end()):
        return _given(plain, family, _GIVEN) or _given(plain, family, _LIKELY_GIVEN)
    return end


def _on_its_own(plain: str, family: re.Match[str], left: str, starts: set[int], ends: set[int]) -> int | None:
    """The end of a name that starts a phrase: beside a number, as a signature, or as the subject."""
    start, behind = family.span()
    if (match := _UP_TO_NUMBER.match(plain, behind)) and match.end() in starts:
        return match.end(1)
    if ends & set(range(len(left.rstrip(" ,、:(")) - len(left) + start, start + 1)):
        if left.endswith("(") and plain[behind : behind + 1] == ")":
            return behind
        if end := _given(plain, family, _WHOLE_GIVEN):
            return end
    if _SIGNED.search(left):
        return _given(plain, family, _WHOLE_GIVEN)
    return None if family[0] in words.RISKY_SURNAMES else _given(plain, family, _GIVEN_OF_SUBJECT)


def _given(plain: str, family: re.Match[str], pattern: re.Pattern[str]) -> int | None:
    """Where the given name ends that follows the surname, if one can follow."""
    match = pattern.match(plain, family.end())
    if not match or match[0][0] in words.NEVER_FIRST:
        return None
    return match.end() - 1 if match[0][1:] in words.NEVER_LAST else match.end()
