"""The foot of a scan page. How much was kept is counted once a day and compound: it is about whole days, and slow."""

from datetime import date, datetime

from fastapi import Request

from app.db import Database
from app.queries import card as queries
from app.rules import sla
from app.schemas.card import FootView, KeptView

Counted = dict[tuple[int, date], KeptView | None]
"""What this process has counted of the data that it serves: today's only."""


def foot(request: Request, db: Database, code: str, now: datetime) -> FootView:
    """What stands below the form behind a code that hangs somewhere."""
    counted: Counted = request.app.state.kept
    today = sla.local_day(now)
    with db.read() as session:
        compound_id, board = queries.board_of(session, code)
        if (compound_id, today) not in counted:
            counted[compound_id, today] = queries.kept(session, compound_id, now)
        kept = counted[compound_id, today]
    for old in [key for key in counted if key[1] != today]:
        counted.pop(old, None)
    return FootView(kept=kept, board=board)
