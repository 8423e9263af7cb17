"""A season of a compound with a worker that is down for days: what must be true at the end of it."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app import access
from app.models.clock import Clock as ClockRow
from app.models.event import Event
from app.models.message import Message
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import clocks, notices, sla, workflow
from app.rules.vocabulary import OPEN_SLIP, Clock, Complexity, Status, Verb
from tests.full.season import Season
from tests.senders.post import Post

pytestmark = pytest.mark.full
DAYS, A_DAY = 45, 5
OUTAGES = ((12, 1), (25, 3))


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def season(database, world, time):
    lived = Season(database, world, time, Post(most=20), seed=27, a_day=A_DAY)
    lived.live(DAYS, OUTAGES)
    return lived


def rows(session, model):
    return list(session.exec(select(model).order_by(col(model.id)).execution_options(scope="test")))


def test_nothing_is_lost_late_unseen_or_said_twice(season, database, time):
    with database.read() as session:
        tickets, slips = rows(session, Ticket), rows(session, Slip)
        events, messages, ticking = rows(session, Event), rows(session, Message), rows(session, ClockRow)
        past = {ticket.id: access.happenings(session, ticket) for ticket in tickets}
    assert len(tickets) > 100
    assert {"triage", "accept", "done", "confirm", "rate", "urge", "pause", "reply", "reject", "object"} <= set(
        season.done
    )
    everything_goes_on_by_itself(tickets, slips, ticking, time.at)
    no_clock_is_earlier_than_its_rule(ticking)
    history_gives_the_same_clocks(tickets, past, ticking)
    each_breach_is_escalated_once_a_level(events)
    nobody_is_woken_and_nothing_is_sent_twice(season.sender, messages)
    no_storm_after_a_silence(messages)


def everything_goes_on_by_itself(tickets, slips, ticking, now):
    """No open ticket without a next instant, and none over which a slip stays open when it is closed out."""
    opened = Counter(slip.ticket_id for slip in slips if slip.status in OPEN_SLIP)
    running = {row.ticket_id for row in ticking if row.next_at is not None}
    for ticket in tickets:
        if workflow.queue(Status(ticket.status)) == workflow.queue(Status.CLOSED):
            assert not opened[ticket.id]
            assert ticket.look_at is None
        else:
            assert ticket.look_at is not None, (ticket.number, ticket.status)
            assert ticket.look_at > now, (ticket.number, ticket.status, ticket.look_at)
            assert ticket.id in running or ticket.lapse_at is not None


def no_clock_is_earlier_than_its_rule(ticking):
    for row in ticking:
        assert row.due_at > row.started_at
        if row.kind == Clock.FIRST_RESPONSE:
            assert row.due_at >= sla.first_response_due(row.started_at)
        if row.kind == Clock.HANDLED:
            assert row.due_at >= sla.end_of(sla.local_day(row.started_at))
        assert row.breached_at is None or row.breached_at >= row.due_at - timedelta(days=31)


def history_gives_the_same_clocks(tickets, past, ticking):
    """The events alone, replayed, give the instants that the table has."""
    kept = {}
    for row in ticking:
        kept.setdefault(row.ticket_id, []).append((row.kind, row.round, row.due_at, row.stopped_at, row.void))
    for ticket in tickets:
        course = clocks.replay(past[ticket.id], Complexity(ticket.complexity))
        told = [(c.kind, c.round, c.due_at, c.stopped_at, c.void) for c in course.clocks]
        assert told == kept[ticket.id], ticket.number


def each_breach_is_escalated_once_a_level(events):
    by_clock = Counter(
        (e.ticket_id, e.facts["clock"], e.facts["round"], e.facts["step"], e.facts["at"])
        for e in events
        if e.actor == "system" and e.verb in {Verb.REMIND, Verb.BREACH, Verb.ESCALATE} and "clock" in e.facts
    )
    assert by_clock
    assert set(by_clock.values()) == {1}


def nobody_is_woken_and_nothing_is_sent_twice(sender, messages):
    sent = Counter(envelope.id for envelope in sender.sent)
    assert set(sent.values()) == {1}
    assert len(sent) == sum(message.status == "sent" for message in messages) > 200
    assert not [m for m in messages if m.status == "dead"]
    assert not [m for m in messages if m.sent_at and notices.is_quiet(m.sent_at) and not m.rings]


def no_storm_after_a_silence(messages):
    """However much was missed, a seat hears of one ticket once in one sweep."""
    at_once = Counter((m.ticket_id, m.seat_id, m.created_at, m.template) for m in messages if m.ticket_id)
    assert max(at_once.values()) == 1
