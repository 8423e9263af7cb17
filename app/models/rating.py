"""评价: whether it is solved and how satisfied, two things kept apart."""

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Rating(SQLModel, table=True):
    """One judgement, given by the reporter or on the phone; the newest of a round counts."""

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    round: int
    solved: str = Field(max_length=8)
    stars: int
    source: str = Field(default="resident", max_length=8, sa_column_kwargs={"server_default": "resident"})  # · callback
    explained: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # outside anyone's power
    text_sealed: bytes | None = None
    at: datetime = Field(sa_type=Instant)
