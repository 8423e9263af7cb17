"""The work ledger, as JSON and as files, and what is not closed out yet."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import StreamingResponse

from app import access
from app.access import Staff, StaffKey
from app.actions import ledger as actions
from app.db import Database, ReadSession
from app.queries import ledger as queries
from app.queries.ledger import Asked, Book
from app.routers.api.place import attachment
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.ledger import CloseOutView, LedgerView

router = APIRouter(prefix="/api/v1", tags=["figures"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_ANSWERS = problems(401, 403, 404)
_XLSX: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


async def _asked(
    compound: Annotated[str, Query(max_length=32)], month: Annotated[str, Query(max_length=7)] = ""
) -> Asked:
    return Asked(compound, month)


AskedFor = Annotated[Asked, Depends(_asked)]


@router.get("/ledger", response_model_exclude_unset=True, responses=_ANSWERS)
def ledger(
    asked: AskedFor,
    caller: StaffCaller,
    db: Db,
    now: Now,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LedgerView:
    """工作台账 of a month (2027-03), by the day of submission: totals, and lines without persons."""
    with db.read() as session:
        return queries.view(session, access.staff(session, caller, now), asked, now, cursor=cursor, limit=limit)


@router.get("/ledger.xlsx", response_class=StreamingResponse, responses=_ANSWERS | _XLSX)
def workbook(asked: AskedFor, caller: StaffCaller, db: Db, now: Now) -> StreamingResponse:
    """The same month as a workbook, every line of it; taking it is a line in the access log."""
    return as_file((caller, db, now), asked, queries.workbook, XLSX)


@router.get("/ledger.csv", response_class=StreamingResponse, responses=_ANSWERS | _CSV)
def comma_separated(asked: AskedFor, caller: StaffCaller, db: Db, now: Now) -> StreamingResponse:
    """The same month as CSV; taking it is a line in the access log."""
    return as_file((caller, db, now), asked, queries.comma_separated, CSV)


@router.get("/closeout", responses=_ANSWERS)
def close_out(compound: Annotated[str, Query(max_length=32)], caller: StaffCaller, db: Db, now: Now) -> CloseOutView:
    """销号: open tickets by category and by party, with their age."""
    with db.read() as session:
        return queries.close_out(session, access.staff(session, caller, now), compound, now)


def as_file(
    call: tuple[StaffKey, Database, datetime],
    asked: Asked,
    write: Callable[[ReadSession, Staff, Asked, datetime], Book],
    media_type: str,
) -> StreamingResponse:
    """A ledger file as a download, piece by piece, once the access log says who took it."""
    caller, db, now = call
    with db.read() as session:
        staff = access.staff(session, caller, now)
        book = write(session, staff, asked, now)
    with db.write() as session:
        actions.handed_out(session, staff, asked.compound, book.month, book.kind, now=now)
    headers = {"Content-Disposition": attachment(book.name, book.plain_name)}
    return StreamingResponse(book.chunks(), media_type=media_type, headers=headers)
