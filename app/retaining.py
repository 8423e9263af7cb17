"""Keeping the promise to delete: every rule of rules/retention.py, in small transactions, logged as counts.

It may be killed at any moment and started again, on several machines at once: what is gone is not due any more.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from app.access import expiry
from app.access.expiry import ERASERS
from app.db import Database, ReadSession, WriteSession
from app.models.retention import RetentionRun
from app.rules import retention, sla
from app.storage import Storage

BATCH = 200
DAILY_FROM = time(3, 30)
_TAKEN_OVER_AFTER = timedelta(hours=2)
_STRAYS = "stray_files"
_FILES_AT_ONCE = 500
_WRONG_FOLDER = 20  # so many unknown files, and more than known ones, are no strays


class Run(NamedTuple):
    """How many went, by the name of the rule; `doubtful` files were left because they may belong elsewhere."""

    counts: Mapping[str, int]
    doubtful: int = 0


def due(database: Database, storage: Storage, now: datetime) -> Run:
    """What a run would erase now. Writes nothing."""
    with database.read() as session:
        counts = {
            rule.name: expiry.count(session, ERASERS[rule.name], now, now - rule.span)
            for rule in retention.RULES
            if rule.name != _STRAYS
        }
    strays, doubtful = _strays(database, storage, now)
    return Run(counts | {_STRAYS: len(strays)}, doubtful)


def retain(database: Database, storage: Storage, now: datetime, *, run_id: int | None = None) -> Run:
    """Erases what is due and logs how many. Raises nothing for files that are gone already."""
    if run_id is None:
        with database.write() as session:
            run_id = _begun(session, now)
    counts = {rule.name: _erase(database, storage, rule, now) for rule in retention.RULES if rule.name != _STRAYS}
    strays, doubtful = _strays(database, storage, now)
    for key in strays:
        storage.remove(key)
    run = Run(counts | {_STRAYS: len(strays)}, doubtful)
    with database.write() as session:
        row = session.exec(select(RetentionRun).where(RetentionRun.id == run_id)).one_or_none()
        if row is not None:
            row.finished_at, row.counts = now, dict(run.counts)
    return run


def is_daily_due(session: ReadSession, now: datetime) -> bool:
    """Whether today's run has not happened yet and its hour has come; or was begun and never came to an end."""
    if now.astimezone(sla.SHANGHAI).time() < DAILY_FROM:
        return False
    today = select(RetentionRun).where(RetentionRun.once_key == _key(now))
    run = session.exec(today).one_or_none()
    return run is None or (run.finished_at is None and run.started_at <= now - _TAKEN_OVER_AFTER)


def claim_daily(session: WriteSession, now: datetime) -> int | None:
    """Today's run, for exactly one of those who ask; None for the others."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = {"once_key": _key(now), "started_at": now, "counts": {}}
    insert = dialect.insert(RetentionRun).values(fresh).on_conflict_do_nothing().returning(col(RetentionRun.id))
    claimed = session.execute(insert).scalar_one_or_none()
    if claimed is None:
        abandoned = (
            col(RetentionRun.once_key) == _key(now),
            col(RetentionRun.finished_at).is_(None),
            col(RetentionRun.started_at) <= now - _TAKEN_OVER_AFTER,
        )
        taken = update(RetentionRun).where(*abandoned).values(started_at=now).returning(col(RetentionRun.id))
        claimed = session.execute(taken).scalar_one_or_none()
    return claimed


def daily(database: Database, storage: Storage, now: datetime) -> Run | None:
    """Today's run, where it has not happened yet and nobody else is at it."""
    with database.read() as session:
        if not is_daily_due(session, now):
            return None
    with database.write() as session:
        claimed = claim_daily(session, now)
    if claimed is None:
        return None
    done = retain(database, storage, now, run_id=claimed)
    database.empty_log()
    return done


def _key(now: datetime) -> str:
    return sla.local_day(now).isoformat()


def _begun(session: WriteSession, now: datetime) -> int:
    run = RetentionRun(started_at=now, counts={})
    session.add(run)
    session.flush()
    return run.id


def _erase(database: Database, storage: Storage, rule: retention.Rule, now: datetime) -> int:
    """Batch by batch. Rows first, then files: a crash between the two leaves strays, and they are found."""
    eraser, before, gone = ERASERS[rule.name], now - rule.span, 0
    while True:
        with database.write() as session:
            keys = expiry.some(session, eraser, now, before, BATCH)
            files = eraser.erase(session, keys, now, before) if keys else []
        for file in files:
            storage.remove(file)
        gone += len(keys)
        if len(keys) < BATCH:
            return gone


def _strays(database: Database, storage: Storage, now: datetime) -> tuple[list[str], int]:
    """Files that no row names, and how many are doubtful.

    Where most files are unknown, this is more likely the folder of another database than so much refuse.
    """
    span = next(rule.span for rule in retention.RULES if rule.name == _STRAYS)
    strays, known = [], 0
    for keys in _some_keys(storage, now - span):
        with database.read() as session:
            named = expiry.known_photos(session, keys)
        strays += [key for key in keys if key not in named]
        known += len(named)
    if len(strays) >= _WRONG_FOLDER and len(strays) > known:
        return [], len(strays)
    return strays, 0


def _some_keys(storage: Storage, before: datetime) -> Iterator[list[str]]:
    keys = storage.keys(before)
    while some := list(islice(keys, _FILES_AT_ONCE)):
        yield some
