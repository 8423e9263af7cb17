"""A compound for a year, over a thousand matters, a worker that is down for days: what must be true after it.

It is lived twice, side by side: by natural days, and by working days with holidays and make-up days. The year is one of
which the holiday table knows every day.
"""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from sqlmodel import col, select

from app import access
from app.access import figures as counted
from app.access.figures import Slice
from app.errors import NotFoundError
from app.models.clock import Clock as ClockRow
from app.models.event import Event
from app.models.message import Message
from app.models.place import Compound
from app.models.seat import Seat
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import clocks, figures, notices, sla, workflow
from app.rules.vocabulary import OPEN_SLIP, Clock, Complexity, Role, Status, Verb
from tests.access import histories
from tests.builders import build_world
from tests.full.season import OVER, Season
from tests.journeys.course_machine import SILENT
from tests.registry_builders import staff_of
from tests.senders.post import Post

pytestmark = pytest.mark.full
BEGIN = datetime(2025, 10, 31, 16, tzinfo=UTC)  # 1 November in Shanghai
DAYS, A_DAY, AT_LEAST = 365, 4.6, 1_000
OUTAGES = ((12, 1), (60, 3), (200, 6), (300, 2))
HAPPENED = {"triage", "accept", "done", "confirm", "rate", "urge", "pause", "reply", "reject", "object", "decide"}
HAPPENED |= {"callback", "info", "extend", "return", "merge", "withdraw", "escalate", "deescalate", "reclassify"}
ONCE_A_ROUND = {Clock.FIRST_RESPONSE, Clock.EMERGENCY, Clock.HANDLED, Clock.CLEAR_REPLY, Clock.PROMISE}
PERIODS = (
    (date(2025, 11, 1), date(2026, 11, 7)),
    (date(2026, 2, 1), date(2026, 2, 28)),
    (date(2026, 10, 1), date(2026, 10, 31)),
)
CALENDARS = {"natural days": {}, "working days": {"calendar": "workday", "rollover": True}}
VIEWERS = {Role.COMMITTEE_SECRETARY: "", Role.GRID_HEAD: "hidden_grid", Role.PROPERTY: "hidden_property"}


@pytest.fixture
def database(sqlite_database):
    """Nobody pulls the plug in this test: it need not wait for the disk."""
    sqlite_database.engine.raw_connection().driver_connection.execute("PRAGMA synchronous=OFF")
    return sqlite_database


@pytest.fixture(params=list(CALENDARS))
def calendar(request):
    return request.param


@pytest.fixture
def world(database, calendar):
    made = build_world(database)
    with database.write() as session:
        for seat in session.exec(select(Seat)):
            seat.starts_at = None  # in office since before this year
        session.exec(select(Compound)).one().settings = CALENDARS[calendar]
    return made


@pytest.fixture
def season(database, world, time, monkeypatch):
    for view in ("desk_ticket_view", "slip_view", "ticket_view"):
        monkeypatch.setattr(access, view, lambda *_: None)  # nobody reads the answers, which cost as much as the acts
    time.set(BEGIN)
    lived = Season(database, world, time, Post(most=20), seed=27, a_day=A_DAY)
    lived.live(DAYS, OUTAGES)
    for _ in range(3):
        lived.report(time.at)  # of some nothing is owed yet
    return lived


def rows(session, model):
    return list(session.exec(select(model).order_by(col(model.id)).execution_options(scope="test")))


