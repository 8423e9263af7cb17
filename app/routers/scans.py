"""That a code was scanned is noted after the answer, in a transaction of its own, at most once an hour."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, Request

from app.actions import qr_code as actions
from app.db import Database
from app.errors import CodeRevokedError
from app.queries import qr_code as queries
from app.routers.deps import Now


async def _noted(request: Request, code: str, now: Now) -> AsyncIterator[None]:
    """Around a route that opens a code: what hangs on a wall, and what should hang there no more."""
    try:
        yield
    except CodeRevokedError:
        await anyio.to_thread.run_sync(_note, request.app.state.database, code, now)
        raise
    await anyio.to_thread.run_sync(_note, request.app.state.database, code, now)


def _note(db: Database, text: str, now: datetime) -> None:
    """Looks first, so that most scans write nothing and wait for nobody."""
    with db.read() as session:
        news = queries.is_scan_news(session, text, now)
    if news:
        with db.write() as session:
            actions.note_scan(session, text, now=now)


Noted = Annotated[None, Depends(_noted)]
"""A route with this parameter is a scan of its `code`."""
