"""What staff send and get. A field the actor may not have is absent."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.rules.bands import Band, Sureness
from app.rules.redaction import Private
from app.rules.vocabulary import (
    Channel,
    Complexity,
    Kind,
    Part,
    PauseReason,
    PromiseKind,
    RatingSource,
    RejectReason,
    ReplyKind,
    RevealPurpose,
    Role,
    SlipStatus,
    Solved,
    Status,
    Verb,
)
from app.schemas.base import Form, Line, Moment, View
from app.schemas.call import CallLine, ProxyMasked
from app.schemas.place import PlaceView
from app.schemas.rights import AddressGrantView, DoorView, RightsState
from app.schemas.ticket import CategoryRef, LeadView, PhotoKey, PromiseView

PartyRef = Annotated[str, StringConstraints(max_length=40)] | Annotated[int, Field(strict=True)]
"""A role code, or a seat's id."""

SlipText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


REVEALABLE = "^(name|phone|room|text|photos|beneficiary_name|beneficiary_phone|beneficiary_room)$"


class TriageIn(Form):
    """研判: what it is, and the words that others may read.

    `complexity` left out: the category's own. `assign`: what is accepted goes at once to the lead that the rules find;
    nothing else changes where there is none.
    """

    category: Annotated[str, StringConstraints(max_length=16)]
    complexity: Complexity | None = None
    redacted_text: SlipText
    cleared_photos: Annotated[list[PhotoKey], Field(max_length=20)] = []
    assign: bool = False


class AssignIn(Form):
    lead: PartyRef
    co: Annotated[list[PartyRef], Field(max_length=12)] = []
    ask: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class TextIn(Form):
    text: SlipText


class ConfirmIn(TextIn):
    """核实办结. `public_text`: a reply in words of its own for the public board, where the resident agreed to that."""

    public_text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None = None


class RejectIn(Form):
    reason: RejectReason
    text: SlipText


class ReplyIn(Form):
    """明确回复. A plan names its date."""

    kind: ReplyKind
    text: SlipText
    promise_date: date | None = None


class ReasonIn(Form):
    reason: Line


class QuestionIn(Form):
    question: Line


class DecideIn(Form):
    """The secretary's reasoned decision: on an objection accepted or closed_rejected, on a redo reopened or closed."""

    outcome: Literal["accepted", "closed_rejected", "reopened", "closed"]
    text: SlipText


class MergeIn(Form):
    """`into`: the number of the ticket that goes on."""

    into: Annotated[str, StringConstraints(max_length=40)]


class TransferIn(Form):
    agency: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    receipt_no: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""


class PauseIn(Form):
    reason: PauseReason
    until: Moment


class ExtendIn(Form):
    until: date
    reason: Line


class ReclassifyIn(Form):
    complexity: Complexity
    reason: Line


class ProgressIn(Form):
    text: SlipText
    photos: Annotated[list[PhotoKey], Field(max_length=6)] = []


class DoneIn(Form):
    """办完了: what was done, with a photo, a record number or a visit note as evidence."""

    text: SlipText
    evidence: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    photos: Annotated[list[PhotoKey], Field(max_length=6)] = []


class RevealIn(Form):
    fields: Annotated[
        list[Annotated[str, StringConstraints(pattern=REVEALABLE)]],
        Field(min_length=1, max_length=8),
    ]
    purpose: RevealPurpose


class ContactMasked(View):
    """What was left, masked; the plain values come only by a reveal."""

    name: str | None = None
    phone: str | None = None
    room: str | None = None


class DeskPhoto(View):
    id: str
    cleared: bool
    from_staff: bool
    url: str | None


class SlipRef(View):
    slip_no: str
    role: Role
    title: str
    part: Part
    status: SlipStatus
    due_at: Moment
    ask: str = ""
    door: AddressGrantView | None = None


class ClockView(View):
    """`state`: running, stopped (in time), late (stopped after due), overdue."""

    kind: str
    due_at: Moment
    state: str


class EventView(View):
    """One line of the history. `facts` holds codes and reasons, never words of a person."""

    at: Moment
    verb: Verb
    status: Status
    actor: str
    text: str | None = None
    photos: list[str] = []
    facts: dict[str, object] = {}


class DeskRating(View):
    solved: Solved
    stars: int
    text: str | None
    at: Moment
    source: RatingSource = RatingSource.RESIDENT
    explained: bool = False


