"""A reporter's reads."""

from datetime import datetime

from app import access
from app.access import ReceiptKey, ReporterKey
from app.db import ReadSession
from app.rules import catalogue
from app.rules.vocabulary import Status
from app.schemas.ticket import MineView, TicketView


def ticket(session: ReadSession, key: ReporterKey | ReceiptKey, now: datetime) -> TicketView:
    """The reporter's own ticket. Raises NotFoundError."""
    return access.ticket_view(session, access.own_ticket(session, key), now)


def mine(session: ReadSession, device: str, code: str) -> list[MineView]:
    """我的诉求: what this device reported in the compound of this code, newest first."""
    at = access.scanned(session, code)
    known = catalogue.default()
    return [
        MineView(
            number=found.number,
            status=Status(found.status),
            category=known.leaf(found.category).name,
            due_at=found.due_at,
            url=access.receipt_path(session.vault, found.number, found.secret_version),
        )
        for found in access.device_tickets(session, device, at.compound.id)
    ]
