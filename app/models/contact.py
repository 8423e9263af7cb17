"""Who reported, and for whom: tables of their own, sealed, with no relationship from Ticket. Only access comes here."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Contact(SQLModel, table=True):
    """Name, phone and door of a reporter, each sealed apart; absent fields are null."""

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", unique=True)
    name_sealed: bytes | None = None
    phone_sealed: bytes | None = None
    room_sealed: bytes | None = None
    phone_hash: str | None = Field(default=None, index=True, max_length=64)
    created_at: datetime = Field(sa_type=Instant)


class Proxy(SQLModel, table=True):
    """Somebody reported for somebody else: the beneficiary, sealed apart, and by which consent (domain rules §5)."""

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", unique=True)
    name_sealed: bytes | None = None
    phone_sealed: bytes | None = None
    room_sealed: bytes | None = None
    household_hash: str = Field(max_length=64)  # tells two households apart, and nothing else
    by_hash: str | None = Field(default=None, index=True, max_length=64)  # the proxy's phone, keyed
    consent: str = Field(max_length=20)  # voice · sms_code · signature_photo · standing_mandate · emergency
    note_sealed: bytes
    until: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
