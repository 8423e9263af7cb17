"""A ticket's clocks: what was promised until when, and when somebody has to look again."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Clock(SQLModel, table=True):
    """One clock of one round. Only app.actions.clocks changes it; `breached_at` is never undone."""

    __table_args__ = (Index("ix_clock_ticket", "ticket_id", "id"),)

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id")
    compound_id: int = Field(foreign_key="compound.id", index=True)
    kind: str = Field(max_length=16)
    round: int
    started_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant, index=True)
    note: str = Field(default="", max_length=40)  # why it is due later than one would think
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    void: bool = False  # ended without counting: rejected, withdrawn, handed over, merged
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    breached_at: datetime | None = Field(default=None, sa_type=Instant)
    stage: int = 0  # how many steps of its chain have been taken
    next_at: datetime | None = Field(default=None, sa_type=Instant)  # of its next step; the ticket's look_at follows it
