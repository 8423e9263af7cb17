"""门牌授权: one slip, one person, the door number only, for a day or three (domain rules §3.3)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class AddressGrant(SQLModel, table=True):
    """Bound to the first account or link that shows it; it ends by itself, with its slip, or when it is taken back."""

    __tablename__ = "address_grant"

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    slip_id: int = Field(foreign_key="slip.id", index=True)
    basis: str = Field(max_length=12)  # consent · emergency
    reason_sealed: bytes
    given_by: int = Field(foreign_key="account.id", index=True)
    given_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    link_id: int | None = Field(default=None, foreign_key="sliplink.id", index=True)
    shown_at: datetime | None = Field(default=None, sa_type=Instant)  # for the first time
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
