"""任务单 as its holder sees it: coarse place, confirmed words, cleared photos; nothing about who reported."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from app.access import grants, names, sealed, standing
from app.access.owner_view import UPLOADS
from app.access.rows import Held, slips_of
from app.db import ReadSession
from app.models.event import Event
from app.models.photo import Photo
from app.models.seat import Seat
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import sla, wording, workflow
from app.rules.rights import Basis
from app.rules.vocabulary import CategorySource, Complexity, Part, PromiseKind, Role, SlipStatus, Status, Verb
from app.rules.workflow import Door
from app.schemas.desk import EventView, SlipLine, SlipView
from app.schemas.rights import DoorView
from app.schemas.ticket import CategoryRef, LeadView

OVER = frozenset({SlipStatus.CANCELLED, SlipStatus.RETURNED})


def slip_view(session: ReadSession, held: Held, now: datetime) -> SlipView:
    """A slip. The ticket's number is not on it, so that two slips cannot be laid side by side with a receipt."""
    slip, ticket = held.slip, held.ticket
    others = slips_of(session, ticket)
    named = names.load(session, [ticket], [other.seat_id for other in others])
    facts = standing.standing(session, ticket, now, slip=slip)
    over = slip.status in OVER  # whoever gave it back, or lost it, has no more business with the matter
    if over:
        others = []
    return SlipView(
        slip_no=slip.slip_no,
        status=SlipStatus(slip.status),
        role=Role(slip.role),
        part=Part(slip.part),
        **_matter(slip, ticket, named),
        redacted_text=None if over else ticket.redacted_text,
        text_pending=not over and ticket.redacted_text is None,
        photos=[] if over else _photos(session, ticket),
        promise_kind=PromiseKind.HANDLED if over else PromiseKind(ticket.promise_kind),
        lead=_holder(slip, named) if over else named.lead(ticket),
        co=[
            LeadView(role=Role(other.role), title=named.seats[other.seat_id].title, assigned=True)
            for other in others
            if other.part == Part.CO and other.status != SlipStatus.CANCELLED
        ],
        ask=slip.ask,
        duty_phone=duty_phone(session, ticket, named),
        events=_own_events(session, slip),
        verbs=workflow.legal(facts, frozenset({workflow.hat_of(Part(slip.part))}), Door.SLIP),
        door=_door(session, held, now),
    )


def slip_line(slip: Slip, ticket: Ticket, named: names.Names, now: datetime) -> SlipLine:
    """One line of a head's list."""
    return SlipLine(
        slip_no=slip.slip_no,
        status=SlipStatus(slip.status),
        role=Role(slip.role),
        part=Part(slip.part),
        **_matter(slip, ticket, named),
        overdue=slip.status not in OVER and ticket.due_at <= now,
    )


def _matter(slip: Slip, ticket: Ticket, named: names.Names) -> dict[str, Any]:
    """What it is, where and until when. Of a slip that is over only where, and the day that it was given out.

    What the matter has become since then may be a complaint about the very one who held it.
    """
    place = named.place(ticket)
    if slip.status not in OVER:
        priority, due = Complexity(ticket.complexity), _shown_due(ticket)
        return {"category": names.category(ticket), "priority": priority, "place": place, "due_at": due}
    coarse = place.model_copy(update={"label": place.building + place.stairwell})
    due = sla.end_of(sla.local_day(slip.created_at))
    return {"category": _ended(), "priority": Complexity.SIMPLE, "place": coarse, "due_at": due}


def _holder(slip: Slip, named: names.Names) -> LeadView:
    return LeadView(role=Role(slip.role), title=named.seats[slip.seat_id].title, assigned=False)


def _door(session: ReadSession, held: Held, now: datetime) -> DoorView | None:
    grant = grants.running(session, held.ticket, held.slip, now)
    return DoorView(until=grant.until, basis=Basis(grant.basis)) if grant else None


def _shown_due(ticket: Ticket) -> datetime:
    """On shielded matters the day only: the minute of a short deadline would give the minute of the report away."""
    if not ticket.shielded:
        return ticket.due_at
    return sla.end_of(sla.local_day(ticket.due_at - timedelta(microseconds=1)))


def _ended() -> CategoryRef:
    return CategoryRef(code="", name=wording.word("slip", "over"), source=CategorySource.TRIAGER)


def _photos(session: ReadSession, ticket: Ticket) -> list[str]:
    query = select(Photo.key).where(Photo.ticket_id == ticket.id, col(Photo.cleared).is_(True)).order_by(col(Photo.id))
    return [UPLOADS + key for key in session.exec(query.execution_options(scope="slip"))]


def duty_phone(session: ReadSession, ticket: Ticket, named: names.Names) -> str:
    """The grid head's duty phone, else the compound's."""
    query = select(Seat.duty_phone).where(
        Seat.compound_id == ticket.compound_id, Seat.role == Role.GRID_HEAD, Seat.duty_phone != ""
    )
    return session.exec(query.order_by(col(Seat.id))).first() or named.compounds[ticket.compound_id].duty_phone


def _own_events(session: ReadSession, slip: Slip) -> list[EventView]:
    """The slip's own history: "internal notes: own"."""
    query = select(Event).where(Event.slip_id == slip.id).order_by(col(Event.id))
    return [
        EventView(
            at=event.at,
            verb=Verb(event.verb),
            status=Status(event.status),
            actor=event.actor,
            text=sealed.words_of(session, event),
            photos=[UPLOADS + key for key in event.photos],
            facts={},
        )
        for event in session.exec(query.execution_options(scope="slip"))
    ]
