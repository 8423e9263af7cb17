"""How things stand with a ticket: the plain facts that the workflow's guards ask for."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from app.access.actors import in_term
from app.access.callers import doers
from app.access.calls import may_not_ask
from app.access.clocks import events_of
from app.access.compounds import settings_of
from app.access.rows import Seen, slips_of
from app.access.scans import roster
from app.db import ReadSession
from app.models.rating import Rating
from app.models.seat import Seat
from app.models.slip import Slip
from app.models.staff import Account, Grant
from app.models.ticket import Ticket
from app.rules import standins, undoing
from app.rules.bands import Band
from app.rules.calls import CALLABLE
from app.rules.routing import Spot, seat_for
from app.rules.standins import Cover, Waiting
from app.rules.vocabulary import (
    OPEN_SLIP,
    CategorySource,
    Kind,
    Part,
    RatingSource,
    Role,
    Side,
    SlipStatus,
    Status,
    Verb,
)
from app.rules.workflow import Facts, Hat, hats_at_desk

RATING_CHANGEABLE = timedelta(hours=24)
OBJECTION_WITHIN = timedelta(days=7)
NEW_FACT_WITHIN = timedelta(days=15)
CLOSED_OUT_QUEUE = 2


_JUDGED = (
    select(Rating.at)
    .where(
        Rating.ticket_id == bindparam("ticket"),
        Rating.round == bindparam("round"),
        Rating.source == bindparam("source"),
    )
    .execution_options(scope="ticket")
)


class _Past(NamedTuple):
    """What happened to a ticket: per verb when, and with which facts, oldest first."""

    at: dict[Verb, list[datetime]]
    facts: dict[Verb, list[dict[str, Any]]]
    last: Verb | None

    def count(self, verb: Verb) -> int:
        """How often it happened."""
        return len(self.at.get(verb, ()))

    def within(self, verb: Verb, span: timedelta, now: datetime) -> bool:
        """Whether it last happened no longer ago than `span`."""
        return bool(self.at.get(verb)) and now <= self.at[verb][-1] + span


def standing(
    session: ReadSession, ticket: Ticket, now: datetime, *, account_id: int | None = None, slip: Slip | None = None
) -> Facts:
    """Facts about a ticket that access has handed out, as seen by an account or with a slip in hand."""
    slips = slips_of(session, ticket)
    past = _past(session, ticket)
    status = Status(ticket.status)
    done_by = frozenset().union(*(doers(session, s) for s in slips if s.round == ticket.round))
    did = account_id in done_by
    return Facts(
        status=status,
        kind=Kind(ticket.kind),
        category=ticket.category,
        triaged=ticket.triaged_at is not None,
        open_slips=sum(s.status in OPEN_SLIP for s in slips),
        lead_taken=any(s.part == Part.LEAD and s.status == SlipStatus.IN_PROGRESS for s in slips),
        returns=sum(s.status == SlipStatus.RETURNED for s in slips),
        slip_status=SlipStatus(slip.status) if slip is not None else None,
        did_the_work=did,
        other_checkers=not did or _other_checkers(session, ticket, done_by, now),
        rating_changeable=status is Status.CLOSED and _rating_changeable(session, ticket, now),
        asked_before=past.count(Verb.NEED_INFO) > 0,
        objectable=past.count(Verb.OBJECT) == 0 and past.within(Verb.REJECT, OBJECTION_WITHIN, now),
        review_of=Status.REJECTED if past.last is Verb.OBJECT else None,
        new_fact_reopens=_new_fact_reopens(ticket, past, now),
        before_due=now < ticket.due_at,
        reclassified=past.count(Verb.RECLASSIFY) > 0,
        extensions=past.count(Verb.EXTEND),
        promised=ticket.promised_until is not None,
        paused_before=past.count(Verb.PAUSE) > 0,
        paused_from=Status(ticket.paused_from) if ticket.paused_from else None,
        escalated_to=ticket.escalated_to,
        co_slips_open=sum(s.part == Part.CO and s.status in OPEN_SLIP for s in slips),
        handled_it=account_id is not None and status in CALLABLE and may_not_ask(session, ticket, account_id, now),
        called_back=status in CALLABLE and _called_back(session, ticket),
        choosable=ticket.category_source == CategorySource.SUGGESTED and _unsure(past),
        parent_open=ticket.merged_into_id is not None and _parent_open(session, ticket),
    )


def _past(session: ReadSession, ticket: Ticket) -> _Past:
    at: dict[Verb, list[datetime]] = {}
    said: dict[Verb, list[dict[str, Any]]] = {}
    last = None
    for event in undoing.effective(events_of(session, ticket), lambda event: event.verb):
        verb = Verb(event.verb)
        at.setdefault(verb, []).append(event.at)
        said.setdefault(verb, []).append(dict(event.facts))
        last = verb if verb in {Verb.OBJECT, Verb.RATE} else last
    return _Past(at, said, last)


def _new_fact_reopens(ticket: Ticket, past: _Past, now: datetime) -> bool:
    """Once, within 15 days of closing (domain rules §2.1 info)."""
    before = any(facts.get("reopened") for facts in past.facts.get(Verb.INFO, ()))
    return not before and ticket.closed_at is not None and now <= ticket.closed_at + NEW_FACT_WITHIN


def _unsure(past: _Past) -> bool:
    """Whether nobody was sure what it is about, and the reporter has not been asked yet."""
    guessed = [facts.get("band") for facts in past.facts.get(Verb.SUBMIT, ())]
    return past.count(Verb.CHOOSE) == 0 and any(band in {Band.CHOOSE, Band.QUEUE} for band in guessed)


def _parent_open(session: ReadSession, ticket: Ticket) -> bool:
    query = select(Ticket.queue).where(Ticket.id == ticket.merged_into_id)
    return session.exec(query.execution_options(scope="ticket")).one() < CLOSED_OUT_QUEUE


def hats_of(session: ReadSession, seen: Seen, now: datetime) -> frozenset[Hat]:
    """What the viewer of a desk ticket may be on it."""
    ticket = seen.ticket
    return hats_at_desk(
        seen.roles,
        grid_recused=ticket.hidden_grid,
        self_mgmt_recused=ticket.hidden_self_mgmt,
        escalated_to=ticket.escalated_to,
        cover=_cover(session, ticket, now),
    )


def _cover(session: ReadSession, ticket: Ticket, now: datetime) -> Cover:
    """Which offices are filled at the ticket's place, and who may triage it in the grid head's stead."""
    seats = roster(session, ticket.compound_id)
    grid = seat_for(Role.GRID_HEAD, Spot(ticket.building_id, ticket.stairwell_id), seats, now)
    away = grid is None or (grid[0].absent_until is not None and now < grid[0].absent_until)
    waiting = Waiting(
        submitted=ticket.submitted_at,
        grid_acted=ticket.triaged_at is not None or _acted(session, ticket, Role.GRID_HEAD),
        barred=_barred(ticket),
        avoid=frozenset(Side(side) for side in ticket.avoid),
        window=settings_of(session, ticket.compound_id).window,
    )
    filled = frozenset(seat.role for seat in seats if seat.filled(now))
    return Cover(filled, standins.backups(waiting, now, absent=away))


def _barred(ticket: Ticket) -> bool:
    """A shield, or a conflict with any side, guesses before triage included; what a reporter avoids is no conflict."""
    taken_out = {
        Side.GRID_HEAD: ticket.hidden_grid,
        Side.PROPERTY: ticket.hidden_property,
        Side.SELF_MGMT_GROUP: ticket.hidden_self_mgmt,
    }
    return ticket.shielded or ticket.hidden_grid or any(taken_out[s] and s not in ticket.avoid for s in taken_out)


def _acted(session: ReadSession, ticket: Ticket, role: Role) -> bool:
    return any(event.actor == role for event in events_of(session, ticket))


def chief_roles(ticket: Ticket) -> frozenset[Role]:
    """Who confirms and answers: the grid head, or the secretary where the grid head is taken out."""
    return frozenset({Role.COMMITTEE_SECRETARY if ticket.hidden_grid else Role.GRID_HEAD})


def latest_rating(session: ReadSession, ticket: Ticket) -> Rating | None:
    """The newest rating of a ticket."""
    query = select(Rating).where(Rating.ticket_id == ticket.id).order_by(col(Rating.id).desc()).limit(1)
    return session.exec(query.execution_options(scope="ticket")).first()


def redone_before(session: ReadSession, ticket: Ticket) -> bool:
    """Whether an earlier round was judged as not solved: the second time goes to the secretary (domain rules §2.6)."""
    query = select(func.count()).select_from(Rating).where(Rating.ticket_id == ticket.id, Rating.round < ticket.round)
    return session.exec(query.execution_options(scope="ticket")).one() > 0


def _called_back(session: ReadSession, ticket: Ticket) -> bool:
    """Whether somebody has asked in this round already and got a judgement."""
    return bool(_judged(session, ticket, RatingSource.CALLBACK))


def _rating_changeable(session: ReadSession, ticket: Ticket, now: datetime) -> bool:
    """Once, within 24 hours of the reporter's first judgement of this round."""
    made = _judged(session, ticket, RatingSource.RESIDENT)
    return len(made) == 1 and now < made[0] + RATING_CHANGEABLE


def _judged(session: ReadSession, ticket: Ticket, source: RatingSource) -> list[datetime]:
    """When this round was judged from that side."""
    by = {"ticket": ticket.id, "round": ticket.round, "source": source}
    return list(session.exec(_JUDGED, params=by))


def _other_checkers(session: ReadSession, ticket: Ticket, done_by: Collection[int], now: datetime) -> bool:
    query = (
        select(func.count(func.distinct(Account.id)))
        .join(Grant, col(Grant.account_id) == col(Account.id))
        .join(Seat, col(Seat.id) == col(Grant.seat_id))
        .where(
            Seat.compound_id == ticket.compound_id,
            col(Seat.role).in_(chief_roles(ticket)),
            col(Account.id).not_in(sorted(done_by)),
            col(Account.disabled_at).is_(None),
            in_term(col(Grant.starts_at), col(Grant.ends_at), now),
            in_term(col(Seat.starts_at), col(Seat.ends_at), now),
        )
    )
    return session.exec(query).one() > 0
