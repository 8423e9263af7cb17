"""What identifies a reporter goes, and what was corrected takes its place. The only deletions a person may ask for."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlmodel import col, select

from app.access import sealed
from app.access.calls import calls_of
from app.db import WriteSession
from app.models.contact import Contact, Proxy
from app.models.event import Event
from app.models.photo import Photo
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules.vocabulary import CallStatus, Verb

_REPORTER = "reporter"
_SAID_TO_US = frozenset({Verb.CALLBACK})  # written down by a caller, and still the reporter's words


def erase_person(session: WriteSession, ticket: Ticket) -> None:
    """Name, phone and door of the reporter and of whom they spoke for; with them goes everybody's reason to call."""
    session.execute(delete(Contact).where(col(Contact.ticket_id) == ticket.id))
    session.execute(delete(Proxy).where(col(Proxy.ticket_id) == ticket.id))
    for task in calls_of(session, ticket):
        task.note_sealed = None
        if task.status == CallStatus.OPEN:
            task.status = CallStatus.VOID


def erase_words(session: WriteSession, ticket: Ticket, text: str, spot: str | None) -> None:
    """What they said, in every place where it stands; `text` and `spot`, without a person in them, take its place."""
    ticket.text_sealed = sealed.seal_words(session, ticket.number, "text", text) if text else sealed.GONE
    ticket.spot_sealed = sealed.seal_words(session, ticket.number, "spot", spot) if spot else None
    for event in _events(session, ticket):
        if event.actor == _REPORTER or event.verb in _SAID_TO_US:
            event.words_sealed = None
        event.facts = {name: value for name, value in event.facts.items() if name != "evidence"}
    for rating in session.exec(select(Rating).where(Rating.ticket_id == ticket.id).execution_options(scope="erase")):
        rating.text_sealed = None


def erase_photos(session: WriteSession, ticket: Ticket) -> list[str]:
    """The rows of their photos, cleared ones too, and where events name them.

    Returns the keys of the files, to be removed once this is committed.
    """
    keys = sorted(_photos(session, ticket))
    for event in _events(session, ticket) if keys else ():
        event.photos = [key for key in event.photos if key not in keys]
    session.execute(delete(Photo).where(col(Photo.ticket_id) == ticket.id, col(Photo.from_staff).is_(False)))
    return keys


def correct_person(session: WriteSession, ticket: Ticket, changes: Mapping[str, str | None]) -> bool:
    """Puts these fields (name, phone, room) in place of what is there; whether there was a contact to change."""
    query = select(Contact).where(Contact.ticket_id == ticket.id).with_for_update()
    contact = session.exec(query.execution_options(scope="contact")).one_or_none()
    if contact is None:
        return False
    sealed.fill_contact(session, ticket, contact, changes)
    session.flush()
    return True


def _events(session: WriteSession, ticket: Ticket) -> list[Event]:
    query = select(Event).where(Event.ticket_id == ticket.id).order_by(col(Event.id))
    return list(session.exec(query.execution_options(scope="erase")))


def _photos(session: WriteSession, ticket: Ticket) -> set[str]:
    query = select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.from_staff).is_(False))
    return set(session.exec(query.execution_options(scope="erase")))
