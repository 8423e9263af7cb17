"""Append-only history. Rows are never updated or deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Event(SQLModel, table=True):
    """One verb that happened: who (account and seat, never a person), what, and the reason for a decision."""

    __table_args__ = (Index("ix_event_ticket", "ticket_id", "id"),)

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id")
    slip_id: int | None = Field(default=None, foreign_key="slip.id", index=True)
    at: datetime = Field(sa_type=Instant)
    verb: str = Field(max_length=24)
    status: str = Field(max_length=16)  # the ticket's state after it
    actor: str = Field(max_length=32)  # a role code, "reporter" or "system"
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    seat_id: int | None = Field(default=None, foreign_key="seat.id", index=True)
    facts: dict[str, Any] = Field(sa_type=JSON)  # codes, roles, instants; never words
    words_sealed: bytes | None = None
    photos: list[str] = Field(sa_type=JSON)


def words_context(ticket_id: int) -> str:
    """What an event's sealed words are bound to."""
    return f"event of {ticket_id}"
