"""What every adapter promises."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Envelope(NamedTuple):
    """A message ready to go: an idempotency id, whom it is for (a seat's title, never a person), and its words.

    `text` is complete as it stands: it names the seat and its own number. `alarm` asks for everybody's attention.
    A text message to a reporter has their `phone`, and the `values` of its template instead of free words.
    """

    id: str
    to: str
    text: str
    alarm: bool = False
    phone: str = ""
    values: Mapping[str, str] = MappingProxyType({})


class SendError(Exception):
    """It was not delivered. The message names the cause without addresses or secrets.

    Try again later; never, where it is `final`; after `hold`, where the way out is blocked rather than the message bad.
    """

    def __init__(self, cause: str, *, final: bool = False, hold: timedelta | None = None) -> None:
        super().__init__(cause)
        self.final, self.hold = final, hold


class Sender(Protocol):
    """Delivers at least once what goes one `way` (group, webhook, sms).

    `pause` lies between two calls, over all processes; zero where no pace is set.
    """

    @property
    def name(self) -> str: ...

    @property
    def way(self) -> str: ...

    @property
    def pause(self) -> timedelta: ...

    def fits(self, envelopes: Sequence[Envelope]) -> int:
        """How many of these, counted from the first, go out in one call; at least 1."""
        ...

    def send(self, envelopes: Sequence[Envelope]) -> None:
        """One call for all of them. Raises SendError where none was delivered for certain."""
        ...
