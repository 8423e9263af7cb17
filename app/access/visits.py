"""Who is looked after: the visitor and the grid head see a plan, nobody else knows that there is one.

A secretary gets figures. Names, telephones and doors are masked; a look at them is in the access log.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.access import looks
from app.access.actors import Staff, in_term
from app.access.looks import GIVEN, Looker
from app.access.rows import canonical_number, visible
from app.db import ReadSession, WriteSession
from app.errors import NotFoundError
from app.models.place import Building, Compound, Stairwell
from app.models.seat import Seat
from app.models.staff import Account, Grant
from app.models.ticket import Ticket
from app.models.visit import Visit, VisitPlan, plan_context, visit_context
from app.rules import privacy, refusals, sla
from app.rules.routing import Spot
from app.rules.vocabulary import RevealPurpose, Role, VisitKind, VisitReason, VisitResult
from app.schemas.place import PlaceView
from app.schemas.visit import VisitCounts, VisitorView, VisitPlanView, VisitView

_FEWEST_SHOWN = 3
_NO_ONE = refusals.say("visit_plan_gone")
_PURPOSE = {VisitKind.VISIT: RevealPurpose.VISIT, VisitKind.GREETING_CALL: RevealPurpose.CONTACT}


class Visited(NamedTuple):
    """What is known of a person who is looked after, in plain."""

    name: str
    phone: str | None
    room: str | None
    reason: VisitReason


def visit_plan(session: ReadSession, staff: Staff, plan_id: int, now: datetime, *, lock: bool = False) -> VisitPlan:
    """A running plan of this visitor or grid head. Raises NotFoundError for every other, and for one that ended."""
    query = select(VisitPlan).where(VisitPlan.id == plan_id, _theirs(staff), _running(now))
    if lock:
        query = query.with_for_update(key_share=True)
    found = session.exec(query.execution_options(scope="visits", populate_existing=lock)).one_or_none()
    if found is None:
        raise NotFoundError(_NO_ONE)
    return found


def visit_plans(
    session: ReadSession, staff: Staff, now: datetime, *, until: date | None, after: tuple[str, int] | None, limit: int
) -> list[VisitPlan]:
    """Running plans of this visitor or grid head by their next day; with `until` those that are due by then."""
    query = select(VisitPlan).where(_theirs(staff), _running(now))
    if until is not None:
        query = query.where(col(VisitPlan.next_on) <= until.isoformat())
    if after is not None:
        day, row = after
        query = query.where(
            or_(col(VisitPlan.next_on) > day, and_(col(VisitPlan.next_on) == day, col(VisitPlan.id) > row))
        )
    query = query.order_by(col(VisitPlan.next_on), col(VisitPlan.id)).limit(limit)
    return list(session.exec(query.execution_options(scope="visits")))


def has_visits(session: ReadSession, staff: Staff, now: datetime) -> bool:
    """Whether there is a list for this account: plans of its own, a grid to head, or figures to read."""
    if _compounds(staff, Role.GRID_HEAD, Role.COMMITTEE_SECRETARY):
        return True
    query = select(VisitPlan.id).where(_theirs(staff), _running(now)).limit(1)
    return session.exec(query.execution_options(scope="visits")).first() is not None


def spot_of(session: ReadSession, plan: VisitPlan) -> Spot:
    """Where the person lives, as routing sees it."""
    stairwell = session.exec(select(Stairwell).where(Stairwell.id == plan.stairwell_id)).one()
    return Spot(stairwell.building_id, stairwell.id)


def heads_grid(staff: Staff, compound_id: int) -> bool:
    """Whether this account plans the visits of a compound."""
    return compound_id in _compounds(staff, Role.GRID_HEAD)


def put_plan(session: WriteSession, plan: VisitPlan, person: Visited) -> None:
    """Stores a plan; the person and the reason are sealed, bound to the plan and the field."""
    session.add(plan)
    session.flush()

    def seal(field: str, plain: str) -> bytes:
        return session.vault.seal(plain, plan_context(plan.id, field))

    plan.name_sealed, plan.reason_sealed = seal("name", person.name), seal("reason", person.reason)
    plan.phone_sealed = seal("phone", person.phone) if person.phone else None
    plan.room_sealed = seal("room", person.room) if person.room else None
    session.flush()


def put_visit(session: WriteSession, plan: VisitPlan, visit: Visit, note: str | None) -> None:
    """Stores how a visit went, the note sealed."""
    visit.note_sealed = session.vault.seal(note, visit_context(plan.id)) if note else None
    session.add(visit)
    session.flush()


def recorded_for(session: ReadSession, staff: Staff, plan: VisitPlan, number: str) -> int | None:
    """The ticket with this number that this very account recorded in the plan's compound; None where there is none."""
    query = select(Ticket.id).where(
        Ticket.number == canonical_number(number),
        Ticket.compound_id == plan.compound_id,
        Ticket.recorded_by == staff.account_id,
    )
    return session.exec(query.execution_options(scope="recorded")).one_or_none()


