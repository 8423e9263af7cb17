"""A grid head who is away: others may triage meanwhile (domain rules §2.1)."""

from datetime import datetime, timedelta

from app.access import Staff, registry
from app.db import WriteSession
from app.errors import InvalidError, VerbNotYoursError
from app.rules import refusals
from app.rules.vocabulary import Role
from app.schemas.staff import AbsenceIn, RosterView

LONGEST = timedelta(days=60)


def mark(session: WriteSession, staff: Staff, compound_code: str, form: AbsenceIn, *, now: datetime) -> RosterView:
    """Marks a grid head's seat as away until, or as back. Grid heads their own, the secretary any of the compound.

    Raises NotFoundError, VerbNotYoursError, InvalidError (until, seat).
    """
    compound = registry.compound(session, staff, compound_code)
    own = {seat.seat_id for seat in staff.seats if seat.compound_id == compound.id and seat.role is Role.GRID_HEAD}
    any_seat = Role.COMMITTEE_SECRETARY in staff.roles_in(compound.id)
    if not (own or any_seat):
        raise VerbNotYoursError
    if form.until is not None and not now < form.until <= now + LONGEST:
        raise InvalidError(errors=[{"field": "until", "message": refusals.say("absence_too_long", days=LONGEST.days)}])
    seats = [seat for seat in registry.grid_seats(session, compound.id, lock=True) if any_seat or seat.id in own]
    chosen = [seat for seat in seats if form.seat in {None, seat.id}]
    if not chosen:
        raise InvalidError(errors=[{"field": "seat", "message": refusals.say("grid_seat_unknown")}])
    if form.seat is None and own:
        chosen = [seat for seat in chosen if seat.id in own]
    for seat in chosen:
        seat.absent_until = form.until
    session.flush()
    return registry.roster_view(session, compound, now)
