"""What a start does to the database beside migrating it."""

from datetime import datetime

from app.access import upkeep
from app.db import WriteSession
from app.errors import MisconfiguredError


def check_keys(session: WriteSession, *, now: datetime) -> None:
    """Marks a new database with the keys of its first start. Raises MisconfiguredError where these are other keys."""
    if not upkeep.keys_fit(session):
        raise MisconfiguredError(
            "the keys do not open this database; put back the keys.json or MINQING_KEYS that it was started with"
        )
    upkeep.leave_mark(session, now)
