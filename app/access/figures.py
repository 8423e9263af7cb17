"""The published figures (domain rules §2.8) counted in SQL, over the tickets that their viewer may see.

A ticket stands in a period by the due instant of its first round's main clock. Due at 24:00 belongs to that very day,
so periods are open at their start and closed at their end.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, case, false, func, inspect, or_, true, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.util import ClauseAdapter
from sqlmodel import SQLModel, col

from app.access.actors import Staff
from app.access.rows import Seen, seen, visible
from app.db import ReadSession
from app.models.clock import Clock as ClockRow
from app.models.event import Event
from app.models.rating import Rating
from app.models.ticket import Ticket
from app.rules import figures, sla
from app.rules.figures import Unit
from app.rules.privacy import MATRIX, Column, Grade, Item
from app.rules.vocabulary import Channel, Clock, Complexity, Role, Solved, Status, Verb

OWN_ROWS = frozenset({Column.GRID, Column.PROPERTY, Column.SELF_MGMT, Column.SECRETARY, Column.COMMUNITY})
"""Whoever has tickets of their own to look at; everybody else in the compound gets totals of all of them."""
JUDGEMENTS = frozenset({"solved", "satisfied", "coverage", "explained"})
"""What residents said of single matters: whoever may have a rating as an aggregate only opens none of these."""
RECURS_WITHIN = 30 * 86400
_DAY = 86400
_EAST = 8 * 3600  # Shanghai, all the year round
_FIRST = 1  # averages go by the first round; what came after is the redo's own figure
_SATISFIED = 4
_CLOSED = (Status.CLOSED, Status.CLOSED_UNRATED)
_NEVER_TAKEN_ON = (Status.TRANSFERRED, Status.MERGED, Status.REJECTED, Status.CLOSED_REJECTED)


class Slice(NamedTuple):
    """What is counted: one compound's tickets that fell due after `start` and up to `end`, narrowed further."""

    compound_id: int
    start: datetime
    end: datetime
    category: str | None = None  # a leaf or a top class
    lead: Role | None = None


class Count(NamedTuple):
    """How many out of how many."""

    over: int
    base: int


class epoch(FunctionElement[int]):  # noqa: N801 -- a SQL function is written small
    """Whole seconds since 1970 of an instant, on both databases."""

    type = Integer()
    inherit_cache = True
    name = "epoch"


@compiles(epoch)
def _epoch(element: epoch, compiler: Any, **kw: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **kw)})) AS BIGINT)"


@compiles(epoch, "sqlite")
def _epoch_in_sqlite(element: epoch, compiler: Any, **kw: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **kw)}) AS INTEGER)"


def counts_single_tickets(staff: Staff, compound_id: int) -> bool:
    """Whether this account's figures are made of tickets that it may open, one by one."""
    return any(seat.compound_id == compound_id and seat.column in OWN_ROWS for seat in staff.seats)


def opened(staff: Staff, compound_id: int) -> frozenset[str]:
    """The figures behind which this account may open the tickets, one by one; the others are totals to it."""
    if not counts_single_tickets(staff, compound_id):
        return frozenset()
    mine = {seat.column for seat in staff.seats if seat.compound_id == compound_id and seat.column in OWN_ROWS}
    reads = any(MATRIX[Item.RATING, column].grade is Grade.FULL for column in mine)
    return frozenset(one.key for one in figures.table().figures if reads or one.key not in JUDGEMENTS)


def sees_all(staff: Staff, compound_id: int) -> bool:
    """Whether every ticket of a compound is counted for this account."""
    whole = {Column.SECRETARY, Column.COMMUNITY}
    mine = {seat.column for seat in staff.seats if seat.compound_id == compound_id}
    return bool(mine & whole) or not counts_single_tickets(staff, compound_id)


def counts(session: ReadSession, staff: Staff, wanted: Slice, now: datetime) -> dict[str, Count]:
    """Every figure in shares and counts, by key."""
    keys = [one.key for one in figures.table().figures if one.unit is not Unit.HOURS]
    flags = _flags(staff, wanted, now, keys).subquery()
    sums = [func.coalesce(func.sum(flags.c[f"{key}_{part}"]), 0) for key in keys for part in ("over", "base")]
    row = session.execute(select_columns(*sums).execution_options(scope="figures")).one()
    return {key: Count(int(row[2 * place]), int(row[2 * place + 1])) for place, key in enumerate(keys)}


