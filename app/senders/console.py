"""The adapter for a deployment without credentials: it says on the log what it would have sent, and that it did not."""

import structlog

from app.senders.base import Envelope

_log = structlog.get_logger("minqing.notice")


class Console:
    """Writes notices to the log. Their words carry no personal data."""

    def send(self, envelope: Envelope) -> None:
        """One log line."""
        _log.info("notice", id=envelope.id, to=envelope.to, text=envelope.text, delivered="console only")
