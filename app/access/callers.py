"""Who may make a call about a ticket: nobody asks about their own work, and nobody's answer stays untold."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, false, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, select

from app.access.actors import Staff, in_term
from app.db import ReadSession
from app.models.call_task import CallTask
from app.models.contact import Proxy
from app.models.event import Event
from app.models.seat import Seat
from app.models.slip import Slip
from app.models.staff import Account, Grant
from app.models.ticket import Ticket
from app.rules.calls import HANDS_ON, HANDS_ON_AS_LEAD
from app.rules.privacy import Column
from app.rules.vocabulary import SIDE_OF, CallKind, Role, Side

Conditions = dict[Column, ColumnElement[bool]]
_HIDDEN = {
    Side.GRID_HEAD: col(Ticket.hidden_grid),
    Side.PROPERTY: col(Ticket.hidden_property),
    Side.SELF_MGMT_GROUP: col(Ticket.hidden_self_mgmt),
}


def theirs(staff: Staff, conditions: Conditions, now: datetime) -> ColumnElement[bool]:
    """The calls of this account: to tell an answer, or to ask how it went. Rows of a ticket with its calls."""
    tell = and_(col(CallTask.kind) == CallKind.TELL, falls_to(conditions, now))
    ask = and_(col(CallTask.kind) == CallKind.CALLBACK, _askers(staff, conditions), ~may_not_ask(staff.account_id, now))
    return or_(tell, ask)


def falls_to(conditions: Conditions, now: datetime) -> ColumnElement[bool]:
    """Telling is for whoever triages; where nobody is there who may, for the property, and then for the secretary.

    A side that is taken out is passed over, and so is the property where the matrix keeps the person from it.
    """
    tellers = [conditions[Column.GRID]] if Column.GRID in conditions else []
    alone = ~_in_office(now, _triages()).exists()
    knows = and_(col(Ticket.hidden_property).is_(False), col(Ticket.shielded).is_(False), own_words())
    if Column.PROPERTY in conditions:
        tellers.append(and_(conditions[Column.PROPERTY], knows, alone))
    if Column.SECRETARY in conditions:
        other = and_(knows, _in_office(now, col(Seat.role) == Role.PROPERTY).exists())
        tellers.append(and_(conditions[Column.SECRETARY], ~other, alone))
    return or_(false(), *tellers)


def handled(account: int | Mapped[int] | BindParameter[int]) -> ColumnElement[bool]:
    """Whether an account recorded or handled a ticket, or the one that it was merged into (domain rules §2.6, §5).

    What came by a slip's link names nobody: it counts for everybody who sits on the slip's seat.
    """
    as_lead = and_(col(Event.verb).in_(sorted(HANDS_ON_AS_LEAD)), col(Event.seat_id) == col(Ticket.lead_seat_id))
    seats = select_columns(col(Grant.seat_id)).where(col(Grant.account_id) == account).correlate(Account)
    by_link = and_(col(Event.account_id).is_(None), col(Event.seat_id).in_(seats))
    did = select_columns(col(Event.id)).where(
        or_(col(Event.ticket_id) == col(Ticket.id), col(Event.ticket_id) == col(Ticket.merged_into_id)),
        or_(col(Event.account_id) == account, by_link),
        or_(col(Event.verb).in_(sorted(HANDS_ON)), as_lead),
    )
    return or_(col(Ticket.recorded_by) == account, did.correlate(Ticket, Account).exists())


def may_not_ask(account: int, now: datetime) -> ColumnElement[bool]:
    """Who handled it does not ask how it went, as long as there is anybody else who may."""
    return and_(handled(account), somebody_else_asks(account, now))


def somebody_else_asks(account: int, now: datetime) -> ColumnElement[bool]:
    """Whether anybody else is in office who may ask and did not handle it."""
    return _in_office(now, _asks()).where(col(Account.id) != account, ~handled(col(Account.id))).exists()


def own_words() -> ColumnElement[bool]:
    """Whoever reported spoke for themselves."""
    return ~select_columns(col(Proxy.id)).where(col(Proxy.ticket_id) == col(Ticket.id)).correlate(Ticket).exists()


def doers(session: ReadSession, slip: Slip) -> frozenset[int]:
    """The accounts that count as having done a slip: who did it, or, by its link, whoever may have been behind that.

    By a link that is everybody on the slip's seat, and whoever has worked on this very slip under their own name.
    """
    if slip.done_by is not None:
        return frozenset({slip.done_by})
    if slip.done_at is None:
        return frozenset()
    on_the_seat = select(Grant.account_id).where(Grant.seat_id == slip.seat_id)
    on_the_slip = select(Event.account_id).where(Event.slip_id == slip.id, col(Event.verb).in_(sorted(HANDS_ON)))
    named = session.exec(on_the_slip.execution_options(scope="slip"))
    return frozenset(session.exec(on_the_seat)) | frozenset(account for account in named if account is not None)


def _askers(staff: Staff, conditions: Conditions) -> ColumnElement[bool]:
    """Where somebody spoke for somebody else, only who triages knows whom to ask."""
    heads = [seat.compound_id for seat in staff.seats if seat.role is Role.SELF_MGMT_HEAD]
    askers = [conditions.get(Column.GRID, false())]
    if Column.SECRETARY in conditions:
        askers.append(and_(conditions[Column.SECRETARY], own_words()))
    if heads and Column.SELF_MGMT in conditions:
        askers.append(and_(conditions[Column.SELF_MGMT], col(Ticket.compound_id).in_(heads), own_words()))
    return or_(false(), *askers)


def _triages() -> ColumnElement[bool]:
    """The seats whose holders triage a ticket: the grid head's, or their substitute's; a side that is out has none."""
    substitute = and_(col(Ticket.hidden_grid).is_(True), col(Ticket.hidden_self_mgmt).is_(False))
    return and_(
        or_(
            and_(col(Seat.role) == Role.GRID_HEAD, col(Ticket.hidden_grid).is_(False)),
            and_(col(Seat.role) == Role.SELF_MGMT_HEAD, substitute),
        ),
        ~_biased(),
    )


def _asks() -> ColumnElement[bool]:
    """The seats whose holders may ask how it went."""
    head = and_(col(Seat.role) == Role.SELF_MGMT_HEAD, col(Ticket.hidden_self_mgmt).is_(False), ~_biased())
    return or_(_triages(), and_(or_(head, col(Seat.role) == Role.COMMITTEE_SECRETARY), own_words()))


def _in_office(now: datetime, seats: ColumnElement[bool]) -> Select[Any]:
    """The accounts that hold one of these seats in the ticket's compound at this minute."""
    return (
        select_columns(col(Account.id))
        .join(Grant, col(Grant.account_id) == col(Account.id))
        .join(Seat, col(Seat.id) == col(Grant.seat_id))
        .where(
            col(Seat.compound_id) == col(Ticket.compound_id),
            col(Account.disabled_at).is_(None),
            or_(
                and_(col(Grant.deputy).is_(False), in_term(col(Seat.starts_at), col(Seat.ends_at), now)),
                and_(col(Grant.deputy).is_(True), in_term(col(Seat.deputy_starts_at), col(Seat.deputy_ends_at), now)),
            ),
            in_term(col(Grant.starts_at), col(Grant.ends_at), now),
            seats,
        )
        .correlate(Ticket)
    )


def _biased() -> ColumnElement[bool]:
    """Whether an account also sits on a seat of a side that is taken out: a conflict is a person's."""
    grant, seat = aliased(Grant), aliased(Seat)
    out = [
        and_(hidden.is_(True), col(seat.role).in_(sorted(role for role, its in SIDE_OF.items() if its is side)))
        for side, hidden in _HIDDEN.items()
    ]
    other = (
        select_columns(col(grant.id))
        .join(seat, col(seat.id) == col(grant.seat_id))
        .where(
            col(grant.account_id) == col(Account.id),
            col(grant.ends_at).is_(None),
            col(seat.compound_id) == col(Ticket.compound_id),
            or_(*out),
        )
    )
    return other.correlate(Ticket, Account).exists()