def count_of(session: ReadSession, staff: Staff, wanted: Slice, now: datetime, key: str) -> Count:
    """One figure in shares and counts."""
    flags = _flags(staff, wanted, now, [key]).subquery()
    sums = [func.coalesce(func.sum(flags.c[f"{key}_{part}"]), 0) for part in ("over", "base")]
    row = session.execute(select_columns(*sums).execution_options(scope="figures")).one()
    return Count(int(row[0]), int(row[1]))


def seconds_to_done(session: ReadSession, staff: Staff, wanted: Slice, now: datetime, percent: int) -> tuple[int, int]:
    """How long it took at a percentage of what is done, in seconds, and how many are done; 0 where none is."""
    flags = _flags(staff, wanted, now, ["p50_hours"]).subquery()
    done = flags.c.p50_hours_base == 1
    base = session.execute(
        select_columns(func.count()).select_from(flags).where(done).execution_options(scope="figures")
    ).scalar_one()
    if not base:
        return 0, 0
    query = select_columns(flags.c.seconds).where(done).order_by(flags.c.seconds, flags.c.id)
    query = query.offset(figures.place_of(percent, base)).limit(1)
    return int(session.execute(query.execution_options(scope="figures")).scalar_one()), int(base)


def by(
    session: ReadSession, staff: Staff, wanted: Slice, now: datetime, axis: str, keys: Sequence[str]
) -> dict[Any, dict[str, Count]]:
    """Some figures per `top` (class), `category`, `lead_role` or `day` (of the due instant, counted from 1970)."""
    flags = _flags(staff, wanted, now, keys).subquery()
    sums = [func.coalesce(func.sum(flags.c[f"{key}_{part}"]), 0) for key in keys for part in ("over", "base")]
    query = select_columns(flags.c[axis], *sums).group_by(flags.c[axis]).order_by(flags.c[axis])
    return {
        row[0]: {key: Count(int(row[2 * n + 1]), int(row[2 * n + 2])) for n, key in enumerate(keys)}
        for row in session.execute(query.execution_options(scope="figures"))
    }


def behind(
    session: ReadSession,
    staff: Staff,
    wanted: Slice,
    now: datetime,
    key: str,
    part: str,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Seen]:
    """The tickets behind a figure, in the order of their due instants: `over`, `base`, or `rest`, which is between."""
    flags = _flags(staff, wanted, now, [key]).subquery()
    over, base = flags.c[f"{key}_over"], flags.c[f"{key}_base"]
    chosen = {"over": over > 0, "base": base > 0, "rest": base > over}[part]
    conditions = visible(staff)
    order = (col(Ticket.due_at), col(Ticket.id))
    query = select_columns(Ticket, *conditions.values()).where(
        col(Ticket.id).in_(select_columns(flags.c.id).where(chosen)), _seen_rows(staff, wanted.compound_id)
    )
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    rows = session.execute(query.order_by(*order).limit(limit).execution_options(scope="figures"))
    return [seen(row, list(conditions), staff) for row in rows]


def _seen_rows(staff: Staff, compound_id: int) -> ColumnElement[bool]:
    """One compound's tickets that this account may see; all of them for whoever gets nothing but totals."""
    here = col(Ticket.compound_id) == compound_id
    if not counts_single_tickets(staff, compound_id):
        return here
    return and_(here, or_(false(), *visible(staff).values()))


