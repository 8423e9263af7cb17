"""For whom somebody else reported: the beneficiary, sealed, and by which consent (domain rules §5)."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.sealed import Person
from app.db import ReadSession, WriteSession
from app.models.contact import Contact, Proxy
from app.models.ticket import Ticket
from app.rules.vocabulary import ConsentKind

_REACH = (
    select_columns(
        col(Contact.phone_sealed).is_not(None), col(Proxy.phone_sealed).is_not(None), col(Proxy.id).is_not(None)
    )
    .select_from(Ticket)
    .join(Contact, col(Contact.ticket_id) == col(Ticket.id), isouter=True)
    .join(Proxy, col(Proxy.ticket_id) == col(Ticket.id), isouter=True)
    .where(col(Ticket.id) == bindparam("ticket"))
    .execution_options(scope="contact")
)


class Mandate(NamedTuple):
    """By which consent a proxy speaks: its kind, what was said or shown, and until when a standing one holds."""

    kind: ConsentKind
    note: str
    until: datetime | None


class Reach(NamedTuple):
    """Which telephones there are, and whether somebody spoke for somebody else."""

    reporter: bool
    beneficiary: bool
    proxied: bool

    @property
    def anyone(self) -> bool:
        """Whether there is anybody to call at all."""
        return self.reporter or self.beneficiary


def put_proxy(session: WriteSession, ticket: Ticket, person: Person, mandate: Mandate, now: datetime) -> None:
    """Stores the beneficiary apart from the ticket and from the contact. The proxy is the ticket's contact."""
    door = person.room or person.phone or person.name or ticket.number

    def seal(field: str, plain: str) -> bytes:
        return session.vault.seal(plain, _context(ticket, field))

    contact = session.exec(_contact_of(ticket).execution_options(scope="proxy")).one_or_none()
    session.add(
        Proxy(
            ticket_id=ticket.id,
            name_sealed=seal("name", person.name) if person.name else None,
            phone_sealed=seal("phone", person.phone) if person.phone else None,
            room_sealed=seal("room", person.room) if person.room else None,
            household_hash=session.vault.digest("household", f"{ticket.stairwell_id}:{door}"),
            by_hash=contact.phone_hash if contact else None,
            consent=mandate.kind,
            note_sealed=seal("note", mandate.note),
            until=mandate.until,
            created_at=now,
        )
    )
    session.flush()


def beneficiary_of(session: ReadSession, ticket: Ticket) -> tuple[Person, Mandate] | None:
    """The plain beneficiary of a ticket that access has handed out, and the consent; None where there is none."""
    row = session.exec(select(Proxy).where(Proxy.ticket_id == ticket.id).execution_options(scope="proxy")).one_or_none()
    if row is None:
        return None

    def opened(field: str, sealed: bytes | None) -> str | None:
        return session.vault.open(sealed, _context(ticket, field)) if sealed else None

    person = Person(opened("name", row.name_sealed), opened("phone", row.phone_sealed), opened("room", row.room_sealed))
    return person, Mandate(ConsentKind(row.consent), opened("note", row.note_sealed) or "", row.until)


def proxied(session: ReadSession, ticket: Ticket) -> bool:
    """Whether somebody reported this for somebody else: what the latter adds is then not the former's to read."""
    query = select(Proxy.id).where(Proxy.ticket_id == ticket.id)
    return session.exec(query.execution_options(scope="proxy")).first() is not None


def reach_of(session: ReadSession, ticket: Ticket) -> Reach:
    """Whether anybody left a telephone, and who."""
    found = session.execute(_REACH, {"ticket": ticket.id}).one()
    return Reach(*found)


def households_spoken_for(session: ReadSession, ticket: Ticket) -> int:
    """For how many households of this compound the ticket's proxy has spoken; 0 for one without a telephone."""
    query = select(Proxy.by_hash).where(Proxy.ticket_id == ticket.id)
    by = session.exec(query.execution_options(scope="proxy")).one_or_none()
    if by is None:
        return 0
    count = (
        select(func.count(func.distinct(Proxy.household_hash)))
        .join(Ticket, col(Ticket.id) == col(Proxy.ticket_id))
        .where(Proxy.by_hash == by, Ticket.compound_id == ticket.compound_id)
    )
    return session.exec(count.execution_options(scope="proxy")).one()


def _contact_of(ticket: Ticket) -> SelectOfScalar[Contact]:
    return select(Contact).where(Contact.ticket_id == ticket.id)


def _context(ticket: Ticket, field: str) -> str:
    return f"beneficiary of {ticket.number} {field}"
