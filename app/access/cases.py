"""What of a matter names nobody, and may go on without its reporter; and which others it may name."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, false, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.access import sealed
from app.access.actors import Staff
from app.access.rows import visible
from app.db import ReadSession, WriteSession
from app.models.ticket import Ticket
from app.rules import redaction

_MERGED = (
    select(Ticket)
    .where(Ticket.merged_into_id == bindparam("ticket"))
    .order_by(col(Ticket.id))
    .with_for_update(key_share=True)
    .execution_options(scope="case")
)


def deidentified(session: ReadSession, ticket: Ticket) -> tuple[str, str | None]:
    """The words that a person confirmed, else the masked ones; and the masked spot."""
    spot = sealed.spot_of(session, ticket)
    text = ticket.redacted_text or redaction.masked(sealed.text_of(session, ticket))
    return text, redaction.masked(spot) if spot else None


def unnameable(session: ReadSession, staff: Staff, facts: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The numbers in the facts of mergers that this viewer may not read: tickets that are not theirs to see."""
    named = {str(said[key]) for said in facts for key in ("from", "into") if key in said}
    if not named:
        return frozenset()
    query = select_columns(col(Ticket.number)).where(col(Ticket.number).in_(sorted(named)))
    seen = query.where(or_(false(), *visible(staff).values())).execution_options(scope="desk")
    return frozenset(named - {row[0] for row in session.execute(seen)})


def merged_into(session: WriteSession, ticket: Ticket) -> list[Ticket]:
    """The tickets that were merged into this one, locked."""
    return list(session.exec(_MERGED, params={"ticket": ticket.id}))
