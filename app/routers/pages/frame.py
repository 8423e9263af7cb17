"""What the pages of residents and slip holders share: one visit, its letters' size, the page again on a refusal."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.db import Database
from app.errors import AppError
from app.routers.deps import Config, Db, Files, Now, asker_of
from app.routers.render import page
from app.rules.limits import Asker
from app.settings import Settings
from app.storage import Storage

SIZE_COOKIE = "mq_size"
SIZES = frozenset({"big", "normal"})
SHOWN_AGAIN = frozenset({409, 413, 422, 429})
"""Refusals that the reader can mend on the page itself; every other one is a page of its own."""


class Visit(NamedTuple):
    """A request for a page, with what its handler works with."""

    request: Request
    db: Database
    files: Storage
    now: datetime
    settings: Settings

    @property
    def asker(self) -> Asker:
        """Who asks, as far as limits may know."""
        return asker_of(self.request, self.now)

    def page(self, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """A page; `?size=big` or `?size=normal` is remembered on this device."""
        response = page(self.request, template, status=status, now=self.now, **context)
        size = self.request.query_params.get("size", "")
        if size in SIZES:
            response.set_cookie(
                SIZE_COOKIE, size, max_age=400 * 86400, httponly=True, secure=self.settings.secure, samesite="lax"
            )
        return response


async def _visit(request: Request, db: Db, files: Files, now: Now, settings: Config) -> Visit:
    return Visit(request, db, files, now, settings)


Visiting = Annotated[Visit, Depends(_visit)]


def done_or_again(act: Callable[[], str], again: Callable[[AppError], HTMLResponse]) -> Response:
    """303 to the address that `act` gives; after a refusal that the reader can mend, the page again with its status."""
    try:
        address = act()
    except AppError as error:
        if error.status not in SHOWN_AGAIN:
            raise
        response = again(error)
        if "retry_after" in error.extra:
            response.headers["Retry-After"] = str(error.extra["retry_after"])
        return response
    return RedirectResponse(address, 303)
