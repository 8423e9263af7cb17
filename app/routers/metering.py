"""What `/metrics` tells about requests and the work: by route template, never by number, token or address."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from app.access.upkeep import Figures

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_NO_ROUTE = "none"
_FILES = "/static"  # a mount, which is no route
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_requests = Counter("minqing_requests_total", "Requests answered", ["method", "route", "status"])
_seconds = Histogram("minqing_request_seconds", "Time until the answer was sent", ["method", "route"], buckets=_BUCKETS)
_database = Gauge("minqing_database_up", "1 where the database answered this scrape")
_open = Gauge("minqing_tickets_open", "Tickets that are not closed out")
_overdue = Gauge("minqing_tickets_overdue", "Tickets of which somebody owes something past its due instant")
_messages = Gauge("minqing_outbox_messages", "Messages that are not sent", ["status"])
_oldest = Gauge("minqing_outbox_oldest_due_seconds", "For how long the message that is due longest has been due")


class Meter:
    """ASGI middleware around everything else, so that refusals at the edge count too."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            unrouted = _FILES if scope["path"].startswith(f"{_FILES}/") else _NO_ROUTE
            route = getattr(scope.get("route"), "path", unrouted)
            _requests.labels(method, route, status).inc()
            _seconds.labels(method, route).observe(time.perf_counter() - started)


def show(figures: Figures | None, due_for: float) -> None:
    """Sets the gauges of the work; without figures only that the database is away, and the last ones stay."""
    _database.set(figures is not None)
    if figures is None:
        return
    _open.set(figures.open_tickets)
    _overdue.set(figures.overdue_tickets)
    _messages.labels("waiting").set(figures.waiting_messages)
    _messages.labels("dead").set(figures.dead_messages)
    _oldest.set(due_for)
