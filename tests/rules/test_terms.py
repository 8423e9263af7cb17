from datetime import UTC, datetime, time, timedelta

import pytest

from app.rules import wording
from app.rules.sla import SHANGHAI
from app.rules.terms import USUAL, Terms, terms_in
from app.rules.vocabulary import Complexity, PromiseKind
from app.rules.workdays import Calendar, CalendarKind

OWN = Terms(
    Calendar(CalendarKind.WORKDAY, rollover=True), staffed=True, cut_off=time(17), window=(time(9), time(0)), days=2
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def test_usual_terms_leave_no_trace_in_an_event_and_own_ones_come_back_equal():
    assert USUAL.kept() == {}
    assert terms_in({}) == USUAL
    assert terms_in(OWN.kept()) == OWN


def test_terms_that_an_earlier_version_kept_are_still_understood():
    kept = {"terms": {"calendar": "natural", "rollover": False, "staffed": True}}
    assert terms_in(kept) == Terms(staffed=True)


@pytest.mark.parametrize(
    ("terms", "complexity", "submitted", "due"),
    [
        (Terms(cut_off=time(17)), Complexity.SIMPLE, "2026-03-02 17:00", "2026-03-04 00:00"),
        (Terms(cut_off=time(17)), Complexity.SIMPLE, "2026-03-02 16:59", "2026-03-03 00:00"),
        (Terms(days=2), Complexity.COMPLEX, "2026-03-02 23:50", "2026-03-05 00:00"),
        (Terms(Calendar(CalendarKind.WORKDAY)), Complexity.COMPLEX, "2026-03-05 10:00", "2026-03-11 00:00"),
        (Terms(window=(time(9), time(18))), Complexity.EMERGENCY, "2026-03-02 17:00", "2026-03-03 10:00"),
        (Terms(staffed=True), Complexity.EMERGENCY, "2026-03-02 03:00", "2026-03-02 03:10"),
    ],
)
def test_a_promise_is_made_on_the_compounds_own_terms(terms, complexity, submitted, due):
    assert terms.due(complexity, at(submitted)).at == at(due)


def test_a_change_of_class_keeps_to_the_compounds_own_days():
    due = Terms(days=2).reclassified_due(Complexity.COMPLEX, at("2026-03-02 09:00"), at("2026-03-02 15:00"))
    assert due.at == at("2026-03-05 00:00")


def test_the_reason_why_it_is_later_names_the_compounds_own_hours():
    now = at("2026-03-02 19:00")
    for terms, complexity, words in [
        (USUAL, Complexity.SIMPLE, "18 点以后提交的，按明天办"),
        (Terms(cut_off=time(17, 30)), Complexity.SIMPLE, "17:30 以后提交的，按明天办"),
        (USUAL, Complexity.EMERGENCY, "值班时间 8 点到 20 点"),
        (Terms(window=(time(9), time(0))), Complexity.EMERGENCY, "值班时间 09:00–24:00"),
    ]:
        due = terms.due(complexity, now)
        assert words in wording.promise(PromiseKind.HANDLED, due.at, now, terms.note(due))
    assert terms.note(Terms().due(Complexity.COMPLEX, now + timedelta(hours=1))) == ""
