"""Visits and greeting calls: when the next one is due, and when the grid head has to hear of one (domain rules §5)."""

from datetime import date

from app.rules.vocabulary import VisitResult
from app.rules.workdays import DAY

LONGEST_DAYS = 90
"""The longest pause between two visits."""

LONGEST_PLAN = 366 * DAY
"""A plan ends after a year at the latest, like a standing mandate; whoever still wants visits agrees anew."""

MISSES_TOLD = 2
"""Nobody at home so often in a row, and the grid head is told."""


def next_on(result: VisitResult, today: date, every_days: int) -> date:
    """The day of the next visit: after nobody was there, or somebody needs help, the very next day."""
    soon = result in {VisitResult.NOT_HOME, VisitResult.NEEDS_HELP}
    return today + DAY * (1 if soon else every_days)


def misses(result: VisitResult, before: int) -> int:
    """How often in a row nobody was there, this time included."""
    return before + 1 if result is VisitResult.NOT_HOME else 0


def is_missed(result: VisitResult, in_a_row: int) -> bool:
    """Whether the grid head has to hear that nobody was there: after two in a row, and after every further two."""
    return result is VisitResult.NOT_HOME and in_a_row > 0 and in_a_row % MISSES_TOLD == 0


def is_help_wanted(result: VisitResult, *, has_ticket: bool) -> bool:
    """Whether the grid head has to hear that somebody needs help. A ticket tells of itself."""
    return result is VisitResult.NEEDS_HELP and not has_ticket
