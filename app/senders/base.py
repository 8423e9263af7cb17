"""What every adapter promises."""

from typing import NamedTuple, Protocol


class Envelope(NamedTuple):
    """A message ready to go: an idempotency id, whom it is for (a seat's title, never a person), and its words."""

    id: str
    to: str
    text: str


class SendError(Exception):
    """It was not delivered; try again later. The message names the cause without addresses or secrets."""


class Sender(Protocol):
    """Delivers at least once. Raises SendError."""

    def send(self, envelope: Envelope) -> None: ...
