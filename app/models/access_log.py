"""Who looked at whose data: append-only, hash-chained per compound."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class AccessLog(SQLModel, table=True):
    """One reveal or refusal. `hash` covers the row and the row before it in the same compound."""

    __tablename__ = "access_log"
    __table_args__ = (UniqueConstraint("compound_id", "seq"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id")
    seq: int
    at: datetime = Field(sa_type=Instant)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)  # null: by a slip's link
    role: str = Field(max_length=32)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)  # null: of a visit plan
    fields: list[str] = Field(sa_type=JSON)
    purpose: str = Field(max_length=16)
    result: str = Field(max_length=16)  # given · refused
    facts: dict[str, Any] = Field(sa_type=JSON)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
