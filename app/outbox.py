"""Messages are rows in the caller's transaction: sent at least once if it commits, never if it does not."""

from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import col, select

from app.db import ReadSession, WriteSession
from app.models.message import Message

LEASE = timedelta(minutes=2)
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))


def put(session: WriteSession, template: str, ticket_id: int, now: datetime, *, seat_id: int | None = None) -> None:
    """One message for a seat, or for the reporter where `seat_id` is None."""
    session.add(Message(template=template, ticket_id=ticket_id, seat_id=seat_id, next_at=now, created_at=now))


def claim(session: WriteSession, now: datetime, limit: int = 20) -> list[Message]:
    """Leases due messages to this worker. Others skip them until the lease runs out."""
    query = (
        select(Message)
        .where(
            Message.status == "waiting",
            Message.next_at <= now,
            or_(col(Message.leased_until).is_(None), col(Message.leased_until) <= now),
        )
        .order_by(col(Message.next_at), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    messages = list(session.exec(query.execution_options(scope="outbox")))
    for message in messages:
        message.leased_until = now + LEASE
        message.attempts += 1
    return messages


def read(session: ReadSession, message_id: int) -> Message:
    """One message by its id."""
    return session.exec(select(Message).where(Message.id == message_id).execution_options(scope="outbox")).one()


def settle(session: WriteSession, message_id: int, now: datetime, *, error: str = "") -> None:
    """Marks a leased message sent; or, with an error, puts it back with a growing pause, and finally aside as dead."""
    message = read(session, message_id)
    message.leased_until = None
    message.last_error = error[:200]
    if not error:
        message.status, message.sent_at = "sent", now
    elif message.attempts > len(BACK_OFF):
        message.status = "dead"
    else:
        message.next_at = now + BACK_OFF[message.attempts - 1]
