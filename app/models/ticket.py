"""What was said, where and until when. Nothing here identifies the person (see contact)."""

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Ticket(SQLModel, table=True):
    """A resident's matter. Raw words are sealed; only redacted text that a person confirmed is plain."""

    __table_args__ = (
        Index("ix_ticket_queue", "compound_id", "queue", "due_at", "id"),
        Index("ix_ticket_device", "device_hash", "stairwell_id"),
        Index("ix_ticket_closed", "closed_at"),
        Index("ix_ticket_month", "compound_id", "submitted_at", "id"),
    )

    id: int = Field(default=None, primary_key=True)  # set by the database at flush
    number: str = Field(unique=True, max_length=16)
    secret_version: int = 1
    secret_hash: str = Field(max_length=64)
    receipt_hash: str = Field(unique=True, max_length=64)
    device_hash: str | None = Field(default=None, max_length=64)
    recorded_by: int | None = Field(default=None, foreign_key="account.id", index=True)  # who typed a call or a visit

    compound_id: int = Field(foreign_key="compound.id")
    building_id: int = Field(foreign_key="building.id", index=True)
    stairwell_id: int = Field(foreign_key="stairwell.id", index=True)
    channel: str = Field(max_length=16)
    kind: str = Field(max_length=16)
    category: str = Field(max_length=16)
    category_source: str = Field(max_length=16)
    complexity: str = Field(max_length=16)
    suggestions: list[str] = Field(sa_type=JSON)  # top-3 leaves; their flags count until a person has triaged
    avoid: list[str] = Field(sa_type=JSON)  # sides the reporter does not want to see it
    minor: bool = False
    hidden_grid: bool = False
    hidden_property: bool = False
    hidden_self_mgmt: bool = False
    shielded: bool = False  # persons and words are for the grid head only

    text_sealed: bytes
    spot_sealed: bytes | None = None
    redacted_text: str | None = None

    status: str = Field(max_length=16)
    queue: int = 0  # 0 somebody owes something · 1 waiting for the resident · 2 closed out
    triaged_at: datetime | None = Field(default=None, sa_type=Instant)
    lead_seat_id: int | None = Field(default=None, foreign_key="seat.id", index=True)
    lead_role: str = Field(max_length=32)
    lead_note: str = Field(default="", max_length=40)
    merged_into_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    paused_from: str | None = Field(default=None, max_length=16)  # the state to go back to
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_until: datetime | None = Field(default=None, sa_type=Instant)
    round: int = 1
    escalated_to: int = 0  # 0 nobody · 1 secretary · 2 community · 3 street
    self_checked: bool = False

    submitted_at: datetime = Field(sa_type=Instant)
    promise_kind: str = Field(max_length=16)
    promise_note: str = Field(default="", max_length=40)
    due_at: datetime = Field(sa_type=Instant)  # of the clock that runs now; the queue's order
    replied_at: datetime | None = Field(default=None, sa_type=Instant)
    promised_until: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    person_erased_at: datetime | None = Field(default=None, sa_type=Instant)  # contact, door and photos are gone
    words_erased_at: datetime | None = Field(default=None, sa_type=Instant)  # the reporter's own words are gone
    lapse_at: datetime | None = Field(default=None, sa_type=Instant)  # when its state ends by itself
    look_at: datetime | None = Field(default=None, sa_type=Instant, index=True)  # the sweep's next look, clocks too
    restricted_at: datetime | None = Field(default=None, sa_type=Instant)  # the reporter wants nobody to look now
    erased_at: datetime | None = Field(default=None, sa_type=Instant)  # what was known of the reporter is gone


class Consent(SQLModel, table=True):
    """Which notice was shown and what was agreed to. Kept longer than the words themselves."""

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    notice_version: str = Field(max_length=20)
    notice_hash: str = Field(max_length=64)
    contact: bool = False
    address: bool = False
    publish: bool = False
    withdrawn: dict[str, str] | None = Field(default=None, sa_type=JSON)  # what was taken back, and when
    at: datetime = Field(sa_type=Instant)
