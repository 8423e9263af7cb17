"""Outbox rows. Who and what, never an address: that is looked up through access at the moment of sending."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, false
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Message(SQLModel, table=True):
    __table_args__ = (Index("ix_message_due", "status", "way", "next_at"),)

    id: int = Field(default=None, primary_key=True)
    template: str = Field(max_length=40)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)  # null: about a seat's whole desk
    seat_id: int | None = Field(default=None, foreign_key="seat.id", index=True)  # null: the reporter
    facts: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # counts of a digest; never words
    way: str = Field(default="group", max_length=8, sa_column_kwargs={"server_default": "group"})  # · webhook · sms
    status: str = Field(default="waiting", max_length=8)  # waiting · sent · dead
    rings: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # an alarm that may wake people
    next_at: datetime = Field(sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    last_error: str = Field(default="", max_length=200)
    created_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)


class Outlet(SQLModel, table=True):
    """One way out that bears only so many calls a minute: no worker of any process uses it before `opens_at`."""

    name: str = Field(primary_key=True, max_length=40)
    opens_at: datetime = Field(sa_type=Instant)
