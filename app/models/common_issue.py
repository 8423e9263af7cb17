"""共性问题: several matters with one cause, tracked together. Its tickets stay what they are."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import Instant


class CommonIssue(SQLModel, table=True):
    """One leaf at one place. No building: all over the compound, or a matter of people's homes."""

    __tablename__ = "common_issue"

    id: int = Field(default=None, primary_key=True)
    compound_id: int = Field(foreign_key="compound.id", index=True)
    building_id: int | None = Field(default=None, foreign_key="building.id", index=True)
    category: str = Field(max_length=16)
    opened_at: datetime = Field(sa_type=Instant)
    opened_by: int = Field(foreign_key="account.id", index=True)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: int | None = Field(default=None, foreign_key="account.id", index=True)
    outcome_sealed: bytes | None = None  # how it ended, in the words of whoever closed it


class IssueTicket(SQLModel, table=True):
    """A ticket that belongs to a common issue; to one at a time."""

    __tablename__ = "issue_ticket"

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", unique=True)
    issue_id: int = Field(foreign_key="common_issue.id", index=True)
    at: datetime = Field(sa_type=Instant)
    account_id: int = Field(foreign_key="account.id", index=True)


def outcome_context(issue_id: int) -> str:
    """What the sealed outcome of a common issue is bound to."""
    return f"outcome of issue {issue_id}"
