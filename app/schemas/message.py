"""What staff read about notices."""

from app.schemas.base import Moment, View


class InboxItem(View):
    """One notice. `slip_no` and `number` lead to the slip and the ticket, where there is one that may be opened."""

    at: Moment
    event: str
    seat: str
    text: str
    alarm: bool
    slip_no: str | None
    number: str | None


class InboxView(View):
    items: list[InboxItem]


class DeadLetter(View):
    """A message that was given up. It says whose it was and why, nothing about the matter."""

    id: int
    event: str
    seat: str
    attempts: int
    error: str
    at: Moment
