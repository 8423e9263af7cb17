"""小区档案: the compounds, the import of a workbook, and the roster of a compound."""

from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff
from app.actions import outline, workbook
from app.actions import place as actions
from app.actions import seat as seat_actions
from app.db import ReadSession
from app.errors import AppError, InvalidError, TooLargeError
from app.queries import onboarding
from app.queries import place as queries
from app.queries import seat as seats
from app.routers.api.place import attachment
from app.routers.deps import Config, Db, DeskCaller, Now
from app.routers.pages.desk_shell import (
    PRINTERS,
    Refusal,
    Typed,
    acts_as,
    desk_page,
    files_of,
    filled,
    kept,
    refusal_of,
    sees_tickets_of,
    text_of,
)
from app.rules import place, refusals, sla
from app.rules.vocabulary import SEATED, Role
from app.rules.workdays import DAY
from app.schemas.place import ImportView, TreeView
from app.schemas.staff import DeputyIn, HeadIn, HeadsIn

router = APIRouter(prefix="/desk", include_in_schema=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD_LINES = ("building", "stairwell", "title", "name", "duty_phone")


@router.get("/registry")
def registry(
    request: Request, caller: DeskCaller, db: Db, now: Now, cursor: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The compounds that this account looks after."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _registry(request, session, staff, now, cursor=cursor)


@router.post("/registry")
def import_workbook(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now, settings: Config) -> Response:
    """Takes in a workbook, all or nothing. The same file again adds nothing, so a reload of the answer is harmless."""
    result, refusal, bad_rows = None, None, []
    try:
        with db.read() as session:
            actions.check_may_import(access.staff(session, caller, now))
        entries = workbook.read(_file(typed, settings.max_upload_mb, "file", refusals.say("workbook_missing")))
        with db.write() as session:
            result = actions.import_entries(session, access.staff(session, caller, now), entries, now=now)
    except AppError as error:
        refusal = refusal_of(error, "import")
        listed = error.extra.get("errors")
        bad_rows = [row for row in listed if "row" in row] if isinstance(listed, list) else []
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _registry(request, session, staff, now, result=result, refusal=refusal, bad_rows=bad_rows)


@router.get("/registry/template.xlsx")
def template(caller: DeskCaller, db: Db, now: Now) -> Response:
    """A workbook to fill in."""
    with db.read() as session:
        access.staff(session, caller, now)
    headers = {"Content-Disposition": attachment(place.words()["template"]["file"], "template.xlsx")}
    return Response(workbook.template(), media_type=_XLSX, headers=headers)


@router.post("/registry/outline")
def put_outline(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now, settings: Config) -> Response:
    """Takes in the plan of a compound for its map, or takes it away."""
    code = text_of(typed, "compound")
    try:
        data = (
            b""
            if text_of(typed, "remove")
            else _file(typed, settings.max_upload_mb, "outline", refusals.say("outline_missing"))
        )
        with db.write() as session:
            staff = access.staff(session, caller, now)
            if data:
                outline.put(session, staff, code, data, now=now)
            else:
                outline.remove(session, staff, code)
    except InvalidError as error:
        refusal = refusal_of(error, "outline")
        with db.read() as session:
            return _compound(request, session, access.staff(session, caller, now), code, now, refusal=refusal)
    return RedirectResponse(f"/desk/compounds/{quote(code, safe='')}?ok=outline", 303)


@router.get("/compounds/{code}")
def compound(
    request: Request,
    code: str,
    caller: DeskCaller,
    db: Db,
    now: Now,
    seat: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A compound: its buildings, its roster, and the form for one seat (`seat` is the one to change)."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _compound(request, session, staff, code, now, seat=seat, ok=ok)


@router.post("/compounds/{code}/heads")
def set_head(request: Request, code: str, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """Sets one seat of the roster."""
    try:
        form = HeadsIn(heads=[_head(typed)])
        with db.write() as session:
            seat_actions.set_heads(session, access.staff(session, caller, now), code, form, now=now)
    except AppError as error:
        refusal = refusal_of(error, "head")
    else:
        return RedirectResponse(f"/desk/compounds/{code}?ok=head#roster", 303)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _compound(request, session, staff, code, now, refusal=refusal, typed=kept(typed))


def _file(typed: FormData, most_mb: int, field: str, missing: str) -> bytes:
    """The chosen file. Raises InvalidError without one, TooLargeError."""
    chosen = files_of(typed, field)
    if not chosen:
        raise InvalidError(errors=[{"field": field, "message": missing}])
    data = chosen[0].file.read(most_mb * 1024 * 1024 + 1)
    if len(data) > most_mb * 1024 * 1024:
        raise TooLargeError
    return data


def _head(typed: FormData) -> HeadIn:
    """One seat as typed. Days are whole days in Shanghai: a term runs from 00:00 of the first to 24:00 of the last."""
    accounts = text_of(typed, "accounts").replace(",", " ").replace("，", " ").replace("、", " ").split()
    values: dict[str, object] = {name: text_of(typed, name).strip() for name in ("role", *_HEAD_LINES)}
    values |= {"accounts": accounts} | _term(typed, "")
    deputy: dict[str, object] = {name: text_of(typed, f"deputy_{name}").strip() for name in ("name", "duty_phone")}
    return filled(HeadIn, values | {"deputy": filled(DeputyIn, deputy | _term(typed, "deputy_"))})


def _term(typed: FormData, prefix: str) -> dict[str, object]:
    first, last = _day(typed, f"{prefix}valid_from"), _day(typed, f"{prefix}valid_to")
    return {
        "valid_from": _opening(first) if first else None,
        "valid_to": sla.end_of(last) if last else None,
    }


def _opening(day: date) -> datetime:
    return sla.end_of(day - DAY)


def _day(typed: FormData, name: str) -> date | None:
    text = text_of(typed, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidError(errors=[{"field": name, "message": refusals.say("day_wrong")}]) from error


def _registry(
    request: Request,
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    cursor: str = "",
    result: ImportView | None = None,
    refusal: Refusal | None = None,
    bad_rows: list[dict[str, object]] | None = None,
) -> Response:
    found = queries.compounds(session, staff, cursor=cursor or None, limit=50)
    return desk_page(
        request,
        "registry.html",
        staff,
        tab="registry",
        status=refusal.status if refusal else 200,
        now=now,
        compounds=found.items,
        next_cursor=found.next_cursor,
        left={one.compound: one.left for one in onboarding.unfinished(session, staff, now)},
        from_start=not cursor,
        result=result,
        refusal=refusal,
        bad_rows=bad_rows or [],
    )


def _compound(
    request: Request,
    session: ReadSession,
    staff: Staff,
    code: str,
    now: datetime,
    *,
    seat: int = 0,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
) -> Response:
    tree, roster = queries.tree(session, staff, code), seats.roster(session, staff, code, now)
    return desk_page(
        request,
        "compound.html",
        staff,
        tab="registry",
        status=refusal.status if refusal else 200,
        now=now,
        tree=tree,
        places=_place_names(tree),
        roster=roster,
        seat=next((one for one in roster.seats if one.id == seat), None),
        roles=[role for role in Role if role in SEATED],
        local_day=sla.local_day,
        last_day=lambda at: sla.shown_deadline(at)[0],
        may_set=staff.is_admin or acts_as(staff, tree.code, Role.COMMITTEE_SECRETARY),
        may_print=staff.is_admin or any(acts_as(staff, tree.code, role) for role in PRINTERS),
        sees_map=sees_tickets_of(staff, tree.code),
        refusal=refusal,
        typed=typed or {},
        ok=ok,
    )


def _place_names(tree: TreeView) -> dict[str, str]:
    """What the codes of buildings and stairwells are called."""
    names = {building.code: building.name for building in tree.buildings}
    for building in tree.buildings:
        names |= {stairwell.code: building.name + stairwell.name for stairwell in building.stairwells}
    return names