def test_nothing_is_lost_late_unseen_or_said_twice_in_a_year(season, database, world, calendar, time):
    with database.read() as session:
        tickets, slips = rows(session, Ticket), rows(session, Slip)
        events, messages, ticking = rows(session, Event), rows(session, Message), rows(session, ClockRow)
        past = {ticket.id: access.happenings(session, ticket) for ticket in tickets}
        owned = owners(session, world, tickets, slips, time.at)
    assert len(tickets) >= AT_LEAST
    assert set(season.done) >= HAPPENED
    assert season.unseen == []
    everything_goes_on_by_itself(tickets, slips, ticking, owned, time.at)
    joined = {event.ticket_id for event in events if event.verb == Verb.MERGE and "due" in event.facts}
    alone = [row for row in ticking if row.ticket_id not in joined]  # what takes over another is due as early as that
    no_clock_is_earlier_than_its_rule(alone, calendar == "working days")
    history_gives_the_same_clocks(tickets, past, ticking)
    each_breach_is_escalated_once_a_level(events, ticking, time.at)
    nobody_is_woken_and_nothing_is_sent_twice(season.sender, messages)
    no_storm_after_a_silence(messages)
    figures_are_those_of_a_recount(database, world, time.at)


def owners(session, world, tickets, slips, now):
    """Of the open tickets, those that somebody in office owes something on."""
    found = {slip.ticket_id for slip in slips if slip.status in OPEN_SLIP}
    for role in (Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.SELF_MGMT_HEAD, Role.COMMUNITY, Role.STREET):
        staff = staff_of(world, role)
        for ticket in [t for t in tickets if t.queue < OVER and t.id not in found]:
            if set(verbs_of(session, staff, ticket.number, now)) - SILENT:
                found.add(ticket.id)
    return found


def verbs_of(session, staff, number, now):
    try:
        seen = access.desk_ticket(session, staff, number)
    except NotFoundError:
        return []
    facts = access.standing(session, seen.ticket, now, account_id=staff.account_id)
    return workflow.legal(facts, access.hats_of(session, seen, now), workflow.Door.DESK)


def everything_goes_on_by_itself(tickets, slips, ticking, owned, now):
    """No open ticket without a next owner and a next instant, and none closed out over a slip that stays open."""
    opened = Counter(slip.ticket_id for slip in slips if slip.status in OPEN_SLIP)
    running = {row.ticket_id for row in ticking if row.next_at is not None}
    by_itself = {Status.NEED_INFO, Status.ANSWERED, Status.REJECTED, Status.PAUSED}
    for ticket in tickets:
        if ticket.queue == OVER:
            assert not opened[ticket.id]
            assert ticket.look_at is None
        else:
            assert ticket.look_at is not None, (ticket.number, ticket.status)
            assert ticket.look_at > now, (ticket.number, ticket.status, ticket.look_at)
            assert ticket.id in running or ticket.lapse_at is not None
            assert ticket.id in owned or ticket.status in by_itself, (ticket.number, ticket.status)


def no_clock_is_earlier_than_its_rule(ticking, by_workdays):
    """Counted on the fingers: no function of the product is asked."""
    least = {
        Clock.HANDLED: lambda day, after, works: counted_on(day + timedelta(days=after >= time(18)), 0, works),
        Clock.CLEAR_REPLY: lambda day, _, works: counted_on(day, 3, works),
        Clock.FIRST_RESPONSE: lambda day, after, _: two_hours_on(day, after),
    }
    checked = Counter()
    for row in ticking:
        assert row.due_at > row.started_at
        local = row.started_at.astimezone(sla.SHANGHAI)
        if row.kind in least and not row.void and row.round == 1:
            earliest = least[row.kind](local.date(), local.time(), by_workdays)
            assert row.due_at >= earliest, (row.ticket_id, row.kind, row.due_at, earliest)
            checked[row.kind, row.due_at == earliest] += 1
    assert all(checked[kind, True] for kind in least)


def counted_on(day: date, days, works):
    """24:00 of the day so many days later; of the first working day from then on."""
    while days:
        day += timedelta(days=1)
        days -= not works or chinese_calendar.is_workday(day)
    while works and not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), sla.SHANGHAI)


def two_hours_on(day: date, at):
    """Two hours between eight and eight."""
    if at >= time(20):
        day, at = day + timedelta(days=1), time(8)
    start = datetime.combine(day, max(at, time(8)), sla.SHANGHAI)
    closing = datetime.combine(day, time(20), sla.SHANGHAI)
    left = closing - start
    two = timedelta(hours=2)
    return start + two if left >= two else closing + timedelta(hours=12) + two - left


