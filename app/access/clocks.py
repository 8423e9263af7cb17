"""A ticket's clocks as rows and as plain values, the terms they run on, and which tickets call for a look."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import col, select

from app.access.compounds import compound_of, settings_of
from app.access.scans import rosters
from app.db import ReadSession, WriteSession
from app.models.clock import Clock as ClockRow
from app.models.event import Event
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import undoing
from app.rules.course import INNER, ClockState, Happening
from app.rules.terms import Terms
from app.rules.vocabulary import Clock, Part, Status, Verb
from app.rules.workdays import Calendar
from app.schemas.desk import ClockView

_CLOCKS = select(ClockRow).where(ClockRow.ticket_id == bindparam("ticket")).order_by(col(ClockRow.id))
_EVENTS = select(Event).where(Event.ticket_id == bindparam("ticket")).order_by(col(Event.id))


def calendar_of(session: ReadSession, compound_id: int) -> Calendar:
    """How a compound counts days."""
    return settings_of(session, compound_id).days


def terms_of(session: ReadSession, compound_id: int) -> Terms:
    """A compound's calendar, hours and days, and whether somebody is there around the clock."""
    staffed, own = compound_of(session, compound_id).staffed_around_the_clock, settings_of(session, compound_id)
    return Terms(own.days, staffed, own.cut_off, own.window, own.clear_reply_days)


def clock_rows(session: ReadSession, ticket: Ticket) -> list[ClockRow]:
    """The clocks of a ticket that access has handed out, in the order in which they were started."""

    def read() -> list[ClockRow]:
        return list(session.exec(_CLOCKS, params={"ticket": ticket.id}, execution_options={"scope": "clock"}))

    return list(session.once("clock", ticket.id, read))


def clock_state(row: ClockRow) -> ClockState:
    """A row as the rules see it."""
    return ClockState(
        kind=Clock(row.kind),
        round=row.round,
        started_at=row.started_at,
        due_at=row.due_at,
        note=row.note,
        stopped_at=row.stopped_at,
        void=row.void,
        paused_at=row.paused_at,
        breached_at=row.breached_at,
        stage=row.stage,
    )


def clock_views(session: ReadSession, ticket: Ticket, now: datetime) -> list[ClockView]:
    """The clocks that count, as the desk reads them: void ones do not, and inner ones only while they run."""
    states = [clock_state(row) for row in clock_rows(session, ticket)]
    shown = [c for c in states if c.runs or not (c.void or c.kind in INNER)]
    return [ClockView(kind=c.kind, due_at=c.due_at, state=c.state(now)) for c in shown]


def events_of(session: ReadSession, ticket: Ticket) -> list[Event]:
    """The whole history of a ticket that access has handed out, oldest first."""

    def read() -> list[Event]:
        return list(session.exec(_EVENTS, params={"ticket": ticket.id}, execution_options={"scope": "event"}))

    return list(session.once("event", ticket.id, read))


def happenings(session: ReadSession, ticket: Ticket) -> list[Happening]:
    """A ticket's whole history, as far as clocks are concerned: without what was taken back."""
    events = undoing.effective(events_of(session, ticket), lambda event: event.verb)
    before = [Status.SUBMITTED, *(Status(event.status) for event in events)]
    return [
        Happening(Verb(event.verb), event.at, was, Status(event.status), event.actor, event.facts)
        for was, event in zip(before, events, strict=False)
    ]


def read_ahead(session: ReadSession, tickets: Sequence[Ticket]) -> None:
    """The clocks, slips and rosters of many tickets in three statements, so that nobody asks for those of each."""
    ids = [ticket.id for ticket in tickets]
    clocks: dict[int, list[ClockRow]] = {number: [] for number in ids}
    query = select(ClockRow).where(col(ClockRow.ticket_id).in_(ids)).order_by(col(ClockRow.id))
    for clock in session.exec(query.execution_options(scope="sweep")):
        clocks[clock.ticket_id].append(clock)
    session.keep("clock", clocks)
    slips: dict[int, list[Slip]] = {number: [] for number in ids}
    lead_first = select(Slip).where(col(Slip.ticket_id).in_(ids)).order_by(col(Slip.part) != Part.LEAD, col(Slip.id))
    for slip in session.exec(lead_first.execution_options(scope="sweep")):
        slips[slip.ticket_id].append(slip)
    session.keep("slip", slips)
    session.keep("seat", rosters(session, {ticket.compound_id for ticket in tickets}), plain=True)


def is_ripe(session: ReadSession, now: datetime) -> bool:
    """Whether any ticket calls for a look. Takes no lock, so that an idle sweep disturbs nobody."""
    query = select(Ticket.id).where(_ripe(now)).limit(1)
    return session.exec(query.execution_options(scope="sweep")).first() is not None


def ripe(session: WriteSession, now: datetime, limit: int, besides: Collection[int] = ()) -> list[Ticket]:
    """The next tickets that call for a look, the longest waiting first, locked; what others hold is skipped."""
    query = select(Ticket).where(_ripe(now)).order_by(col(Ticket.look_at), col(Ticket.id)).limit(limit)
    if besides:
        query = query.where(col(Ticket.id).not_in(sorted(besides)))
    query = query.with_for_update(skip_locked=True, key_share=True)
    return list(session.exec(query.execution_options(scope="sweep", populate_existing=True)))


def _ripe(now: datetime) -> ColumnElement[bool]:
    return col(Ticket.look_at) <= now
