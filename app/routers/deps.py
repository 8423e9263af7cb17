"""What endpoints ask for. All async and without I/O: a sync dependency would cost a thread hop of its own.

Every route declares exactly one of the callers below; the architecture tests walk the routers and refuse one without.
"""

import re
import secrets
from datetime import datetime
from typing import Annotated

from fastapi import Cookie, Depends, Header, Request, Response, Security
from fastapi.security import OAuth2PasswordBearer

from app import clock
from app.access import ReceiptKey, ReporterKey, SlipKey, StaffKey
from app.db import Database
from app.errors import InvalidError, KeyMissingError, UnauthorisedError
from app.rules.vocabulary import Role
from app.settings import Settings
from app.storage import Storage

DEVICE_COOKIE = "mq_device"
DESK_COOKIE = "mq_desk"
_TOKEN_BYTES = 16
_IDEMPOTENCY_KEY = re.compile(r"^[\x21-\x7e]{16,64}$")
_oauth2 = OAuth2PasswordBearer("/api/v1/auth/token", auto_error=False)


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _storage(request: Request) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


async def _now() -> datetime:
    return clock.now()


async def anyone() -> None:
    """A route for everybody: no login, no key."""


async def reporter(number: str, x_ticket_secret: Annotated[str, Header(max_length=64)] = "") -> ReporterKey:
    """Whoever holds the ticket's secret."""
    return ReporterKey(number, x_ticket_secret)


async def receipt(token: str) -> ReceiptKey:
    """Whoever holds the receipt link."""
    return ReceiptKey(token)


async def staff(
    token: Annotated[str | None, Security(_oauth2)], x_acting_role: Annotated[Role | None, Header()] = None
) -> StaffKey:
    """A logged-in account, by bearer token."""
    if not token:
        raise UnauthorisedError
    return StaffKey(token, x_acting_role)


async def desk_session(mq_desk: Annotated[str | None, Cookie()] = None) -> StaffKey:
    """A logged-in account, by the desk's cookie."""
    if not mq_desk:
        raise UnauthorisedError
    return StaffKey(mq_desk)


async def slip_holder(
    request: Request,
    token: Annotated[str | None, Security(_oauth2)],
    x_slip_token: Annotated[str | None, Header(max_length=64)] = None,
    x_acting_role: Annotated[Role | None, Header()] = None,
) -> StaffKey | SlipKey:
    """A slip's holder: by its handed-out link, or by an account."""
    if x_slip_token:
        return SlipKey(x_slip_token, device_in(request))
    if token:
        return StaffKey(token, x_acting_role)
    raise UnauthorisedError


async def slip_link(request: Request, token: str) -> SlipKey:
    """A slip's holder on its page."""
    return SlipKey(token, device_in(request))


async def idempotency_key(idempotency_key: Annotated[str | None, Header(max_length=64)] = None) -> str | None:
    """The optional Idempotency-Key of a POST."""
    if idempotency_key is not None and not _IDEMPOTENCY_KEY.match(idempotency_key):
        raise InvalidError(
            "Idempotency-Key 要 16–64 个字符", errors=[{"field": "Idempotency-Key", "message": "16–64 个可见字符"}]
        )
    return idempotency_key


async def required_key(key: Annotated[str | None, Depends(idempotency_key)]) -> str:
    """The Idempotency-Key, where one is required."""
    if key is None:
        raise KeyMissingError
    return key


def device_in(request: Request) -> str:
    """The device mark that this request carries, "" where there is none of our own making."""
    device, _, mark = request.cookies.get(DEVICE_COOKIE, "").partition(".")
    return device if device and secrets.compare_digest(mark.encode(), _mark(request, device).encode()) else ""


def device_of(request: Request, response: Response, *, secure: bool) -> str:
    """This browser's device mark; a new one is set where there is none. It names no person."""
    device = device_in(request)
    if not device:
        device = secrets.token_urlsafe(_TOKEN_BYTES)
        value = f"{device}.{_mark(request, device)}"
        response.set_cookie(DEVICE_COOKIE, value, max_age=400 * 86400, httponly=True, secure=secure, samesite="lax")
    return device


def _mark(request: Request, device: str) -> str:
    """What only this server can write behind a device, so that nobody sets another person's."""
    database: Database = request.app.state.database
    return database.vault.derive("device mark", device).hex()[:32]


Db = Annotated[Database, Depends(_database)]
Config = Annotated[Settings, Depends(_settings)]
Files = Annotated[Storage, Depends(_storage)]
Now = Annotated[datetime, Depends(_now)]
Key = Annotated[str | None, Depends(idempotency_key)]
RequiredKey = Annotated[str, Depends(required_key)]

Anyone = Depends(anyone)
Reporter = Annotated[ReporterKey, Depends(reporter)]
Receipt = Annotated[ReceiptKey, Depends(receipt)]
StaffCaller = Annotated[StaffKey, Depends(staff)]
DeskCaller = Annotated[StaffKey, Depends(desk_session)]
SlipHolder = Annotated[StaffKey | SlipKey, Depends(slip_holder)]
SlipLink = Annotated[SlipKey, Depends(slip_link)]

CALLERS = frozenset({anyone, reporter, receipt, staff, desk_session, slip_holder, slip_link})
