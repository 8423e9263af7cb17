"""Codes on walls: what their scans say about them."""

from datetime import datetime, timedelta

from app.rules.vocabulary import CodeReason, CodeSignal, CodeStatus

NOTED_EVERY = timedelta(hours=1)
"""A code's last scan is written down at most so often."""

OLD_SCANS_COUNT = timedelta(days=14)
UNSCANNED_FOR = timedelta(days=30)

AT_ONCE = frozenset({CodeReason.MOVED, CodeReason.SUSPECTED_FAKE})
"""Replaced for one of these, a code leads to a wrong place or is in wrong hands: it has no period of grace."""


def is_to_note(status: CodeStatus, scanned_at: datetime | None, old_at: datetime | None, now: datetime) -> bool:
    """Whether a scan of this minute has to be written down. `old_at`: the last one when it was out of use already."""
    last = scanned_at if status is CodeStatus.ACTIVE else old_at
    return last is None or now - last >= NOTED_EVERY


def signals(
    status: CodeStatus, created_at: datetime, scanned_at: datetime | None, old_at: datetime | None, now: datetime
) -> list[CodeSignal]:
    """What is worth a look about a code."""
    if status is not CodeStatus.ACTIVE:
        still = old_at is not None and now - old_at <= OLD_SCANS_COUNT
        return [CodeSignal.OLD_STILL_SCANNED] if still else []
    silent = scanned_at is None and now - created_at >= UNSCANNED_FOR
    return [CodeSignal.NEVER_SCANNED] if silent else []
