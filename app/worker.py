"""The delivery loop: claim, commit, send, settle. No lock is held during a call, and no decision is made here."""

import threading

import structlog

from app import clock, outbox
from app.db import Database
from app.queries import message as queries
from app.senders.base import Envelope, Sender, SendError

PAUSE = 1.0
_log = structlog.get_logger("minqing.worker")


def deliver(database: Database, sender: Sender) -> int:
    """One round: leases due messages, sends each, settles each. How many were handled."""
    with database.write() as session:
        claimed = [message.id for message in outbox.claim(session, clock.now())]
    for message_id in claimed:
        error = _send(database, sender, message_id)
        with database.write() as session:
            outbox.settle(session, message_id, clock.now(), error=error)
    return len(claimed)


def _send(database: Database, sender: Sender, message_id: int) -> str:
    """Sends one message with no session open during the call; what went wrong in a word, "" where nothing did."""
    try:
        with database.read() as session:
            notice = queries.notice(session, message_id, clock.now())
        sender.send(Envelope(f"message-{message_id}", notice.to, notice.text))
    except SendError as failure:
        return str(failure) or type(failure).__name__
    except Exception as fault:  # noqa: BLE001 -- one bad message must not hold up the others
        _log.error("message failed", kind=type(fault).__name__, id=message_id)
        return type(fault).__name__
    return ""


def run(database: Database, sender: Sender, stop: threading.Event) -> None:
    """Rounds until `stop` is set. An error is logged and does not end the loop; leases bring the messages back."""
    while not stop.is_set():
        try:
            handled = deliver(database, sender)
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
        """Finishes the message in hand and ends."""
        self._stop.set()
        self._thread.join(timeout=30)
