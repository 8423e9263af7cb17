"""What staff send who type for a caller or a visitor."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from app.rules import refusals
from app.rules.vocabulary import Channel, Complexity, ConsentKind
from app.schemas.base import Form, Line, Moment, View
from app.schemas.place import HotlineView, PlaceView
from app.schemas.ticket import CategoryRef, ContactIn, LeadView, MatterIn, PromiseView

PlaceCode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]


class BeneficiaryIn(ContactIn):
    """For whom it is reported, where the one who speaks is somebody else. At least one of the fields."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.given():
            message = refusals.say("beneficiary_missing")
            raise ValueError(message)
        return self


class ProxyConsentIn(Form):
    """By which consent somebody speaks for somebody else; `note` says who agreed, when, and to which words."""

    kind: ConsentKind
    note: Line
    until: Moment | None = None

    @model_validator(mode="after")
    def _only_a_standing_mandate_lasts(self) -> Self:
        standing = self.kind is ConsentKind.STANDING_MANDATE
        if standing != (self.until is not None):
            message = refusals.say("mandate_without_end") if standing else refusals.say("end_without_mandate")
            raise ValueError(message)
        return self


class RecordedView(View):
    """What is read out to the caller, and what the printed slip says. `url` is the receipt's path."""

    number: str
    secret: str
    url: str
    place: PlaceView
    category: CategoryRef
    complexity: Complexity
    promise: PromiseView
    lead: LeadView
    duty_phone: str
    submitted_at: Moment
    hotlines: list[HotlineView]


class DeskTicketIn(MatterIn):
    """A matter that somebody told on the telephone or face to face: behind a code, or at a stairwell of a compound."""

    code: Annotated[str, StringConstraints(max_length=64)] | None = None
    compound: PlaceCode | None = None
    stairwell: PlaceCode | None = None
    channel: Literal[Channel.PHONE, Channel.VISIT]
    beneficiary: BeneficiaryIn | None = None
    proxy_consent: ProxyConsentIn | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        named = self.compound is not None and self.stairwell is not None
        if (self.code is not None) == named or (self.compound is None) != (self.stairwell is None):
            message = refusals.say("place_missing")
            raise ValueError(message)
        return self
