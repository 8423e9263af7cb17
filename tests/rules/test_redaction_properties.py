"""What holds for any text at all, also for one that was written to break the finder."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.rules.redaction import MASK, Private, find, masked

PIECES = re.findall(
    r"\S+",
    """
    13800130000 1 138 0013 一三八 零零一三 幺 ０ １３８ 86 +86 0571 87654321 8765 4321 400 33010619000101001 x
    6222 4 2 501 1203 三楼 五楼 西户 东边 那家 室 单元 幢 - — · . , ， 、 ： ( ） / * ▇ ▇▇ 电话 手机 尾号 后面
    然后 号码 微信 QQ 加v wx 护照 车牌 浙 A 浙A·12345 lily_20 @ example.com 我叫 我是 联系 联系人 找 姓 王 李
    张 小明 建国 欧阳 阿姨 师傅 老 小 某某 和 的 家 是 叫 业主 楼上 元 万 度 年 月 日 单号 编号 12345 110
    灯坏了 吵 谢谢 。 ！ 🙂
    """,
)
GAPS = [" ", "\n", "\u3000", "\u200b", "\ufe0f\u20e3"]
TEXTS = st.lists(st.sampled_from([*PIECES, *GAPS]), max_size=24).map("".join) | st.text(max_size=80)
EXPLAINED = re.compile("单|编|元|万|度|年|月|日|[¥￥$%]")
UNEXPLAINED = TEXTS.filter(lambda text: not EXPLAINED.search(text))
DIGITS = st.text("0123456789", min_size=7, max_size=24)
LONG = re.findall(
    r"[^\n/]+",
    """
1/一/三/王/姓/的/是/叫/a/@/(/·/▇/🙂/1 /86 /1、/12，/138后/后面/我叫王/我叫/叫王是/微信号/微信/微信 /qq/a@/a./a-/@a.
浙A/浙A1/浙A1 /4-/4-2-/4-2-501，/三楼东/三楼那/501/501、/501和/电话/电话：/我是/我是的/楼上501/尾号/尾号1/车牌/车牌：
护照/护照 /0571-/王阿姨/老王/王某/王、李、/1*/138*/l3/户号1/——/电动车/一三八零/1 3 8 0 /楼上/老人王/曾
""",
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("王李张刘" * 50)
def test_spans_are_in_order_apart_and_inside_the_text(text):
    at = 0
    for span in find(text):
        assert at <= span.start < span.end <= len(text)
        assert span.kind in Private
        at = span.end


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_the_masked_text_is_the_text_with_a_mark_for_every_span(text):
    parts, at = [], 0
    for span in find(text):
        parts += [text[at : span.start], MASK]
        at = span.end
    assert masked(text) == "".join([*parts, text[at:]])


@settings(max_examples=600, deadline=None)
@given(TEXTS)
@example("我叫▇▇王小明，501、502、503的张三13800130000")
@example("4-2-501-13800130000/0571-87654321")
def test_what_is_masked_stays_masked(text):
    once = masked(text)
    assert masked(once) == once
    assert find(once) == []


@settings(max_examples=400, deadline=None)
@given(UNEXPLAINED, DIGITS, UNEXPLAINED)
def test_no_long_number_is_left_where_no_word_explains_it(before, digits, after):
    shown = masked(before + digits + after)
    plain = "".join(str(unicodedata.decimal(symbol, symbol)) for symbol in shown)
    for number in re.findall(r"\d{7,}", plain):
        hotline = re.fullmatch(r"[48]00\d{7}", number)
        day = re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{0,6}", number)
        assert hotline or day or re.search(rf"{number}(?:\.\d+)?\s?(?:k|股|户|人|次)", plain), (shown, number)


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
    st.sampled_from(["", " ", "-", "－", "·", "　", "\u200b", "，", "——", " - "]),
    st.sampled_from(["0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇幺二三四五六七八九"]),
    st.sampled_from(["", "请打", "电话：", "我的号码是", "4幢2单元，", "+86 ", "王小明"]),
    st.sampled_from(["", "，谢谢", "。", " 急", "（晚上）", "一直没人接", "找我"]),
)
def test_every_mobile_number_in_every_writing_is_masked(number, gap, writing, before, after):
    digits = "".join(writing[int(digit)] for digit in number)
    shown = masked(before + gap.join((digits[:3], digits[3:7], digits[7:])) + after)
    assert digits[3:7] not in shown
    assert digits[7:] not in shown


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 30), st.integers(1, 4), st.integers(1, 33), st.integers(1, 12), st.sampled_from(["", " ", "-"]))
def test_the_door_goes_and_the_building_and_stairwell_stay(building, stairwell, floor, flat, gap):
    shown = masked(f"{building}幢{stairwell}单元{gap}{floor}{flat:02}室漏水")
    assert shown == f"{building}幢{stairwell}单元{gap}{MASK}室漏水"


@pytest.mark.parametrize("piece", LONG)
def test_time_grows_with_the_length_and_not_with_its_square(piece):
    """A text of four times the length takes some four times as long; where the square ruled, it would be sixteen."""

    def seconds(length):
        text = (piece * length)[:length]
        started = time.process_time()
        masked(text)
        return time.process_time() - started

    short, long = min(seconds(1250) for _ in range(4)), min(seconds(5000) for _ in range(3))
    assert long < 10 * short + 0.02
