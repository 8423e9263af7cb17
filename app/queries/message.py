"""A message's words at the moment of reading: slip number, category, coarse place, due; never a person."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from app import access, outbox
from app.access.notices import Facts, dead_letter_compounds, notice_facts, told
from app.db import ReadSession
from app.models.message import Message
from app.rules import notices, wording
from app.rules.notices import Outlet, Way
from app.schemas.message import DeadLetter, InboxItem, InboxView


class Notice(NamedTuple):
    """Whom it is for (a compound and a seat's title), the words as a group may read them, and whether to ring.

    A text message has the reporter's phone, as long as they want to be called, and the values of its template.
    """

    to: str
    text: str
    alarm: bool
    phone: str = ""
    values: Mapping[str, str] = MappingProxyType({})


def notices_for(session: ReadSession, message_ids: Collection[int], now: datetime) -> dict[int, Notice]:
    """What to say about the tickets of messages where others read along, by message id.

    Raises KeyError for an event without words.
    """
    listed = outbox.read(session, message_ids)
    texts = {
        message.id: _text(session, message, message.ticket_id)
        for message in listed
        if message.way == Way.SMS and message.ticket_id is not None
    }
    rest = [message for message in listed if message.id not in texts]
    facts = notice_facts(session, rest)
    return texts | {message.id: _notice(message, facts[message.id], now) for message in rest}


def _text(session: ReadSession, message: Message, ticket_id: int) -> Notice:
    number, phone = access.to_text(session, ticket_id)
    what = wording.word("texts", message.template)
    return Notice("", what, alarm=False, phone=phone, values={"number": number, "what": what})


def _notice(message: Message, facts: Facts, now: datetime) -> Notice:
    to = "·".join(filter(None, (facts.compound, facts.seat)))
    text = notices.line(to, _words(message, facts, Outlet.GROUP, now), message.id)
    return Notice(to, text, alarm=notices.is_alarm(message.template))


def inbox(session: ReadSession, staff: access.Staff, now: datetime) -> InboxView:
    """What this account's seats were told in the last thirty days, the newest first, whether or not it also rang."""
    items = [
        InboxItem(
            id=message.id,
            at=message.created_at,
            event=message.template,
            seat=facts.seat,
            text=_words(message, facts, _told_where(message, facts, number), now),
            alarm=notices.is_alarm(message.template),
            slip_no=facts.slip_no or None,
            number=number,
            new=new,
        )
        for message, facts, number, new in told(session, staff, now)
    ]
    return InboxView(items=items, unread=sum(item.new for item in items))


def dead_letters(session: ReadSession, staff: access.Staff) -> list[DeadLetter]:
    """Messages that were given up: all for an administrator, those of their compounds for a grid head.

    Raises VerbNotYoursError for everybody else.
    """
    return [
        DeadLetter(
            id=message.id,
            event=message.template,
            what=notices.messages().event(message.template).guarded.format(slip_no=""),
            seat=seat.title if seat else "",
            attempts=message.attempts,
            error=message.last_error,
            at=message.created_at,
        )
        for message, seat in outbox.dead(session, dead_letter_compounds(staff))
    ]


def _told_where(message: Message, facts: Facts, number: str | None) -> Outlet:
    """Whoever may open neither ticket nor slip reads what a group would: it may be another matter by now."""
    closed = message.ticket_id is not None and number is None and not facts.slip_no
    return Outlet.GROUP if closed else Outlet.INBOX


def _words(message: Message, facts: Facts, outlet: Outlet, now: datetime) -> str:
    template = notices.words(message.template, notices.audience(facts.role), outlet, guarded=facts.guarded)
    return template.format(
        category=facts.category,
        place=facts.place,
        due=wording.deadline(facts.due_at, now),
        slip_no=facts.slip_no,
        **facts.counts,
    )
