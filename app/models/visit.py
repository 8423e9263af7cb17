"""走访 and 问候电话: who is looked after, how often and by whom; every person in it sealed."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.base import Instant

SEALED = ("name", "phone", "room", "reason")


class VisitPlan(SQLModel, table=True):
    """One person who agreed to be looked after. The reason is a sensitive mark, and sealed like the person."""

    __tablename__ = "visit_plan"
    __table_args__ = (Index("ix_visit_plan_list", "compound_id", "next_on", "id"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id")
    stairwell_id: int = Field(foreign_key="stairwell.id", index=True)
    kind: str = Field(max_length=16)  # visit · greeting_call
    name_sealed: bytes = b""
    phone_sealed: bytes | None = None
    room_sealed: bytes | None = None
    reason_sealed: bytes = b""
    consent: str = Field(max_length=20)  # how the person agreed to be on the list
    every_days: int
    next_on: str = Field(max_length=10)  # a local day, 2027-03-01
    misses: int = 0  # nobody at home so often in a row
    visitor_id: int = Field(foreign_key="account.id", index=True)
    ends_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    created_by: int = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=Instant)


class Visit(SQLModel, table=True):
    """One visit or call, and how it went."""

    id: int = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="visit_plan.id", index=True)
    at: datetime = Field(sa_type=Instant)
    account_id: int = Field(foreign_key="account.id", index=True)
    result: str = Field(max_length=12)  # fine · not_home · needs_help · declined
    note_sealed: bytes | None = None
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)


def plan_context(plan_id: int, field: str) -> str:
    """What a plan's sealed field is bound to."""
    return f"visit plan {plan_id} {field}"


def visit_context(plan_id: int) -> str:
    """What a visit's sealed note is bound to."""
    return f"visit of plan {plan_id}"
