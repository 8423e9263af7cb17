"""What endpoints ask for. All async and without I/O: a sync dependency would cost a thread hop of its own.

The callers that end with something to write down (a wrong query code, the minute a login was last used) hop to a thread
for that alone, and seldom.

Every route declares exactly one of the callers below; the architecture tests walk the routers and refuse one without.
"""

import re
import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import anyio.to_thread
from fastapi import Cookie, Depends, Header, Request, Response, Security
from fastapi.security import OAuth2PasswordBearer

from app import clock
from app.access import ReceiptKey, ReporterKey, SlipKey, StaffKey
from app.actions import staff as staff_actions
from app.db import Database
from app.errors import InvalidError, KeyMissingError, NotFoundError, UnauthorisedError
from app.routers import guesses
from app.rules import limits, refusals
from app.rules.limits import Asker
from app.rules.vocabulary import Role
from app.settings import Settings
from app.storage import Storage

DEVICE_COOKIE = "mq_device"
DESK_COOKIE = "mq_desk"
KNOWN_COOKIE = "mq_known"
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


async def asking(request: Request, now: Annotated[datetime, Depends(_now)]) -> Asker:
    """Who asks, as far as limits may know."""
    return asker_of(request, now)


async def reporter(
    request: Request,
    asker: Annotated[Asker, Depends(asking)],
    number: str,
    x_ticket_secret: Annotated[str, Header(max_length=64)] = "",
) -> AsyncIterator[ReporterKey]:
    """Whoever holds the ticket's secret. A wrong one is counted, whether or not there is such a ticket."""
    key = ReporterKey(number, x_ticket_secret, asker)
    try:
        yield key
    except NotFoundError:
        await anyio.to_thread.run_sync(guesses.wrong_secret, request.app.state.database, key)
        raise


async def receipt(token: str) -> ReceiptKey:
    """Whoever holds the receipt link."""
    return ReceiptKey(token)


async def staff(
    request: Request,
    now: Annotated[datetime, Depends(_now)],
    token: Annotated[str | None, Security(_oauth2)],
    x_acting_role: Annotated[Role | None, Header()] = None,
) -> AsyncIterator[StaffKey]:
    """A logged-in account, by bearer token."""
    if not token:
        raise UnauthorisedError
    key = StaffKey(token, x_acting_role, [])
    yield key
    await _write_down(request, key, now)


async def desk_session(
    request: Request, now: Annotated[datetime, Depends(_now)], mq_desk: Annotated[str | None, Cookie()] = None
) -> AsyncIterator[StaffKey]:
    """A logged-in account, by the desk's cookie."""
    if not mq_desk:
        raise UnauthorisedError
    key = StaffKey(mq_desk, None, [], on_pages=True)
    yield key
    await _write_down(request, key, now)


async def slip_holder(
    request: Request,
    now: Annotated[datetime, Depends(_now)],
    token: Annotated[str | None, Security(_oauth2)],
    x_slip_token: Annotated[str | None, Header(max_length=64)] = None,
    x_acting_role: Annotated[Role | None, Header()] = None,
) -> AsyncIterator[StaffKey | SlipKey]:
    """A slip's holder: by its handed-out link, or by an account."""
    if x_slip_token:
        yield SlipKey(x_slip_token, _device_to_bind(request))
    elif token:
        key = StaffKey(token, x_acting_role, [])
        yield key
        await _write_down(request, key, now)
    else:
        raise UnauthorisedError


async def slip_link(request: Request, token: str) -> SlipKey:
    """A slip's holder on its page."""
    return SlipKey(token, _device_to_bind(request))


async def idempotency_key(idempotency_key: Annotated[str | None, Header(max_length=64)] = None) -> str | None:
    """The optional Idempotency-Key of a POST."""
    if idempotency_key is not None and not _IDEMPOTENCY_KEY.match(idempotency_key):
        raise InvalidError(
            refusals.say("key_malformed_title"),
            errors=[{"field": "Idempotency-Key", "message": refusals.say("key_malformed")}],
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
    device = device_in(request) or getattr(request.state, "device", "")
    if not device:
        device = secrets.token_urlsafe(_TOKEN_BYTES)
        value = f"{device}.{_mark(request, device)}"
        response.set_cookie(DEVICE_COOKIE, value, max_age=400 * 86400, httponly=True, secure=secure, samesite="lax")
    return device


def known_device(request: Request, username: str) -> str:
    """The device mark, where this very name has logged in on this device before; else ""."""
    device, mark = device_in(request), request.cookies.get(KNOWN_COOKIE, "")
    return device if device and secrets.compare_digest(mark.encode(), _known(request, device, username)) else ""


def remember_device(request: Request, response: Response, username: str, *, secure: bool) -> None:
    """Marks this device as one on which the name has logged in; others guessing at it do not shut it out."""
    mark = _known(request, device_of(request, response, secure=secure), username).decode()
    response.set_cookie(
        KNOWN_COOKIE, mark, max_age=400 * 86400, path="/desk", httponly=True, secure=secure, samesite="lax"
    )


def _known(request: Request, device: str, username: str) -> bytes:
    database: Database = request.app.state.database
    return database.vault.derive("known device", device, username).hex()[:32].encode()


def asker_of(request: Request, now: datetime) -> Asker:
    """The device mark, and the network prefix where the peer or a proxy that is trusted tells it."""
    settings: Settings = request.app.state.settings
    forwarded = [part for line in request.headers.getlist("x-forwarded-for") for part in line.split(",")]
    peer = request.client.host if request.client else ""
    return Asker(device_in(request), limits.net_of(limits.client_of(peer, forwarded, settings.proxies)), now)


def _device_to_bind(request: Request) -> str:
    """The device mark that a slip link binds to. Whoever acts without one gets one, with whatever is answered."""
    device = device_in(request)
    if not device and request.method not in {"GET", "HEAD"}:
        carrier = Response()
        device = device_of(request, carrier, secure=request.app.state.settings.secure)
        request.state.device = device
        request.state.cookie = carrier.headers["set-cookie"].encode("latin-1")  # set by the edge
    return device


async def _write_down(request: Request, key: StaffKey, now: datetime) -> None:
    """After the answer, and at most once a minute for a login: when it was used."""
    if key.stale:
        await anyio.to_thread.run_sync(_used, request.app.state.database, tuple(key.stale), now)


def _used(database: Database, token_ids: tuple[int, ...], now: datetime) -> None:
    with database.write() as session:
        staff_actions.used(session, token_ids, now=now)


def _mark(request: Request, device: str) -> str:
    """What only this server can write behind a device, so that nobody sets another person's."""
    database: Database = request.app.state.database
    return database.vault.derive("device mark", device).hex()[:32]


Db = Annotated[Database, Depends(_database)]
Config = Annotated[Settings, Depends(_settings)]
Files = Annotated[Storage, Depends(_storage)]
Now = Annotated[datetime, Depends(_now)]
Asking = Annotated[Asker, Depends(asking)]
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
