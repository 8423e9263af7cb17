"""Accounts and their tokens."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import update
from sqlmodel import col, select

from app.access import Staff, alive
from app.db import ReadSession, WriteSession
from app.errors import BadLoginError, InvalidError, NotFoundError
from app.models.staff import Account, StaffToken
from app.rules import refusals
from app.schemas.staff import TokenView
from app.vault import fingerprint

TOKEN_LIVES = timedelta(hours=12)
SHORTEST_PASSWORD = 10
_hasher = PasswordHash((Argon2Hasher(),))
_NOBODY = _hasher.hash(secrets.token_hex(16))


def verify(session: ReadSession, username: str, password: str) -> int:
    """The account that a name and a password open. Slow on purpose: call it with no transaction that others wait for.

    Raises BadLoginError, the same and as slow for an unknown name as for a wrong password.
    """
    name = username.replace("\x00", "")
    account = session.exec(
        select(Account).where(Account.username == name, col(Account.disabled_at).is_(None))
    ).one_or_none()
    try:
        right = _hasher.verify(password, account.password_hash if account else _NOBODY)
    except UnknownHashError:  # an account that nobody has given a password yet takes its time all the same
        right = _hasher.verify(password, _NOBODY) and False
    if account is None or not right:
        raise BadLoginError
    return account.id


def log_in(session: WriteSession, account_id: int, *, now: datetime, via: str = "api") -> TokenView:
    """A token for an account that has just been verified: twelve hours at most, whether or not it is used."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffToken(
            token_hash=fingerprint(token),
            account_id=account_id,
            created_at=now,
            expires_at=now + TOKEN_LIVES,
            via=via,
            last_used_at=now,
        )
    )
    return TokenView(access_token=token, expires_in=int(TOKEN_LIVES.total_seconds()))


def log_out(session: WriteSession, token: str, *, now: datetime) -> None:
    """Ends a token; an unknown one ends too."""
    found = session.exec(select(StaffToken).where(StaffToken.token_hash == fingerprint(token))).one_or_none()
    if found is not None:
        found.revoked_at = now


def used(session: WriteSession, token_ids: Collection[int], *, now: datetime) -> None:
    """Writes down when sessions were last used; a later instant stays."""
    later = col(StaffToken.last_used_at) < now
    session.execute(update(StaffToken).where(col(StaffToken.id).in_(token_ids), later).values(last_used_at=now))


def end_sessions(session: WriteSession, account_id: int, *, now: datetime, but: int | None = None) -> int:
    """Logs an account out everywhere, or everywhere else than in the session `but`. How many sessions ended."""
    running = select(StaffToken).where(StaffToken.account_id == account_id, alive(now))
    ended = [token for token in session.exec(running.with_for_update()) if token.id != but]
    for token in ended:
        token.revoked_at = now
    return len(ended)


def session_id(session: ReadSession, token: str) -> int | None:
    """Which session a token is."""
    return session.exec(select(StaffToken.id).where(StaffToken.token_hash == fingerprint(token))).one_or_none()


def end_session(session: WriteSession, staff: Staff, token_id: int, *, now: datetime) -> None:
    """Ends one of one's own sessions. Raises NotFoundError for any other."""
    running = select(StaffToken).where(StaffToken.id == token_id, StaffToken.account_id == staff.account_id, alive(now))
    token = session.exec(running).one_or_none()
    if token is None:
        raise NotFoundError(refusals.say("session_over"))
    token.revoked_at = now


def set_password(session: WriteSession, account_id: int, hashed: str, *, now: datetime, but: int | None = None) -> int:
    """A new password, from `hash_password`. Ends every session, or every one but the one in hand. How many."""
    account = session.exec(select(Account).where(Account.id == account_id).with_for_update()).one()
    account.password_hash = hashed
    return end_sessions(session, account_id, now=now, but=but)


def hash_password(password: str, *, field: str = "password") -> str:
    """How a password is stored. Slow on purpose, as `verify`. Raises InvalidError(field) for a short one."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidError(
            errors=[{"field": field, "message": refusals.say("password_short", least=SHORTEST_PASSWORD)}]
        )
    return _hasher.hash(password)


def account_named(session: ReadSession, username: str) -> int:
    """The id of an account. Raises NotFoundError."""
    found = session.exec(select(Account.id).where(Account.username == username)).one_or_none()
    if found is None:
        raise NotFoundError(refusals.say("username_unknown"))
    return found


def disable(session: WriteSession, account_id: int, *, now: datetime) -> int:
    """Nobody logs in to this account any more, and every session ends. What it did stays. How many sessions ended."""
    account = session.exec(select(Account).where(Account.id == account_id).with_for_update()).one()
    account.disabled_at = account.disabled_at or now
    return end_sessions(session, account_id, now=now)


def create(
    session: WriteSession, username: str, name: str, password: str, *, is_admin: bool = False, now: datetime
) -> Account:
    """A new account without any seat yet. Raises InvalidError for a taken name or a short password."""
    hashed = hash_password(password)
    if session.exec(select(Account.id).where(Account.username == username)).first() is not None:
        raise InvalidError(errors=[{"field": "username", "message": refusals.say("username_taken")}])
    account = Account(username=username, name=name, password_hash=hashed, is_admin=is_admin, created_at=now)
    session.add(account)
    session.flush()
    return account
