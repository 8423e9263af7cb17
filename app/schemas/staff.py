"""Accounts, logins and seats."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.rules.vocabulary import PlaceKind, Role
from app.schemas.base import Form, Moment, View
from app.schemas.ticket import Short

Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+\- ]{0,30}$")]


class TokenView(View):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- the scheme's name
    expires_in: int


class GrantView(View):
    """`compound` is null for system administrators."""

    compound: str | None
    role: Role
    title: str


class MeView(View):
    username: str
    name: str
    grants: list[GrantView]


class SessionView(View):
    """One login that still opens the desk. `via`: the pages (desk) or a program (api)."""

    id: int
    via: str
    started_at: Moment
    last_used_at: Moment | None
    expires_at: Moment
    current: bool


class SessionList(View):
    items: list[SessionView]


class PasswordIn(Form):
    """A new password; every other session ends."""

    old: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    new: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class DeputyIn(Form):
    name: Short = ""
    duty_phone: Phone = ""
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class HeadIn(Form):
    """One seat of the roster. Scope: the whole compound, a building, or one stairwell of it."""

    role: Role
    building: Annotated[str, StringConstraints(max_length=48)] | None = None
    stairwell: Annotated[str, StringConstraints(max_length=64)] | None = None
    title: Short = ""
    name: Short = ""
    duty_phone: Phone = ""
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    deputy: DeputyIn | None = None
    absent_until: Moment | None = None  # left out: as it was
    accounts: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=20)] = []


class HeadsIn(Form):
    """The seats to set. Seats that are not named stay as they are; ending a term vacates a seat."""

    heads: Annotated[list[HeadIn], Field(min_length=1, max_length=500)]


class AbsenceIn(Form):
    """Away until; null is back. `seat` names one grid head's seat; left out: one's own, for the secretary all."""

    until: Moment | None
    seat: int | None = None


class OwnSeatView(View):
    """A grid head's own seat, and until when they are away."""

    compound: str
    title: str
    absent_until: Moment | None


class SeatView(View):
    id: int
    role: Role
    title: str
    scope: PlaceKind
    building: str | None
    stairwell: str | None
    name: str
    duty_phone: str
    valid_from: Moment | None
    valid_to: Moment | None
    vacant: bool
    deputy: str
    deputy_acts: bool
    absent_until: Moment | None


class RosterView(View):
    """The roster of a compound: every seat, and the roles that nobody holds."""

    compound: str
    seats: list[SeatView]
    vacant_roles: list[Role]
