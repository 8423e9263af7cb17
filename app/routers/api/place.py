"""Places, as JSON: what a code says to a resident, and the registry."""

import hashlib
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response, UploadFile

from app import access
from app.actions import place as actions
from app.actions import workbook
from app.actions.once import once
from app.errors import TooLargeError
from app.queries import place as queries
from app.routers import guesses, scans
from app.routers.deps import Anyone, Asking, Config, Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.rules import place
from app.schemas.place import CompoundList, GuessesView, GuessIn, ImportView, ScanView, TreeView

router = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/api/v1/codes/{code}", tags=["resident"], dependencies=[Anyone], responses=problems(404, 410, 429))
def scan(code: str, db: Db, now: Now, asker: Asking, _scan: scans.Noted) -> ScanView:
    """Where a code hangs and what may be reported there. Any case, hyphens, O for 0, I and L for 1."""
    with guesses.codes(db, asker), db.read() as session:
        return queries.scan(session, code, now)


@router.post(
    "/api/v1/codes/{code}/suggestions", tags=["resident"], dependencies=[Anyone], responses=problems(404, 410, 429)
)
def suggestions(code: str, form: GuessIn, db: Db, asker: Asking) -> GuessesView:
    """What the words may mean, and whether they sound like danger, while they are typed. Nothing of them is kept."""
    guesses.take_suggestion(db, asker)
    with guesses.codes(db, asker), db.read() as session:
        return queries.guesses(session, code, form.text)


@router.post("/api/v1/compounds/import", tags=["registry"], responses=problems(401, 403))
def import_workbook(file: UploadFile, caller: StaffCaller, key: Key, db: Db, now: Now, settings: Config) -> ImportView:
    """An .xlsx or CSV, one household a row: all or nothing; the same file again adds nothing. Administrators only."""
    data = file.file.read(settings.max_upload_mb * 1024 * 1024 + 1)
    if len(data) > settings.max_upload_mb * 1024 * 1024:
        raise TooLargeError
    with db.read() as session:
        actions.check_may_import(access.staff(session, caller, now))
    entries = workbook.read(data)  # before the transaction: a large file takes seconds, and there may be one writer
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST import {staff.account_id}",
            key,
            hashlib.sha256(data).hexdigest(),
            now,
            ImportView,
            lambda: actions.import_entries(session, staff, entries, now=now),
        )


@router.get("/api/v1/compounds", tags=["registry"], responses=problems(401, 403))
def compounds(
    caller: StaffCaller,
    db: Db,
    now: Now,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> CompoundList:
    """The compounds that this account has a seat in; all of them for administrators."""
    with db.read() as session:
        return queries.compounds(session, access.staff(session, caller, now), cursor=cursor, limit=limit)


@router.get(
    "/api/v1/compounds/template.xlsx",
    tags=["registry"],
    response_class=Response,
    responses=problems(401, 403) | {200: {"content": {_XLSX: {}}}},
)
def template(caller: StaffCaller, db: Db, now: Now) -> Response:
    """A workbook to fill in."""
    with db.read() as session:
        access.staff(session, caller, now)
    headers = {"Content-Disposition": attachment(place.words()["template"]["file"], "template.xlsx")}
    return Response(workbook.template(), media_type=_XLSX, headers=headers)


@router.get("/api/v1/compounds/{code}/tree", tags=["registry"], responses=problems(401, 403, 404))
def tree(code: str, caller: StaffCaller, db: Db, now: Now) -> TreeView:
    """A compound's buildings and stairwells, with household counts and active codes."""
    with db.read() as session:
        return queries.tree(session, access.staff(session, caller, now), code)


def attachment(name: str, plain: str) -> str:
    """Content-Disposition for a Chinese file name, with a plain one for old programs."""
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