def _flags(staff: Staff, wanted: Slice, now: datetime, keys: Collection[str]) -> Select[Any]:
    """One row per ticket, with 0 or 1 (or 2, where a figure counts both its work and its promise) for each part."""
    main, first, promise, rating = _named(ClockRow), _named(ClockRow), _named(ClockRow), _named(Rating)
    due_in = lambda clock: and_(clock.due_at > wanted.start, clock.due_at <= wanted.end)  # noqa: E731
    visible_rows = _seen_rows(staff, wanted.compound_id)
    parts = _parts(main, first, promise, rating, due_in, visible_rows, now)
    done = case((promise.id.is_not(None), promise.stopped_at), else_=main.stopped_at)
    marks = [
        _count(condition).label(f"{key}_{part}")
        for key in keys
        for part, condition in zip(("over", "base"), parts[key], strict=True)
    ]
    columns: tuple[Any, ...] = (
        col(Ticket.id).label("id"),
        func.substr(col(Ticket.category), 1, 3).label("top"),
        col(Ticket.category).label("category"),
        col(Ticket.lead_role).label("lead_role"),
        ((epoch(main.due_at) - 1 + _EAST) // _DAY).label("day"),
        (epoch(done) - epoch(col(Ticket.submitted_at))).label("seconds"),
    )
    query = (
        select_columns(*columns, *marks)
        .select_from(Ticket)
        .join(main, main.id == _main_clock())
        .outerjoin(first, first.id == _oldest(Clock.FIRST_RESPONSE))
        .outerjoin(promise, promise.id == _oldest(Clock.PROMISE))
        .outerjoin(rating, rating.id == _newest_rating())
        .where(visible_rows, col(Ticket.id).in_(_due_tickets(wanted)))
    )
    if wanted.category:
        query = query.where(col(Ticket.category).startswith(wanted.category, autoescape=True))
    return query.where(col(Ticket.lead_role) == wanted.lead) if wanted.lead else query


def _parts(
    main: Any,  # noqa: ANN401 -- aliases of tables
    first: Any,  # noqa: ANN401
    promise: Any,  # noqa: ANN401
    rating: Any,  # noqa: ANN401
    due_in: Callable[[Any], ColumnElement[bool]],
    visible_rows: ColumnElement[bool],
    now: datetime,
) -> Mapping[str, tuple[Any, Any]]:
    """Per figure what is counted, and out of what; a pair of conditions is counted twice where both hold."""
    status = col(Ticket.status)
    assigned = _happened(Verb.ASSIGN, Verb.AUTO_ASSIGN)
    due = due_in(main)
    n = and_(due, _taken_on(assigned))
    simple = and_(n, main.kind == Clock.HANDLED, col(Ticket.complexity) != Complexity.EMERGENCY)
    complicated = and_(n, main.kind == Clock.CLEAR_REPLY)
    promised = and_(promise.id.is_not(None), promise.void.is_(False), due_in(promise), _taken_on(assigned))
    judged, closed = and_(n, rating.id.is_not(None)), status.in_(_CLOSED)
    done = case((promise.id.is_not(None), promise.stopped_at), else_=main.stopped_at)
    answerable = and_(judged, rating.explained.is_(False))
    refused = _happened(Verb.REJECT)
    waits = and_(main.due_at > now, main.stopped_at.is_(None), main.void.is_(False))
    on_the_day = (epoch(main.stopped_at) + _EAST) // _DAY == (epoch(col(Ticket.submitted_at)) + _EAST) // _DAY
    pairs: dict[str, tuple[Any, Any]] = {
        "n": (n, due),
        "not_due": (waits, n),
        "response": (_in_time(first), n),
        "same_day": (_in_time(main), simple),
        "strict_same_day": (on_the_day, simple),
        "clear_reply": (_in_time(main), complicated),
        "p50_hours": (done.is_not(None), and_(n, done.is_not(None))),
        "promise_kept": (_in_time(promise), promised),
        "solved": (rating.solved == Solved.YES, answerable),
        "satisfied": (rating.stars >= _SATISFIED, answerable),
        "coverage": (rating.id.is_not(None), and_(n, or_(rating.id.is_not(None), closed))),
        "explained": (rating.explained.is_(True), judged),
        "redone": (_later_round(), n),
        "urged": (_happened(Verb.URGE), n),
        "returned": (_happened(Verb.RETURN), and_(n, assigned)),
        "recurred": (_recurred(visible_rows), and_(n, closed)),
        "accessible": (col(Ticket.channel).in_((Channel.PHONE, Channel.VISIT)), n),
        "rejected": (refused, due),
        "overturned": (_decided(Status.ACCEPTED), and_(due, refused)),
        "self_checked": (col(Ticket.self_checked).is_(True), and_(n, col(Ticket.answered_at).is_not(None))),
    }
    parts: dict[str, tuple[Any, Any]] = {key: (and_(base, over), base) for key, (over, base) in pairs.items()}
    parts["p90_hours"] = parts["p50_hours"]
    same_day, kept = parts["same_day"], parts["promise_kept"]
    parts["on_time"] = ((same_day[0], kept[0]), (same_day[1], kept[1]))
    return parts


def _named(table: type[SQLModel]) -> Any:  # noqa: ANN401 -- fields of a table are typed as their values, not as columns
    """Another name for a table."""
    return aliased(table)


def _count(condition: Any) -> ColumnElement[int]:  # noqa: ANN401 -- a condition, or two that are counted apart
    if isinstance(condition, tuple):
        return _count(condition[0]) + _count(condition[1])
    return case((condition, 1), else_=0)


def _in_time(clock: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- an alias of a table
    """Stopped before it was due. A breach stays one, wherever the due instant has moved since."""
    return and_(clock.stopped_at < clock.due_at, clock.breached_at.is_(None))


def _main_clock() -> Any:  # noqa: ANN401 -- a scalar subquery
    """The clock that a ticket's first round is judged by: the first that counts of those for its work or clear reply.

    A clock that ended without counting stands in where it is the one of the ticket's own class.
    """
    clock = _named(ClockRow)
    complicated = col(Ticket.complexity) == Complexity.COMPLEX
    return (
        select_columns(func.min(clock.id))
        .where(
            clock.ticket_id == Ticket.id,
            clock.round == _FIRST,
            or_(
                and_(clock.kind == Clock.HANDLED, or_(clock.void.is_(False), ~complicated)),
                and_(clock.kind == Clock.CLEAR_REPLY, or_(clock.void.is_(False), complicated)),
            ),
        )
        .correlate(Ticket)
        .scalar_subquery()
    )


def _oldest(kind: Clock) -> Any:  # noqa: ANN401 -- a scalar subquery
    clock = _named(ClockRow)
    query = select_columns(func.min(clock.id)).where(
        clock.ticket_id == Ticket.id, clock.round == _FIRST, clock.kind == kind
    )
    return query.correlate(Ticket).scalar_subquery()


def _newest_rating() -> Any:  # noqa: ANN401 -- a scalar subquery
    """The first round's last judgement, whether the reporter gave it or said it on the telephone."""
    rating = _named(Rating)
    query = select_columns(func.max(rating.id)).where(rating.ticket_id == Ticket.id, rating.round == _FIRST)
    return query.correlate(Ticket).scalar_subquery()


def _due_tickets(wanted: Slice) -> Select[Any]:
    """Every ticket that has a clock due in the period; a first sieve that an index serves."""
    clock = _named(ClockRow)
    return select_columns(clock.ticket_id).where(
        clock.compound_id == wanted.compound_id,
        clock.due_at > wanted.start,
        clock.due_at <= wanted.end,
        clock.round == _FIRST,
        clock.kind.in_((Clock.HANDLED, Clock.CLEAR_REPLY, Clock.PROMISE)),
    )


def _taken_on(assigned: ColumnElement[bool]) -> ColumnElement[bool]:
    """What had to be done: not handed over, merged or rejected, nor withdrawn before anybody was sent."""
    status = col(Ticket.status)
    undecided = and_(_happened(Verb.OBJECT), ~_decided())
    return and_(
        status.not_in(_NEVER_TAKEN_ON),
        col(Ticket.merged_into_id).is_(None),  # answered together with the one that went on
        or_(status != Status.WITHDRAWN, assigned),
        or_(status != Status.REVIEW, ~undecided),
    )


def _happened(*verbs: Verb) -> ColumnElement[bool]:
    event = _named(Event)
    query = select_columns(event.id).where(event.ticket_id == Ticket.id, event.verb.in_(verbs))
    return query.correlate(Ticket).exists()


def _decided(outcome: Status | None = None) -> ColumnElement[bool]:
    """Whether the secretary has decided an objection, and so."""
    objection, decision = _named(Event), _named(Event)
    query = select_columns(decision.id).where(
        objection.ticket_id == Ticket.id,
        objection.verb == Verb.OBJECT,
        decision.ticket_id == Ticket.id,
        decision.verb == Verb.DECIDE,
        decision.id > objection.id,
        decision.status == outcome if outcome else true(),
    )
    return query.correlate(Ticket).exists()


def _later_round() -> ColumnElement[bool]:
    clock = _named(ClockRow)
    return select_columns(clock.id).where(clock.ticket_id == Ticket.id, clock.round > _FIRST).correlate(Ticket).exists()


def _recurred(visible_rows: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the same was reported from the same stairwell soon after the end. What one may not see tells nothing."""
    again = _named(Ticket)
    theirs: ColumnElement[bool] = ClauseAdapter(inspect(again).selectable).traverse(visible_rows)
    query = select_columns(again.id).where(
        again.stairwell_id == Ticket.stairwell_id,
        again.category == Ticket.category,
        again.id != Ticket.id,
        theirs,
        again.status.not_in((*_NEVER_TAKEN_ON, Status.WITHDRAWN)),
        again.submitted_at > Ticket.closed_at,
        epoch(again.submitted_at) - epoch(col(Ticket.closed_at)) <= RECURS_WITHIN,
    )
    return query.correlate(Ticket).exists()


def period(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants between which whatever is due on these local days, both included, falls due."""
    return sla.end_of(first - timedelta(days=1)), sla.end_of(last)
