"""What was done how often of late. Keys are keyed hashes: nobody's address, name or number stands here."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class LimitCount(SQLModel, table=True):
    """One row per limit and key, locked while it is counted, so that exactly as many pass as the limit says."""

    __tablename__ = "limit_count"

    key: str = Field(primary_key=True, max_length=64)
    limit: str = Field(max_length=24)
    instants: list[float] = Field(sa_type=JSON)  # seconds since 1970 of what still counts
    expires_at: datetime = Field(sa_type=Instant, index=True)
