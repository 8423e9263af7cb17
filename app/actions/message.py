"""Notices: sending again what was given up, and remembering what was read."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from app import access, outbox
from app.access.notices import dead_letter_compounds
from app.db import WriteSession
from app.models.staff import Account


def resend(session: WriteSession, staff: access.Staff, message_ids: Collection[int] | None, *, now: datetime) -> int:
    """Puts dead letters back, all that the account may see where no ids are given. How many.

    An administrator for every compound, a grid head for their own. Raises VerbNotYoursError for everybody else.
    """
    return outbox.revive(session, now, compounds=dead_letter_compounds(staff), message_ids=message_ids)


def seen(session: WriteSession, staff: access.Staff, message_id: int) -> None:
    """Remembers the newest notice that this account has read; an older one changes nothing."""
    newer = col(Account.inbox_seen) < message_id
    session.execute(update(Account).where(col(Account.id) == staff.account_id, newer).values(inbox_seen=message_id))
