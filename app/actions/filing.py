"""报备: an agency was told. Information beside the work: it moves no clock and no state."""

from datetime import datetime

from app import access
from app.access import Staff, filings
from app.actions.stepping import by_staff
from app.actions.work import CHIEFS
from app.db import WriteSession
from app.errors import InvalidError, VerbNotYoursError
from app.models.filing import Filing
from app.rules import refusals
from app.schemas.filing import FilingIn, FilingView


def file(session: WriteSession, staff: Staff, number: str, form: FilingIn, *, now: datetime) -> FilingView:
    """Notes that an agency was told, with its receipt number. Raises NotFoundError, VerbNotYoursError, InvalidError."""
    seen = access.desk_ticket(session, staff, number, lock=True)
    if not access.hats_of(session, seen, now) & filings.MAY_FILE:
        raise VerbNotYoursError
    at = form.filed_at or now
    if at > now:
        raise InvalidError(errors=[{"field": "filed_at", "message": refusals.say("filing_in_the_future")}])
    if filings.filed_before(session, seen.ticket, form.agency, form.receipt_no, at):
        raise InvalidError(errors=[{"field": "receipt_no", "message": refusals.say("filing_twice")}])
    filing = Filing(
        ticket_id=seen.ticket.id,
        compound_id=seen.ticket.compound_id,
        agency=form.agency,
        receipt_no=form.receipt_no,
        filed_at=at,
        role=by_staff(staff, seen, CHIEFS).actor,
        account_id=staff.account_id,
        note_sealed=filings.seal_note(session, seen.ticket, form.note) if form.note else None,
        created_at=now,
    )
    session.add(filing)
    session.flush()
    return filings.filing_view(session, filing)
