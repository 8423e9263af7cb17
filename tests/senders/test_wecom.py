"""The robot's documented shapes, its limits, its errors; and its key, which nobody gets to see."""

import logging
import traceback
from datetime import timedelta

import pytest

from app import main
from app.errors import MisconfiguredError
from app.rules import notices
from app.senders.base import Envelope, SendError
from app.senders.console import Console
from app.senders.wecom import MOST_BYTES, PAUSE, WeCom, clamp
from app.settings import Settings, load
from tests.senders.robot import Answer, Robot, refusal

KEY = "canary-key-of-the-robot"


@pytest.fixture
def robot():
    robot = Robot()
    yield robot
    robot.close()


@pytest.fixture
def wecom(robot):
    return WeCom(robot.url, KEY, notices.heading(), patience=2.0)


def envelope(number, text="楼道灯坏了", *, alarm=False):
    return Envelope(f"message-{number}", "网格长", f"【网格长】{text}〔通知{number}〕", alarm)


def failure(wecom):
    with pytest.raises(SendError) as caught:
        wecom.send([envelope(1)])
    return caught.value


def test_one_notice_is_one_text_message_under_the_robots_key(robot, wecom):
    wecom.send([envelope(7)])
    (call,) = robot.calls
    assert call.body == {"msgtype": "text", "text": {"content": "【网格长】楼道灯坏了〔通知7〕"}}
    assert call.key == KEY


def test_several_notices_are_one_message_with_their_count_above(robot, wecom):
    wecom.send([envelope(1), envelope(2), envelope(3)])
    (call,) = robot.calls
    assert call.text.splitlines()[0] == "您有 3 条通知"
    assert call.numbers == [1, 2, 3]


def test_an_alarm_calls_everybody(robot, wecom):
    wecom.send([envelope(1, alarm=True)])
    assert robot.calls[0].body["text"]["mentioned_list"] == ["@all"]


def test_an_alarm_does_not_wait_among_what_can_wait(wecom):
    assert wecom.fits([envelope(1, alarm=True), envelope(2, alarm=True), envelope(3)]) == 2
    assert wecom.fits([envelope(1), envelope(2, alarm=True)]) == 1


@pytest.mark.parametrize("length", [1, 40, 200, 900])
def test_as_many_notices_go_into_one_message_as_2048_bytes_hold(robot, wecom, length):
    many = [envelope(number, "字" * length) for number in range(1, 60)]
    count = wecom.fits(many)
    wecom.send(many[:count])
    assert 1 <= count <= 20
    assert len(robot.calls[0].text.encode()) <= MOST_BYTES
    assert robot.calls[0].numbers == ([*range(1, count + 1)] if length < 900 else [])
    if 1 < count < 20:
        assert len("\n".join(one.text for one in many[: count + 1]).encode()) > MOST_BYTES - 40


@pytest.mark.parametrize("character", ["a", "é", "字", "𠮷"])
def test_a_text_is_cut_on_a_characters_border(character):
    for length in range(2040, 2060):
        cut = clamp(character * length)
        assert len(cut.encode()) <= MOST_BYTES
        assert set(cut) <= {character, "…"}
        assert (cut == character * length) == (len(character.encode()) * length <= MOST_BYTES)


def test_the_pace_is_below_twenty_a_minute():
    assert timedelta(minutes=1) / PAUSE < 20


@pytest.mark.parametrize("code", [40008, 40058, 44004, 45002])
def test_what_would_be_refused_again_is_final(robot, wecom, code):
    robot.script = [Answer(refusal(code))]
    error = failure(wecom)
    assert (str(error), error.final, error.hold) == (f"errcode {code}", True, None)


def test_too_many_calls_ask_for_a_rest(robot, wecom):
    robot.script = [Answer(refusal(45009))]
    error = failure(wecom)
    assert (error.final, error.hold) == (False, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(refusal(-1)), "errcode -1"),
        (Answer(refusal(93000)), "errcode 93000"),
        (Answer(b'{"errcode":'), "an answer that is none"),
        (Answer(b"[]"), "an answer that is none"),
        (Answer(b"{}"), "an answer that is none"),
        (Answer(b'{"errcode":null}'), "an answer that is none"),
        (Answer(b"<html>\xff</html>"), "an answer that is none"),
        (Answer(b""), "an answer that is none"),
        (Answer(status=502), "HTTP 502"),
        (Answer(status=302), "HTTP 302"),
        (Answer(status=0), "RemoteProtocolError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_everything_else_is_tried_again_later(robot, wecom, answer, said):
    robot.script = [answer]
    error = failure(wecom)
    assert (str(error), error.final, error.hold) == (said, False, None)
    wecom.send([envelope(1)])


def test_a_robot_that_answers_too_slowly_is_tried_again_later(robot):
    robot.script = [Answer(after=1.0)]
    assert str(failure(WeCom(robot.url, KEY, "", patience=0.1))) == "no answer in time"


def test_a_robot_that_is_not_there_is_tried_again_later(robot, wecom):
    robot.close()
    assert str(failure(wecom)) == "ConnectError"


def test_the_key_is_in_no_error_no_log_and_no_picture_of_the_adapter(robot, caplog, capsys):
    robot.script = [Answer(refusal(-1)), Answer(b"{"), Answer(status=500), Answer(status=0)]
    wecom = WeCom(robot.url, KEY, "", patience=2.0)
    with caplog.at_level(logging.DEBUG):
        errors = [failure(wecom) for _ in range(4)]
        robot.close()
        errors.append(failure(WeCom(robot.url, KEY, "", patience=2.0)))
    for error in errors:
        assert KEY not in str(error)
        assert KEY not in repr(error)
        assert KEY not in "".join(traceback.format_exception(error))
    assert KEY not in repr(wecom)
    assert KEY not in caplog.text
    assert KEY not in "".join(capsys.readouterr())


# Which adapter a deployment has


def test_with_a_key_notices_go_to_the_robot(robot):
    sender = main.sender_of(Settings(wecom_robot_key=KEY, wecom_url=robot.url))
    sender.send([envelope(1)])
    assert robot.calls[0].key == KEY


def test_without_a_key_notices_go_to_the_log_which_is_said_at_the_start(capsys):
    assert isinstance(main.sender_of(Settings(wecom_robot_key="")), Console)
    assert capsys.readouterr().out.count("notices go to the log only") == 1


def test_the_settings_do_not_show_the_key():
    assert KEY not in repr(Settings(wecom_robot_key=KEY))


@pytest.mark.parametrize(
    "url", [f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", "http://qyapi.weixin.qq.com/send", "no url"]
)
def test_an_address_with_the_key_in_it_or_without_encryption_is_refused(monkeypatch, url):
    monkeypatch.setenv("MINQING_WECOM_URL", url)
    with pytest.raises(MisconfiguredError) as caught:
        load()
    assert KEY not in str(caught.value)
