"""Filings of a ticket, for whoever reads its internal notes."""

from datetime import datetime

from sqlmodel import col, select

from app.access.gate import reads
from app.access.rows import Seen
from app.db import ReadSession, WriteSession
from app.models.filing import Filing, note_context
from app.models.ticket import Ticket
from app.rules import redaction
from app.rules.privacy import Item
from app.rules.vocabulary import Role
from app.rules.workflow import Hat
from app.schemas.filing import FilingView

MAY_FILE = frozenset({Hat.CHIEF, Hat.SECRETARY})


def filing_views(session: ReadSession, seen: Seen) -> list[FilingView]:
    """What was filed about a ticket, oldest first; nothing for whoever may not read the desk's notes."""
    if not reads(seen, Item.NOTES):
        return []
    query = select(Filing).where(Filing.ticket_id == seen.ticket.id).order_by(col(Filing.filed_at), col(Filing.id))
    return [filing_view(session, filing) for filing in session.exec(query.execution_options(scope="filings"))]


def filing_view(session: ReadSession, filing: Filing) -> FilingView:
    """One filing as the desk reads it."""
    note = session.vault.open(filing.note_sealed, note_context(filing.ticket_id)) if filing.note_sealed else None
    return FilingView(
        id=filing.id,
        agency=redaction.masked(filing.agency),
        receipt_no=filing.receipt_no,
        filed_at=filing.filed_at,
        role=Role(filing.role),
        note=redaction.masked(note) if note else None,
    )


def seal_note(session: WriteSession, ticket: Ticket, plain: str) -> bytes:
    """Ciphertext of a filing's note."""
    return session.vault.seal(plain, note_context(ticket.id))


def filed_before(session: ReadSession, ticket: Ticket, agency: str, receipt_no: str, at: datetime) -> bool:
    """Whether this very filing is there already: the same agency with the same number, or at the same instant."""
    query = select(Filing.id).where(Filing.ticket_id == ticket.id, Filing.agency == agency)
    same = Filing.receipt_no == receipt_no if receipt_no else Filing.filed_at == at
    return session.exec(query.where(same).execution_options(scope="filings")).first() is not None
