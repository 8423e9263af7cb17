"""The roster of a compound."""

from datetime import datetime

from app.access import Staff, registry
from app.db import ReadSession
from app.schemas.staff import RosterView


def roster(session: ReadSession, staff: Staff, compound_code: str, now: datetime) -> RosterView:
    """Every seat as it stands at this minute, and the roles that nobody holds. Raises NotFoundError."""
    return registry.roster_view(session, registry.compound(session, staff, compound_code), now)
