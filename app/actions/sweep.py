"""What tickets do by themselves: clocks that remind and escalate, states that end, the morning's digest.

A look takes everything that was called for since the last one, in order, each with the instant at which it was due;
whoever is to hear of it hears once, of what matters most. Looking twice does nothing twice (domain rules §2.4, §2.5).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import structlog

from app import access, history, outbox
from app.actions import clocks, intake
from app.actions.escalating import SYSTEM, system_facts
from app.actions.stepping import advance
from app.db import ReadSession, WriteSession
from app.models.ticket import Ticket
from app.rules import chains, notices, sla
from app.rules.chains import Ear
from app.rules.vocabulary import OPEN_SLIP, Role, SlipStatus, Status, Verb

AT_ONCE = 50
_log = structlog.get_logger("minqing.sweep")


class Looked(NamedTuple):
    """The tickets of one batch: those that were seen to, and those that failed and wait for the next sweep."""

    done: list[int]
    failed: list[int]


def is_due(session: ReadSession, *, now: datetime) -> bool:
    """Whether a batch would find anything."""
    return access.is_ripe(session, now)


def is_digest_due(session: ReadSession, *, now: datetime) -> bool:
    """Whether any desk was not yet counted today."""
    return notices.is_digest_time(now) and access.is_undigested(session, sla.local_day(now), now)


def batch(session: WriteSession, *, now: datetime, besides: Collection[int] = (), limit: int = AT_ONCE) -> Looked:
    """Sees to the next tickets that call for a look: all at once, or one by one where one of them cannot be seen to."""
    tickets = access.ripe(session, now, limit, besides)
    ids = [ticket.id for ticket in tickets]
    try:
        with session.begin_nested():
            access.read_ahead(session, tickets)
            for ticket in tickets:
                look(session, ticket, now)
    except Exception as fault:  # noqa: BLE001 -- one bad ticket must not hold up the others
        _log.warning("look at many failed", kind=type(fault).__name__, count=len(ids))
        return _one_by_one(session, dict(zip(ids, tickets, strict=True)), now)
    return Looked(ids, [])


def _one_by_one(session: WriteSession, tickets: Mapping[int, Ticket], now: datetime) -> Looked:
    """Each ticket for itself. One that cannot be seen to fails alone."""
    done, failed = [], []
    for number, ticket in tickets.items():
        try:
            with session.begin_nested():
                look(session, ticket, now)
        except Exception as fault:  # noqa: BLE001 -- one bad ticket must not hold up the others
            _log.error("look failed", kind=type(fault).__name__, id=number)
            failed.append(number)
        else:
            done.append(number)
    return Looked(done, failed)


def look(session: WriteSession, ticket: Ticket, now: datetime) -> None:
    """Everything that one ticket has called for by `now`, in the order in which it was due."""
    old = not access.clock_rows(session, ticket)
    if old:
        clocks.rebuilt(session, ticket)
    _Look(session, ticket, now, old=old).take()


def digests(session: WriteSession, *, now: datetime) -> int:
    """One routine message a day to each grid head who has something on the desk, from 08:30 on. How many were put."""
    if not notices.is_digest_time(now):
        return 0
    put, today = 0, sla.local_day(now)
    for seat in access.undigested(session, today, now):
        seat.digest_on = today
        counts = access.desk_counts(session, seat, now)
        if any(counts.values()):
            outbox.put_digest(session, seat.id, counts, now)
            put += 1
    return put


class _Look:
    """One ticket under lock, its clocks, and who is to hear of what."""

    def __init__(self, session: WriteSession, ticket: Ticket, now: datetime, *, old: bool) -> None:
        self.session, self.ticket, self.now = session, ticket, now
        self.old = old  # open since before there were clocks: it is taken up one level at most, and said once
        self.clocks = access.clock_rows(session, ticket)
        self.told: dict[int, str] = {}  # seat → the loudest notice

    def take(self) -> None:
        """Every lapse and every step in turn, then one notice a seat."""
        ticket = self.ticket
        while ticket.look_at is not None and ticket.look_at <= self.now:
            if ticket.lapse_at == ticket.look_at:
                self._lapse(ticket.look_at)
            else:
                self._step()
        if self.old and self.told:
            self.told = dict([max(self.told.items(), key=lambda one: chains.LOUDNESS.index(one[1]))])
        alarm = any(notices.is_alarm(template) for template in self.told.values())
        pressed = alarm and any(said.get("pressed") for said in history.said(self.session, ticket, Verb.SUBMIT))
        for seat_id, template in self.told.items():
            outbox.put(self.session, template, ticket.id, self.now, seat_id=seat_id, pressed=pressed)

    def _lapse(self, at: datetime) -> None:
        """A state ends by itself."""
        status, said = Status(self.ticket.status), {"at": at}
        if status is Status.PAUSED:
            self._advance(Verb.RESUME, said, outcome=self.ticket.paused_from or "")
            self._tell("resumed", Ear.LEAD)
        elif status is Status.ASSIGNED:
            self._advance(Verb.SEND_BACK, said)
            for slip in access.slips_of(self.session, self.ticket):
                if slip.status in OPEN_SLIP:
                    slip.status = SlipStatus.CANCELLED
            self._tell("sent_back", Ear.CHIEF)
        else:
            self._advance(Verb.LAPSE, said)
            if status is Status.NEED_INFO:
                self._tell("uninformed", Ear.CHIEF)

    def _step(self) -> None:
        """The next step of whichever clock called first."""
        called = [(row.next_at, row.id, row) for row in self.clocks if row.next_at is not None]
        at, _, row = min(called, key=lambda one: one[:2])
        wanted = chains.step(row.kind, row.stage)
        if wanted is None:
            raise RuntimeError("a clock called for a look and has nothing to say")
        said: dict[str, object] = {"clock": row.kind, "round": row.round, "step": row.stage, "at": at}
        verb, template = wanted.verb, wanted.template
        level = wanted.level
        if level:
            if wanted.verb is Verb.REMIND:
                level = min(level, max(self.ticket.escalated_to, 1))  # whoever holds it is reminded
            said["level"] = level
            if self.ticket.escalated_to >= level or (self.old and self.ticket.escalated_to):
                # The level has it already, by hand, by pressing or by another clock: it is not escalated again.
                verb, template = Verb.REMIND, "reminded"
        self._advance(verb, said)
        if verb is Verb.ESCALATE:
            self.ticket.escalated_to = level
        self._tell(template, wanted.ear, level)

    def _advance(self, verb: Verb, said: Mapping[str, object], outcome: str = "") -> None:
        facts = system_facts(self.ticket)
        advance(self.session, self.ticket, verb, facts, SYSTEM, history.SYSTEM, self.now, outcome=outcome, said=said)

    def _tell(self, template: str, ear: Ear, level: int = 0) -> None:
        for seat_id in self._seats(ear, level):
            self.told[seat_id] = chains.louder(self.told.get(seat_id), template)

    def _seats(self, ear: Ear, level: int) -> list[int]:
        """Who is told. Where nobody holds the slip it is the grid head; where that seat is empty, the next above it."""
        working = intake.working_seats(self.session, self.ticket) if ear is Ear.LEAD else []
        if working:
            return working
        above = {Ear.SECRETARY: chains.LEVELS, Ear.LEVEL: chains.LEVELS[level - 1 :]}
        roles = above.get(ear, (Role.GRID_HEAD, *chains.LEVELS))
        found = (intake.seats_of(self.session, self.ticket, role, self.now) for role in roles)
        return next(filter(None, found), [])
