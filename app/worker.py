"""Two loops in one: deliver what waits (claim, commit, send, settle), and look at what has come due by itself.

No lock is held during a call, and no decision is made here.
"""

import threading
import time
from collections.abc import Sequence

import structlog

from app import clock, outbox, retaining
from app.access import upkeep
from app.actions import sweep as actions
from app.db import Database
from app.queries import message as queries
from app.senders.base import Envelope, Sender, SendError
from app.storage import Storage

PAUSE = 1.0
SWEEP_EVERY = 20.0  # seconds: a reminder may be this late
_log = structlog.get_logger("minqing.worker")


def deliver(database: Database, sender: Sender, stop: threading.Event | None = None) -> int:
    """One round: leases due messages, sends them, settles each. How many were handled.

    A sender with a pace gets one call, with as many messages as fit. When `stop` is set, the call in hand is finished;
    whatever was leased beyond it is given back at once.
    """
    with database.read() as session:
        if not outbox.is_due(session, clock.now(), way=sender.way):
            return 0
    with database.write() as session:
        claimed = outbox.claim(session, clock.now(), way=sender.way, outlet=sender.name, pause=sender.pause)
        ids = [message.id for message in claimed]
    rest = _worded(database, ids)
    handled = len(ids) - len(rest)
    while rest:
        count = sender.fits([envelope for _, envelope in rest])
        batch, rest = rest[:count], rest[count:]
        _send(database, sender, batch)
        handled += len(batch)
        if sender.pause or (stop is not None and stop.is_set()):
            break
    if rest:
        with database.write() as session:
            outbox.release(session, [message_id for message_id, _ in rest])
    return handled


def _worded(database: Database, message_ids: Sequence[int]) -> list[tuple[int, Envelope]]:
    """The messages in words. One that cannot be put into words fails alone, and is settled so."""
    try:
        with database.read() as session:
            found = queries.notices_for(session, message_ids, clock.now())
    except Exception as fault:  # noqa: BLE001 -- one bad message must not hold up the others
        if len(message_ids) > 1:
            return [worded for message_id in message_ids for worded in _worded(database, [message_id])]
        _log.error("message failed", kind=type(fault).__name__, id=message_ids[0])
        with database.write() as session:
            outbox.settle(session, message_ids, clock.now(), error=type(fault).__name__)
        return []
    return [(message_id, Envelope(f"message-{message_id}", *found[message_id])) for message_id in message_ids]


def _send(database: Database, sender: Sender, batch: Sequence[tuple[int, Envelope]]) -> None:
    """One call with no session open, and its outcome on every message that was in it."""
    failure = _outcome(sender, [envelope for _, envelope in batch])
    with database.write() as session:
        if failure is not None and failure.hold is not None:
            outbox.hold(session, sender.name, clock.now() + failure.hold)
            outbox.release(session, [message_id for message_id, _ in batch])
            return
        outbox.settle(
            session,
            [message_id for message_id, _ in batch],
            clock.now(),
            error=str(failure) if failure else "",
            final=failure is not None and failure.final,
        )


def _outcome(sender: Sender, envelopes: Sequence[Envelope]) -> SendError | None:
    try:
        sender.send(envelopes)
    except SendError as failure:
        return failure if str(failure) else SendError(type(failure).__name__, final=failure.final, hold=failure.hold)
    except Exception as fault:  # noqa: BLE001 -- a fault of the adapter must not end the loop
        _log.error("sender failed", kind=type(fault).__name__, count=len(envelopes))
        return SendError(type(fault).__name__)
    return None


def sweep(database: Database, stop: threading.Event | None = None) -> int:
    """Looks at every ticket that calls for it, a few in each transaction, and puts the day's digests. How many."""
    now, seen = clock.now(), 0
    failed: set[int] = set()
    with database.read() as session:
        more = actions.is_due(session, now=now)
    while more and not (stop is not None and stop.is_set()):
        with database.write() as session:
            looked = actions.batch(session, now=now, besides=failed)
        failed |= set(looked.failed)
        seen += len(looked.done)
        more = len(looked.done) + len(looked.failed) >= actions.AT_ONCE  # else nothing is left
    with database.read() as session:
        waiting = actions.is_digest_due(session, now=now)
    if waiting:
        with database.write() as session:
            actions.digests(session, now=now)
    return seen


def run(database: Database, senders: Sequence[Sender], stop: threading.Event, files: Storage | None = None) -> None:
    """Rounds until `stop` is set. An error is logged and does not end the loop; leases bring the messages back.

    With `files`, what has been kept for its time is erased once a day, by one of all workers.
    """
    swept: float | None = None
    while not stop.is_set():
        if swept is None or time.perf_counter() - swept >= SWEEP_EVERY:
            swept = time.perf_counter()
            try:
                sweep(database, stop)
            except Exception as error:  # noqa: BLE001 -- as below; the next sweep takes up what this one left
                _log.error("sweep failed", kind=type(error).__name__)
            if files is not None:
                _retain(database, files)
        if not sum([_round(database, sender, stop) for sender in senders]):
            stop.wait(PAUSE)


def _round(database: Database, sender: Sender, stop: threading.Event) -> int:
    try:
        return deliver(database, sender, stop)
    except Exception as error:  # noqa: BLE001 -- the loop must outlive a database that is away for a while
        _log.error("round failed", kind=type(error).__name__)
        return 0


def _retain(database: Database, files: Storage) -> None:
    try:
        done = retaining.daily(database, files, clock.now())
        if done is not None:
            _log.info("retention", doubtful=done.doubtful, **done.counts)
            _say_where_logs_end(database)
    except Exception as error:  # noqa: BLE001 -- as the sweep; what is due today is due tomorrow
        _log.error("retention failed", kind=type(error).__name__)


def _say_where_logs_end(database: Database) -> None:
    """Where these lines are kept elsewhere, nobody cuts off the tail of an access log unseen."""
    with database.read() as session:
        ends = upkeep.log_ends(session)
    for end in ends:
        _log.info("access log ends", compound=end.compound, line=end.last, hash=end.hash)


class InProcess:
    """The loop in a thread of the web process, for one box."""

    def __init__(self, database: Database, senders: Sequence[Sender], files: Storage | None = None) -> None:
        self._stop = threading.Event()
        args = (database, senders, self._stop, files)
        self._thread = threading.Thread(target=run, args=args, name="worker", daemon=True)

    def start(self) -> None:
        """Begins to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Finishes the call in hand and ends."""
        self._stop.set()
        self._thread.join(timeout=30)
