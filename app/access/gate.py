"""One viewer's grade of one item on one ticket, for the rooms beside the desk's own view."""

from app.access.rows import Seen
from app.rules.privacy import Grade, Item, Shown, grade


def grade_of(seen: Seen, item: Item) -> Grade:
    """The most that this viewer may have of an item."""
    shown = Shown(shielded=seen.ticket.shielded, escalated_to=seen.ticket.escalated_to)
    return grade(item, seen.columns, shown)


def reads(seen: Seen, item: Item) -> bool:
    """Whether the words of an item are readable as they are."""
    return grade_of(seen, item) in {Grade.FULL, Grade.SLIP}
