"""The adapter for a deployment without credentials: it says on the log what it would have sent, and that it did not."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from app.senders.base import Envelope

_log = structlog.get_logger("minqing.notice")


class Console:
    """Writes notices to the log. Their words carry no personal data."""

    name = "console"
    way = "group"
    pause = timedelta()

    def fits(self, _envelopes: Sequence[Envelope]) -> int:
        """One line each."""
        return 1

    def send(self, envelopes: Sequence[Envelope]) -> None:
        """One log line for each."""
        for envelope in envelopes:
            _log.info("notice", id=envelope.id, to=envelope.to, text=envelope.text, delivered="console only")
