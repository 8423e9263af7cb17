"""The web edge around every request: an id, security headers, a body limit before parsing, one log line."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog

from app.errors import AppError, CrossSiteError, InvalidError, TooLargeError
from app.rules import refusals

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Respond = Callable[[Scope, Exception], Any]

_SMALL_BODY = 256 * 1024
_ONE_FILE = re.compile(r"^/(api/v1/uploads|api/v1/compounds/import|desk/registry\b.*)$")
_PHOTO_FORM = re.compile(r"^/(s/[^/]+|r/[^/]+/\w+|slip/[^/]+/\w+|desk/slips/[^/]+/\w+)$", re.IGNORECASE)
_PHOTOS_A_FORM = 6
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGES_CSP = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECRET_PATH = re.compile(r"^/+(r|slip)/+[^/]+", re.IGNORECASE)
_LONG_PART = re.compile(r"[A-Za-z0-9_-]{22,}")  # whatever is as long as a token may be one
_log = structlog.get_logger("minqing.request")


class Edge:
    """ASGI middleware. It never logs bodies, queries, tokens or secrets; paths that carry a token are cut.

    No fault leaves it: the server outside would print it with whatever it was about.
    """

    def __init__(
        self, app: App, *, max_body: int, hsts: bool, hosts: frozenset[str], origin: str, respond: Respond
    ) -> None:
        self._app, self._respond = app, respond
        self._max_body, self._hosts = max_body, hosts
        self._origin = _origin(origin)
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"content-security-policy", _PAGES_CSP.encode()),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
        ]
        if hsts:
            self._headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        started, status, answering = time.perf_counter(), 500, False
        limit = self._limit(scope["path"])

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                message["headers"] = [*message["headers"], *self._extra(scope, message["headers"])]
            await send(message)

        try:
            refusal = self._refusal(scope, limit)
            if refusal is not None:
                await self._respond(scope, refusal)(scope, receive, sending)
            else:
                await self._app(scope, _limited(receive, limit), sending)
        except Exception as fault:  # noqa: BLE001 -- whatever it is, it gets an answer
            if answering:
                _log.error("answer broke off", kind=type(fault).__name__, request_id=scope["state"]["request_id"])
                raise ConnectionAbortedError from None  # the connection has to end, and nothing of the fault with it
            await self._respond(scope, fault)(scope, receive, sending)
        finally:
            _log.info(
                "request",
                method=scope["method"],
                path=_LONG_PART.sub("…", _SECRET_PATH.sub(r"/\1/…", scope["path"])),
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
                request_id=scope["state"]["request_id"],
            )

    def _limit(self, path: str) -> int:
        """How many bytes a request to this path may carry."""
        if _PHOTO_FORM.match(path):
            return _PHOTOS_A_FORM * self._max_body + _SMALL_BODY
        return self._max_body + _SMALL_BODY if _ONE_FILE.match(path) else _SMALL_BODY

    def _extra(self, scope: Scope, present: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in present}
        extra = [*self._headers, (b"x-request-id", scope["state"]["request_id"].encode())]
        if b"cache-control" not in names:
            extra.append((b"cache-control", b"no-store"))
        given = scope["state"].get("cookie")  # a device mark, made while the caller was read
        cookies = [(b"set-cookie", given)] if given is not None else []
        return cookies + [(name, value) for name, value in extra if name not in names]

    def _refusal(self, scope: Scope, limit: int) -> AppError | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if self._hosts and headers.get("host", "").rsplit(":", 1)[0].lower() not in self._hosts:
            return CrossSiteError(refusals.say("host_unknown"))
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            return InvalidError(refusals.say("address_malformed"))
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            return TooLargeError()
        if scope["method"] not in _SAFE and not scope["path"].startswith("/api/") and not self._same_site(headers):
            return CrossSiteError()
        return None

    def _same_site(self, headers: dict[str, str]) -> bool:
        """A page's form must come from our own pages; browsers say so and other clients carry no cookies to abuse."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is None or _origin(origin) in {self._origin, headers.get("host", "").lower()}


def _origin(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _limited(receive: Receive, limit: int) -> Receive:
    """Counts the body as it streams, so that a chunked one cannot slip past the limit."""
    seen = 0

    async def receiving() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLargeError
        return message

    return receiving
