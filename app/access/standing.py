"""How things stand with a ticket: the plain facts that the workflow's guards ask for."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from app.access.actors import in_term
from app.access.rows import Seen, slips_of
from app.db import ReadSession
from app.models.rating import Rating
from app.models.seat import Seat
from app.models.slip import Slip
from app.models.staff import Account, Grant
from app.models.ticket import Ticket
from app.rules.vocabulary import OPEN_SLIP, Kind, Part, Role, SlipStatus, Status
from app.rules.workflow import Facts, Hat, hats_at_desk

RATING_CHANGEABLE = timedelta(hours=24)


def standing(
    session: ReadSession, ticket: Ticket, now: datetime, *, account_id: int | None = None, slip: Slip | None = None
) -> Facts:
    """Facts about a ticket that access has handed out, as seen by an account or with a slip in hand."""
    slips = slips_of(session, ticket)
    did = account_id is not None and any(s.done_by == account_id and s.round == ticket.round for s in slips)
    return Facts(
        status=Status(ticket.status),
        kind=Kind(ticket.kind),
        category=ticket.category,
        triaged=ticket.triaged_at is not None,
        open_slips=sum(s.status in OPEN_SLIP for s in slips),
        lead_taken=any(s.part == Part.LEAD and s.status == SlipStatus.IN_PROGRESS for s in slips),
        returns=sum(s.status == SlipStatus.RETURNED for s in slips),
        slip_status=SlipStatus(slip.status) if slip is not None else None,
        did_the_work=did,
        other_checkers=not did or _other_checkers(session, ticket, account_id, now),
        rating_changeable=ticket.status == Status.CLOSED and _rating_changeable(session, ticket, now),
    )


def hats_of(seen: Seen) -> frozenset[Hat]:
    """What the viewer of a desk ticket may be on it."""
    return hats_at_desk(
        seen.roles, grid_recused=seen.ticket.hidden_grid, self_mgmt_recused=seen.ticket.hidden_self_mgmt
    )


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


def _rating_changeable(session: ReadSession, ticket: Ticket, now: datetime) -> bool:
    """Once, within 24 hours of the first judgement of this round."""
    query = select(Rating.at).where(Rating.ticket_id == ticket.id, Rating.round == ticket.round)
    made = list(session.exec(query.execution_options(scope="ticket")))
    return len(made) == 1 and now < made[0] + RATING_CHANGEABLE


def _other_checkers(session: ReadSession, ticket: Ticket, account_id: int | None, now: datetime) -> bool:
    query = (
        select(func.count(func.distinct(Account.id)))
        .join(Grant, col(Grant.account_id) == col(Account.id))
        .join(Seat, col(Seat.id) == col(Grant.seat_id))
        .where(
            Seat.compound_id == ticket.compound_id,
            col(Seat.role).in_(chief_roles(ticket)),
            Account.id != account_id,
            col(Account.disabled_at).is_(None),
            in_term(col(Grant.starts_at), col(Grant.ends_at), now),
            in_term(col(Seat.starts_at), col(Seat.ends_at), now),
        )
    )
    return session.exec(query).one() > 0
