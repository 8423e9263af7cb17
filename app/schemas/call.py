"""Calls: to tell what was answered, and to ask how it went."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from app.rules import refusals
from app.rules.vocabulary import CallKind, CallResult, CallStatus, ConsentKind, Solved, Status
from app.schemas.base import Form, Line, Moment, View
from app.schemas.place import PlaceView
from app.schemas.ticket import CategoryRef


class CallbackIn(Form):
    """回访. Reached, with the judgement that was given, both parts of it or neither; or nobody answered.

    `explained`: not satisfied, but for a reason outside anyone's power.
    """

    result: CallResult
    solved: Solved | None = None
    stars: Annotated[int, Field(ge=1, le=5)] | None = None
    explained: bool = False
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None

    @model_validator(mode="after")
    def _a_whole_judgement(self) -> Self:
        if self.result is CallResult.NOT_REACHED and (self.solved or self.stars or self.explained or self.text):
            message = refusals.say("unreached_has_no_rating")
            raise ValueError(message)
        if (self.solved is None) != (self.stars is None):
            message = refusals.say("rating_by_halves")
            raise ValueError(message)
        if self.explained and self.solved in {None, Solved.YES}:
            message = refusals.say("explained_though_solved")
            raise ValueError(message)
        return self


class ToldIn(Form):
    """A call that was made; the note is for the desk."""

    note: Line | None = None


class SaidView(View):
    """What a form did once, by the name of its step: a second tap gets the same answer."""

    said: str


class ProxyMasked(View):
    """For whom somebody reported, masked, and by which consent; plain only by a reveal."""

    name: str | None = None
    phone: str | None = None
    room: str | None = None
    consent: ConsentKind
    note: str
    until: Moment | None = None


class CallLine(View):
    """One call about a ticket, without a person in it."""

    id: int
    kind: CallKind
    reason: str
    status: CallStatus
    due_at: Moment
    tries: list[Moment]
    done_at: Moment | None = None


class CallView(View):
    """One call to make. `name` and `phone` are masked; they and `place` are absent where the caller may not have them.

    `ask` names the field to reveal before dialling (`phone`, `beneficiary_phone`); absent where there is none.
    `say` is what to tell, as the resident reads it.
    """

    id: int
    kind: CallKind
    reason: str
    number: str
    status: Status
    category: CategoryRef
    place: PlaceView | None = None
    due_at: Moment
    overdue: bool
    tries: list[Moment]
    for_somebody_else: bool
    name: str | None = None
    phone: str | None = None
    ask: str | None = None
    say: str | None = None


class CallList(View):
    items: list[CallView]
    next_cursor: str | None
