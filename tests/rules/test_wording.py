import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from app.rules import calls, data_map, notices, sla, wording, workflow
from app.rules.bands import Band, Sureness
from app.rules.looking import Alert
from app.rules.rights import Basis, Outcome, RequestStatus, Right
from app.rules.vocabulary import (
    CallKind,
    CallReason,
    CallStatus,
    CategorySource,
    Channel,
    CodeReason,
    CodeSignal,
    Complexity,
    ConsentKind,
    Kind,
    Part,
    PromiseKind,
    RatingSource,
    RejectReason,
    ReplyKind,
    RevealPurpose,
    Side,
    SlipStatus,
    Solved,
    Status,
    Verb,
    VisitKind,
    VisitReason,
    VisitResult,
)
from app.rules.workdays import NATURAL
from app.rules.workflow import Door
from app.schemas.desk import REVEALABLE

CHINESE = re.compile(r"[\u4e00-\u9fff]")
OFFERED = {row.verb for row in workflow.TABLE if row.door is not Door.SYSTEM}
GROUPS = {
    "status": Status,
    "slip_status": SlipStatus,
    "timeline": Verb,
    "verbs": sorted(OFFERED),
    "complexity": Complexity,
    "kind": Kind,
    "channel": Channel,
    "solved": Solved,
    "reply_kind": ReplyKind,
    "part": Part,
    "source": CategorySource,
    "sides": Side,
    "promise": PromiseKind,
    "promise_note": get_args(sla.Note),
    "lead_note": ("deputy_acts", "overloaded", "vacant", "no_power", "nobody", "slow_lane"),
    "sureness": Sureness,
    "band": Band,
    "actor": ("reporter", "system"),
    "consent_kind": ConsentKind,
    "call_kind": CallKind,
    "call_status": CallStatus,
    "call_reason": (*sorted(calls.TELLS), calls.CONSENT_AFTERWARDS, *CallReason),
    "rating_source": RatingSource,
    "visit_kind": VisitKind,
    "visit_reason": VisitReason,
    "visit_result": VisitResult,
    "visit_prefill": ("note",),
    "code_reason": CodeReason,
    "code_signal": CodeSignal,
    "reveal_field": [*REVEALABLE.strip("^()$").split("|"), "ledger"],
    "reveal_purpose": RevealPurpose,
    "door_basis": Basis,
    "right": Right,
    "right_outcome": Outcome,
    "request_status": RequestStatus,
    "look_alert": Alert,
    "kept": [period.name for period in data_map.TOLD_TO_REPORTERS],
    "kept_rule": data_map.Since,
    "erased_kept": ("case", "open", "safety"),
    "routing": ("chosen", "guessed", "evidence", "auto", "by_hand", "confirmed", "shielded", "hidden", "human"),
}
CODES = [pytest.param(group, str(code), id=f"{group}.{code}") for group, codes in GROUPS.items() for code in codes]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=sla.SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(("group", "code"), CODES)
def test_every_code_that_people_meet_has_a_chinese_word(group, code):
    assert CHINESE.search(wording.word(group, code))


@pytest.mark.parametrize("group", GROUPS)
def test_no_word_is_left_over_for_a_code_that_is_gone(group):
    assert set(wording.words()[group]) == {str(code) for code in GROUPS[group]}


def test_a_code_without_a_word_is_an_error_and_not_an_empty_place():
    with pytest.raises(KeyError):
        wording.word("status", "nonsense")


@pytest.mark.parametrize("reason", RejectReason)
def test_every_reason_to_refuse_says_what_it_is_and_where_to_go_next(reason):
    name, following = wording.rejection(reason)
    assert CHINESE.search(name)
    assert following.endswith("。")


def test_the_refusal_reasons_are_those_of_the_rules_and_no_other():
    assert set(wording.words()["reject"]) == set(RejectReason)


