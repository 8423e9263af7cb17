"""席位: a party is a seat, compound × role × scope, with a term and a deputy (domain rules §2.1 "Seats")."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Seat(SQLModel, table=True):
    """Slips belong to seats. A seat outside its term is vacant; its deputy then acts, inside the deputy's own term."""

    __table_args__ = (UniqueConstraint("compound_id", "role", "scope_key"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    role: str = Field(max_length=32)
    scope: str = Field(max_length=16)  # PlaceKind
    scope_key: str = Field(max_length=64)  # the code of the compound, building or stairwell
    building_id: int | None = Field(default=None, foreign_key="building.id", index=True)
    stairwell_id: int | None = Field(default=None, foreign_key="stairwell.id", index=True)
    title: str = Field(max_length=40)
    holder: str = Field(default="", max_length=40)  # an office-holder's public name; empty is allowed
    duty_phone: str = Field(default="", max_length=30)
    starts_at: datetime | None = Field(default=None, sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    deputy: str = Field(default="", max_length=40)
    deputy_phone: str = Field(default="", max_length=30)
    deputy_starts_at: datetime | None = Field(default=None, sa_type=Instant)
    deputy_ends_at: datetime | None = Field(default=None, sa_type=Instant)
    absent_until: datetime | None = Field(default=None, sa_type=Instant)  # in office, but away
    digest_on: date | None = None  # the local day whose digest was last considered
