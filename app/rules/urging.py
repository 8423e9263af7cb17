"""When may a resident press again, and what does the press do? (domain rules §2.6)"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.rules.sla import SERVICE_WINDOW, Window, add_service_hours

FIRST_AFTER = timedelta(hours=2)
FIRST_AFTER_IN_EMERGENCY = timedelta(minutes=10)
AGAIN_AFTER = timedelta(hours=12)
AGAIN_WHEN_OVERDUE = timedelta(hours=4)
QUIET = timedelta(hours=24)
OWES_A_NOTE_AT = 2
NOTE_WITHIN_HOURS = 4
ESCALATES_AT = 3


class Urging(NamedTuple):
    """How loud the press is (1 to 3), and whether the next level of the chain hears of it."""

    level: int
    escalate: bool


def next_at(
    submitted: datetime,
    urges: Sequence[datetime],
    due: datetime | None,
    *,
    emergency: bool = False,
    quiet_since: datetime | None = None,
) -> datetime:
    """The first instant at which the next urge is accepted; it may lie in the past.

    `urges` oldest first. `due` is the clock that runs now, None where none does. `quiet_since` is given for a replied
    ticket only: its last event other than an urge; such a ticket may be pressed for after the promised date or
    after a day without an event.
    """
    if urges:
        earliest = urges[-1] + AGAIN_AFTER
        if due is not None:
            # The long pause began before the due instant; from that instant on the short one is enough.
            earliest = min(earliest, max(due, urges[-1] + AGAIN_WHEN_OVERDUE))
    else:
        earliest = submitted + (FIRST_AFTER_IN_EMERGENCY if emergency else FIRST_AFTER)
    if quiet_since is None:
        return earliest
    silence = quiet_since + QUIET
    return max(earliest, silence if due is None else min(due, silence))


def effect(count: int, due: datetime | None, now: datetime) -> Urging:
    """What the count-th urge does: the third, or any from the due instant on, goes one level up."""
    overdue = due is not None and now >= due
    return Urging(min(count, ESCALATES_AT), escalate=count >= ESCALATES_AT or overdue)


def progress_note_due(count: int, now: datetime, window: Window = SERVICE_WINDOW) -> datetime | None:
    """Until when the lead owes a progress note: four service hours from the second urge on, None before it."""
    return add_service_hours(now, NOTE_WITHIN_HOURS, window) if count >= OWES_A_NOTE_AT else None
