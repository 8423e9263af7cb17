"""What the first start sealed, so that every later start can tell whether it holds the same keys."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class KeyMark(SQLModel, table=True):
    """One row: a keyed digest, sealed. It opens with the right `seal` key and matches with the right `derive` key."""

    __tablename__ = "key_mark"

    id: int = Field(default=1, primary_key=True)
    sealed: bytes
    created_at: datetime = Field(sa_type=Instant)
