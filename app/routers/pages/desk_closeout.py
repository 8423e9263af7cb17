"""数据: what is not closed out, the monthly ledger with its files, and common issues, as pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app import access
from app.access import Staff, StaffKey
from app.actions import issue as actions
from app.db import Database, WriteSession
from app.errors import AppError, InvalidError, NotFoundError
from app.queries import issue as issues
from app.queries import ledger as queries
from app.queries.ledger import Asked
from app.routers.api.issue import IssueId
from app.routers.api.ledger import CSV, XLSX, as_file
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages.desk_figures import own_compound, sections
from app.routers.pages.desk_shell import Refusal, Typed, desk_page, filled, kept, refusal_of, sees_queue, text_of
from app.rules import ledger, sla
from app.schemas.issue import CloseIssueIn, LinkIn
from app.schemas.place import CompoundView

router = APIRouter(prefix="/desk", include_in_schema=False)
Compound = Annotated[str, Query(max_length=32)]
Month = Annotated[str, Query(max_length=7)]
SHOWN_COLUMNS = ("number", "submitted", "category", "place", "status", "party", "due", "done")


@router.get("/closeout")
def close_out(request: Request, caller: DeskCaller, db: Db, now: Now, compound: Compound = "") -> Response:
    """销号看板: open tickets by category and party, with their age."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen, compounds = own_compound(session, staff, compound)
        board = queries.close_out(session, staff, chosen, now)
    return desk_page(
        request,
        "closeout.html",
        staff,
        tab="figures",
        now=now,
        sections=sections(staff),
        section="closeout",
        chosen=chosen,
        compounds=compounds,
        name=_name(chosen, compounds),
        linked=sees_queue(staff),
        board=board,
    )


@router.get("/ledger")
def shown(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Compound = "",
    month: Month = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """工作台账 of a month: sums, the lines, and the files to download."""
    view, problem = None, ""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen, compounds = own_compound(session, staff, compound)
        try:
            view = queries.view(session, staff, Asked(chosen, month), now, cursor=cursor or None, limit=50)
        except InvalidError as error:
            problem = next(iter(refusal_of(error, "ledger").fields.values()), error.detail)
    wanted = month if problem else view.month if view else ledger.month_of(sla.local_day(now))
    more = urlencode({"compound": chosen, "month": wanted, "cursor": (view and view.next_cursor) or ""})
    return desk_page(
        request,
        "ledger.html",
        staff,
        tab="figures",
        status=422 if problem else 200,
        now=now,
        sections=sections(staff),
        section="ledger",
        chosen=chosen,
        compounds=compounds,
        name=_name(chosen, compounds),
        month=wanted,
        problem=problem,
        ledger=view,
        ledger_words=ledger.words(),
        shown=SHOWN_COLUMNS,
        further=f"/desk/ledger?{more}" if view and view.next_cursor else "",
    )


@router.get("/ledger.xlsx")
def workbook(caller: DeskCaller, db: Db, now: Now, compound: Compound, month: Month = "") -> StreamingResponse:
    """The month as a workbook."""
    return as_file((caller, db, now), Asked(compound, month), queries.workbook, XLSX)


@router.get("/ledger.csv")
def comma_separated(caller: DeskCaller, db: Db, now: Now, compound: Compound, month: Month = "") -> StreamingResponse:
    """The month as CSV."""
    return as_file((caller, db, now), Asked(compound, month), queries.comma_separated, CSV)


@router.get("/issues")
def common(
    request: Request, caller: DeskCaller, db: Db, now: Now, compound: Compound = "", closed: bool = False
) -> Response:
    """共性问题 that are being followed, or have ended."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen, compounds = own_compound(session, staff, compound)
        found = issues.issues(session, staff, chosen, now, closed=closed).items
    return desk_page(
        request,
        "issues.html",
        staff,
        tab="figures",
        now=now,
        sections=sections(staff),
        section="issues",
        chosen=chosen,
        compounds=compounds,
        name=_name(chosen, compounds),
        closed=closed,
        issues=found,
    )


@router.get("/issues/{issue_id}")
def one(
    request: Request,
    issue_id: IssueId,
    caller: DeskCaller,
    db: Db,
    now: Now,
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One common issue with its tickets."""
    return _issue(request, issue_id, caller, db, now, ok=ok)


@router.post("/issues/{issue_id}/link")
def link(request: Request, issue_id: IssueId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """归到这里."""

    def act(session: WriteSession, staff: Staff) -> None:
        actions.link(session, staff, issue_id, filled(LinkIn, {"ticket": text_of(typed, "ticket").strip()}), now=now)

    return _done(request, (issue_id, caller, db, now), "link", typed, act)


@router.post("/issues/{issue_id}/unlink")
def unlink(request: Request, issue_id: IssueId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """移出."""

    def act(session: WriteSession, staff: Staff) -> None:
        actions.unlink(session, staff, issue_id, filled(LinkIn, {"ticket": text_of(typed, "ticket")}))

    return _done(request, (issue_id, caller, db, now), "unlink", typed, act)


@router.post("/issues/{issue_id}/close")
def close(request: Request, issue_id: IssueId, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """结束."""

    def act(session: WriteSession, staff: Staff) -> None:
        actions.close(session, staff, issue_id, filled(CloseIssueIn, {"text": text_of(typed, "text")}), now=now)

    return _done(request, (issue_id, caller, db, now), "close", typed, act)


def _name(chosen: str, compounds: Sequence[CompoundView]) -> str:
    return next((one.name for one in compounds if one.code == chosen), "")


def _done(
    request: Request,
    call: tuple[int, StaffKey, Database, datetime],
    verb: str,
    typed: FormData,
    act: Callable[[WriteSession, Staff], None],
) -> Response:
    """303 back to the issue; after a refusal the page with its message and what was typed."""
    issue_id, caller, db, now = call
    try:
        with db.write() as session:
            act(session, access.staff(session, caller, now))
    except NotFoundError as error:  # what the form names is absent; so is the page, where the issue itself is
        refusal = Refusal(verb, error.status, error.detail, {})
    except AppError as error:
        refusal = refusal_of(error, verb)
    else:
        return RedirectResponse(f"/desk/issues/{issue_id}?ok={verb}", 303)
    return _issue(request, issue_id, caller, db, now, refusal=refusal, typed=kept(typed))


def _issue(
    request: Request,
    issue_id: int,
    caller: StaffKey,
    db: Database,
    now: datetime,
    *,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
) -> Response:
    with db.read() as session:
        staff = access.staff(session, caller, now)
        found = issues.issue(session, staff, issue_id, now)
        may_link = issues.links(staff, found.compound)
    return desk_page(
        request,
        "issue.html",
        staff,
        tab="figures",
        status=refusal.status if refusal else 200,
        now=now,
        issue=found,
        may_link=may_link,
        ok=ok,
        refusal=refusal,
        typed=typed or {},
    )
