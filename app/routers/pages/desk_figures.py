"""数据: the figures with their charts and the tickets behind them, as pages."""

from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app import access
from app.access import Staff
from app.db import ReadSession
from app.errors import InvalidError, NotFoundError
from app.queries import figures as queries
from app.queries import place as places
from app.queries.figures import Asked
from app.routers.deps import Db, DeskCaller, Now
from app.routers.pages import charts
from app.routers.pages.desk_shell import desk_page, refusal_of
from app.rules import catalogue, figures, refusals, sla
from app.rules.figures import Unit
from app.rules.ledger import KEEPS_LEDGER, READS_TOTALS
from app.rules.vocabulary import Role
from app.schemas.figures import ChartsView, FigureView
from app.schemas.place import CompoundView

router = APIRouter(prefix="/desk/figures", include_in_schema=False)
PATH = "/desk/figures"
SHOWN_AS_BARS = ("response", "same_day", "clear_reply", "promise_kept", "on_time", "solved", "satisfied", "coverage")


def address(asked: Asked, rest: str = "", **more: object) -> str:
    """A page of these figures with everything that narrows them."""
    given = {"compound": asked.compound, "from": asked.first, "to": asked.last, "category": asked.category}
    wanted = {**given, "party": asked.party, **more}
    return f"{PATH}{rest}?{urlencode({name: value for name, value in wanted.items() if value})}"


def own_compound(session: ReadSession, staff: Staff, code: str) -> tuple[str, list[CompoundView]]:
    """The compound that was named, else the account's first, and all of its compounds. Raises NotFoundError."""
    found = places.compounds(session, staff).items
    if not found:
        raise NotFoundError(refusals.say("no_compound_of_yours"))
    return code or found[0].code, found


def sections(staff: Staff) -> list[str]:
    """Which of the pages under 数据 have something for this account."""
    roles = {seat.role for seat in staff.seats}
    found = ["figures"]
    found += ["closeout", "ledger"] if roles & (KEEPS_LEDGER | READS_TOTALS) else []
    single = any(queries.opens_tickets(staff, seat.compound_id) for seat in staff.seats)
    return [*found, "issues"] if single else found


@router.get("")
def shown(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)] = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    category: Annotated[str, Query(max_length=16)] = "",
    party: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """The figures of a period; without one, of this month."""
    today = sla.local_day(now)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen, compounds = own_compound(session, staff, compound)
        asked, found, problem = Asked(chosen, today.replace(day=1), today), None, ""
        try:
            asked = Asked(
                chosen,
                _day(first, "from") or asked.first,
                _day(last, "to") or today,
                category or None,
                Role(party) if party in set(Role) else None,
            )
            found = queries.charts(session, staff, asked, now)
        except InvalidError as error:
            problem = next(iter(refusal_of(error, "figures").fields.values()), error.detail)
    known = catalogue.default()
    return desk_page(
        request,
        "figures.html",
        staff,
        tab="figures",
        status=422 if problem else 200,
        now=now,
        sections=sections(staff),
        section="figures",
        chosen=chosen,
        compounds=compounds,
        name=next(one.name for one in compounds if one.code == chosen),
        asked=asked,
        first=asked.first,
        last=asked.last,
        problem=problem,
        picked=bool(category or party),
        category_name=next((top.name for top in known.tops if top.code == asked.category), ""),
        tops=known.tops,
        parties=queries.parties(staff, chosen),
        quick=_quick(asked, today),
        charts=found,
        rates=charts.bars([_bar(one) for one in _rates(found)] if found else []),
        weeks=charts.columns(_weeks(found) if found else []),
        width=charts.WIDTH,
        row=charts.ROW,
        bar=charts.BAR,
        lists={one.key: address(asked, f"/{one.key}", part="over") for one in figures.table().figures},
        narrowed={top.code: address(asked._replace(category=top.code)) for top in known.tops},
        groups=figures.table().groups,
        notes=figures.table().notes,
    )


@router.get("/{figure}")
def behind(
    request: Request,
    figure: str,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)],
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    category: Annotated[str, Query(max_length=16)] = "",
    party: Role | None = None,
    part: Literal["over", "base", "rest"] = "over",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The tickets that a figure counts, or leaves out."""
    asked = Asked(compound, first, last, category or None, party)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        found = queries.tickets(session, staff, asked, figure, now, part=part, cursor=cursor or None, limit=30)
    formula = next(one for one in figures.table().figures if one.key == figure)
    here = f"/{figure}"
    return desk_page(
        request,
        "figure_tickets.html",
        staff,
        tab="figures",
        now=now,
        figure=formula,
        items=found.items,
        part=part,
        parts={one: address(asked, here, part=one) for one in queries.PARTS},
        back=address(asked),
        further=address(asked, here, part=part, cursor=found.next_cursor) if found.next_cursor else "",
    )


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidError(errors=[{"field": field, "message": refusals.say("day_wrong")}]) from error


def _quick(asked: Asked, today: date) -> list[tuple[str, str]]:
    this_month = today.replace(day=1)
    before = this_month - timedelta(days=1)
    return [
        ("this_month", address(asked._replace(first=this_month, last=today))),
        ("last_month", address(asked._replace(first=before.replace(day=1), last=before))),
        ("quarter", address(asked._replace(first=today - timedelta(days=89), last=today))),
        ("year", address(asked._replace(first=today - timedelta(days=364), last=today))),
    ]


def _rates(found: ChartsView) -> list[FigureView]:
    """The figures of the bar chart that have a share."""
    return [
        one
        for one in found.stats.figures
        if one.key in SHOWN_AS_BARS and one.unit is Unit.SHARE and one.share is not None
    ]


def _bar(one: FigureView) -> tuple[str, str, float]:
    share = one.share or 0.0
    return one.name, f"{share:.1%}", share


def _weeks(found: ChartsView) -> list[tuple[str, int, int]]:
    return [(f"{week.first.month}/{week.first.day}", week.base, week.over) for week in found.weeks]