@pytest.mark.parametrize(
    ("submitted", "complexity", "sentence"),
    [
        ("2027-03-01 09:00", Complexity.SIMPLE, "今天 24:00 前办好"),
        ("2027-03-01 17:59:59", Complexity.SIMPLE, "今天 24:00 前办好"),
        ("2027-03-01 18:00", Complexity.SIMPLE, "明天 24:00 前办好（18 点以后提交的，按明天办）"),
        ("2027-03-02 02:10", Complexity.SIMPLE, "今天 24:00 前办好"),
        ("2026-11-21 09:00", Complexity.COMPLEX, "11月24日 24:00 前给您明确答复"),
        ("2026-12-30 09:00", Complexity.COMPLEX, "2027年1月2日 24:00 前给您明确答复"),
        ("2026-12-31 19:00", Complexity.SIMPLE, "明天 24:00 前办好（18 点以后提交的，按明天办）"),
        ("2027-03-01 09:00", Complexity.EMERGENCY, "今天 11:00 前有人接手（值班时间 8 点到 20 点）"),
        ("2027-03-01 23:00", Complexity.EMERGENCY, "明天 10:00 前有人接手（值班时间 8 点到 20 点）"),
    ],
)
def test_a_promise_is_said_as_people_say_it(submitted, complexity, sentence):
    now = at(submitted)
    due = sla.due(complexity, now, NATURAL)
    said = wording.promise(due.kind, due.at, now, due.note or "")
    assert said == sentence


@pytest.mark.parametrize(
    ("due", "now", "said"),
    [
        ("2026-11-25 00:00", "2026-11-24 23:59", "今天 24:00"),
        ("2026-11-25 00:00", "2026-11-25 00:00", "11月24日 24:00"),
        ("2026-11-26 00:00", "2026-11-24 23:59", "明天 24:00"),
        ("2026-11-24 10:40", "2026-11-24 09:00", "今天 10:40"),
        ("2026-11-24 00:00", "2026-12-01 09:00", "11月23日 24:00"),
        ("2027-01-01 00:00", "2026-12-31 09:00", "今天 24:00"),
        ("2027-01-01 00:00", "2027-01-01 09:00", "2026年12月31日 24:00"),
        ("2027-01-03 00:00", "2026-12-31 09:00", "2027年1月2日 24:00"),
    ],
)
def test_a_deadline_names_the_day_seen_from_now(due, now, said):
    assert wording.deadline(at(due), at(now)) == said


@pytest.mark.parametrize(
    ("instant", "now", "said"),
    [
        ("2026-11-24 09:41", "2026-11-24 12:00", "今天 09:41"),
        ("2026-11-20 18:05", "2026-11-24 12:00", "11月20日 18:05"),
        ("2025-11-20 18:05", "2026-11-24 12:00", "2025年11月20日 18:05"),
        ("2026-11-25 00:00", "2026-11-24 23:59:59", "明天 00:00"),
    ],
)
def test_a_moment_is_told_in_local_time_whatever_zone_it_comes_in(instant, now, said):
    assert wording.moment(at(instant), at(now)) == said


def test_a_promise_is_counted_in_local_days_also_while_it_is_still_yesterday_in_utc():
    early = at("2026-11-24 03:00")
    assert early.day == 23
    assert wording.day(sla.local_day(early), sla.local_day(early)) == "今天"


def test_the_privacy_notice_names_who_handles_the_data_and_its_version():
    version, text = wording.notice("荷花社区")
    assert re.fullmatch(r"\d{4}-\d{2}", version)
    assert "荷花社区" in text
    assert "{" not in text
    for side in Side:
        assert wording.word("sides", side) in text


@pytest.mark.parametrize("template", sorted(wording.words()["messages"].keys() - notices.ABOUT_NO_TICKET))
def test_a_notice_to_staff_says_what_and_where_and_nothing_about_the_reporter(template):
    known = {"category": "<类别>", "place": "<地点>", "due": "<期限>", "slip_no": "<单号>"}
    said = wording.word("messages", template).format(**known)
    assert "<类别>" in said
    assert "<地点>" in said


@pytest.mark.parametrize("template", sorted(notices.ABOUT_NO_TICKET - {"digest"}))
def test_a_notice_about_a_visit_says_neither_who_nor_where(template):
    assert not re.search(r"[{}]", wording.word("messages", template))
