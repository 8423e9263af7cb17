"""Sending again what was given up."""

from collections.abc import Collection
from datetime import datetime

from app import access, outbox
from app.access.notices import dead_letter_compounds
from app.db import WriteSession


def resend(session: WriteSession, staff: access.Staff, message_ids: Collection[int] | None, *, now: datetime) -> int:
    """Puts dead letters back, all that the account may see where no ids are given. How many.

    An administrator for every compound, a grid head for their own. Raises VerbNotYoursError for everybody else.
    """
    return outbox.revive(session, now, compounds=dead_letter_compounds(staff), message_ids=message_ids)
