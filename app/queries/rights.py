"""A reporter's reads of what is held about them."""

from app import access
from app.access import ReceiptKey, ReporterKey, rights_view
from app.db import ReadSession
from app.schemas.rights import DataView


def data(session: ReadSession, key: ReporterKey | ReceiptKey) -> DataView:
    """Everything held about the reporter of one ticket. Raises NotFoundError."""
    return rights_view.data_view(session, access.own_ticket(session, key))
