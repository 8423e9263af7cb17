"""Who is calling: credentials are parsed at the edge and believed only here."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from app.db import ReadSession
from app.errors import UnauthorisedError, VerbNotYoursError
from app.models.place import Compound
from app.models.seat import Seat
from app.models.staff import Account, Grant, StaffToken
from app.rules import refusals
from app.rules.limits import Asker
from app.rules.privacy import Column, column_of
from app.rules.vocabulary import SIDE_OF, Role, Side
from app.vault import fingerprint

IDLE_LIVES = timedelta(hours=12)
WRITTEN_DOWN_EVERY = timedelta(minutes=1)  # so that looking at pages is not writing all the time


class ReporterKey(NamedTuple):
    """Whoever holds the ticket's secret is its reporter. Guesses are counted for the `asker` who makes them."""

    number: str
    secret: str
    asker: Asker | None = None


class ReceiptKey(NamedTuple):
    """Whoever holds the receipt link is its reporter too."""

    token: str


class StaffKey(NamedTuple):
    """A session token, and the role named by X-Acting-Role (None: whichever allows the call).

    `stale` is filled with the token's id where its last use should be written down anew, after the answer.
    `on_pages`: it came as the desk's cookie, and its tabs want to say what waits.
    """

    token: str
    acting: str | None = None
    stale: list[int] | None = None
    on_pages: bool = False


class SlipKey(NamedTuple):
    """A handed-out link's token and the device it comes from ("" where the client keeps no cookie)."""

    token: str
    device: str


class Seated(NamedTuple):
    """A seat that an account may act for at this very minute."""

    seat_id: int
    compound_id: int
    compound: str
    role: Role
    title: str
    column: Column


class Staff(NamedTuple):
    """A logged-in account with the seats that are valid now, narrowed to the acting role where one is named."""

    account_id: int
    username: str
    name: str
    is_admin: bool
    seats: tuple[Seated, ...]
    sides: frozenset[tuple[int, Side]] = frozenset()  # of all its seats, whatever role it acts in now
    unread: int = 0  # notices since it last looked into its inbox; known on the desk's pages only
    visits: bool = False  # whether there is a list of visits for it; known on the desk's pages only

    def roles_in(self, compound_id: int) -> frozenset[Role]:
        """The roles this account may act in, in one compound."""
        return frozenset(seat.role for seat in self.seats if seat.compound_id == compound_id)

    def compounds(self) -> frozenset[int]:
        """The compounds that this account has any seat in."""
        return frozenset(seat.compound_id for seat in self.seats)

    def seat_in(self, compound_id: int, roles: frozenset[Role]) -> Seated | None:
        """The first seat with one of these roles in the compound."""
        return next((seat for seat in self.seats if seat.compound_id == compound_id and seat.role in roles), None)


def staff(session: ReadSession, key: StaffKey, now: datetime) -> Staff:
    """The account behind a token. Raises UnauthorisedError; VerbNotYoursError for an acting role it does not hold."""
    row = session.exec(
        select(Account, StaffToken)
        .join(StaffToken, col(StaffToken.account_id) == col(Account.id))
        .where(StaffToken.token_hash == fingerprint(key.token), alive(now), col(Account.disabled_at).is_(None))
    ).one_or_none()
    if row is None:
        raise UnauthorisedError
    account, token = row
    used = token.last_used_at
    if key.stale is not None and used is not None and now - used >= WRITTEN_DOWN_EVERY:
        key.stale.append(token.id)
    seats = _seats(session, account.id, now)
    sides = _sides(seats)
    is_admin = account.is_admin
    if key.acting is not None:
        seats = tuple(seat for seat in seats if seat.role == key.acting)
        is_admin = is_admin and key.acting == Role.ADMIN
        if not seats and not is_admin:
            raise VerbNotYoursError(refusals.say("not_in_office"))
    return Staff(account.id, account.username, account.name, is_admin, seats, sides)


def in_office(session: ReadSession, account_id: int, now: datetime) -> Staff | None:
    """An account with the seats that are valid now, whoever asks; None where it was shut."""
    query = select(Account).where(Account.id == account_id, col(Account.disabled_at).is_(None))
    account = session.exec(query).one_or_none()
    if account is None:
        return None
    seats = _seats(session, account_id, now)
    return Staff(account_id, account.username, account.name, account.is_admin, seats, _sides(seats))


def alive(now: datetime) -> ColumnElement[bool]:
    """Whether a session token still opens anything: not ended, not too old, not idle for too long."""
    used = col(StaffToken.last_used_at)
    return and_(
        col(StaffToken.revoked_at).is_(None),
        col(StaffToken.expires_at) > now,
        or_(used.is_(None), used > now - IDLE_LIVES),
    )


def in_term(starts: Mapped[datetime | None], ends: Mapped[datetime | None], now: datetime) -> ColumnElement[bool]:
    """Half-open: from `starts` until just before `ends`; null is unbounded."""
    return and_(or_(starts.is_(None), starts <= now), or_(ends.is_(None), ends > now))


def _sides(seats: tuple[Seated, ...]) -> frozenset[tuple[int, Side]]:
    return frozenset((seat.compound_id, SIDE_OF[seat.role]) for seat in seats if seat.role in SIDE_OF)


def _seats(session: ReadSession, account_id: int, now: datetime) -> tuple[Seated, ...]:
    """Grants inside their own term, on seats inside the term that the grant stands for; past the minute, none."""
    in_office = or_(
        and_(col(Grant.deputy).is_(False), in_term(col(Seat.starts_at), col(Seat.ends_at), now)),
        and_(col(Grant.deputy).is_(True), in_term(col(Seat.deputy_starts_at), col(Seat.deputy_ends_at), now)),
    )
    rows = session.exec(
        select(Seat, Compound.code, Grant.views_persons)
        .join(Grant, col(Grant.seat_id) == col(Seat.id))
        .join(Compound, col(Compound.id) == col(Seat.compound_id))
        .where(Grant.account_id == account_id, in_office, in_term(col(Grant.starts_at), col(Grant.ends_at), now))
        .order_by(col(Seat.id))
    )
    return tuple(
        Seated(
            seat.id,
            seat.compound_id,
            compound,
            Role(seat.role),
            seat.title,
            column_of(Role(seat.role), views_persons=views),
        )
        for seat, compound, views in rows
    )
