"""Visits and greeting calls: plans, what came of them, and figures for whoever may have figures only."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.rules.visits import LONGEST_DAYS
from app.rules.vocabulary import ConsentKind, VisitKind, VisitReason, VisitResult
from app.schemas.base import Form, Line, Moment, View
from app.schemas.intake import PlaceCode
from app.schemas.place import PlaceView
from app.schemas.ticket import ContactIn

Revealable = Literal["name", "phone", "room"]


class VisitPlanIn(Form):
    """Whom to look after. `visitor` is a username; `consent` says how the person agreed to be on the list.

    `next_on` is the first day, today where it is left out; `ends_on` the last, a year on where it is left out.
    """

    compound: PlaceCode
    stairwell: PlaceCode
    kind: VisitKind
    person: ContactIn
    reason: VisitReason
    consent: Literal[ConsentKind.VOICE, ConsentKind.SIGNATURE_PHOTO, ConsentKind.STANDING_MANDATE]
    every_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    visitor: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    next_on: date | None = None
    ends_on: date | None = None


class VisitResultIn(Form):
    """How it went. `ticket` is the number of what the same account has recorded for this person."""

    result: VisitResult
    note: Line | None = None
    ticket: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None


class VisitRevealIn(Form):
    fields: Annotated[list[Revealable], Field(min_length=1, max_length=3)]


class VisitRevealed(View):
    """The fields that were asked for, and no other."""

    name: str | None = None
    phone: str | None = None
    room: str | None = None


class VisitView(View):
    """One visit that was made."""

    at: Moment
    by: str
    result: VisitResult
    note: str | None
    ticket: str | None


class VisitPlanView(View):
    """One plan, the person masked. `room` is never more than whether there is one to reveal."""

    id: int
    kind: VisitKind
    compound: str
    stairwell: str
    place: PlaceView
    name: str
    phone: str | None
    has_room: bool
    reason: VisitReason
    every_days: int
    next_on: date
    overdue: bool
    misses: int
    visitor: str
    mine: bool
    ends_at: Moment
    ended_at: Moment | None
    last: VisitView | None


class VisitCounts(View):
    """Figures of one compound; one and two are "<3"."""

    compound: str
    plans: str
    due: str
    visits: str
    not_home: str
    needs_help: str


class VisitPlanList(View):
    """`counts`: of the last thirty days, for grid heads and secretaries."""

    items: list[VisitPlanView]
    counts: list[VisitCounts]
    next_cursor: str | None


class VisitToday(View):
    items: list[VisitPlanView]


class VisitorView(View):
    """Somebody in office who may be asked to look after people."""

    username: str
    name: str
    titles: list[str]
