"""二维码: print runs, what hangs where, and taking a code out of use."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff, StaffKey
from app.actions import qr_code as actions
from app.actions.once import once
from app.db import Database
from app.errors import AppError
from app.queries import place as places
from app.queries import qr_code as queries
from app.queries.qr_code import Sheet
from app.routers.api.place import attachment
from app.routers.deps import Config, Db, DeskCaller, Now
from app.routers.forms import new_key
from app.routers.pages.desk_shell import Refusal, Typed, acts_as, desk_page, filled, form_key, kept, refusal_of, text_of
from app.rules.vocabulary import Role
from app.schemas.qr_code import BatchIn, BatchView, RevocationIn
from qr import codes as qr_codes

router = APIRouter(prefix="/desk/codes", include_in_schema=False)
BatchId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Size = Annotated[Literal["A5", "A4"], Query()]


@router.get("")
def codes(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """What hangs in a compound, stairwell by stairwell; first which compound, where the account has several."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        known = places.compounds(session, staff).items
        wanted = compound or (known[0].code if len(known) == 1 else "")
        tree = places.tree(session, staff, wanted) if wanted else None
    return desk_page(
        request,
        "codes.html",
        staff,
        tab="codes",
        now=now,
        compounds=known,
        tree=tree,
        may_manage=tree is not None and _may_manage(staff, tree.code),
        form_key=new_key(),
    )


@router.post("")
def make(typed: Typed, caller: DeskCaller, db: Db, now: Now, settings: Config) -> Response:
    """A print run: codes for stairwells that have none, or new ones for all."""
    form = filled(BatchIn, {"compound": text_of(typed, "compound"), "reissue": bool(text_of(typed, "reissue"))})
    with db.write() as session:
        staff = access.staff(session, caller, now)

        def act() -> BatchView:
            made = actions.make_batch(session, staff, form, now=now)
            return queries.batch(session, staff, made.id, settings.origin)

        scope = f"PAGE batches {staff.account_id}"
        view = once(session, scope, form_key(typed), form.model_dump_json(), now, BatchView, act)
    return RedirectResponse(f"/desk/codes/batches/{view.id}?ok=made", 303)


@router.get("/sheet.pdf")
def compound_sheet(
    caller: DeskCaller,
    db: Db,
    now: Now,
    settings: Config,
    compound: Annotated[str, Query(max_length=32)],
    size: Size = "A5",
) -> Response:
    """The print file of a whole compound: one poster for each code in use."""
    with db.read() as session:
        found = queries.compound_posters(session, access.staff(session, caller, now), compound, settings.origin)
    return _pdf(found, size, "posters.pdf")


@router.get("/batches/{batch_id}")
def batch(
    request: Request,
    batch_id: BatchId,
    caller: DeskCaller,
    db: Db,
    now: Now,
    settings: Config,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A print run and what has become of its codes."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.batch(session, staff, batch_id, settings.origin)
    return desk_page(request, "batch.html", staff, tab="codes", now=now, batch=view, shown=qr_codes.display, ok=ok)


@router.get("/batches/{batch_id}/sheet.pdf")
def batch_sheet(
    batch_id: BatchId, caller: DeskCaller, db: Db, now: Now, settings: Config, size: Size = "A5"
) -> Response:
    """The print file: one poster for each code of the run that is still in use."""
    with db.read() as session:
        found = queries.posters(session, access.staff(session, caller, now), batch_id, settings.origin)
    return _pdf(found, size, f"batch-{batch_id}.pdf")


@router.get("/{code}")
def code(
    request: Request,
    code: str,
    caller: DeskCaller,
    db: Db,
    now: Now,
    settings: Config,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One code, and the form that takes it out of use."""
    return _code(request, (caller, db, now), code, settings.origin, ok=ok)


@router.post("/{code}/revocation")
def revoke(
    request: Request, code: str, typed: Typed, caller: DeskCaller, db: Db, now: Now, settings: Config
) -> Response:
    """Takes a code out of use for good, with a reason."""
    try:
        form = filled(RevocationIn, {"reason": text_of(typed, "reason")})
        with db.write() as session:
            found = actions.revoke(session, access.staff(session, caller, now), code, form, now=now).code
    except AppError as error:
        refusal = refusal_of(error, "revocation")
        return _code(request, (caller, db, now), code, settings.origin, refusal=refusal, typed=kept(typed))
    return RedirectResponse(f"/desk/codes/{found}?ok=revoked", 303)


def _pdf(found: Sheet, size: str, plain_name: str) -> Response:
    """Called with no session open, since printing takes a while."""
    headers = {"Content-Disposition": attachment(found.file_name, plain_name)}
    return Response(queries.printed(found.posters, size), media_type="application/pdf", headers=headers)


def _code(
    request: Request,
    call: tuple[StaffKey, Database, datetime],
    code: str,
    origin: str,
    *,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
) -> Response:
    caller, db, now = call
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.code(session, staff, code, origin)
    return desk_page(
        request,
        "code.html",
        staff,
        tab="codes",
        status=refusal.status if refusal else 200,
        now=now,
        code=view,
        shown=qr_codes.display,
        may_revoke=staff.is_admin or any(seat.role is Role.GRID_HEAD for seat in staff.seats),
        refusal=refusal,
        typed=typed or {},
        ok=ok,
    )


def _may_manage(staff: Staff, compound: str) -> bool:
    return staff.is_admin or acts_as(staff, compound, Role.GRID_HEAD)
