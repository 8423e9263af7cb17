"""A message's words at the moment of reading: slip number, category, coarse place, due; never a person."""

from datetime import datetime, timedelta
from typing import NamedTuple

from app import access, outbox
from app.access.notices import Facts, dead_letter_compounds, notice_facts, told
from app.db import ReadSession
from app.models.message import Message
from app.rules import notices, wording
from app.rules.notices import Outlet
from app.schemas.message import DeadLetter, InboxItem, InboxView

INBOX_REACHES_BACK = timedelta(days=30)
INBOX_HOLDS = 100


class Notice(NamedTuple):
    """Whom it is for (a compound and a seat's title), the words as a group may read them, and whether to ring."""

    to: str
    text: str
    alarm: bool


def notice(session: ReadSession, message_id: int, now: datetime) -> Notice:
    """What to say about a message's ticket where others read along. Raises KeyError for an event without words."""
    message = outbox.read(session, message_id)
    facts = notice_facts(session, [message])[message.id]
    to = "·".join(filter(None, (facts.compound, facts.seat)))
    text = notices.line(to, _words(message, facts, Outlet.GROUP, now), message.id)
    return Notice(to, text, alarm=notices.is_alarm(message.template))


def inbox(session: ReadSession, staff: access.Staff, now: datetime) -> InboxView:
    """What this account's seats were told in the last thirty days, the newest first, whether or not it also rang."""
    items = told(session, staff, now - INBOX_REACHES_BACK, INBOX_HOLDS)
    return InboxView(
        items=[
            InboxItem(
                at=message.created_at,
                event=message.template,
                seat=facts.seat,
                text=_words(message, facts, Outlet.INBOX, now),
                alarm=notices.is_alarm(message.template),
                slip_no=facts.slip_no or None,
                number=number,
            )
            for message, facts, number in items
        ]
    )


def dead_letters(session: ReadSession, staff: access.Staff) -> list[DeadLetter]:
    """Messages that were given up: all for an administrator, those of their compounds for a grid head.

    Raises VerbNotYoursError for everybody else.
    """
    return [
        DeadLetter(
            id=message.id,
            event=message.template,
            seat=seat.title if seat else "",
            attempts=message.attempts,
            error=message.last_error,
            at=message.created_at,
        )
        for message, seat in outbox.dead(session, dead_letter_compounds(staff))
    ]


def _words(message: Message, facts: Facts, outlet: Outlet, now: datetime) -> str:
    template = notices.words(message.template, notices.audience(facts.role), outlet, guarded=facts.guarded)
    return template.format(
        category=facts.category, place=facts.place, due=wording.deadline(facts.due_at, now), slip_no=facts.slip_no
    )
