"""The access log: append-only, hash-chained per compound, and who may read which of its lines (domain rules §3.5)."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, or_, true
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.access.actors import Staff
from app.access.rows import visible
from app.db import ReadSession, WriteSession
from app.models.access_log import AccessLog
from app.models.place import Compound
from app.models.rights import LookAlert
from app.models.seat import Seat
from app.models.staff import Account, Grant
from app.models.ticket import Ticket
from app.rules.looking import ABOUT_A_TICKET, Alert
from app.rules.privacy import MATRIX, Column, Grade, Item
from app.rules.vocabulary import RevealPurpose, Role
from app.vault import Vault

GIVEN, REFUSED = "given", "refused"
_KEYED, _HALF = "k", 31  # 1 + 31 + 32 characters: as wide as the hash that stood there before


class Looker(NamedTuple):
    """Who looks: an account, or nobody known by name where a slip's link is in hand."""

    account_id: int | None
    role: Role


class Looked(NamedTuple):
    """A line of the log with the names that stand on it."""

    line: AccessLog
    compound: str
    number: str | None
    category: str | None
    source: str
    username: str | None
    name: str | None


class LookFilter(NamedTuple):
    """What narrows the log; None is no limit. `until` is exclusive."""

    compound_id: int | None = None
    number: str | None = None
    username: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def append(
    session: WriteSession,
    ticket: Ticket,
    who: Looker,
    fields: Sequence[str],
    purpose: RevealPurpose,
    result: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> AccessLog:
    """One line about a ticket at the end of its compound's chain."""
    return append_line(session, ticket.compound_id, ticket.id, who, fields, purpose, result, now, facts)


def append_line(
    session: WriteSession,
    compound_id: int,
    ticket_id: int | None,
    who: Looker,
    fields: Sequence[str],
    purpose: RevealPurpose,
    result: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> AccessLog:
    """One line at the end of the compound's chain. The compound's row is locked, so that the chain has no forks."""
    session.exec(select(Compound).where(Compound.id == compound_id).with_for_update(key_share=True)).one()
    query = select(AccessLog).where(AccessLog.compound_id == compound_id).order_by(col(AccessLog.seq).desc()).limit(1)
    last = session.exec(query.execution_options(scope="log")).first()
    line = AccessLog(
        compound_id=compound_id,
        seq=last.seq + 1 if last else 1,
        at=now,
        account_id=who.account_id,
        role=who.role,
        ticket_id=ticket_id,
        fields=list(fields),
        purpose=purpose,
        result=result,
        facts=dict(facts or {}),
        previous=last.hash if last else "",
        hash="",
    )
    line.hash = chain_hash(session.vault, line)
    session.add(line)
    session.flush()
    return line


def chain_hash(vault: Vault, line: AccessLog) -> str:
    """The mark of a line's content and of the line before it: half of it anybody checks, half needs the key to make.

    Whoever writes to the database and has no key can change a line, but no longer mend the chain behind it.
    """
    content = _content(line)
    return _KEYED + _plain_hash(content)[:_HALF] + vault.derive("access log", content).hex()[: _HALF + 1]


def is_keyed(line: AccessLog) -> bool:
    """Whether a line was written since marks need a key; older ones prove their order only."""
    return line.hash.startswith(_KEYED)


def is_proven(line: AccessLog, vault: Vault | None) -> bool:
    """Whether a line's mark fits its content; without a vault only as far as anybody can tell."""
    plain = _plain_hash(_content(line))
    if not is_keyed(line):
        return line.hash == plain
    if vault is None:
        return line.hash[1 : 1 + _HALF] == plain[:_HALF]
    return hmac.compare_digest(line.hash.encode(), chain_hash(vault, line).encode())


def _content(line: AccessLog) -> str:
    content = [line.compound_id, line.seq, line.at.isoformat(), line.account_id, line.role, line.ticket_id]
    content += [line.fields, line.purpose, line.result, line.facts, line.previous]
    return json.dumps(content, sort_keys=True)


def _plain_hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def looks(session: ReadSession, staff: Staff, wanted: LookFilter, before: int | None, limit: int) -> list[Looked]:
    """The next `limit` lines that this account may read, the newest first.

    What kind of matter it is now is for whoever may see it now, or reads the whole log: it may have become another one.
    """
    told = or_(col(AccessLog.compound_id).in_(_compounds(staff, Grade.FULL)), *visible(staff).values())
    query = (
        select_columns(
            AccessLog,
            col(Compound.code),
            col(Ticket.number),
            case((told, col(Ticket.category))),
            case((told, col(Ticket.category_source))),
            Account,
        )
        .join(Compound, col(Compound.id) == col(AccessLog.compound_id))
        .join(Ticket, col(Ticket.id) == col(AccessLog.ticket_id), isouter=True)
        .join(Account, col(Account.id) == col(AccessLog.account_id), isouter=True)
        .where(_readable(staff), *_filters(wanted))
    )
    if before is not None:
        query = query.where(col(AccessLog.id) < before)
    rows = session.execute(query.order_by(col(AccessLog.id).desc()).limit(limit).execution_options(scope="log"))
    return [
        Looked(line, compound, number, category, source, account and account.username, account and account.name)
        for line, compound, number, category, source, account in rows
    ]


def counts(session: ReadSession, staff: Staff, wanted: LookFilter) -> dict[tuple[str, str], int]:
    """Looks per compound and result where this account may have figures only; the street's column."""
    theirs = _compounds(staff, Grade.AGGREGATE)
    query = (
        select_columns(col(Compound.code), col(AccessLog.result), func.count())
        .join(Compound, col(Compound.id) == col(AccessLog.compound_id))
        .where(col(AccessLog.compound_id).in_(theirs), *_filters(wanted._replace(number=None, username=None)))
        .group_by(col(Compound.code), col(AccessLog.result))
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query.execution_options(scope="log"))}


def given_since(session: ReadSession, compound_id: int, account_id: int, since: datetime) -> int:
    """How often this account was shown something in a compound since an instant."""
    query = (
        select(func.count())
        .select_from(AccessLog)
        .where(
            AccessLog.compound_id == compound_id,
            AccessLog.account_id == account_id,
            AccessLog.result == GIVEN,
            AccessLog.at >= since,
        )
    )
    return session.exec(query.execution_options(scope="log")).one()


def fields_given(session: ReadSession, ticket: Ticket, account_id: int) -> list[list[str]]:
    """What this account was shown of a ticket that access has handed out, look by look."""
    mine = looks_at(session, ticket)
    return [line.fields for line in mine if line.account_id == account_id and line.result == GIVEN]


def put_alert(session: WriteSession, ticket: Ticket, account_id: int, alert: Alert, day: str, now: datetime) -> bool:
    """Keeps that a look was out of the ordinary; False where the same was kept on this day already."""
    values = {
        "compound_id": ticket.compound_id,
        "day": day,
        "account_id": account_id,
        "kind": alert,
        "about": ticket.number if alert in ABOUT_A_TICKET else "",
        "at": now,
    }
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(LookAlert).values(values).on_conflict_do_nothing().returning(col(LookAlert.id))
    return session.execute(statement.execution_options(scope="log")).first() is not None


def alerts(session: ReadSession, staff: Staff, since: datetime, limit: int) -> list[tuple[LookAlert, str, str, str]]:
    """Alerts of the compounds whose whole log this account may read, the newest first: with compound and account."""
    query = (
        select_columns(LookAlert, col(Compound.code), col(Account.username), col(Account.name))
        .join(Compound, col(Compound.id) == col(LookAlert.compound_id))
        .join(Account, col(Account.id) == col(LookAlert.account_id))
        .where(col(LookAlert.compound_id).in_(_compounds(staff, Grade.FULL)), col(LookAlert.at) >= since)
        .order_by(col(LookAlert.id).desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query.execution_options(scope="log"))]


def holds_role(session: ReadSession, compound_id: int, account_id: int, role: Role) -> bool:
    """Whether an account has a grant on a seat of this role in the compound, in term or not."""
    query = (
        select(Grant.id)
        .join(Seat, col(Seat.id) == col(Grant.seat_id))
        .where(Seat.compound_id == compound_id, Seat.role == role, Grant.account_id == account_id)
    )
    return session.exec(query).first() is not None


def looks_at(session: ReadSession, ticket: Ticket) -> list[AccessLog]:
    """Every line about a ticket that access has handed out, oldest first; for its reporter."""
    query = select(AccessLog).where(AccessLog.ticket_id == ticket.id).order_by(col(AccessLog.id))
    return list(session.exec(query.execution_options(scope="owner")))


def _readable(staff: Staff) -> ColumnElement[bool]:
    """Whole compounds where the matrix says so, everything for the administrator, one's own lines for everybody."""
    if staff.is_admin and MATRIX[Item.LOOKS, Column.ADMIN].grade is Grade.FULL:
        return true()
    own = and_(col(AccessLog.account_id) == staff.account_id, col(AccessLog.compound_id).in_(sorted(staff.compounds())))
    return or_(false(), col(AccessLog.compound_id).in_(_compounds(staff, Grade.FULL)), own)


def _compounds(staff: Staff, grade: Grade) -> list[int]:
    return sorted({seat.compound_id for seat in staff.seats if MATRIX[Item.LOOKS, seat.column].grade is grade})


def _filters(wanted: LookFilter) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if wanted.compound_id is not None:
        limits.append(col(AccessLog.compound_id) == wanted.compound_id)
    if wanted.number is not None:
        numbered = select(Ticket.id).where(Ticket.number == wanted.number)
        limits.append(col(AccessLog.ticket_id).in_(numbered))
    if wanted.username is not None:
        named = select(Account.id).where(Account.username == wanted.username)
        limits.append(col(AccessLog.account_id).in_(named))
    if wanted.since is not None:
        limits.append(col(AccessLog.at) >= wanted.since)
    if wanted.until is not None:
        limits.append(col(AccessLog.at) < wanted.until)
    return limits
