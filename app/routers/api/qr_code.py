"""Codes and print files."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from app import access
from app.actions import qr_code as actions
from app.actions.once import once
from app.queries import qr_code as queries
from app.routers.api.place import attachment
from app.routers.deps import Config, Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.qr_code import BatchIn, BatchView, CodeView, RevocationIn
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
    return Response(queries.printed(found.posters, size), media_type="application/pdf", headers=headers)


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