def history_gives_the_same_clocks(tickets, past, ticking):
    """The events alone, replayed, give the instants that the table has."""
    kept = histories.by(ticking, "ticket_id")
    for ticket in tickets:
        course = clocks.replay(past[ticket.id], Complexity(ticket.complexity))
        told = [(c.kind, c.round, c.due_at, c.stopped_at, c.void, c.breached_at) for c in course.clocks]
        rows = [(c.kind, c.round, c.due_at, c.stopped_at, c.void, c.breached_at) for c in kept[ticket.id,]]
        assert told == rows, ticket.number


def each_breach_is_escalated_once_a_level(events, ticking, now):
    """Each step once; a breach before what follows from it; and no level is told of what it has already."""
    steps = [e for e in events if e.actor == "system" and "clock" in e.facts]
    once = Counter((e.ticket_id, e.facts["clock"], e.facts["round"], e.facts["step"], e.facts["at"]) for e in steps)
    assert set(once.values()) == {1}
    firm = [e for e in steps if e.verb != Verb.REMIND and e.facts["clock"] in ONCE_A_ROUND]
    assert set(Counter((e.ticket_id, e.facts["clock"], e.facts["round"], e.facts["step"]) for e in firm).values()) == {
        1
    }
    assert {e.facts["level"] for e in events if e.verb == Verb.ESCALATE} == {1, 2, 3}
    for history in histories.by(events, "ticket_id").values():
        held, breached = 0, set()
        for event in history:
            if event.verb == Verb.BREACH:
                breached.add((event.facts["clock"], event.facts["round"]))
            if event.verb == Verb.ESCALATE:
                assert event.facts["level"] > held
                held = event.facts["level"]
                assert "clock" not in event.facts or (event.facts["clock"], event.facts["round"]) in breached
            if event.verb == Verb.DEESCALATE:
                held = event.facts["level"]
    for row in ticking:
        if row.stopped_at is None and not row.void and row.paused_at is None and row.due_at <= now:
            assert row.breached_at is not None, (row.ticket_id, row.kind)


def nobody_is_woken_and_nothing_is_sent_twice(sender, messages):
    sent = Counter(envelope.id for envelope in sender.sent)
    assert set(sent.values()) == {1}
    assert len(sent) == sum(message.status == "sent" for message in messages) > AT_LEAST
    assert not [m for m in messages if m.status == "dead"]
    assert not [m for m in messages if m.sent_at and notices.is_quiet(m.sent_at) and not m.rings]
    assert not [m for m in messages if m.status == "waiting" and m.next_at <= m.created_at - timedelta(days=1)]


def no_storm_after_a_silence(messages):
    """However much was missed, a seat hears of one ticket once in one sweep."""
    at_once = Counter((m.ticket_id, m.seat_id, m.created_at, m.template) for m in messages if m.ticket_id)
    assert max(at_once.values()) == 1


def figures_are_those_of_a_recount(database, world, now):
    """Two months and the whole year, for whoever sees everything and for whoever does not."""
    found = histories.rows(database)
    everything = Counter()
    for period, (role, hidden) in itertools.product(PERIODS, VIEWERS.items()):
        start, end = counted.period(*period)
        expected, seconds = histories.recount(found, start, end, now, lambda t, h=hidden: not (h and getattr(t, h)))
        with database.read() as session:
            wanted, staff = Slice(world.compound_id, start, end), staff_of(world, role)
            got = counted.counts(session, staff, wanted, now)
            middle = counted.seconds_to_done(session, staff, wanted, now, 50)
        assert {key: tuple(count) for key, count in got.items()} == expected, (period, role)
        assert middle == (seconds[figures.place_of(50, len(seconds))], len(seconds))
        everything.update({key: over for key, (over, _) in expected.items()})
    assert min(everything.values()) > 0, "a year that leaves a figure empty proves nothing about it"
