"""What became of people's rights over their data: requests of reporters, and looks that need somebody's approval."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class RightsRequest(SQLModel, table=True):
    """One use of a right by a reporter: what was asked, when, and what came of it. Never the data itself."""

    __tablename__ = "rights_request"

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    kind: str = Field(max_length=24)
    outcome: str = Field(max_length=16)
    facts: dict[str, Any] = Field(sa_type=JSON)  # codes of fields and consents
    at: datetime = Field(sa_type=Instant)


class RevealRequest(SQLModel, table=True):
    """A look at a minor's data that waits for the secretary, or was decided; good for one account and these fields."""

    __tablename__ = "reveal_request"
    __table_args__ = (Index("ix_reveal_request_list", "compound_id", "status", "id"),)

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    compound_id: int = Field(foreign_key="compound.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    role: str = Field(max_length=32)
    fields: list[str] = Field(sa_type=JSON)
    purpose: str = Field(max_length=16)
    status: str = Field(max_length=12)  # waiting · approved · refused
    asked_at: datetime = Field(sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="account.id", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)


class LookAlert(SQLModel, table=True):
    """Looks that were out of the ordinary, once a day per account and kind (and ticket, where it is about one)."""

    __tablename__ = "look_alert"
    __table_args__ = (UniqueConstraint("compound_id", "day", "account_id", "kind", "about"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id")
    day: str = Field(max_length=10)  # the local day, 2027-03-01
    account_id: int = Field(foreign_key="account.id", index=True)
    kind: str = Field(max_length=16)
    about: str = Field(default="", max_length=16)  # a ticket's number, or nothing
    at: datetime = Field(sa_type=Instant)
