"""Figures over HTTP: what a period holds, who may narrow it, and the tickets behind each figure."""

from datetime import timedelta

import pytest

from app.rules import figures
from tests.access.histories import plant
from tests.builders import MONDAY, build_world, secret, slip_of, slip_verb, submit, triage, verb


@pytest.fixture
def database(sqlite_database):
    """The SQL itself is compared on both databases in tests/access/test_figures.py."""
    return sqlite_database


def ask(client, world, who="committee_secretary", path="/api/v1/stats", **params):
    return client.get(path, params={"compound": world.compound} | params, headers=world.as_(who))


def figure(answer, key):
    return next(one for one in answer.json()["figures"] if one["key"] == key)


def pair(answer, key):
    found = figure(answer, key)
    return found["numerator"], found["denominator"]


def done_simple(client, world, **over):
    """A simple matter from the wall to the answer, this very morning."""
    receipt = submit(client, world, **over)
    triage(client, world, receipt)
    slip_no = slip_of(client, world, "property")["slip_no"]
    assert slip_verb(client, world, "property", slip_no, "done", text="修好了").status_code == 200
    assert verb(client, world, "grid_head", receipt, "confirm", text="修好了").status_code == 200
    return receipt


def test_one_simple_matter_counts_on_the_day_it_falls_due_and_on_no_other(client, world, time):
    receipt = done_simple(client, world)
    client.post(
        f"/api/v1/tickets/{receipt['number']}/rating", json={"solved": "yes", "stars": 5}, headers=secret(receipt)
    )
    submit(client, world)  # nobody does this one
    time.set(MONDAY + timedelta(days=3))
    on_the_day = ask(client, world, **{"from": "2027-03-01", "to": "2027-03-01"})
    assert on_the_day.status_code == 200
    assert pair(on_the_day, "n") == (2, 2)
    assert pair(on_the_day, "same_day") == pair(on_the_day, "strict_same_day") == (1, 2)
    assert pair(on_the_day, "on_time") == (1, 2)
    assert pair(on_the_day, "solved") == pair(on_the_day, "satisfied") == (1, 1)
    assert pair(on_the_day, "coverage") == (1, 1)
    assert figure(on_the_day, "same_day")["share"] is None, "two cases are no percentage"
    for day in ("2027-02-28", "2027-03-02"):
        assert pair(ask(client, world, **{"from": day, "to": day}), "n") == (0, 0)


def test_a_backlog_cannot_hide_behind_the_day_it_is_finished(client, world, time):
    receipt = submit(client, world)
    triage(client, world, receipt)
    time.set(MONDAY + timedelta(days=40))
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "done", text="修好了")
    assert pair(ask(client, world, **{"from": "2027-03-01", "to": "2027-03-31"}), "same_day") == (0, 1)
    assert pair(ask(client, world, **{"from": "2027-04-01", "to": "2027-04-30"}), "n") == (0, 0)


def test_whoever_withdraws_after_somebody_was_sent_still_counts(client, world, time):
    sent, waiting = submit(client, world), submit(client, world, category="NOI-01", text="楼上半夜吵闹")
    for receipt in (sent, waiting):
        gone = client.post(f"/api/v1/tickets/{receipt['number']}/withdrawal", json={}, headers=secret(receipt))
        assert gone.status_code == 201
    time.set(MONDAY + timedelta(days=9))
    assert pair(ask(client, world, **{"from": "2027-03-01", "to": "2027-03-09"}), "n") == (1, 2)


def test_a_clear_reply_and_a_kept_promise_count_each_in_its_own_period(client, world, time):
    receipt = submit(client, world, category="BLD-04", text="屋顶漏水")
    triage(client, world, receipt)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    slip_no = slip_of(client, world, "property")["slip_no"]
    slip_verb(client, world, "property", slip_no, "accept")
    promised = verb(client, world, "grid_head", receipt, "reply", kind="plan", text="下周修", promise_date="2027-03-10")
    assert promised.status_code == 200, promised.text
    time.set(MONDAY + timedelta(days=8))
    assert slip_verb(client, world, "property", slip_no, "done", text="修好了").status_code == 200
    time.set(MONDAY + timedelta(days=12))
    replied = ask(client, world, **{"from": "2027-03-04", "to": "2027-03-04"})
    assert (pair(replied, "clear_reply"), pair(replied, "promise_kept")) == ((1, 1), (0, 0))
    kept = ask(client, world, **{"from": "2027-03-10", "to": "2027-03-10"})
    assert (pair(kept, "clear_reply"), pair(kept, "promise_kept"), pair(kept, "on_time")) == ((0, 0), (1, 1), (1, 1))


