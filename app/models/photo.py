"""Photos: re-encoded, without EXIF, sealed on disk."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Photo(SQLModel, table=True):
    """A photo's row. Its bytes lie sealed in the upload storage under `key`."""

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=32)  # 128 random bits
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    slip_id: int | None = Field(default=None, foreign_key="slip.id", index=True)
    width: int
    height: int
    size: int
    cleared: bool = False  # a triager ticked 可转办
    from_staff: bool = False
    created_at: datetime = Field(sa_type=Instant)
