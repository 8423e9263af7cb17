"""What every page of the desk shares: its head, its tabs, what was typed, and a refusal shown beside the form."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse

from app import access
from app.access import Staff, StaffKey
from app.actions import desk_intake
from app.actions.once import once
from app.db import Database, WriteSession
from app.errors import AppError
from app.queries import staff as queries
from app.queries.compound import SEES_SETTINGS
from app.routers import forms
from app.routers.problems import from_validation
from app.routers.render import page
from app.rules.calls import CALLERS
from app.rules.privacy import SEES_TICKETS
from app.rules.vocabulary import Role
from app.schemas.base import Form
from app.schemas.call import SaidView

MOST_FIELDS = 400
MOST_FILES = 6
SHOWN_AGAIN = frozenset({403, 409, 413, 422, 429})
"""Refusals after which the page comes back with its message and what was typed."""

_OVERSEERS = frozenset({Role.COMMUNITY, Role.STREET})
_WATCHERS = frozenset({Role.COMMITTEE_SECRETARY, Role.COMMUNITY})
PRINTERS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
_KEY = re.compile(r"[0-9a-f]{32}")
F = TypeVar("F", bound=Form)
Call = tuple[StaffKey, Database, datetime]
"""Who sent a form, to which database, when."""
Act = Callable[[WriteSession, Staff], object]
"""What a form asks for."""


async def _typed(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        yield form


Typed = Annotated[FormData, Depends(_typed)]
"""The fields of a form as they were sent; its files are closed after the answer."""


class Refusal(NamedTuple):
    """A refusal for the page: which form it belongs to, what to say, and what to say beside which field."""

    form: str
    status: int
    detail: str
    fields: Mapping[str, str]


def refusal_of(error: AppError, form: str) -> Refusal:
    """The refusal to show in a form. Raises the error again where no form could mend it."""
    if error.status not in SHOWN_AGAIN:
        raise error
    fields = {_input_of(field): message for field, message in forms.wrongs(error).items()}
    return Refusal(form, error.status, error.detail, fields)


def refused(call: Call, form: str, act: Act) -> Refusal | None:
    """Does what a form asks for, in one transaction. None where it is done, else the refusal to show in the form.

    Raises the refusal where no form could mend it.
    """
    caller, db, now = call
    try:
        with db.write() as session:
            act(session, access.staff(session, caller, now))
    except AppError as error:
        return refusal_of(error, form)
    return None


def refused_once(call: Call, form: str, typed: FormData, what: str, act: Act) -> Refusal | None:
    """The same, but once per submit key, however often it is tapped; `what` names the page and its step."""
    now = call[-1]

    def keyed(session: WriteSession, staff: Staff) -> None:
        def do() -> SaidView:
            act(session, staff)
            return SaidView(said=what)

        scope, body = f"PAGE {what} {staff.account_id}", repr(sorted(kept(typed).items()))
        once(session, scope, form_key(typed), body, now, SaidView, do)

    return refused(call, form, keyed)


def _input_of(field: str) -> str:
    """The name of the input that a field of the API is typed into: cleared_photos.0 is cleared_photos."""
    return "_".join(part for part in field.removeprefix("heads.").split(".") if not part.isdecimal())


def text_of(typed: FormData, name: str) -> str:
    """One field as typed, with plain line ends; "" where it is absent."""
    value = typed.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def texts_of(typed: FormData, name: str) -> list[str]:
    """Every value of a field, blanks left out."""
    return [value for value in typed.getlist(name) if isinstance(value, str) and value]


def files_of(typed: FormData, name: str) -> list[UploadFile]:
    """The files of a field that were really chosen."""
    return [file for file in typed.getlist(name) if isinstance(file, UploadFile) and file.filename]


def kept(typed: FormData) -> dict[str, list[str]]:
    """Everything typed, to fill the form again."""
    return {name: texts_of(typed, name) for name in typed}


def form_key(typed: FormData) -> str | None:
    """The submit key that the form carries, so that a double tap does it once."""
    key = text_of(typed, "key")
    return key if _KEY.fullmatch(key) else None


def filled(model: type[F], values: Mapping[str, object]) -> F:
    """The form as the API knows it; what was left blank is left out. Raises InvalidError, field by field."""
    try:
        return model.model_validate({name: value for name, value in values.items() if value != ""})
    except ValidationError as error:
        raise from_validation(list(error.errors())) from error


def sees_queue(staff: Staff) -> bool:
    """Whether the account has tickets of its own to look at, and not only slips."""
    return any(seat.column in SEES_TICKETS for seat in staff.seats)


def sees_tickets_of(staff: Staff, compound: str) -> bool:
    """Whether any ticket of the compound with this code may be the account's to look at."""
    return any(seat.compound == compound and seat.column in SEES_TICKETS for seat in staff.seats)


def acts_as(staff: Staff, compound: str, role: Role) -> bool:
    """Whether the account holds a seat of this role in the compound with this code."""
    return any(seat.compound == compound and seat.role is role for seat in staff.seats)


def resends(staff: Staff) -> bool:
    """Whether the account may look after messages that could not be sent."""
    return staff.is_admin or any(seat.role is Role.GRID_HEAD for seat in staff.seats)


def tabs(staff: Staff) -> list[str]:
    """The tabs that have something for this account."""
    roles = {seat.role for seat in staff.seats}
    found = ["queue"] if sees_queue(staff) else []
    found += ["new"] if desk_intake.channels(staff) else []
    found += ["calls"] if roles & CALLERS else []
    found += ["visits"] if staff.visits else []
    found += ["slips"] if roles - _OVERSEERS else []
    found += ["inbox"] if roles else []
    found += ["figures"] if staff.is_admin or roles else []
    found += ["registry"] if staff.is_admin or roles & (PRINTERS | _OVERSEERS) else []
    found += ["codes"] if staff.is_admin or roles & PRINTERS else []
    found += ["settings"] if staff.is_admin or roles & SEES_SETTINGS else []
    found += ["log"] if staff.is_admin or roles & _WATCHERS else []
    return [*found, "messages"] if staff.is_admin else found


def desk_page(
    request: Request, template: str, staff: Staff, *, now: datetime, tab: str = "", status: int = 200, **context: object
) -> HTMLResponse:
    """A page of the desk under its head: who is logged in, as what, and where else to go."""
    refusal = context.get("refusal")
    typing = refusal.form if isinstance(refusal, Refusal) else ""
    given: dict[str, object] = {"refusal": None, "typed": {}, "typing": typing, **context}
    shared: dict[str, object] = {"me": queries.me(staff), "tabs": tabs(staff), "tab": tab, "is_admin": staff.is_admin}
    shared["unread"] = staff.unread
    return page(request, f"desk/{template}", status=status, now=now, **shared, **given)
