"""What was filed about a ticket."""

from app import access
from app.access import Staff, filings
from app.db import ReadSession
from app.schemas.filing import FilingList


def listed(session: ReadSession, staff: Staff, number: str) -> FilingList:
    """The filings of one ticket, oldest first. Raises NotFoundError."""
    return FilingList(items=filings.filing_views(session, access.desk_ticket(session, staff, number)))
