"""小区, 幢, 单元, 户: where things happen. Rows are never deleted, so that codes are never reused."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint, true
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Compound(SQLModel, table=True):
    """A compound and the settings that are its own."""

    id: int = Field(default=None, primary_key=True)  # set by the database at flush
    code: str = Field(unique=True, max_length=32)
    name: str = Field(max_length=60)
    community: str = Field(default="", max_length=60)
    street: str = Field(default="", max_length=60)
    duty_phone: str = Field(default="", max_length=30)
    staffed_around_the_clock: bool = False
    has_board: bool = Field(default=True, sa_column_kwargs={"server_default": true()})  # a public board of what is done
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    routing_rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=Instant)


class Building(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("compound_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    code: str = Field(unique=True, max_length=48)
    name: str = Field(max_length=30)


class Stairwell(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("building_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    building_id: int = Field(foreign_key="building.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=30)


class Household(SQLModel, table=True):
    """A door. Who lives behind it is not ours to know."""

    __table_args__ = (UniqueConstraint("stairwell_id", "door"),)

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    stairwell_id: int = Field(foreign_key="stairwell.id", index=True)
    door: str = Field(max_length=20)
