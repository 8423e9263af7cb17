"""Honest figures: asked for by compound, period, category and party; never more than their viewer may see."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from app import access
from app.access import Staff, registry
from app.access import figures as counted
from app.access.figures import Count, Slice
from app.db import ReadSession
from app.errors import InvalidError, NotFoundError, VerbNotYoursError
from app.queries.desk import instant, number, pack, unpack
from app.rules import catalogue, figures, refusals, sla
from app.rules.figures import Formula, Unit
from app.rules.vocabulary import Role
from app.schemas.desk import QueueView
from app.schemas.figures import ChartsView, DayView, FigureView, LineView, StatsView

LONGEST = timedelta(days=3 * 366)
OVERSEES_PARTIES = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
PARTS = ("over", "base", "rest")
BY_CLASS = ("n", "same_day", "clear_reply", "on_time", "solved", "satisfied")
_EPOCH = date(1970, 1, 1)
_WEEK = 7


class Asked(NamedTuple):
    """What figures are asked for. Days are local and both included; the default is this month up to today."""

    compound: str
    first: date | None = None
    last: date | None = None
    category: str | None = None
    party: Role | None = None

    def address(self, key: str, part: str = "base") -> str:
        """Where the tickets behind one of these figures are listed."""
        given = {"compound": self.compound, "from": self.first, "to": self.last, "category": self.category}
        wanted = {**given, "party": self.party, "part": part}
        return f"/api/v1/stats/{key}/tickets?{urlencode({k: v for k, v in wanted.items() if v is not None})}"


def stats(session: ReadSession, staff: Staff, asked: Asked, now: datetime) -> StatsView:
    """Every figure of a compound. Raises NotFoundError; VerbNotYoursError for another party's; InvalidError."""
    asked, wanted = _wanted(session, staff, asked, now)
    found = counted.counts(session, staff, wanted, now)
    opened = counted.opened(staff, wanted.compound_id)
    return StatsView(
        compound=asked.compound,
        first=asked.first or sla.local_day(now),
        last=asked.last or sla.local_day(now),
        category=wanted.category,
        party=asked.party,
        whole=counted.sees_all(staff, wanted.compound_id),
        figures=[
            _hours(session, staff, wanted, one, asked, now, opened)
            if one.unit is Unit.HOURS
            else _figure(one, found[one.key], asked, opened)
            for one in figures.table().figures
        ],
    )


def charts(session: ReadSession, staff: Staff, asked: Asked, now: datetime) -> ChartsView:
    """The same with its parts: by class, and by week of the due instant. Raises as `stats`."""
    view = stats(session, staff, asked, now)
    asked, wanted = _wanted(session, staff, asked, now)
    opened = counted.opened(staff, wanted.compound_id)
    axis = "category" if wanted.category else "top"
    lines = counted.by(session, staff, wanted, now, axis, BY_CLASS)
    days = counted.by(session, staff, wanted, now, "day", ("on_time",))
    return ChartsView(
        stats=view,
        classes=[_line(code, found, asked, opened) for code, found in lines.items()],
        weeks=_weeks(
            {_EPOCH + timedelta(days=day): found["on_time"] for day, found in days.items()}, single="on_time" in opened
        ),
    )


def tickets(
    session: ReadSession,
    staff: Staff,
    asked: Asked,
    key: str,
    now: datetime,
    *,
    part: str = "base",
    cursor: str | None = None,
    limit: int = 20,
) -> QueueView:
    """The tickets behind a figure: `over`, `base`, or `rest`, which is between. Raises as `stats`.

    NotFoundError for no such figure; VerbNotYoursError for whoever gets totals only.
    """
    if key not in {one.key for one in figures.table().figures}:
        raise NotFoundError(refusals.say("figure_unknown"))
    asked, wanted = _wanted(session, staff, asked, now)
    if key not in counted.opened(staff, wanted.compound_id):
        raise VerbNotYoursError(refusals.say("figure_totals_only"))
    after = None
    if cursor:
        due, row = unpack(cursor, 2)
        after = (instant(due), number(row))
    rows = counted.behind(session, staff, wanted, now, key, part, after, limit + 1)
    page, more = rows[:limit], len(rows) > limit
    last = page[-1].ticket if page else None
    return QueueView(
        items=access.queue_items(session, page, now),
        next_cursor=pack(last.due_at.isoformat(), last.id) if more and last else None,
    )


