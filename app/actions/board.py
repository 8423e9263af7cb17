"""What goes on the board: a reply in words of its own, and "me too"."""

from datetime import datetime

from app import access
from app.access import board as rows
from app.access import limits
from app.db import WriteSession
from app.errors import InvalidError, NotFoundError
from app.models.ticket import Ticket
from app.rules import board, redaction, refusals
from app.rules.limits import Asker, Limited, Try
from app.schemas.board import MeTooIn


def release(session: WriteSession, ticket: Ticket, text: str, account_id: int, *, now: datetime) -> None:
    """公开这句答复. Raises InvalidError where the kind, the resident or the words do not allow it."""
    why_not = rows.why_not_public(session, ticket)
    if not why_not and redaction.masked(text) != text:
        why_not = "personal"
    if why_not:
        raise InvalidError(errors=[{"field": "public_text", "message": board.words()["wrong"][why_not]}])
    rows.release(session, ticket, text, account_id, now)


def me_too(session: WriteSession, code: str, form: MeTooIn, *, asker: Asker) -> None:
    """我也遇到: counted once for each device; gives no access. Raises NotFoundError for what is not listed there.

    From a network that says so too often nothing is counted any more, and nobody is told.
    """
    at = access.scanned(session, code)
    found = rows.matters(session, at.stairwell.id, at.compound.id) if at.compound.has_board else []
    ticket = next((one for one in found if one.category == form.category), None)
    if ticket is None:
        raise NotFoundError(refusals.say("matter_not_open_any_more"))
    by_network = [Try(Limited.ME_TOO_NET, asker.net)] if asker.net else []
    if rows.said_by(session, [ticket.id], asker.device) or limits.take(session, by_network, asker.at) is not None:
        return
    rows.me_too(session, ticket, asker.device, asker.at)