def test_without_a_period_it_is_this_month_up_to_today(client, world):
    answer = ask(client, world).json()
    assert (answer["from"], answer["to"]) == ("2027-03-01", "2027-03-01")
    assert [one["key"] for one in answer["figures"]] == [one.key for one in figures.table().figures]
    assert all(one["name"] and one["formula"] for one in answer["figures"])


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "2027-03-02", "to": "2027-03-01"}, "to"),
        ({"from": "2020-01-01", "to": "2027-03-01"}, "to"),
        ({"from": "soon"}, "from"),
        ({"from": "1900-13-01T00:00:00"}, "from"),
        ({"category": "XYZ"}, "category"),
        ({"category": "B"}, "category"),
        ({"party": "nobody"}, "party"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_field(client, world, params, field):
    answer = ask(client, world, **params)
    assert answer.status_code == 422, answer.text
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_a_figure_opens_the_tickets_behind_it_page_by_page(client, world, time, database):
    plant(database, world, 90, 11)
    period = {"from": "2027-01-01", "to": "2027-03-31"}
    expected = pair(ask(client, world, "grid_head", **period), "n")[0]
    numbers, cursor = [], None
    while True:
        params = period | {"part": "over", "limit": 20} | ({"cursor": cursor} if cursor else {})
        page = ask(client, world, "grid_head", "/api/v1/stats/n/tickets", **params).json()
        numbers += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(numbers) == len(set(numbers)) == expected
    assert ask(client, world, "grid_head", "/api/v1/stats/nonsense/tickets").status_code == 404


def test_nobody_counts_a_ticket_that_they_may_not_see(client, world, time):
    submit(client, world, category="GOV-01", text="报修没人管")
    submit(client, world, category="GOV-08", text="推来推去")
    time.set(MONDAY + timedelta(days=5))
    period = {"from": "2027-03-01", "to": "2027-03-05"}
    counts = {who: pair(ask(client, world, who, **period), "n")[0] for who in ("property", "grid_head", "community")}
    assert counts == {"property": 1, "grid_head": 1, "community": 2}
    for who in ("property", "grid_head"):
        assert ask(client, world, who, **period).json()["whole"] is False
    assert pair(ask(client, world, "property", category="GOV-01", **period), "n") == (0, 0)
    assert ask(client, world, "property", "/api/v1/stats/n/tickets", category="GOV-01", **period).json()["items"] == []


def test_whoever_opens_no_tickets_gets_totals_of_ten_and_more_and_no_leaf(client, world, database):
    plant(database, world, 12, 12)
    period = {"from": "2027-01-01", "to": "2027-03-31"}
    for who in ("police", "street", "admin"):
        answer = ask(client, world, who, **period)
        for one in answer.json()["figures"]:
            assert one["denominator"] is None or one["denominator"] >= 10, (who, one)
            assert one["tickets"] is None
        assert ask(client, world, who, category="BLD-02", **period).status_code == 403
        assert ask(client, world, who, category="BLD", **period).status_code == 200
        assert ask(client, world, who, "/api/v1/stats/n/tickets", **period).status_code == 403


def test_a_partys_figures_are_for_itself_the_grid_head_and_the_secretary(client, world):
    for who, party, status in (
        ("grid_head", "property", 200),
        ("committee_secretary", "police", 200),
        ("property", "property", 200),
        ("police", "police", 200),
        ("property", "grid_head", 403),
        ("police", "property", 403),
        ("community", "property", 403),
        ("admin", "property", 403),
    ):
        assert (who, party, ask(client, world, who, party=party).status_code) == (who, party, status)


def test_another_compound_is_not_there(client, world, database):
    other = build_world(database, compound="QTY", name="清泰苑")
    for path in ("/api/v1/stats", "/api/v1/stats/n/tickets"):
        assert ask(client, other, "grid_head_QTY", path, compound="LHQ").status_code == 404
