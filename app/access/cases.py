"""What of a matter names nobody, and may go on without its reporter."""

from sqlmodel import col, select

from app.access import sealed
from app.db import ReadSession, WriteSession
from app.models.ticket import Ticket
from app.rules import redaction


def deidentified(session: ReadSession, ticket: Ticket) -> tuple[str, str | None]:
    """The words that a person confirmed, else the masked ones; and the masked spot."""
    spot = sealed.spot_of(session, ticket)
    text = ticket.redacted_text or redaction.masked(sealed.text_of(session, ticket))
    return text, redaction.masked(spot) if spot else None


def merged_into(session: WriteSession, ticket: Ticket) -> list[Ticket]:
    """The tickets that were merged into this one, locked."""
    query = select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(col(Ticket.id))
    return list(session.exec(query.with_for_update(key_share=True).execution_options(scope="case")))
