"""What is there of a compound, counted: places, codes, offices. Nothing about tickets or persons."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, case, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col

from app.access.actors import in_term
from app.db import ReadSession
from app.models.place import Stairwell
from app.models.qr_code import QrCode
from app.models.seat import Seat
from app.models.staff import Account, Grant
from app.rules.onboarding import Facts
from app.rules.vocabulary import CodeStatus, Role


def facts_of(session: ReadSession, compound_ids: Sequence[int], now: datetime) -> dict[int, Facts]:
    """The facts of each of these compounds, in two statements."""
    places = (
        select_columns(
            col(Stairwell.compound_id),
            func.count(func.distinct(Stairwell.building_id)),
            func.count(func.distinct(Stairwell.id)),
            func.count(func.distinct(QrCode.stairwell_id)),
            func.count(func.distinct(case((col(QrCode.last_scanned_at).is_not(None), col(Stairwell.building_id))))),
        )
        .join(
            QrCode,
            and_(col(QrCode.stairwell_id) == col(Stairwell.id), col(QrCode.status) == CodeStatus.ACTIVE),
            isouter=True,
        )
        .where(col(Stairwell.compound_id).in_(compound_ids))
        .group_by(col(Stairwell.compound_id))
    )
    found = {row[0]: Facts(*row[1:]) for row in session.execute(places)}
    held, with_login = _offices(session, compound_ids, now)
    return {
        one: found.get(one, Facts())._replace(held=frozenset(held[one]), with_login=frozenset(with_login[one]))
        for one in compound_ids
    }


def _offices(
    session: ReadSession, compound_ids: Sequence[int], now: datetime
) -> tuple[dict[int, set[Role]], dict[int, set[Role]]]:
    """Per compound the roles that somebody holds now, and those that somebody can log in as."""
    acting = or_(
        and_(col(Grant.deputy).is_(False), in_term(col(Seat.starts_at), col(Seat.ends_at), now)),
        and_(col(Grant.deputy).is_(True), in_term(col(Seat.deputy_starts_at), col(Seat.deputy_ends_at), now)),
    )
    login = and_(
        col(Account.id).is_not(None),
        col(Account.disabled_at).is_(None),
        in_term(col(Grant.starts_at), col(Grant.ends_at), now),
        acting,
    )
    in_office = or_(
        in_term(col(Seat.starts_at), col(Seat.ends_at), now),
        and_(col(Seat.deputy) != "", in_term(col(Seat.deputy_starts_at), col(Seat.deputy_ends_at), now)),
    )
    query = (
        select_columns(col(Seat.compound_id), col(Seat.role), func.max(case((login, 1), else_=0)))
        .join(Grant, col(Grant.seat_id) == col(Seat.id), isouter=True)
        .join(Account, col(Account.id) == col(Grant.account_id), isouter=True)
        .where(col(Seat.compound_id).in_(compound_ids), in_office)
        .group_by(col(Seat.compound_id), col(Seat.role))
    )
    held: dict[int, set[Role]] = {one: set() for one in compound_ids}
    with_login: dict[int, set[Role]] = {one: set() for one in compound_ids}
    for row in session.execute(query):
        held[row[0]].add(Role(row[1]))
        if row[2]:
            with_login[row[0]].add(Role(row[1]))
    return held, with_login
