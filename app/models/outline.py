"""Where the buildings of a compound stand, as somebody drew them: shapes to draw, nothing about who lives there."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Outline(SQLModel, table=True):
    """The plan of a compound, drawn to fit: see `rules.outline.Plan`."""

    compound_id: int = Field(primary_key=True, foreign_key="compound.id")
    plan: dict[str, Any] = Field(sa_type=JSON)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    at: datetime = Field(sa_type=Instant)