class DraftView(View):
    kind: ReplyKind
    text: str
    promise_date: date | None = None


class SuggestionView(View):
    """A guess by the text, with how likely it is (0 to 1, and in a word) and what it was guessed from."""

    code: str
    name: str
    evidence: list[str]
    probability: float
    sureness: Sureness


class FindingView(View):
    """What the draft for whoever does the work leaves out: a kind of personal detail, its name, and how often."""

    kind: Private
    name: str
    count: int


class TopRef(View):
    """A top class that the reporter picked."""

    code: str
    name: str


class RoutingView(View):
    """Why it came to its lead, and how sure the first guess was. `auto`: the slip went out by itself.

    `rule`: the compound's own rule that chose; `co`: seats that it names beside the lead; `passed`: rules that could
    not be followed, in words. `probability` and `band` are absent where the reporter picked the leaf.
    """

    reason: str = ""
    rule: int | None = None
    co: list[str] = []
    passed: str | None = None
    probability: float | None = None
    sureness: Sureness | None = None
    band: Band | None = None
    top: TopRef | None = None
    model: str | None = None
    auto: bool = False


class DeskTicket(View):
    """A ticket on the desk. Every field may be absent: absent means that this actor may not have it."""

    number: str
    status: Status = Field(default=Status.SUBMITTED)
    kind: Kind = Field(default=Kind.HELP)
    channel: Channel = Field(default=Channel.SCAN)
    category: CategoryRef | None = None
    complexity: Complexity | None = None
    promise: PromiseView | None = None
    place: PlaceView | None = None
    spot: str | None = None
    submitted_at: Moment | None = None
    due_at: Moment | None = None
    triaged: bool | None = None
    text: str | None = None
    redacted_text: str | None = None
    photos: list[DeskPhoto] | None = None
    contact: ContactMasked | None = None
    proxy: ProxyMasked | None = None
    lead: LeadView | None = None
    lead_note: str | None = None
    co: list[LeadView] | None = None
    findings: list[FindingView] | None = None
    suggestions: list[SuggestionView] | None = None
    routing: RoutingView | None = None
    slips: list[SlipRef] | None = None
    draft_reply: DraftView | None = None
    clocks: list[ClockView] | None = None
    events: list[EventView] | None = None
    urges: int | None = None
    rating: DeskRating | None = None
    calls: list[CallLine] | None = None
    rights: RightsState | None = None
    escalated_to: int | None = None
    verbs: list[Verb] = Field(default_factory=list)


class QueueItem(View):
    """One line of the queue, most urgent first. Same rule: absent means not allowed."""

    number: str
    status: Status = Field(default=Status.SUBMITTED)
    category: CategoryRef | None = None
    complexity: Complexity | None = None
    place: PlaceView | None = None
    due_at: Moment | None = None
    overdue: bool | None = None
    submitted_at: Moment | None = None
    lead: LeadView | None = None
    urges: int | None = None
    triaged: bool | None = None
    summary: str | None = None


class QueueView(View):
    items: list[QueueItem]
    next_cursor: str | None


class SlipView(View):
    """任务单: what, where, by when. Nothing about who reported."""

    slip_no: str
    status: SlipStatus
    role: Role
    part: Part
    category: CategoryRef
    priority: Complexity
    place: PlaceView
    redacted_text: str | None
    text_pending: bool
    photos: list[str]
    due_at: Moment
    promise_kind: PromiseKind
    lead: LeadView
    co: list[LeadView]
    ask: str
    duty_phone: str
    events: list[EventView]
    verbs: list[Verb]
    door: DoorView | None = None


class SlipLine(View):
    slip_no: str
    status: SlipStatus
    role: Role
    part: Part
    category: CategoryRef
    priority: Complexity
    place: PlaceView
    due_at: Moment
    overdue: bool


class SlipList(View):
    items: list[SlipLine]
    next_cursor: str | None


class LinkView(View):
    """A link for one person's phone, good for 72 hours; it is shown once."""

    slip_no: str
    token: str
    url: str
    expires_at: Moment


class RevealView(View):
    """The plain values that were asked for, and nothing else."""

    name: str | None = None
    phone: str | None = None
    room: str | None = None
    text: str | None = None
    photos: list[str] | None = None
    beneficiary_name: str | None = None
    beneficiary_phone: str | None = None
    beneficiary_room: str | None = None