def look_at_person(
    session: WriteSession, staff: Staff, plan: VisitPlan, fields: Sequence[str], now: datetime
) -> Mapping[str, str | None]:
    """The plain fields (name, phone, room), and a line in the access log."""
    role = Role.GRID_HEAD if heads_grid(staff, plan.compound_id) else min(staff.roles_in(plan.compound_id))
    who, purpose = Looker(staff.account_id, role), _PURPOSE[VisitKind(plan.kind)]
    looks.append_line(session, plan.compound_id, None, who, fields, purpose, GIVEN, now, {"visit_plan": plan.id})
    person = _opened(session, plan)
    return {field: getattr(person, field) for field in fields}


def visit_views(session: ReadSession, staff: Staff, plans: Iterable[VisitPlan], now: datetime) -> list[VisitPlanView]:
    """Plans as their visitor and the grid head read them, in a fixed number of statements."""
    listed = list(plans)
    places, names = _places(session, listed), _names(session, listed)
    last, today = _last_visits(session, staff, listed), sla.local_day(now)
    views = []
    for plan in listed:
        person, (compound, building, stairwell) = _opened(session, plan), places[plan.stairwell_id]
        views.append(
            VisitPlanView(
                id=plan.id,
                kind=VisitKind(plan.kind),
                compound=compound.code,
                stairwell=stairwell.code,
                place=PlaceView(
                    compound=compound.name,
                    building=building.name,
                    stairwell=stairwell.name,
                    label=building.name + stairwell.name,
                ),
                name=privacy.masked_name(person.name),
                phone=privacy.masked_phone(person.phone) if person.phone else None,
                has_room=bool(person.room),
                reason=person.reason,
                every_days=plan.every_days,
                next_on=date.fromisoformat(plan.next_on),
                overdue=plan.next_on < today.isoformat(),
                misses=plan.misses,
                visitor=names[plan.visitor_id],
                mine=plan.visitor_id == staff.account_id,
                ends_at=plan.ends_at,
                ended_at=plan.ended_at,
                last=last.get(plan.id),
            )
        )
    return views


def visit_counts(session: ReadSession, staff: Staff, since: datetime, now: datetime) -> list[VisitCounts]:
    """Figures of the compounds that this account heads or is secretary of; who is behind them stays unsaid."""
    mine = sorted(_compounds(staff, Role.GRID_HEAD, Role.COMMITTEE_SECRETARY))
    if not mine:
        return []
    today = sla.local_day(now).isoformat()
    due = func.coalesce(func.sum(case((col(VisitPlan.next_on) <= today, 1), else_=0)), 0)
    plans = (
        select_columns(col(VisitPlan.compound_id), func.count(), due)
        .where(col(VisitPlan.compound_id).in_(mine), _running(now))
        .group_by(col(VisitPlan.compound_id))
    )
    made = (
        select_columns(col(VisitPlan.compound_id), col(Visit.result), func.count())
        .join(VisitPlan, col(VisitPlan.id) == col(Visit.plan_id))
        .where(col(VisitPlan.compound_id).in_(mine), col(Visit.at) >= since)
        .group_by(col(VisitPlan.compound_id), col(Visit.result))
    )
    running = {row[0]: (row[1], row[2]) for row in session.execute(plans.execution_options(scope="visit counts"))}
    results: dict[int, dict[str, int]] = {compound: {} for compound in mine}
    for compound, result, count in session.execute(made.execution_options(scope="visit counts")):
        results[compound][result] = count
    named = session.exec(select(Compound).where(col(Compound.id).in_(mine)).order_by(col(Compound.code)))
    return [
        VisitCounts(
            compound=compound.name,
            plans=_few(running.get(compound.id, (0, 0))[0]),
            due=_few(running.get(compound.id, (0, 0))[1]),
            visits=_few(sum(results[compound.id].values())),
            not_home=_few(results[compound.id].get(VisitResult.NOT_HOME, 0)),
            needs_help=_few(results[compound.id].get(VisitResult.NEEDS_HELP, 0)),
        )
        for compound in named
    ]


