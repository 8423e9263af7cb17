"""What a ticket looked like before a step that may be taken back, and which step that is."""

from datetime import datetime, timedelta
from typing import Any

from app.access.actors import Staff
from app.access.clocks import events_of
from app.access.rows import slips_of
from app.db import ReadSession, WriteSession
from app.models.event import Event
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import undoing
from app.rules.vocabulary import OPEN_SLIP, SlipStatus, Verb

BACK = "back"
"""Among the facts of an event: what it found. Nobody is shown it: it may tell who was taken out before."""

_PLAIN = (
    "category",
    "category_source",
    "hidden_grid",
    "hidden_property",
    "hidden_self_mgmt",
    "shielded",
    "lead_seat_id",
    "lead_role",
    "lead_note",
    "round",
    "paused_from",
)
_INSTANTS = ("triaged_at", "paused_at", "paused_until", "lapse_at")


def snapshot(session: ReadSession, ticket: Ticket, newest_message: int) -> dict[str, Any]:
    """The ticket as it stands, in codes and instants; its confirmed words are only ever absent before a triage."""
    found: dict[str, Any] = {name: getattr(ticket, name) for name in _PLAIN}
    found |= {name: at and at.isoformat() for name in _INSTANTS for at in [getattr(ticket, name)]}
    slips = {str(slip.id): str(slip.status) for slip in slips_of(session, ticket)}
    return found | {"status": str(ticket.status), "slips": slips, "message": newest_message}


def restore(session: WriteSession, ticket: Ticket, verb: Verb, back: dict[str, Any]) -> None:
    """Puts back what `snapshot` found; slips that were made since are called off."""
    for name in _PLAIN:
        setattr(ticket, name, back[name])
    for name in _INSTANTS:
        setattr(ticket, name, back[name] and datetime.fromisoformat(back[name]))
    if verb is Verb.TRIAGE:
        ticket.redacted_text = None
    for slip in slips_of(session, ticket):
        slip.status = _status_before(slip, back["slips"])


def last_step(session: ReadSession, ticket: Ticket) -> Event | None:
    """The newest event of a ticket that has not been taken back."""
    counted = undoing.effective(events_of(session, ticket), lambda event: event.verb)
    return counted[-1] if counted else None


def undoable(session: ReadSession, staff: Staff, ticket: Ticket, now: datetime) -> Verb | None:
    """The step that this account may take back now: its own, the newest, of the last ten seconds; None where none."""
    last = last_step(session, ticket)
    if last is None or last.account_id != staff.account_id or BACK not in last.facts:
        return None
    return Verb(last.verb) if timedelta() <= now - last.at < undoing.WITHIN else None


def _status_before(slip: Slip, before: dict[str, str]) -> str:
    was = before.get(str(slip.id))
    if was is not None:
        return was
    return SlipStatus.CANCELLED if slip.status in OPEN_SLIP else slip.status
