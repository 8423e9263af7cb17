"""A ticket's clocks as rows and as plain values, the terms they run on, and which tickets call for a look."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from app.access.compounds import settings_of
from app.db import ReadSession, WriteSession
from app.models.clock import Clock as ClockRow
from app.models.event import Event
from app.models.place import Compound
from app.models.ticket import Ticket
from app.rules.course import INNER, ClockState, Happening
from app.rules.terms import Terms
from app.rules.vocabulary import Clock, Status, Verb
from app.rules.workdays import Calendar
from app.schemas.desk import ClockView


def calendar_of(session: ReadSession, compound_id: int) -> Calendar:
    """How a compound counts days."""
    return settings_of(session, compound_id).days


def terms_of(session: ReadSession, compound_id: int) -> Terms:
    """A compound's calendar, hours and days, and whether somebody is there around the clock."""
    staffed = session.exec(select(Compound.staffed_around_the_clock).where(Compound.id == compound_id)).one()
    own = settings_of(session, compound_id)
    return Terms(own.days, staffed, own.cut_off, own.window, own.clear_reply_days)


def clock_rows(session: ReadSession, ticket: Ticket) -> list[ClockRow]:
    """The clocks of a ticket that access has handed out, in the order in which they were started."""
    query = select(ClockRow).where(ClockRow.ticket_id == ticket.id).order_by(col(ClockRow.id))
    return list(session.exec(query.execution_options(scope="clock")))


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


def happenings(session: ReadSession, ticket: Ticket) -> list[Happening]:
    """A ticket's whole history, as far as clocks are concerned."""
    query = select(Event).where(Event.ticket_id == ticket.id).order_by(col(Event.id))
    events = list(session.exec(query.execution_options(scope="clock")))
    before = [Status.SUBMITTED, *(Status(event.status) for event in events)]
    return [
        Happening(Verb(event.verb), event.at, was, Status(event.status), event.actor, event.facts)
        for was, event in zip(before, events, strict=False)
    ]


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
