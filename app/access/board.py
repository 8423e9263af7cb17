"""The only rows that everybody may read of: triaged, of a kind that points at nobody, and no side taken out."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, null, or_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.access.actors import Staff
from app.access.consents import agreed
from app.db import ReadSession, WriteSession
from app.errors import NotFoundError
from app.models.board import MeToo, PublicReply
from app.models.place import Building, Compound
from app.models.ticket import Consent, Ticket
from app.rules import board, catalogue, refusals
from app.rules.rights import ConsentItem
from app.rules.vocabulary import Status

NOBODY = Staff(0, "", "", is_admin=False, seats=())
"""Whoever reads the board: no account, no seat, totals only."""


class Told(NamedTuple):
    """So many matters of one kind in one state; no building where homes are concerned."""

    category: str
    building: str | None
    status: Status
    many: int


class Reply(NamedTuple):
    """A released reply, with where and when."""

    category: str
    building: str
    text: str
    at: datetime


def compound_with_board(session: ReadSession, code: str) -> Compound:
    """A compound whose board is on. One without a board and one that does not exist are the same NotFoundError."""
    query = select(Compound).where(Compound.code == code, col(Compound.has_board).is_(True))
    found = session.exec(query).one_or_none() if code.isprintable() else None
    if found is None:
        raise NotFoundError(refusals.say("board_unknown"))
    return found


def told(session: ReadSession, compound_id: int, done_since: datetime) -> list[Told]:
    """Everything that is under way, and what was done since then."""
    building = case((col(Ticket.category).in_(sorted(board.shared_leaves())), col(Building.name)), else_=null())
    done = and_(col(Ticket.status).in_(board.PHASES["done"]), col(Ticket.answered_at) >= done_since)
    query = (
        select_columns(col(Ticket.category), building, col(Ticket.status), func.count())
        .join(Building, col(Building.id) == col(Ticket.building_id))
        .where(_public(compound_id), or_(col(Ticket.status).in_(board.ON_THE_WAY), done))
        .group_by(col(Ticket.category), building, col(Ticket.status))
    )
    rows = session.execute(query.execution_options(scope="board"))
    return [Told(row[0], row[1], Status(row[2]), row[3]) for row in rows]


def replies(session: ReadSession, compound_id: int, since: datetime, limit: int) -> list[Reply]:
    """The newest released replies to matters that are done, where the resident's consent still stands."""
    newest = select(func.max(Consent.id)).where(Consent.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
    query = (
        select_columns(col(Ticket.category), col(Building.name), col(PublicReply.text), col(PublicReply.at))
        .join(PublicReply, col(PublicReply.ticket_id) == col(Ticket.id))
        .join(Building, col(Building.id) == col(Ticket.building_id))
        .join(Consent, col(Consent.id) == newest)
        .where(
            _public(compound_id),
            col(Ticket.status).in_(board.PHASES["done"]),
            col(Consent.publish).is_(True),
            col(PublicReply.at) >= since,
        )
        .order_by(col(PublicReply.at).desc(), col(Ticket.id).desc())
        .limit(limit)
    )
    return [Reply(row[0], row[1], row[2], row[3]) for row in session.execute(query.execution_options(scope="board"))]


def why_not_public(session: ReadSession, ticket: Ticket) -> str:
    """Why a reply to this ticket may not be released: a word of board.yaml; empty where it may."""
    hidden = ticket.shielded or ticket.hidden_grid or ticket.hidden_property or ticket.hidden_self_mgmt
    if hidden or not board.shows(catalogue.default().leaf(ticket.category)):
        return "not_public"
    return "" if agreed(session, ticket, ConsentItem.PUBLISH) else "no_consent"


def release(session: WriteSession, ticket: Ticket, text: str, account_id: int, now: datetime) -> None:
    """Puts a reply on the board in the place of an earlier one."""
    reply = session.exec(
        select(PublicReply).where(PublicReply.ticket_id == ticket.id).execution_options(scope="board")
    ).one_or_none() or PublicReply(ticket_id=ticket.id, text=text, account_id=account_id, at=now)
    reply.text, reply.account_id, reply.at = text, account_id, now
    session.add(reply)


def matters(session: ReadSession, stairwell_id: int, compound_id: int) -> list[Ticket]:
    """What is under way in the shared space of one stairwell, one ticket per kind: the oldest."""
    query = select(Ticket).where(
        _public(compound_id),
        Ticket.stairwell_id == stairwell_id,
        col(Ticket.status).in_(board.ON_THE_WAY),
        col(Ticket.category).in_(sorted(board.shared_leaves())),
    )
    found = session.exec(query.order_by(col(Ticket.id).desc()).execution_options(scope="board"))
    return list({ticket.category: ticket for ticket in found}.values())


def others(session: ReadSession, ticket_ids: Sequence[int]) -> dict[int, int]:
    """How many devices said that they have it too, per ticket."""
    query = (
        select_columns(col(MeToo.ticket_id), func.count())
        .where(col(MeToo.ticket_id).in_(ticket_ids))
        .group_by(col(MeToo.ticket_id))
    )
    return {row[0]: row[1] for row in session.execute(query.execution_options(scope="board"))}


def said_by(session: ReadSession, ticket_ids: Sequence[int], device: str) -> set[int]:
    """Which of these this device has said so of."""
    query = select(MeToo.ticket_id).where(
        col(MeToo.ticket_id).in_(ticket_ids), MeToo.device_hash == _mark(session, device)
    )
    return set(session.exec(query.execution_options(scope="board")))


def me_too(session: WriteSession, ticket: Ticket, device: str, now: datetime) -> None:
    """Counts a device once for a ticket, however often and at once it says so."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values = {"ticket_id": ticket.id, "device_hash": _mark(session, device), "at": now}
    session.execute(dialect.insert(MeToo).values(values).on_conflict_do_nothing())


def _public(compound_id: int) -> ColumnElement[bool]:
    return and_(
        col(Ticket.compound_id) == compound_id,
        col(Ticket.triaged_at).is_not(None),
        col(Ticket.shielded).is_(False),
        col(Ticket.hidden_grid).is_(False),
        col(Ticket.hidden_property).is_(False),
        col(Ticket.hidden_self_mgmt).is_(False),
        col(Ticket.category).in_(sorted(board.shown_leaves())),
    )


def _mark(session: ReadSession, device: str) -> str:
    """A device as it is counted: keyed for this purpose alone, so that it matches no ticket of the same device."""
    return session.vault.digest("me too", device)
