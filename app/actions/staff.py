"""Accounts and their tokens."""

import secrets
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import col, select

from app.db import ReadSession, WriteSession
from app.errors import BadLoginError, InvalidError
from app.models.staff import Account, StaffToken
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
    except UnknownHashError:  # an account that nobody has given a password yet
        right = False
    if account is None or not right:
        raise BadLoginError
    return account.id


def log_in(session: WriteSession, account_id: int, *, now: datetime) -> TokenView:
    """A token for twelve hours, for an account that has just been verified."""
    token = secrets.token_urlsafe(32)
    expires = now + TOKEN_LIVES
    session.add(StaffToken(token_hash=fingerprint(token), account_id=account_id, created_at=now, expires_at=expires))
    return TokenView(access_token=token, expires_in=int(TOKEN_LIVES.total_seconds()))


def log_out(session: WriteSession, token: str, *, now: datetime) -> None:
    """Ends a token; an unknown one ends too."""
    found = session.exec(select(StaffToken).where(StaffToken.token_hash == fingerprint(token))).one_or_none()
    if found is not None:
        found.revoked_at = now


def create(
    session: WriteSession, username: str, name: str, password: str, *, is_admin: bool = False, now: datetime
) -> Account:
    """A new account without any seat yet. Raises InvalidError for a taken name or a short password."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidError(errors=[{"field": "password", "message": f"密码至少 {SHORTEST_PASSWORD} 位"}])
    if session.exec(select(Account.id).where(Account.username == username)).first() is not None:
        raise InvalidError(errors=[{"field": "username", "message": "这个用户名已有人用"}])
    account = Account(
        username=username, name=name, password_hash=_hasher.hash(password), is_admin=is_admin, created_at=now
    )
    session.add(account)
    session.flush()
    return account
