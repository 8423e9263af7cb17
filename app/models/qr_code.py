"""民情二维码: the codes on the walls. A stairwell may have several; a code is never reused."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class QrBatch(SQLModel, table=True):
    """One print run of a compound."""

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    reissue: bool = False
    created_at: datetime = Field(sa_type=Instant)


class QrCode(SQLModel, table=True):
    __tablename__ = "qr_code"

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=8)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    stairwell_id: int = Field(foreign_key="stairwell.id", index=True)
    batch_id: int = Field(foreign_key="qrbatch.id", index=True)
    version: int
    status: str = Field(max_length=8)
    created_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoke_reason: str = Field(default="", max_length=100)
    why: str = Field(default="", max_length=16)  # why it replaced another
    last_scanned_at: datetime | None = Field(default=None, sa_type=Instant)  # to the hour
    old_scanned_at: datetime | None = Field(default=None, sa_type=Instant)  # the last scan when out of use already


class Emblem(SQLModel, table=True):
    """The compound's own emblem in the middle of its printed codes: a PNG of our own encoding."""

    compound_id: int = Field(primary_key=True, foreign_key="compound.id")
    png: bytes
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    at: datetime = Field(sa_type=Instant)
