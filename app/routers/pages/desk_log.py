"""查看记录: who looked at whose data, what was out of the ordinary, and the looks at minors that wait."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Staff
from app.access.looks import LookFilter
from app.actions import looking as actions
from app.db import ReadSession, WriteSession
from app.queries import look as queries
from app.queries import place as places
from app.routers.api.look import RequestId
from app.routers.deps import Db, DeskCaller, Now, desk_session
from app.routers.pages.desk_shell import Refusal, desk_page, refused
from app.rules import sla
from app.rules.rights import RequestStatus
from app.rules.workdays import DAY

router = APIRouter(prefix="/desk/log", include_in_schema=False)
_OUTCOME = {"approve": RequestStatus.APPROVED, "refuse": RequestStatus.REFUSED}
Typed = Annotated[str, Query(max_length=40)]
Decision = Literal["approve", "refuse"]


@router.get("")
def log(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)] = "",
    number: Typed = "",
    account: Typed = "",
    since: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The log, the newest first; own lines for those who may not read all of a compound."""
    typed = {"compound": compound, "number": number.strip(), "account": account.strip(), "from": since, "to": to}
    wanted = {name: value for name, value in typed.items() if value}
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _page(request, session, staff, now, wanted=wanted, cursor=cursor, ok=ok)


@router.get("/{rest:path}", dependencies=[Depends(desk_session)])
def back() -> Response:
    """The address of a form that was sent, opened again."""
    return RedirectResponse("/desk/log", 303)


@router.post("/requests/{request_id}/{verb}")
def decide(request: Request, request_id: RequestId, verb: Decision, caller: DeskCaller, db: Db, now: Now) -> Response:
    """批准 or 不批准 a look at a minor's data."""

    def act(session: WriteSession, staff: Staff) -> None:
        actions.decide(session, staff, request_id, _OUTCOME[verb], now=now)

    refusal = refused((caller, db, now), "request", act)
    if refusal is None:
        return RedirectResponse(f"/desk/log?ok={verb}", 303)
    with db.read() as session:
        return _page(request, session, access.staff(session, caller, now), now, refusal=refusal)


def _page(
    request: Request,
    session: ReadSession,
    staff: Staff,
    now: datetime,
    *,
    wanted: Mapping[str, str] = MappingProxyType({}),
    cursor: str = "",
    ok: str = "",
    refusal: Refusal | None = None,
) -> Response:
    first, last = _day(wanted.get("from", "")), _day(wanted.get("to", ""))
    narrowed = LookFilter(
        compound_id=places.compound_id(session, staff, wanted["compound"]) if "compound" in wanted else None,
        number=wanted.get("number"),
        username=wanted.get("account"),
        since=sla.end_of(first - DAY) if first else None,
        until=sla.end_of(last) if last else None,
    )
    view = queries.log(session, staff, now, narrowed, cursor=cursor or None)
    further = {**wanted, "cursor": view.next_cursor or ""}
    return desk_page(
        request,
        "log.html",
        staff,
        tab="log",
        status=refusal.status if refusal else 200,
        now=now,
        log=view,
        asked=[] if cursor else queries.requests(session, staff).items,
        compounds=places.compounds(session, staff).items,
        wanted=wanted,
        further=f"/desk/log?{urlencode(further)}" if view.next_cursor else "",
        from_start=not cursor,
        refusal=refusal,
        ok=ok,
    )


def _day(typed: str) -> date | None:
    """A day as the browser's field sends it; what is none narrows nothing."""
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return None
