"""Idempotency-Key: the same key does the thing once and gives the same answer, however often and at once it is sent."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app import access
from app.db import WriteSession
from app.errors import KeyReusedError
from app.models.idempotency import IdempotencyKey
from app.schemas.base import View
from app.vault import fingerprint

KEPT = timedelta(hours=24)
V = TypeVar("V", bound=View)


def once(
    session: WriteSession,
    scope: str,
    key: str | None,
    body: str,
    now: datetime,
    answer: type[V],
    act: Callable[[], V],
    *,
    derived: Callable[[Mapping[str, Any]], dict[str, str]] = lambda _answer: {},
) -> V:
    """Runs `act` at most once per scope and key within 24 hours; a replay gives the stored answer.

    `derived` makes the answer's secret fields again from its other fields, so that they are never stored.
    Raises KeyReusedError where the key came with another body.
    """
    if key is None:
        return act()
    body_hash = session.vault.digest("idempotent body", body)  # keyed: a body may hold a query code of 40 bits
    first = _claim(session, scope, key, body_hash, now)
    row = session.exec(
        select(IdempotencyKey).where(IdempotencyKey.scope == scope, IdempotencyKey.key_hash == fingerprint(key))
    ).one()
    if row.body_hash != body_hash:
        raise KeyReusedError
    if first or row.answer_sealed is None:
        view = act()
        given = view.model_dump(mode="json", exclude_unset=True)
        kept = {name: value for name, value in given.items() if name not in derived(given)}
        row.answer_sealed = access.seal_answer(session, scope, kept)
        return view
    stored = access.open_answer(session, scope, row.answer_sealed)
    return answer.model_validate(stored | derived(stored))


def forget(session: WriteSession, number: str) -> None:
    """Drops the stored answers about one ticket: they hold what its reporter has just had erased."""
    named = func.upper(col(IdempotencyKey.scope)).contains(number, autoescape=True)
    session.execute(delete(IdempotencyKey).where(named))


def _claim(session: WriteSession, scope: str, key: str, body_hash: str, now: datetime) -> bool:
    """Whether this request is the first with its key. Simultaneous ones wait here until the first has committed."""
    session.execute(
        delete(IdempotencyKey).where(col(IdempotencyKey.scope) == scope, col(IdempotencyKey.created_at) < now - KEPT)
    )
    values = {"scope": scope, "key_hash": fingerprint(key), "body_hash": body_hash, "created_at": now}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(IdempotencyKey).values(**values).on_conflict_do_nothing().returning(col(IdempotencyKey.id))
    )
    return session.execute(statement).first() is not None
