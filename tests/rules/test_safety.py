import pytest

from app.rules import catalogue, safety
from app.rules.vocabulary import Complexity


def test_only_emergency_leaves_have_signs_and_each_has_some():
    urgent = {leaf.code for leaf in catalogue.default().leaves if leaf.complexity is Complexity.EMERGENCY}
    assert set(safety.leaves()) == urgent
    assert safety.lasting() < urgent


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("电梯里有人出不来", "BLD-01"),
        ("电梯从十楼掉到三楼", "BLD-15"),
        ("厨房煤气漏了", "SAF-06"),
        ("屋里烧炭取暖，人昏过去了", "SAF-06"),
        ("楼道里烟大得看不见人", "SAF-07"),
        ("路灯杆漏电，摸上去麻手", "SAF-07"),
        ("电线断了垂到地上", "SAF-07"),
        ("有人拎着刀在楼下转", "SAF-08"),
        ("踹我家门，扬言要杀人", "SAF-08"),
        ("有人踩空掉进井里", "SAF-12"),
        ("挡土墙被雨冲垮了", "BLD-14"),
        ("顶楼的广告牌晃得厉害要飞下来", "BLD-08"),
        ("污水正在不停往外冒", "UTL-05"),
        ("马蜂蜇了好几个人", "PET-02"),
        ("敲门老人没人应", "SVC-03"),
        ("凉亭里有人昏倒叫不醒", "SVC-03"),
        ("四岁的孩子不见了", "SVC-03"),
        ("有人站在天台栏杆外要跳楼", "SVC-03"),
        ("隔壁女的喊救命，有摔东西的声音", "SVC-10"),
    ],
)
def test_signs_near_each_other_speak_for_their_leaf(text, leaf):
    assert leaf in {sign.leaf for sign in safety.signs(text)}


def test_everyday_words_are_no_signs():
    assert safety.signs("楼道灯坏了想换一个") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("去年着过火，线路换了", "past"),
        ("火已经扑灭", "past"),
        ("万一着火消防车进不来", "worry"),
        ("建议办一次消防演练", "wish"),
        ("狗没有咬过人", "none"),
        ("谢谢师傅救我出电梯", "thanks"),
        ("被物业气得要爆炸了", "speech"),
    ],
)
def test_the_past_a_worry_a_wish_and_a_turn_of_speech_sound_calm(text, kind):
    assert kind in {calm.leaf for calm in safety.calm(text)}


def test_danger_of_this_hour_does_not_sound_calm():
    assert safety.calm("电梯里有人被困，快来救命") == []
