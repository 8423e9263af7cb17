"""报备: an agency was told about a matter and gave a number for it. Information, not an assignment."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Filing(SQLModel, table=True):
    """One filing of a ticket. The note is sealed: whoever types it may name somebody."""

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    agency: str = Field(max_length=60)
    receipt_no: str = Field(default="", max_length=60)
    filed_at: datetime = Field(sa_type=Instant)
    role: str = Field(max_length=32)
    account_id: int = Field(foreign_key="account.id", index=True)
    note_sealed: bytes | None = None
    created_at: datetime = Field(sa_type=Instant)


def note_context(ticket_id: int) -> str:
    """What a filing's sealed note is bound to."""
    return f"filing of {ticket_id}"
