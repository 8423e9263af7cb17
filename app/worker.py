"""The delivery loop: claim, commit, send, settle. No lock is held during a call, and no decision is made here."""

import threading
from collections.abc import Sequence

import structlog

from app import clock, outbox
from app.db import Database
from app.queries import message as queries
from app.senders.base import Envelope, Sender, SendError

PAUSE = 1.0
_log = structlog.get_logger("minqing.worker")


def deliver(database: Database, sender: Sender, stop: threading.Event | None = None) -> int:
    """One round: leases due messages, sends them, settles each. How many were handled.

    A sender with a pace gets one call, with as many messages as fit. When `stop` is set, the call in hand is finished;
    whatever was leased beyond it is given back at once.
    """
    with database.read() as session:
        if not outbox.is_due(session, clock.now()):
            return 0
    with database.write() as session:
        claimed = outbox.claim(session, clock.now(), outlet=sender.name, pause=sender.pause)
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
    ready, bad = [], {}
    with database.read() as session:
        for message_id in message_ids:
            try:
                notice = queries.notice(session, message_id, clock.now())
            except Exception as fault:  # noqa: BLE001 -- one bad message must not hold up the others
                bad[message_id] = type(fault).__name__
            else:
                ready.append((message_id, Envelope(f"message-{message_id}", notice.to, notice.text, notice.alarm)))
    for message_id, kind in bad.items():
        _log.error("message failed", kind=kind, id=message_id)
        with database.write() as session:
            outbox.settle(session, message_id, clock.now(), error=kind)
    return ready


def _send(database: Database, sender: Sender, batch: Sequence[tuple[int, Envelope]]) -> None:
    """One call with no session open, and its outcome on every message that was in it."""
    failure = _outcome(sender, [envelope for _, envelope in batch])
    with database.write() as session:
        if failure is not None and failure.hold is not None:
            outbox.hold(session, sender.name, clock.now() + failure.hold)
            outbox.release(session, [message_id for message_id, _ in batch])
            return
        for message_id, _ in batch:
            outbox.settle(
                session,
                message_id,
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


def run(database: Database, sender: Sender, stop: threading.Event) -> None:
    """Rounds until `stop` is set. An error is logged and does not end the loop; leases bring the messages back."""
    while not stop.is_set():
        try:
            handled = deliver(database, sender, stop)
        except Exception as error:  # noqa: BLE001 -- the loop must outlive a database that is away for a while
            _log.error("round failed", kind=type(error).__name__)
            handled = 0
        if not handled:
            stop.wait(PAUSE)


class InProcess:
    """The loop in a thread of the web process, for one box."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=run, args=(database, sender, self._stop), name="worker", daemon=True)

    def start(self) -> None:
        """Begins to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Finishes the call in hand and ends."""
        self._stop.set()
        self._thread.join(timeout=30)