def visitors(session: ReadSession, compound_id: int, now: datetime) -> dict[int, VisitorView]:
    """Accounts in office in a compound, by id: whoever may be asked to look after somebody."""
    in_office = or_(
        and_(col(Grant.deputy).is_(False), in_term(col(Seat.starts_at), col(Seat.ends_at), now)),
        and_(col(Grant.deputy).is_(True), in_term(col(Seat.deputy_starts_at), col(Seat.deputy_ends_at), now)),
    )
    rows = session.exec(
        select(Account, Seat.title)
        .join(Grant, col(Grant.account_id) == col(Account.id))
        .join(Seat, col(Seat.id) == col(Grant.seat_id))
        .where(
            Seat.compound_id == compound_id,
            col(Account.disabled_at).is_(None),
            in_office,
            in_term(col(Grant.starts_at), col(Grant.ends_at), now),
        )
        .order_by(col(Account.id), col(Seat.id))
    )
    found: dict[int, VisitorView] = {}
    for account, title in rows:
        before = found[account.id].titles if account.id in found else []
        found[account.id] = VisitorView(username=account.username, name=account.name, titles=[*before, title])
    return found


def _theirs(staff: Staff) -> ColumnElement[bool]:
    """A visitor who is out of office in the compound is no visitor there any more."""
    own = and_(col(VisitPlan.visitor_id) == staff.account_id, col(VisitPlan.compound_id).in_(sorted(staff.compounds())))
    return or_(col(VisitPlan.compound_id).in_(sorted(_compounds(staff, Role.GRID_HEAD))), own)


def _running(now: datetime) -> ColumnElement[bool]:
    return and_(col(VisitPlan.ended_at).is_(None), col(VisitPlan.ends_at) > now)


def _compounds(staff: Staff, *roles: Role) -> set[int]:
    return {seat.compound_id for seat in staff.seats if seat.role in roles}


def _opened(session: ReadSession, plan: VisitPlan) -> Visited:
    def opened(field: str, sealed: bytes) -> str:
        return session.vault.open(sealed, plan_context(plan.id, field))

    return Visited(
        opened("name", plan.name_sealed),
        opened("phone", plan.phone_sealed) if plan.phone_sealed else None,
        opened("room", plan.room_sealed) if plan.room_sealed else None,
        VisitReason(opened("reason", plan.reason_sealed)),
    )


def _places(session: ReadSession, plans: list[VisitPlan]) -> dict[int, tuple[Compound, Building, Stairwell]]:
    rows = session.exec(
        select(Compound, Building, Stairwell)
        .join(Building, col(Building.compound_id) == col(Compound.id))
        .join(Stairwell, col(Stairwell.building_id) == col(Building.id))
        .where(col(Stairwell.id).in_(sorted({plan.stairwell_id for plan in plans})))
    )
    return {stairwell.id: (compound, building, stairwell) for compound, building, stairwell in rows}


def _names(session: ReadSession, plans: list[VisitPlan]) -> dict[int, str]:
    rows = session.exec(select(Account).where(col(Account.id).in_(sorted({plan.visitor_id for plan in plans}))))
    return {account.id: account.name for account in rows}


def _last_visits(session: ReadSession, staff: Staff, plans: list[VisitPlan]) -> dict[int, VisitView]:
    """The newest visit of each plan. A ticket's number is there for whoever recorded it or may see it anyway."""
    open_to = or_(col(Ticket.recorded_by) == staff.account_id, *visible(staff).values())
    newest = (
        select(func.max(Visit.id))
        .where(col(Visit.plan_id).in_([plan.id for plan in plans]))
        .group_by(col(Visit.plan_id))
    )
    rows = session.execute(
        select_columns(Visit, col(Account.name), case((open_to, col(Ticket.number))))
        .join(Account, col(Account.id) == col(Visit.account_id))
        .join(Ticket, col(Ticket.id) == col(Visit.ticket_id), isouter=True)
        .where(col(Visit.id).in_(newest))
        .execution_options(scope="visits")
    )
    return {
        visit.plan_id: VisitView(
            at=visit.at,
            by=name,
            result=VisitResult(visit.result),
            note=session.vault.open(visit.note_sealed, visit_context(visit.plan_id)) if visit.note_sealed else None,
            ticket=number,
        )
        for visit, name, number in rows
    }


def _few(count: int) -> str:
    return str(count) if count == 0 or count >= _FEWEST_SHOWN else f"<{_FEWEST_SHOWN}"
