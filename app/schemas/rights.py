"""What a reporter gets of their data, and what they may ask of it; door grants; looks and who approves them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.rules import refusals
from app.rules.looking import Alert
from app.rules.rights import LONGEST_GRANT, SHORTEST_GRANT, Basis, ConsentItem, Outcome, RequestStatus, Right
from app.rules.vocabulary import Channel, ConsentKind, RevealPurpose, Role, Side, Status, Verb
from app.schemas.base import Form, Line, Moment, View, Words
from app.schemas.place import PlaceView
from app.schemas.ticket import CategoryRef, ConsentIn, ContactIn, RatingView


class CorrectIn(ContactIn):
    """更正. What is given replaces what was there; an empty name, phone or room takes it away. `text` is added.

    A contact where there was none, or none agreed to, comes with its consent.
    """

    text: Words | None = None
    consent: ConsentIn | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set - {"consent"}:
            message = refusals.say("correction_missing")
            raise ValueError(message)
        return self


class RestrictIn(Form):
    """限制使用: while it is on, nobody may look at the plain values."""

    on: bool


class ConsentChangeIn(Form):
    """Consents taken back or given later. Contact is agreed to only together with the contact itself."""

    withdraw: Annotated[list[ConsentItem], Field(max_length=3)] = []
    give: Annotated[list[Literal[ConsentItem.ADDRESS, ConsentItem.PUBLISH]], Field(max_length=2)] = []

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.withdraw or self.give) or set(self.withdraw) & set(self.give):
            message = refusals.say("consent_item_missing")
            raise ValueError(message)
        return self


class ContactView(View):
    """What was left, in plain; null where nothing was."""

    name: str | None
    phone: str | None
    room: str | None


class BeneficiaryView(View):
    """For whom it was reported, masked: the link may be in another's hands."""

    name: str | None
    phone: str | None
    room: str | None
    consent: ConsentKind


class SaidEntry(View):
    """Words that were added later; `text` is null where they are not this reader's."""

    at: Moment
    verb: Verb
    text: str | None


class ConsentView(View):
    """One consent as it was given, and what of it was taken back since."""

    notice_version: str
    at: Moment
    contact: bool
    address: bool
    publish: bool
    withdrawn: dict[str, Moment]


class SeenView(View):
    """Somebody looked: in which role, when, at what, what for."""

    role: Role
    at: Moment
    fields: list[str]
    purpose: RevealPurpose


class SharedView(View):
    """A task slip without personal data: who got one."""

    role: Role
    title: str
    at: Moment


class DoorGrantView(View):
    """门牌授权 as its reporter reads it: who may see the door, on what basis, until when, and whether they did."""

    role: Role
    title: str
    basis: Basis
    given_at: Moment
    until: Moment
    revoked_at: Moment | None
    shown_at: Moment | None


class KeptView(View):
    """What is kept how long. `until` is null while the matter is open and no day can be named."""

    what: str
    rule: str
    until: Moment | None


class RequestView(View):
    """A right that was used."""

    kind: Right
    at: Moment
    outcome: Outcome


class DataView(View):
    """Everything held about the reporter of one ticket."""

    number: str
    status: Status
    channel: Channel
    category: CategoryRef
    place: PlaceView
    submitted_at: Moment
    minor: bool
    contact: ContactView | None
    beneficiary: BeneficiaryView | None
    text: str
    spot: str | None
    redacted_text: str | None
    said: list[SaidEntry]
    photos: list[str]
    ratings: list[RatingView]
    urges: list[Moment]
    device: bool
    avoid: list[Side]
    consents: list[ConsentView]
    routing: list[str]
    seen_by: list[Side]
    seen_log: list[SeenView]
    shared: list[SharedView]
    door_grants: list[DoorGrantView]
    retention: list[KeptView]
    requests: list[RequestView]
    restricted_at: Moment | None
    erased_at: Moment | None
    goes_on: bool
    handler: str
    duty_phone: str


class ToldView(View):
    """What a form of the page did."""

    said: str


class ErasedView(View):
    """What is gone, and what is kept with the reason why."""

    number: str
    erased_at: Moment
    outcome: Outcome
    kept: list[KeptView]


class AddressGrantIn(Form):
    """门牌授权: for how many hours, why, and on what basis.

    `agreed`: how the person concerned agreed to it, where somebody else spoke for them; nobody agrees in their stead.
    """

    hours: Annotated[int, Field(ge=SHORTEST_GRANT, le=LONGEST_GRANT)]
    reason: Line
    basis: Basis
    agreed: Line | None = None


class AddressGrantView(View):
    """A grant as the desk reads it."""

    slip_no: str
    basis: Basis
    reason: str
    given_at: Moment
    until: Moment
    revoked_at: Moment | None
    shown_at: Moment | None


class AddressView(View):
    """The door number, and until when it may be looked at again."""

    room: str
    until: Moment


class DoorView(View):
    """On a slip: the door number may be shown, until then."""

    until: Moment
    basis: Basis


class RightsLine(View):
    """On the desk: what the reporter did with their rights. Nothing of the data."""

    kind: Right
    at: Moment
    outcome: Outcome


class RightsState(View):
    """On the desk: whether anybody may look now, and what the reporter asked for."""

    restricted: bool
    erased_at: Moment | None
    person_expired_at: Moment | None  # contact and photos went when their time was up
    address_consent: bool
    requests: list[RightsLine]


class LookLine(View):
    """One line of the access log. `account` is null for a slip's link; `category` is absent for the administrator."""

    at: Moment
    compound: str
    number: str | None
    category: CategoryRef | None = None
    account: str | None
    name: str | None
    role: Role
    fields: list[str]
    purpose: RevealPurpose
    result: str
    facts: dict[str, object]


class LookCount(View):
    """Looks of one compound as a figure; fewer than three are "<3"."""

    compound: str
    given: str
    refused: str


class LookAlertView(View):
    """A look that was out of the ordinary; `number` where it is about one ticket."""

    at: Moment
    compound: str
    kind: Alert
    account: str
    name: str
    number: str | None


class LookLog(View):
    items: list[LookLine]
    counts: list[LookCount]
    alerts: list[LookAlertView]
    next_cursor: str | None


class RevealRequestView(View):
    """A look at a minor's data that waits for a decision: number and leaf, who asks for what; no content."""

    id: int
    status: RequestStatus
    compound: str
    number: str
    category: CategoryRef
    account: str
    name: str
    role: Role
    fields: list[str]
    purpose: RevealPurpose
    asked_at: Moment
    decided_at: Moment | None
    until: Moment | None


class RevealRequestList(View):
    items: list[RevealRequestView]
    next_cursor: str | None
