"""电话: whom somebody has to call, why, and how it went. Never a number: that is revealed when it is dialled."""

from datetime import datetime

from sqlalchemy import JSON, Index, false
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class CallTask(SQLModel, table=True):
    """One call to make about one round of a ticket: to tell what was answered, or to ask how it went."""

    __tablename__ = "call_task"
    __table_args__ = (Index("ix_call_task_list", "compound_id", "status", "due_at", "id"),)

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    compound_id: int = Field(foreign_key="compound.id")
    kind: str = Field(max_length=8)  # tell · callback
    reason: str = Field(max_length=24)  # tell: the verb to tell about; callback: why this one is called
    round: int
    status: str = Field(max_length=12)  # open · done · unreached · void
    due_at: datetime = Field(sa_type=Instant)
    tries: list[str] = Field(sa_type=JSON)  # instants at which nobody answered
    result: str | None = Field(default=None, max_length=12)  # reached · not_reached
    judged: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # a callback that got a judgement
    note_sealed: bytes | None = None
    done_by: int | None = Field(default=None, foreign_key="account.id", index=True)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


def note_context(ticket_id: int) -> str:
    """What a call's sealed note is bound to."""
    return f"call about {ticket_id}"
