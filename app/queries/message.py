"""A message's words at the moment of sending: slip number, category, coarse place, due; never a person."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import select

from app import access, outbox
from app.db import ReadSession
from app.models.seat import Seat
from app.rules import wording


class Notice(NamedTuple):
    """Whom it is for (a seat's title), and the words."""

    to: str
    text: str


def notice(session: ReadSession, message_id: int, now: datetime) -> Notice:
    """What to say about a message's ticket."""
    message = outbox.read(session, message_id)
    about = access.notice_facts(session, message.ticket_id, message.seat_id)
    seat = session.exec(select(Seat).where(Seat.id == message.seat_id)).one_or_none()
    due = wording.deadline(about.due_at, now)
    text = wording.word("messages", message.template).format(
        category=about.category, place=about.place, due=due, slip_no=about.slip_no
    )
    return Notice(to=seat.title if seat else "", text=text)
