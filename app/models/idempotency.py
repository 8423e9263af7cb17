"""One row per Idempotency-Key: what was sent under it and what was answered."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class IdempotencyKey(SQLModel, table=True):
    """The answer is sealed and holds no secret; secrets are derived again on a replay."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("scope", "key_hash"),)

    id: int = Field(default=None, primary_key=True)
    scope: str = Field(max_length=120)
    key_hash: str = Field(max_length=64)
    body_hash: str = Field(max_length=64)
    answer_sealed: bytes | None = None
    created_at: datetime = Field(sa_type=Instant, index=True)
