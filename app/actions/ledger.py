"""A ledger that leaves the system as a file leaves a line in the access log."""

from datetime import datetime

from app.access import Staff, looks, registry
from app.access.looks import GIVEN, Looker
from app.db import WriteSession
from app.errors import VerbNotYoursError
from app.rules.ledger import HANDED_OUT, KEEPS_LEDGER, READS_TOTALS
from app.rules.vocabulary import RevealPurpose


def handed_out(
    session: WriteSession, staff: Staff, compound_code: str, month: str, kind: str, *, now: datetime
) -> None:
    """Writes who took which month, as which file. Raises NotFoundError, VerbNotYoursError."""
    compound = registry.compound(session, staff, compound_code)
    seat = staff.seat_in(compound.id, KEEPS_LEDGER) or staff.seat_in(compound.id, READS_TOTALS)
    if seat is None:
        raise VerbNotYoursError
    who, facts = Looker(staff.account_id, seat.role), {"month": month, "file": kind}
    looks.append_line(session, compound.id, None, who, [HANDED_OUT], RevealPurpose.SUPERVISE, GIVEN, now, facts)
