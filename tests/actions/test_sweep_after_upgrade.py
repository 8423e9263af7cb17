"""Tickets that were open before there were clocks: the first sweep after the upgrade makes no storm."""

from collections import Counter
from datetime import timedelta

import pytest

from app import migrating, worker
from app.models.clock import Clock as ClockRow
from app.models.message import Message
from tests.actions.sweeping import DAY, HOUR, newest, one, rows, said, taken, told
from tests.builders import MONDAY, secret, slip_verb, submit, verb


@pytest.fixture
def upgraded(database, time):
    """The database as an older version left it, brought to the newest revision `after` so long."""

    def at(after):
        time.set(MONDAY + after)
        migrating.downgrade(database, "0003")
        migrating.migrate(database)
        return newest(database)

    return at


@pytest.mark.parametrize(
    ("after", "level"), [(5 * HOUR, 0), (2 * DAY, 1), (5 * DAY, 1), (20 * DAY, 1)], ids=["open", "late", "later", "old"]
)
def test_an_old_ticket_goes_up_one_level_at_most_and_is_said_once(
    client, database, world, upgraded, time, after, level
):
    receipts = [taken(client, world)[0] for _ in range(3)]
    before = upgraded(after)
    assert rows(database, ClockRow) == []
    assert worker.sweep(database) == len(receipts)
    for receipt in receipts:
        assert one(database, receipt).escalated_to == level
        assert said(database, receipt, "escalate") == ([("escalate", 1)] if level else [])
    heard = Counter(m.ticket_id for m in rows(database, Message) if m.id > before and m.template != "digest")
    assert max(heard.values(), default=0) <= 1
    assert {who for who, _ in told(database, world, before)} == ({"committee_secretary"} if level else set())
    assert worker.sweep(database) == 0, "nothing is left over for the next round"


def test_what_was_late_before_counts_as_late_and_goes_on_by_the_rules(client, database, world, upgraded, time):
    receipt, slip = taken(client, world)
    upgraded(3 * DAY)
    worker.sweep(database)
    (clock,) = rows(database, ClockRow, kind="handled")
    assert (clock.breached_at, clock.stopped_at) == (clock.due_at, None)
    time.set(MONDAY + 4 * DAY)
    before = newest(database)
    worker.sweep(database)
    assert (one(database, receipt).escalated_to, told(database, world, before)) == (2, [("community", "escalated")])
    slip_verb(client, world, "property", slip, "done", text="好了")
    assert verb(client, world, "grid_head", receipt, "confirm", text="好了").json()["status"] == "answered"


def test_whoever_holds_an_old_ticket_is_reminded_and_nobody_who_never_saw_it(client, database, world, upgraded, time):
    taken(client, world)
    upgraded(20 * DAY)
    worker.sweep(database)
    before = newest(database)
    time.set(MONDAY + 28 * DAY)
    worker.sweep(database)
    assert told(database, world, before) == [("committee_secretary", "reminded")]


def test_an_answer_that_nobody_judged_is_closed_and_its_reporter_may_still_look(client, database, world, upgraded):
    receipt, slip = taken(client, world)
    slip_verb(client, world, "property", slip, "done", text="好了")
    verb(client, world, "grid_head", receipt, "confirm", text="好了")
    waiting = submit(client, world)
    upgraded(8 * DAY + timedelta(hours=1))
    worker.sweep(database)
    own = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert own["status"] == "closed_unrated"
    assert one(database, waiting).escalated_to == 1
