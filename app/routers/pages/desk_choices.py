"""What the forms of a ticket offer: which verb comes first, whom it can join, how far a date may go."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from app import access
from app.access import QueueFilter, Staff
from app.actions.desk_course import FIRST_EXTENSION, LONGEST_PAUSE, SECOND_EXTENSION
from app.db import ReadSession
from app.queries import desk as queries
from app.rules import catalogue, sla, workflow
from app.rules.vocabulary import OPEN_SLIP, Complexity, Part, Scope, Verb
from app.schemas.desk import DeskTicket, QueueItem

SELDOM = frozenset(
    {Verb.TRANSFER_OUT, Verb.MERGE, Verb.UNMERGE, Verb.PAUSE, Verb.EXTEND, Verb.ESCALATE, Verb.RECLASSIFY}
)
MOST_ALIKE = 8
_DAY = timedelta(days=1)


class Choices(NamedTuple):
    """`first` are the next steps, in order; `seldom` those that are folded away. Dates and clock times are Shanghai's.

    `beside` are the co slips that may be called off.
    """

    first: list[Verb]
    seldom: list[Verb]
    beside: list[str]
    outcomes: list[str]
    alike: list[QueueItem]
    others: list[Complexity]
    pause_from: str
    pause_to: str
    extend_from: date
    extend_to: date


def choices(session: ReadSession, staff: Staff, view: DeskTicket, now: datetime) -> Choices:
    """What this viewer may choose from on this ticket."""
    verbs = [verb for verb in view.verbs if verb not in {Verb.CANCEL_SLIP, Verb.TAKE_BACK}]
    if _private(view):
        verbs = [verb for verb in verbs if verb is not Verb.MERGE]  # it would always be refused
    events = [event.verb for event in view.events or []]
    promised = sla.shown_deadline(view.due_at)[0] if view.due_at else sla.local_day(now)
    longest = SECOND_EXTENSION if Verb.EXTEND in events else FIRST_EXTENSION
    co_slips = [slip for slip in view.slips or [] if slip.part is Part.CO and slip.status in OPEN_SLIP]
    return Choices(
        first=[verb for verb in verbs if verb not in SELDOM],
        seldom=[verb for verb in verbs if verb in SELDOM],
        beside=[slip.slip_no for slip in co_slips if Verb.CANCEL_SLIP in view.verbs],
        outcomes=_outcomes(events),
        alike=_alike(session, staff, view, now) if Verb.MERGE in verbs else [],
        others=[complexity for complexity in Complexity if complexity is not view.complexity],
        pause_from=_clock(now),
        pause_to=_clock(now + LONGEST_PAUSE),
        extend_from=promised + _DAY,
        extend_to=promised + longest,
    )


def _private(view: DeskTicket) -> bool:
    return view.category is not None and catalogue.default().leaf(view.category.code).scope is Scope.PRIVATE


def _outcomes(events: list[Verb]) -> list[str]:
    """The secretary's two ways out: of an objection, or of a second "not solved"."""
    asked = next((verb for verb in reversed(events) if verb in {Verb.OBJECT, Verb.RATE}), None)
    return ["accepted", "closed_rejected"] if asked is Verb.OBJECT else ["reopened", "closed"]


def _alike(session: ReadSession, staff: Staff, view: DeskTicket, now: datetime) -> list[QueueItem]:
    """Other open tickets of the same compound and category, the most urgent first."""
    if view.category is None:
        return []
    compound = access.desk_ticket(session, staff, view.number).ticket.compound_id
    wanted = QueueFilter(compound_id=compound, statuses=tuple(workflow.OPEN), category=view.category.code)
    found = queries.queue(session, staff, now, wanted=wanted, limit=MOST_ALIKE + 1).items
    return [item for item in found if item.number != view.number][:MOST_ALIKE]


def _clock(at: datetime) -> str:
    """As a clock field of a browser has it: 2027-03-01T09:00."""
    return at.astimezone(sla.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
