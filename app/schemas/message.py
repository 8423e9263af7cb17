"""What staff read about notices."""

from typing import Annotated

from pydantic import Field

from app.schemas.base import Form, Moment, View


class InboxItem(View):
    """One notice. `slip_no` and `number` lead to the slip and the ticket, where there is one that may be opened."""

    id: int
    at: Moment
    event: str
    seat: str
    text: str
    alarm: bool
    slip_no: str | None
    number: str | None
    new: bool


class InboxView(View):
    """`unread`: how many came since the account last said what it had seen."""

    items: list[InboxItem]
    unread: int


class SeenIn(Form):
    """The newest notice that was read."""

    id: Annotated[int, Field(ge=0, le=2**31 - 1)]


class SeenView(View):
    unread: int


class DeadLetter(View):
    """A message that was given up. It says whose it was and why, nothing about the matter."""

    id: int
    event: str
    what: str
    seat: str
    attempts: int
    error: str
    at: Moment


class DeadLetters(View):
    items: list[DeadLetter]


class ResendIn(Form):
    """Which dead letters to send again; all that the account may see where `ids` is left out."""

    ids: Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(max_length=200)] | None = None


class ResentView(View):
    resent: int
