"""What sealed columns are bound to, and how the gate opens them. Nothing outside app.access opens one."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import select

from app.db import ReadSession, WriteSession
from app.models.contact import Contact
from app.models.event import Event, words_context
from app.models.rating import Rating
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import phones

GONE = b""
"""What stands in place of raw words that were deleted."""


class Person(NamedTuple):
    """What a reporter left about themselves, in plain."""

    name: str | None
    phone: str | None
    room: str | None


def seal_words(session: WriteSession, number: str, field: str, plain: str) -> bytes:
    """Ciphertext of a ticket's own words, bound to its number and the field."""
    return session.vault.seal(plain, f"ticket {number} {field}")


def text_of(session: ReadSession, ticket: Ticket) -> str:
    """The raw words; "" where they were deleted."""
    return session.vault.open(ticket.text_sealed, f"ticket {ticket.number} text") if ticket.text_sealed != GONE else ""


def spot_of(session: ReadSession, ticket: Ticket) -> str | None:
    """The raw spot."""
    return session.vault.open(ticket.spot_sealed, f"ticket {ticket.number} spot") if ticket.spot_sealed else None


def words_of(session: ReadSession, event: Event) -> str | None:
    """An event's words."""
    return session.vault.open(event.words_sealed, words_context(event.ticket_id)) if event.words_sealed else None


def rating_text(session: ReadSession, rating: Rating) -> str | None:
    """A rating's words."""
    return session.vault.open(rating.text_sealed, f"rating of {rating.ticket_id}") if rating.text_sealed else None


def seal_rating(session: WriteSession, ticket: Ticket, plain: str) -> bytes:
    """Ciphertext of a rating's words."""
    return session.vault.seal(plain, f"rating of {ticket.id}")


def draft_of(session: ReadSession, slip: Slip) -> str | None:
    """The lead's drafted reply."""
    return session.vault.open(slip.draft_sealed, f"draft of {slip.slip_no}") if slip.draft_sealed else None


def seal_draft(session: WriteSession, slip: Slip, plain: str) -> bytes:
    """Ciphertext of a drafted reply."""
    return session.vault.seal(plain, f"draft of {slip.slip_no}")


def put_person(session: WriteSession, ticket: Ticket, person: Person, now: datetime) -> None:
    """Stores a contact apart from its ticket, every field sealed, the phone findable by a keyed hash only."""
    contact = Contact(ticket_id=ticket.id, created_at=now)
    fill_contact(session, ticket, contact, person._asdict())
    session.add(contact)


def fill_contact(session: WriteSession, ticket: Ticket, contact: Contact, values: Mapping[str, str | None]) -> None:
    """Seals the named fields (name, phone, room) into a contact; an empty one takes away what was there."""

    def seal(field: str) -> bytes | None:
        plain = values[field]
        return session.vault.seal(plain, f"contact of {ticket.number} {field}") if plain else None

    if "name" in values:
        contact.name_sealed = seal("name")
    if "room" in values:
        contact.room_sealed = seal("room")
    if "phone" in values:
        contact.phone_sealed = seal("phone")
        digits = phones.digits(values["phone"] or "")
        contact.phone_hash = session.vault.digest("phone", digits) if digits else None


def person_of(session: ReadSession, ticket: Ticket) -> Person | None:
    """The plain contact of a ticket that access has handed out; None where nothing was left."""
    contact = session.exec(
        select(Contact).where(Contact.ticket_id == ticket.id).execution_options(scope="contact")
    ).one_or_none()
    if contact is None:
        return None

    def opened(field: str, sealed: bytes | None) -> str | None:
        return session.vault.open(sealed, f"contact of {ticket.number} {field}") if sealed else None

    return Person(
        opened("name", contact.name_sealed), opened("phone", contact.phone_sealed), opened("room", contact.room_sealed)
    )


def seal_answer(session: WriteSession, scope: str, answer: dict[str, object]) -> bytes:
    """An idempotent answer at rest."""
    return session.vault.seal(json.dumps(answer), f"answer {scope}")


def open_answer(session: ReadSession, scope: str, sealed: bytes) -> dict[str, object]:
    """The plain of seal_answer."""
    answer: dict[str, object] = json.loads(session.vault.open(sealed, f"answer {scope}"))
    return answer