def opens_tickets(staff: Staff, compound_id: int) -> bool:
    """Whether this account's figures are made of tickets that it may open, one by one."""
    return counted.counts_single_tickets(staff, compound_id)


def parties(staff: Staff, compound: str) -> list[Role]:
    """Whose figures this account may ask for: all for the grid head and the secretary, else its own."""
    roles = {seat.role for seat in staff.seats if seat.compound == compound}
    return list(catalogue.default().titles) if roles & OVERSEES_PARTIES else sorted(roles)


def _wanted(session: ReadSession, staff: Staff, asked: Asked, now: datetime) -> tuple[Asked, Slice]:
    compound = registry.compound(session, staff, asked.compound)
    last = asked.last or sla.local_day(now)
    first = asked.first or last.replace(day=1)
    asked = asked._replace(first=first, last=last)
    if not first <= last <= first + LONGEST:
        raise InvalidError(errors=[{"field": "to", "message": refusals.say("period_wrong")}])
    category = (asked.category or "").upper() or None
    single = counted.counts_single_tickets(staff, compound.id)
    if category and not _known(category):
        raise InvalidError(errors=[{"field": "category", "message": refusals.say("category_unknown")}])
    if category and "-" in category and not single:
        raise VerbNotYoursError(refusals.say("figure_classes_only"))
    if asked.party and asked.party not in parties(staff, compound.code):
        raise VerbNotYoursError(refusals.say("figure_of_a_party"))
    start, end = counted.period(first, last)
    return asked, Slice(compound.id, start, end, category, asked.party)


def _known(category: str) -> bool:
    known = catalogue.default()
    return category in {top.code for top in known.tops} | {leaf.code for leaf in known.leaves}


def _figure(one: Formula, found: Count, asked: Asked, opened: frozenset[str]) -> FigureView:
    """One figure; out of fewer than ten it is for those alone who may open the tickets behind it."""
    shown = one.key in opened or found.base >= figures.table().smallest_base
    return FigureView(
        key=one.key,
        name=one.name,
        group=one.group,
        unit=one.unit,
        numerator=found.over if shown else None,
        denominator=found.base if shown else None,
        share=figures.share(found.over, found.base) if one.unit is Unit.SHARE else None,
        formula=one.words,
        tickets=asked.address(one.key) if one.key in opened else None,
    )


def _hours(
    session: ReadSession, staff: Staff, wanted: Slice, one: Formula, asked: Asked, now: datetime, opened: frozenset[str]
) -> FigureView:
    seconds, base = counted.seconds_to_done(session, staff, wanted, now, one.percent)
    enough = base >= figures.table().smallest_base
    view = _figure(one, Count(base, base), asked, opened)
    return view.model_copy(update={"hours": round(seconds / 3600, 1) if enough else None})


def _line(code: str, found: Mapping[str, Count], asked: Asked, opened: frozenset[str]) -> LineView:
    known, formulas = catalogue.default(), {one.key: one for one in figures.table().figures}
    narrowed = asked._replace(category=code)
    views = {key: _figure(formulas[key], count, narrowed, opened) for key, count in found.items()}
    return LineView(code=code, name=known.leaf(code).name if "-" in code else known.top(code).name, figures=views)


def _weeks(days: Mapping[date, Count], *, single: bool) -> list[DayView]:
    """By week, Monday first; weeks in which nothing fell due stay in between."""
    mondays = {day: day - timedelta(days=day.weekday()) for day in days}
    if not mondays:
        return []
    first, last = min(mondays.values()), max(mondays.values())
    weeks = [first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, _WEEK)]
    sums = {week: [days[day] for day, monday in mondays.items() if monday == week] for week in weeks}
    found = [DayView(first=w, base=sum(c.base for c in cs), over=sum(c.over for c in cs)) for w, cs in sums.items()]
    least = figures.table().smallest_base
    return [week if single or week.base >= least else DayView(first=week.first, base=0, over=0) for week in found]
