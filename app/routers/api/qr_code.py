"""Codes and print files."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response, UploadFile

from app import access
from app.actions import emblem as emblems
from app.actions import qr_code as actions
from app.actions.once import once
from app.errors import NotFoundError, TooLargeError
from app.queries import qr_code as queries
from app.routers.api.place import attachment
from app.routers.deps import Config, Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.rules import refusals
from app.schemas.qr_code import BatchIn, BatchView, CodeList, CodeView, ReissueIn, RevocationIn
from qr import matrix

router = APIRouter(prefix="/api/v1/qr", tags=["codes"])
BatchId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
_SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}


@router.post("/batches", status_code=201, responses=problems(401, 403, 404))
def make_batch(form: BatchIn, caller: StaffCaller, key: Key, db: Db, now: Now, settings: Config) -> BatchView:
    """Codes for every stairwell without an active one; with `reissue` for all. Grid head or administrator."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST batches {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            BatchView,
            lambda: actions.make_batch(session, staff, form, origin=settings.origin, now=now),
        )


@router.get("/batches/{batch_id}", responses=problems(401, 403, 404))
def batch(batch_id: BatchId, caller: StaffCaller, db: Db, now: Now, settings: Config) -> BatchView:
    """A print run and what has become of its codes."""
    with db.read() as session:
        return queries.batch(session, access.staff(session, caller, now), batch_id, settings.origin)


@router.get("/batches/{batch_id}/sheet.pdf", response_class=Response, responses=problems(401, 403, 404) | _PDF)
def sheet(
    batch_id: BatchId,
    caller: StaffCaller,
    db: Db,
    now: Now,
    settings: Config,
    size: Annotated[Literal["A4", "A5", "A6", "card"], Query()] = "A5",
) -> Response:
    """The print file: one poster for each code of the run that is still active. Stickers (A6) and cards share A4 pages,
    to be cut; a long file begins with an index.
    """
    with db.read() as session:
        found = queries.posters(session, access.staff(session, caller, now), batch_id, settings.origin)
    headers = {"Content-Disposition": attachment(found.file_name, f"batch-{batch_id}.pdf")}
    return Response(queries.printed(found, size), media_type="application/pdf", headers=headers)


@router.get("/codes", responses=problems(401, 404))
def listed(
    caller: StaffCaller, db: Db, now: Now, settings: Config, compound: Annotated[str, Query(max_length=32)]
) -> CodeList:
    """Every code of a compound: where it hangs, its status, its last scan, and what is worth a look."""
    with db.read() as session:
        return queries.all_codes(session, access.staff(session, caller, now), compound, settings.origin, now)


@router.get("/emblem", response_class=Response, responses=problems(401, 404) | _PNG)
def emblem(caller: StaffCaller, db: Db, now: Now, compound: Annotated[str, Query(max_length=32)]) -> Response:
    """The compound's emblem, which sits in the middle of its printed codes."""
    with db.read() as session:
        found = queries.emblem(session, access.staff(session, caller, now), compound)
    if found is None:
        raise NotFoundError(refusals.say("emblem_missing"))
    return Response(found, media_type="image/png")


@router.put("/emblem", status_code=204, responses=problems(401, 403, 404))
def put_emblem(
    file: UploadFile,
    caller: StaffCaller,
    db: Db,
    now: Now,
    settings: Config,
    compound: Annotated[str, Query(max_length=32)],
) -> None:
    """A PNG; it is encoded anew and takes a fifth of a code's side at most. Grid head or administrator."""
    data = file.file.read(settings.max_upload_mb * 1024 * 1024 + 1)
    if len(data) > settings.max_upload_mb * 1024 * 1024:
        raise TooLargeError
    with db.read() as session:
        emblems.check(session, access.staff(session, caller, now), compound)
    png = emblems.prepared(data)
    with db.write() as session:
        emblems.put(session, access.staff(session, caller, now), compound, png, now=now)


@router.delete("/emblem", status_code=204, responses=problems(401, 403, 404))
def remove_emblem(caller: StaffCaller, db: Db, now: Now, compound: Annotated[str, Query(max_length=32)]) -> None:
    """Codes are printed without an emblem again."""
    with db.write() as session:
        emblems.remove(session, access.staff(session, caller, now), compound)


@router.get("/{code}.png", response_class=Response, responses=problems(401, 403, 404, 410) | _PNG)
def png(code: str, caller: StaffCaller, db: Db, now: Now, settings: Config) -> Response:
    """One code's symbol as pixels."""
    with db.read() as session:
        text = queries.symbol(session, access.staff(session, caller, now), code, settings.origin)
    return Response(matrix.png(text), media_type="image/png")


@router.get("/{code}.svg", response_class=Response, responses=problems(401, 403, 404, 410) | _SVG)
def svg(code: str, caller: StaffCaller, db: Db, now: Now, settings: Config) -> Response:
    """One code's symbol as a drawing."""
    with db.read() as session:
        text = queries.symbol(session, access.staff(session, caller, now), code, settings.origin)
    return Response(matrix.svg(text), media_type="image/svg+xml")


@router.post("/{code}/reissue", status_code=201, responses=problems(401, 403, 404, 409))
def reissue(code: str, form: ReissueIn, caller: StaffCaller, key: Key, db: Db, now: Now, settings: Config) -> BatchView:
    """A new code for the place of this one, as a print run of its own. Grid head or administrator."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST reissue {code[:20]} {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            BatchView,
            lambda: actions.reissue(session, staff, code, form, origin=settings.origin, now=now),
        )


@router.post("/{code}/revocation", responses=problems(401, 403, 404))
def revoke(
    code: str,
    caller: StaffCaller,
    key: Key,
    db: Db,
    now: Now,
    settings: Config,
    form: RevocationIn | None = None,
) -> CodeView:
    """Takes a code out of use for good: whoever scans it is told to use the new one. Grid head or administrator."""
    wanted = form or RevocationIn()
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST revocation {code[:20]} {staff.account_id}",
            key,
            wanted.model_dump_json(),
            now,
            CodeView,
            lambda: actions.revoke(session, staff, code, wanted, origin=settings.origin, now=now),
        )
