"""公示栏: what the neighbours may read of a matter, and who said that they have it too."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class PublicReply(SQLModel, table=True):
    """A reply in words of its own, released for the board by whoever confirmed the work; plain, since read for that."""

    __tablename__ = "public_reply"

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", unique=True)
    text: str = Field(max_length=300)
    account_id: int = Field(foreign_key="account.id", index=True)
    at: datetime = Field(sa_type=Instant)


class MeToo(SQLModel, table=True):
    """我也遇到: one device, once for a ticket. It gives no access to anything."""

    __tablename__ = "me_too"
    __table_args__ = (UniqueConstraint("ticket_id", "device_hash"),)

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    device_hash: str = Field(max_length=64)
    at: datetime = Field(sa_type=Instant)
