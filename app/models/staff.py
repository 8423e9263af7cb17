"""Accounts, what they may act as, and the tokens they hold."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Account(SQLModel, table=True):
    """A person who logs in. No account is shared."""

    id: int = Field(default=None, primary_key=True)
    username: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=40)
    password_hash: str = Field(max_length=200)
    is_admin: bool = False
    created_at: datetime = Field(sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    inbox_seen: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # the newest notice that was read


class Grant(SQLModel, table=True):
    """This account may act for this seat, from and until; past `ends_at` it gives nothing, that very minute."""

    __table_args__ = (UniqueConstraint("account_id", "seat_id"),)

    id: int = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    seat_id: int = Field(foreign_key="seat.id", index=True)
    deputy: bool = False
    views_persons: bool = True  # the property's security captain sees persons only where this is granted by name
    starts_at: datetime | None = Field(default=None, sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)


class StaffToken(SQLModel, table=True):
    """An opaque session token, stored as a hash."""

    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    account_id: int = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    via: str = Field(default="api", max_length=8, sa_column_kwargs={"server_default": "api"})  # api · desk
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)  # to the minute; null: not known
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
