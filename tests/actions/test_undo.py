"""撤销: for ten seconds a step is taken back whole, by whoever took it; after that, and for anybody else, never."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app import access, outbox
from app.models.clock import Clock
from app.models.message import Message
from app.models.ticket import Ticket
from app.rules import clocks
from app.rules.vocabulary import Complexity
from tests.builders import MONDAY, desk, secret, slip_of, slip_verb, submit, triage, verb

SECOND = timedelta(seconds=1)


def row(database, receipt):
    """Everything about a ticket that a step could change, as plain values; its history is not among it."""
    with database.read() as session:
        ticket = session.exec(
            select(Ticket).where(Ticket.number == receipt["number"]).execution_options(scope="test")
        ).one()
        running = session.exec(select(Clock).where(Clock.ticket_id == ticket.id).execution_options(scope="test")).all()
        slips = [(slip.slip_no, slip.status) for slip in access.slips_of(session, ticket) if slip.status != "cancelled"]
        told = session.exec(select(Message.template).where(Message.ticket_id == ticket.id).execution_options(scope="t"))
        return ticket.model_dump(), [clock.model_dump() for clock in running], slips, sorted(told)


def verbs_of(client, world, receipt):
    return [event["verb"] for event in desk(client, world, "grid_head", receipt).json()["events"]]


def triaged(client, world, **over):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水")
    assert triage(client, world, receipt, **over).status_code == 200
    return receipt


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("triage", {"category": "BLD-07", "complexity": "complex", "redacted_text": "漏水"}),
        ("triage", {"category": "GOV-01", "complexity": "complex", "redacted_text": "物业不管"}),
        ("triage", {"category": "BLD-05", "complexity": "simple", "redacted_text": "漏水", "assign": True}),
    ],
)
def test_a_triage_is_taken_back_as_if_it_had_never_been(client, world, database, time, name, body):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水")
    before = row(database, receipt)
    time.set(MONDAY + SECOND)
    assert verb(client, world, "grid_head", receipt, name, **body).status_code == 200
    assert row(database, receipt) != before
    time.set(MONDAY + 10 * SECOND)
    assert verb(client, world, "grid_head", receipt, "undo").status_code == 200
    assert row(database, receipt) == before
    events = verbs_of(client, world, receipt)
    assert events.count("undo") == events.count("triage") + events.count("assign")


def test_a_slip_that_went_to_the_wrong_seat_is_called_off_before_anybody_hears_of_it(client, world, database, time):
    receipt = triaged(client, world)
    time.set(MONDAY + timedelta(minutes=5))
    assert verb(client, world, "grid_head", receipt, "assign", lead="property").status_code == 200
    right = row(database, receipt)
    time.set(MONDAY + timedelta(minutes=9))
    assert verb(client, world, "grid_head", receipt, "assign", lead="police").status_code == 200
    wrong = slip_of(client, world, "police")["slip_no"]
    assert verb(client, world, "grid_head", receipt, "undo").status_code == 200
    assert row(database, receipt) == right
    assert slip_of(client, world, "property")["status"] == "assigned"
    assert slip_verb(client, world, "police", wrong, "accept").status_code == 409


def test_a_pause_is_taken_back_and_its_clocks_run_on(client, world, database, time):
    receipt = triaged(client, world)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "accept")
    time.set(MONDAY + timedelta(hours=1))
    before = row(database, receipt)
    body = {"reason": "waiting_external", "until": "2027-03-02T09:00:00+08:00"}
    assert verb(client, world, "grid_head", receipt, "pause", **body).json()["status"] == "paused"
    assert verb(client, world, "grid_head", receipt, "undo").json()["status"] == "in_progress"
    assert row(database, receipt) == before
    assert "pause" in desk(client, world, "grid_head", receipt).json()["verbs"]


@pytest.mark.parametrize(("after", "status"), [(9 * SECOND, 200), (10 * SECOND, 409), (timedelta(days=1), 409)])
def test_after_ten_seconds_it_stays(client, world, time, after, status):
    receipt = triaged(client, world)
    time.set(MONDAY + after)
    assert verb(client, world, "grid_head", receipt, "undo").status_code == status


@pytest.mark.parametrize(("who", "status"), [("grid_head", 200), ("grid_head2", 409), ("property", 403)])
def test_only_whoever_did_it_takes_it_back(client, world, who, status):
    receipt = triaged(client, world)
    answer = verb(client, world, who, receipt, "undo")
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["verbs"] == desk(client, world, who, receipt).json()["verbs"]


def test_what_happened_since_keeps_the_step_in_place(client, world):
    receipt = triaged(client, world)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    slip_verb(client, world, "property", slip_of(client, world, "property")["slip_no"], "accept")
    assert verb(client, world, "grid_head", receipt, "undo").status_code == 409
    other = triaged(client, world)
    client.post(f"/api/v1/tickets/{other['number']}/info", json={"text": "是三楼"}, headers=secret(other))
    assert verb(client, world, "grid_head", other, "undo").status_code == 409


def test_an_emergency_is_never_held_back_and_never_taken_back(client, world, database):
    receipt = submit(client, world, category="BLD-02", text="电梯里有人", emergency=True)
    triage(client, world, receipt, complexity="emergency", category="BLD-15")
    assert verb(client, world, "grid_head", receipt, "undo").status_code == 409


def test_notices_of_such_a_step_wait_until_it_can_no_longer_be_taken_back(client, world, database, time):
    receipt = triaged(client, world)
    time.set(MONDAY + timedelta(minutes=1))
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    with database.read() as session:
        put = select(Message.next_at).where(Message.created_at == MONDAY + timedelta(minutes=1))
        waiting = list(session.exec(put.execution_options(scope="test")))
    assert set(waiting) == {MONDAY + timedelta(minutes=1) + 10 * SECOND}


def test_a_notice_that_is_on_its_way_already_keeps_the_step_in_place(client, world, database):
    receipt = triaged(client, world)
    verb(client, world, "grid_head", receipt, "assign", lead="property")
    with database.write() as session:
        assert outbox.claim(session, MONDAY + 10 * SECOND, 100)
    assert verb(client, world, "grid_head", receipt, "undo").status_code == 409
    assert desk(client, world, "grid_head", receipt).json()["status"] == "assigned"


def test_the_next_try_counts_as_the_first(client, world, time):
    receipt = triaged(client, world)
    verb(client, world, "grid_head", receipt, "undo")
    assert triage(client, world, receipt, category="BLD-07", redacted_text="雨水管漏").status_code == 200
    view = desk(client, world, "grid_head", receipt).json()
    assert (view["category"]["code"], view["redacted_text"]) == ("BLD-07", "雨水管漏")


def test_the_clocks_of_a_ticket_with_an_undo_are_those_of_its_history(client, world, database, time):
    receipt = triaged(client, world, complexity="complex")
    verb(client, world, "grid_head", receipt, "undo")
    time.set(MONDAY + timedelta(hours=3))
    triage(client, world, receipt, complexity="simple")
    with database.read() as session:
        ticket = session.exec(select(Ticket).execution_options(scope="test")).one()
        told = clocks.replay(access.happenings(session, ticket), Complexity(ticket.complexity))
        assert told.clocks == tuple(access.clock_state(clock) for clock in access.clock_rows(session, ticket))


def test_nobody_reads_who_was_taken_out_before(client, world):
    receipt = submit(client, world, category="BLD-05", text="厨房漏水")
    triage(client, world, receipt)
    for who in ("grid_head", "property"):
        events = desk(client, world, who, receipt).json()["events"]
        assert not any("back" in event["facts"] for event in events)


def test_words_that_were_taken_back_are_masked_again(client, world):
    receipt = triaged(client, world, redacted_text="李梅家漏水，电话13812345678")
    verb(client, world, "grid_head", receipt, "undo")
    assert "13812345678" not in desk(client, world, "property", receipt).text
