"""What somebody has just typed for a caller: number, query code and promise, to be read out and printed."""

from datetime import datetime

from sqlmodel import select

from app.access import names
from app.access.actors import Staff
from app.access.owner_view import hotlines, promise_view
from app.access.rows import canonical_number
from app.access.secrets import secrets_of
from app.access.slip_view import duty_phone
from app.db import ReadSession
from app.errors import NotFoundError
from app.models.ticket import Ticket
from app.rules.vocabulary import Complexity
from app.schemas.intake import RecordedView


def recorded_ticket(session: ReadSession, staff: Staff, number: str, since: datetime) -> Ticket:
    """A ticket that this very account recorded at or after `since`. Raises NotFoundError for every other."""
    query = select(Ticket).where(
        Ticket.number == canonical_number(number),
        Ticket.recorded_by == staff.account_id,
        Ticket.submitted_at >= since,
    )
    found = session.exec(query.execution_options(scope="recorded")).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def recorded_view(session: ReadSession, ticket: Ticket, now: datetime) -> RecordedView:
    """The words for the caller's ear and the printed slip: no person, and nothing of what was said."""
    named = names.load(session, [ticket])
    derived = secrets_of(session.vault, ticket.number, ticket.secret_version)
    return RecordedView(
        number=ticket.number,
        secret=derived["secret"],
        url=derived["url"],
        place=named.place(ticket),
        category=names.category(ticket),
        complexity=Complexity(ticket.complexity),
        promise=promise_view(ticket, now),
        lead=named.lead(ticket),
        duty_phone=duty_phone(session, ticket, named),
        submitted_at=ticket.submitted_at,
        hotlines=hotlines(ticket),
    )
