"""What a resident sends and gets."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from app.rules import phones, refusals
from app.rules.rights import Basis
from app.rules.vocabulary import (
    CategorySource,
    Complexity,
    Kind,
    PromiseKind,
    RatingSource,
    Role,
    Side,
    Solved,
    Status,
    Verb,
)
from app.schemas.base import Form, Line, Moment, View, Words
from app.schemas.place import HotlineView, PlaceView

_SIDE_ALIASES = {"GH": "grid_head", "PM": "property", "SM": "self_mgmt_group", "self_mgmt_head": "self_mgmt_group"}

PhotoKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


def _reachable(typed: str) -> str:
    """In its one form. Raises ValueError for half a number, and for a line that no resident answers."""
    found = phones.canonical(typed)
    if found is None:
        message = refusals.say("phone_wrong")
        raise ValueError(message)
    return found


Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40),
    AfterValidator(_reachable),
    WithJsonSchema({"type": "string", "pattern": phones.PATTERN}),
]
"""A resident's telephone, kept in one form however it was typed: +86, spaces, dashes and wide digits are understood."""


class ContactIn(Form):
    """Optional, every field of it."""

    name: Short | None = None
    phone: Phone | None = None
    room: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_absent(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    def given(self) -> bool:
        """Whether anything was filled in."""
        return bool(self.name or self.phone or self.room)


class ConsentIn(Form):
    notice_version: Annotated[str, StringConstraints(max_length=20)]
    contact: bool = False
    address: bool = False
    publish: bool = False


class MatterIn(Form):
    """What is wrong, first; everything else may stay away."""

    text: Words
    category: Annotated[str, StringConstraints(max_length=16)] | None = None
    kind: Kind | None = None
    emergency: bool = False
    spot: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = None
    photos: Annotated[list[PhotoKey], Field(max_length=6)] = []
    contact: ContactIn | None = None
    avoid: Annotated[list[Side], Field(max_length=3)] = []
    minor: bool = False
    consent: ConsentIn | None = None

    @field_validator("photos", "avoid", mode="before")
    @classmethod
    def _null_is_none_at_all(cls, value: object) -> object:
        return [] if value is None else value

    @field_validator("avoid", mode="before")
    @classmethod
    def _side_aliases(cls, value: object) -> object:
        if isinstance(value, list):
            return [_SIDE_ALIASES.get(side, side) if isinstance(side, str) else side for side in value]
        return value

    @model_validator(mode="after")
    def _minors_leave_no_contact(self) -> Self:
        if self.minor and self.contact is not None and (self.contact.name or self.contact.phone):
            message = refusals.say("minor_leaves_no_name")
            raise ValueError(message)
        return self


class TicketIn(MatterIn):
    """下单: behind a code on a wall. `elsewhere` says where it is if not there: a stairwell like 4-2, or words."""

    code: Annotated[str, StringConstraints(max_length=64)]
    elsewhere: Short | None = None


class CategoryRef(View):
    code: str
    name: str
    source: CategorySource


class PromiseView(View):
    """`due_at` is exclusive: 00:00 of the next day is shown as 24:00 of the day before."""

    kind: PromiseKind
    due_at: Moment
    text: str


class LeadView(View):
    """Who looks after it. `assigned` is false while a person still has to send it on."""

    role: Role
    title: str
    assigned: bool


class SubmittedView(View):
    """The receipt: number, secret and promise. The secret is shown here and never again."""

    number: str
    secret: str
    status: Status
    category: CategoryRef
    complexity: Complexity
    promise: PromiseView
    lead: LeadView
    seen_by: list[Side]
    url: str
    hotlines: list[HotlineView] = []  # whom to call first: the category's own numbers, then the four


class TimelineEntry(View):
    at: Moment
    verb: Verb
    text: str | None
    photos: list[str]


class UrgesView(View):
    count: int
    next_at: Moment | None


class RatingView(View):
    solved: Solved
    stars: int
    text: str | None
    at: Moment
    source: RatingSource = RatingSource.RESIDENT


class LookView(View):
    """Somebody revealed a field of this ticket: in which role, and when."""

    role: Role
    at: Moment


class DoorShown(View):
    """The door number was opened to somebody at the door: in which role, on what basis, and whether they looked."""

    role: Role
    basis: Basis
    given_at: Moment
    until: Moment
    shown_at: Moment | None


class ChoiceView(View):
    """A leaf that the words may mean."""

    code: str
    name: str


class TicketView(View):
    """A ticket as its reporter sees it."""

    number: str
    status: Status
    kind: Kind
    text: str
    spot: str | None
    place: PlaceView
    submitted_at: Moment
    category: CategoryRef
    complexity: Complexity
    promise: PromiseView
    hotlines: list[HotlineView] = []
    lead: LeadView
    lead_note: str | None
    timeline: list[TimelineEntry]
    urges: UrgesView
    rating: RatingView | None
    seen_log: list[LookView]
    seen_by: list[Side]
    photos: list[str]
    goes_on: bool = False
    restricted: bool = False
    erased_at: Moment | None = None
    person_expired_at: Moment | None = None  # contact and photos went when their time was up
    doors: list[DoorShown] = []
    choices: list[ChoiceView] = []  # what the words may mean, while the reporter may still say it
    verbs: list[Verb]


class UrgeView(View):
    count: int
    level: int
    next_at: Moment
    verbs: list[Verb]


class RatingIn(Form):
    solved: Solved
    stars: Annotated[int, Field(ge=1, le=5)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class InfoIn(Form):
    """More words, more photos, or both."""

    text: Words | None = None
    photos: Annotated[list[PhotoKey], Field(max_length=6)] = []

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.text and not self.photos:
            message = refusals.say("info_missing")
            raise ValueError(message)
        return self


class ObjectionIn(Form):
    """Why it should have been taken on."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class CategoryIn(Form):
    """The leaf that the reporter means."""

    category: Annotated[str, StringConstraints(max_length=16)]


class WithdrawalIn(Form):
    reason: Line | None = None


class PhotoView(View):
    id: str
    url: str


class MineView(View):
    """One line of 我的诉求 on this device."""

    number: str
    status: Status
    category: str
    due_at: Moment
    url: str
