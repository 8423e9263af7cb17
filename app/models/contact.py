"""Who reported: a table of its own, sealed, with no relationship from Ticket. Only access comes here."""

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
