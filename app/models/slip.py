"""任务单: how a head acts without personal data."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Slip(SQLModel, table=True):
    """One seat's part of a ticket, under its own random number."""

    id: int = Field(default=None, primary_key=True)
    slip_no: str = Field(unique=True, max_length=16)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    seat_id: int = Field(foreign_key="seat.id", index=True)
    role: str = Field(max_length=32)
    part: str = Field(max_length=8)
    status: str = Field(max_length=16)
    round: int = 1
    ask: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=Instant)
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: int | None = Field(default=None, foreign_key="account.id", index=True)
    draft_kind: str | None = Field(default=None, max_length=16)
    draft_sealed: bytes | None = None
    draft_until: datetime | None = Field(default=None, sa_type=Instant)


class SlipLink(SQLModel, table=True):
    """A handed-out link to one slip: single person, bound to the device at the first POST, gone after 72 hours."""

    id: int = Field(default=None, primary_key=True)
    slip_id: int = Field(foreign_key="slip.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    device_hash: str | None = Field(default=None, max_length=64)
    issued_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
