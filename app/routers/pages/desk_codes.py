"""二维码: print runs, what hangs where, and taking a code out of use."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff, StaffKey
from app.actions import emblem as emblems
from app.actions import qr_code as actions
from app.actions.once import once
from app.db import Database
from app.errors import AppError, NotFoundError, TooLargeError
from app.queries import place as places
from app.queries import qr_code as queries
from app.queries.qr_code import Sheet
from app.routers.api.place import attachment
from app.routers.deps import Config, Db, DeskCaller, Now
from app.routers.forms import new_key
from app.routers.pages.desk_shell import (
    PRINTERS,
    Refusal,
    Typed,
    acts_as,
    desk_page,
    files_of,
    filled,
    form_key,
    kept,
    refusal_of,
    text_of,
)
from app.rules import refusals
from app.rules.codes import AT_ONCE
from app.rules.vocabulary import CodeReason, Role
from app.schemas.qr_code import BatchIn, BatchView, ReissueIn, RevocationIn
from qr import codes as qr_codes

router = APIRouter(prefix="/desk/codes", include_in_schema=False)
BatchId = Annotated[int, Path(ge=1, le=2**31 - 1)]
SIZES = ("A5", "A4", "A6", "card")
Size = Annotated[Literal["A5", "A4", "A6", "card"], Query()]


@router.get("")
def codes(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    settings: Config,
    compound: Annotated[str, Query(max_length=32)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """What hangs in a compound, stairwell by stairwell; first which compound, where the account has several."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        known = places.compounds(session, staff).items
        wanted = compound or (known[0].code if len(known) == 1 else "")
        tree = places.tree(session, staff, wanted) if wanted else None
        prints = tree is not None and (staff.is_admin or any(acts_as(staff, wanted, role) for role in PRINTERS))
        listed = queries.all_codes(session, staff, wanted, settings.origin, now).items if prints else []
        emblem = queries.emblem(session, staff, wanted) is not None if prints else False
    return desk_page(
        request,
        "codes.html",
        staff,
        tab="codes",
        now=now,
        compounds=known,
        tree=tree,
        may_manage=tree is not None and _may_manage(staff, tree.code),
        signals=Counter(signal for one in listed for signal in one.signals),
        emblem=emblem,
        sizes=SIZES,
        ok=ok,
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
    building: Annotated[str, Query(max_length=64)] = "",
    size: Size = "A5",
) -> Response:
    """The print file of a whole compound or of one building: one poster for each code in use."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        found = queries.compound_posters(session, staff, compound, settings.origin, building=building)
    return _pdf(found, size, "posters.pdf")


@router.get("/all")
def all_codes(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    settings: Config,
    compound: Annotated[str, Query(max_length=32)],
    only: Annotated[Literal["", "signals", "active", "grace", "revoked"], Query()] = "",
) -> Response:
    """Every code of a compound with its last scan; with `only`, those worth a look, or of one status."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        view = queries.all_codes(session, staff, compound, settings.origin, now)
        name = places.tree(session, staff, compound).name
    items = [one for one in view.items if not only or one.status == only or (only == "signals" and one.signals)]
    return desk_page(
        request,
        "codes_all.html",
        staff,
        tab="codes",
        now=now,
        compound=view.compound,
        name=name,
        items=items,
        only=only,
        shown=qr_codes.display,
    )


@router.get("/emblem.png")
def emblem(caller: DeskCaller, db: Db, now: Now, compound: Annotated[str, Query(max_length=32)]) -> Response:
    """The compound's emblem, to look at."""
    with db.read() as session:
        found = queries.emblem(session, access.staff(session, caller, now), compound)
    if found is None:
        raise NotFoundError(refusals.say("emblem_missing"))
    return Response(found, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/emblem")
def put_emblem(typed: Typed, caller: DeskCaller, db: Db, now: Now, settings: Config) -> Response:
    """A PNG for the middle of the printed codes, or none any more."""
    compound, files = text_of(typed, "compound"), files_of(typed, "file")
    with db.read() as session:
        emblems.check(session, access.staff(session, caller, now), compound)
    png = None
    if not text_of(typed, "remove"):
        data = files[0].file.read(settings.max_upload_mb * 1024 * 1024 + 1) if files else b""
        if len(data) > settings.max_upload_mb * 1024 * 1024:
            raise TooLargeError
        png = emblems.prepared(data)
    with db.write() as session:
        staff = access.staff(session, caller, now)
        if png is None:
            emblems.remove(session, staff, compound)
        else:
            emblems.put(session, staff, compound, png, now=now)
    return RedirectResponse(f"/desk/codes?{urlencode({'compound': compound, 'ok': 'emblem'})}", 303)


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
    """One code, and the form that takes it out of use. A compound's code leads to the codes of that compound."""
    try:
        return _code(request, (caller, db, now), code, settings.origin, ok=ok)
    except NotFoundError:
        with db.read() as session:
            staff = access.staff(session, caller, now)
            if not any(one.code == code for one in places.compounds(session, staff).items):
                raise
    return RedirectResponse(f"/desk/codes?{urlencode({'compound': code})}", 303)


@router.post("/{code}/reissue")
def reissue(
    request: Request, code: str, typed: Typed, caller: DeskCaller, db: Db, now: Now, settings: Config
) -> Response:
    """换新码: one new code for this place, ready to be printed."""
    try:
        form = filled(ReissueIn, {"reason": text_of(typed, "reason")})
        with db.write() as session:
            staff = access.staff(session, caller, now)

            def act() -> BatchView:
                return actions.reissue(session, staff, code, form, now=now)

            scope = f"PAGE reissue {code[:20]} {staff.account_id}"
            view = once(session, scope, form_key(typed), form.model_dump_json(), now, BatchView, act)
    except AppError as error:
        refusal = refusal_of(error, "reissue")
        return _code(request, (caller, db, now), code, settings.origin, refusal=refusal, typed=kept(typed))
    return RedirectResponse(f"/desk/codes/batches/{view.id}?ok=made", 303)


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
    return Response(queries.printed(found, size), media_type="application/pdf", headers=headers)


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
        view = queries.line(session, staff, code, origin, now)
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
        reasons=list(CodeReason),
        at_once=AT_ONCE,
        form_key=new_key(),
        refusal=refusal,
        typed=typed or {},
        ok=ok,
    )


def _may_manage(staff: Staff, compound: str) -> bool:
    return staff.is_admin or acts_as(staff, compound, Role.GRID_HEAD)
