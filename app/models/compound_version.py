"""What a compound decided for itself, version by version: the newest is in force, and each knows what it replaced."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class CompoundVersion(SQLModel, table=True):
    """One change of a compound's settings or routing rules. Rows are never updated or deleted."""

    __tablename__ = "compound_version"
    __table_args__ = (UniqueConstraint("compound_id", "part", "version"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id")
    part: str = Field(max_length=16)  # settings | rules
    version: int
    value: dict[str, Any] = Field(sa_type=JSON)
    before: dict[str, Any] = Field(sa_type=JSON)  # what undoing brings back
    undone: int | None = None  # the version that this one took back
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    role: str = Field(max_length=32)
    at: datetime = Field(sa_type=Instant)


class RoutingDraft(SQLModel, table=True):
    """Routing rules that somebody is still working on; one draft per compound and account."""

    __tablename__ = "routing_draft"
    __table_args__ = (UniqueConstraint("compound_id", "account_id"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    base: int  # the version that it began with
    rules: list[dict[str, Any]] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=Instant)
