"""What was erased when its time was up: counts, never content."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class RetentionRun(SQLModel, table=True):
    """One run over all rules. The worker's run of a day has that day as its key, so that it happens once."""

    __tablename__ = "retention_run"

    id: int = Field(default=None, primary_key=True)
    once_key: str | None = Field(default=None, unique=True, max_length=10)  # the local day; null for a run by hand
    started_at: datetime = Field(sa_type=Instant, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    counts: dict[str, Any] = Field(sa_type=JSON)  # how many, by the name of the rule
