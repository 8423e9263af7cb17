"""评价: whether it is solved and how satisfied, two things kept apart."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class Rating(SQLModel, table=True):
    """One judgement by the reporter; the newest of a round counts."""

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    round: int
    solved: str = Field(max_length=8)
    stars: int
    text_sealed: bytes | None = None
    at: datetime = Field(sa_type=Instant)
