"""Sentences as residents type them. In `HIDDEN` the part in 【】 must be gone; the sentences of `KEPT` stay whole."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.redaction import MASK, find, masked

HIDDEN = {
    "phone": [
        "请打【13812345678】找我",
        "电话:【138 1234 5678】",
        "电话：【138-1234-5678】，白天都在",
        "手机【138·1234·5678】",
        "手机【138.1234.5678】",
        "【+86 13812345678】",
        "【+8613812345678】随时可打",
        "【１３８１２３４５６７８】",
        "电话【１３８－１２３４－５６７８】",
        "我的号码是【一三八一二三四五六七八】",
        "【幺三八幺二三四五六七八】",
        "【一三八 一二三四 五六七八】",
        "【壹叁捌壹贰叁肆伍陆柒捌】",
        "【138一二三四5678】",
        "【138，1234，5678】",
    ],
    "landline": [
        "座机【0571-88886666】",
        "座机【0571 88886666】",
        "【057188886666】没人接",
        "【（0571）88886666】",
        "【(0571)88886666】",
        "【０５７１－８８８８６６６６】",
        "家里电话：【88886666】",
        "电话是【8888-6666】",
        "联系电话【8888 666】",
    ],
    "id": [
        "身份证【330106199001011234】",
        "【33010619900101123X】",
        "【330106 19900101 123x】",
        "【３３０１０６１９９００１０１１２３Ｘ】",
        "身份证号：【330106199001011234】，请核实",
    ],
    "plate": [
        "车牌【浙A12345】堵在门口",
        "【浙AD12345】",
        "【浙A·12345】占了我的车位",
        "【浙A 12345】",
        "【浙a12c45】",
        "【浙Ａ１２３４５】",
        "【粤Z1234港】",
        "一辆【沪BDK7721】的车",
    ],
    "account": [
        "微信号【abc_12345】",
        "微信:【abc12345】",
        "加我微信 【wxid_abc123】",
        "VX：【abc12345】",
        "vx【abc-12345】",
        "QQ【12345678】",
        "qq号：【12345678】",
        "扣扣【12345678】",
        "我的Ｑ Ｑ号【１２３４５６７８】".replace("Ｑ Ｑ", "ＱＱ"),
    ],
    "door": [
        "【1302】室漏水",
        "【301】室门口",
        "【１３０２】室",
        "4幢2单元【1302】",
        "4幢2单元【1302】室",
        "4栋2-【1302】",
        "住在【三楼东边那家】",
        "二单元【五楼西户】",
        "我住【三楼】，腿脚不好",
        "楼上【1302】每天半夜跑来跑去",
        "楼下【202】又在敲",
        "我家【1302】停水了",
        "【1302】的邻居养了三条狗",
        "【1302】住户",
        "【1302】家的狗",
        "【一三零二】室",
        "【一三〇二】室",
    ],
    "name": [
        "我叫【王小明】",
        "我叫【王小明】，住这里三年了",
        "我叫【王小明】,住这里三年了",
        "我叫【王明】。",
        "我叫【欧阳小明】",
        "我是【王小明】",
        "我是【王小明】，昨天来过",
        "联系人：【王小明】",
        "联系人:【王小明】",
        "姓名：【李建国】",
        "本人【王小明】，住在这里",
        "请找【王小明】！",
        "楼下的【王】阿姨",
        "【欧阳】阿姨",
        "【张】大爷家的狗",
        "是【李】老师先看见的",
        "楼下姓【裴】的那家",
        "【王小明】反映楼道太脏",
        "见证人【谭晓东】",
    ],
}
HIDDEN |= {
    "card": [
        "卡号【6222 0000 0000 0000 001】，退物业费",
        "退到【6217-0000-0000-0000】",
        "银行卡尾号【1234】的扣了两次",
    ],
    "email": ["发到【lisi_88@example.cn】", "邮箱：【zhang.san@example.com】。"],
    "number": ["这个【8123456789】是什么"],
}
ROWS = [pytest.param(kind, text, id=text) for kind, texts in HIDDEN.items() for text in texts]

KEPT = [
    "楼道灯坏了，晚上看不见",
    "楼道灯坏了,晚上看不见",
    "2单元电梯坏了3天",
    "4幢1单元·室内",
    "4幢2单元电梯坏了",
    "三楼的灯不亮",
    "拨打96333，电梯困人",
    "客服4008001234一直占线",
    "工单号 202611240001 没动静",
    "电梯注册代码31103301002020110001过期",
    "坐305路公交",
    "面积93449.08平方米",
    "维修资金还剩1234567元",
    "上周主任说会答复",
    "施工师傅没戴口罩",
    "对方老师不接电话",
    "请打12345热线，没人接",
    "先打110，再打119和120",
    "2026年11月24日晚上八点",
    "2026-11-24 10:30 停水",
    "20261124停水",
    "凌晨2点30分",
    "每吨3.5元，一共1200元",
    "罚款2000-3000元",
    "我家里停水",
    "车位200个不够用",
    "小区有1022户，只有300个车位",
    "工单 88",
    "路灯编号10086不亮",
    "第三十二条规定",
    "充电桩220V",
    "房间30平方",
    "水压0.35兆帕",
    "我是住在这里的居民",
    "我是老人，腿脚不便",
    "我是租客",
    "我是业主",
    "找物业说了三次",
    "联系物业没人理",
    "联系居委会",
    "联系保安，没有人",
    "我叫了三次物业",
    "我叫他不要吵",
    "电话没人接",
    "高空抛物",
    "那位先生不讲理",
    "有位女士遛狗不牵绳",
    "广场舞阿姨太吵",
    "楼下大妈跳舞",
    "微信群里大家都在说",
    "川菜馆油烟大",
    "",
]


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_what_could_name_a_person_is_masked_however_it_is_spelt(kind, text):
    secret, sentence = re.search("【(.*)】", text)[1], re.sub("[【】]", "", text)
    shown = masked(sentence)
    assert MASK in shown
    remains = secret if kind in {"door", "name", "plate"} else secret[-4:]
    assert remains not in shown.replace(MASK, "▇")
    assert {hit.kind for hit in find(sentence)} == {kind}


@pytest.mark.parametrize("text", KEPT)
def test_what_names_nobody_stays_as_it_was_written(text):
    assert masked(text) == text
    assert find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "我叫王小明，电话13812345678，住4幢2单元1302室，车牌浙A12345",
        "１３８１２３４５６７８，3301061990010112３４",
    ],
)
def test_several_findings_in_one_sentence_are_all_gone(text):
    shown = masked(text)
    assert not re.search(r"[0-9０-９]{4}", shown)
    assert "小明" not in shown


def test_the_words_around_a_finding_stay():
    shown = masked("我叫王小明，电话13812345678，灯坏了")
    assert shown.startswith("我叫" + MASK)
    assert shown.endswith("灯坏了")


def test_a_phone_of_any_length_leaves_a_mark_of_one_length():
    assert masked("打13812345678吧") == masked("打138 1234 5678吧") == f"打{MASK}吧"


def test_what_is_masked_stays_masked():
    for texts in HIDDEN.values():
        for text in texts:
            once = masked(re.sub("[【】]", "", text))
            assert masked(once) == once


PIECES = st.sampled_from(
    [
        "13812345678",
        "１３８",
        "1302室",
        "我叫王小明",
        "，",
        " ",
        "浙A12345",
        "一三八",
        "微信abc12345",
        "灯坏了",
        "-",
        "4幢",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_findings_are_in_order_apart_and_inside_the_text(text):
    at = 0
    for hit in find(text):
        assert at <= hit.start < hit.end <= len(text)
        at = hit.end


@settings(max_examples=100, deadline=None)
@given(
    st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
    st.sampled_from(["", " ", "-", "－", "·", ".", "　"]),
    st.sampled_from(["", "请打", "电话：", "电话:", "我的号码是"]),
    st.sampled_from(["", "，谢谢", "。", " 急", "(晚上)"]),
    st.booleans(),
)
def test_every_mobile_number_in_every_grouping_is_masked(number, gap, before, after, wide):
    digits = number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"}) if wide else number
    shown = masked(before + gap.join((digits[:3], digits[3:7], digits[7:])) + after)
    assert digits[7:] not in shown
    assert MASK in shown
