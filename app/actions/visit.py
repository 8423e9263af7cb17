"""Visits and greeting calls: planned by the grid head, made by whoever was asked to, ended at one word."""

from datetime import date, datetime

from app import access, outbox
from app.access import Staff, visits
from app.access.visits import Visited
from app.actions import desk_intake
from app.db import WriteSession
from app.errors import InvalidError, NotFoundError
from app.models.visit import Visit, VisitPlan
from app.rules import refusals, routing, sla
from app.rules import visits as rules
from app.rules.vocabulary import Role, VisitKind, VisitResult
from app.rules.workdays import DAY
from app.schemas.intake import DeskTicketIn
from app.schemas.ticket import SubmittedView
from app.schemas.visit import VisitPlanIn, VisitPlanView, VisitResultIn, VisitRevealed, VisitRevealIn


def plan(session: WriteSession, staff: Staff, form: VisitPlanIn, *, now: datetime) -> VisitPlanView:
    """安排走访: puts somebody who agreed to it on the list of a visitor who is in office in the compound.

    Raises NotFoundError for whoever does not head the grid, and InvalidError (person, visitor, next_on, ends_on).
    """
    at = access.here(session, staff.compounds(), form.compound, form.stairwell)
    if not visits.heads_grid(staff, at.compound.id):
        raise NotFoundError
    known = visits.visitors(session, at.compound.id, now)
    visitor = next((account for account, view in known.items() if view.username == form.visitor), None)
    first, last = form.next_on or sla.local_day(now), form.ends_on or sla.local_day(now) + rules.LONGEST_PLAN
    wrong = _wrong(form, first, last, sla.local_day(now))
    if visitor is None:
        wrong["visitor"] = refusals.say("visitor_not_in_office")
    if wrong or visitor is None:
        raise InvalidError(errors=[{"field": field, "message": message} for field, message in wrong.items()])
    found = VisitPlan(
        compound_id=at.compound.id,
        stairwell_id=at.stairwell.id,
        kind=form.kind,
        consent=form.consent,
        every_days=form.every_days,
        next_on=first.isoformat(),
        visitor_id=visitor,
        ends_at=sla.end_of(last),
        created_by=staff.account_id,
        created_at=now,
    )
    person = form.person
    visits.put_plan(session, found, Visited(person.name or "", person.phone, person.room, form.reason))
    return _view(session, staff, found, now)


def result(session: WriteSession, staff: Staff, plan_id: int, form: VisitResultIn, *, now: datetime) -> VisitPlanView:
    """记结果: how it went, and when the next one is; the grid head is told where nobody was there twice in a row.

    Raises NotFoundError, InvalidError(ticket) for a number that this account did not record in this compound.
    """
    found = visits.visit_plan(session, staff, plan_id, now, lock=True)
    ticket = visits.recorded_for(session, staff, found, form.ticket) if form.ticket else None
    if form.ticket and ticket is None:
        raise InvalidError(errors=[{"field": "ticket", "message": refusals.say("visit_ticket_unknown")}])
    _write_down(session, staff, found, form, ticket, now)
    return _view(session, staff, found, now)


def take_down(session: WriteSession, staff: Staff, plan_id: int, form: DeskTicketIn, *, now: datetime) -> SubmittedView:
    """有事要办: records the matter and keeps its number with the visit. Raises what both of them raise."""
    found = visits.visit_plan(session, staff, plan_id, now, lock=True)
    view = desk_intake.record(session, staff, form, now=now)
    ticket = visits.recorded_for(session, staff, found, view.number)
    if ticket is None:
        raise InvalidError(errors=[{"field": "place", "message": refusals.say("visit_ticket_elsewhere")}])
    _write_down(session, staff, found, VisitResultIn(result=VisitResult.NEEDS_HELP), ticket, now)
    return view


def end(session: WriteSession, staff: Staff, plan_id: int, *, now: datetime) -> VisitPlanView:
    """结束: at one word of the person, by the visitor or the grid head. Raises NotFoundError."""
    found = visits.visit_plan(session, staff, plan_id, now, lock=True)
    found.ended_at = now
    return _view(session, staff, found, now)


def reveal(session: WriteSession, staff: Staff, plan_id: int, form: VisitRevealIn, *, now: datetime) -> VisitRevealed:
    """查看明文, every time with a line in the access log. Raises NotFoundError."""
    found = visits.visit_plan(session, staff, plan_id, now)
    return VisitRevealed(**visits.look_at_person(session, staff, found, form.fields, now))


def _write_down(
    session: WriteSession, staff: Staff, found: VisitPlan, form: VisitResultIn, ticket: int | None, now: datetime
) -> None:
    today = sla.local_day(now)
    again_today = form.result is VisitResult.NOT_HOME and found.next_on > today.isoformat()
    visit = Visit(plan_id=found.id, at=now, account_id=staff.account_id, result=form.result, ticket_id=ticket)
    visits.put_visit(session, found, visit, form.note)
    found.misses = found.misses if again_today else rules.misses(form.result, found.misses)
    found.next_on = rules.next_on(form.result, today, found.every_days).isoformat()
    missed = not again_today and rules.is_missed(form.result, found.misses)
    if missed or rules.is_help_wanted(form.result, has_ticket=ticket is not None):
        template = "visit_missed" if missed else "visit_help"
        for seat_id in _grid_seats(session, found, now):
            outbox.put_to_desk(session, template, seat_id, now)


def _grid_seats(session: WriteSession, found: VisitPlan, now: datetime) -> list[int]:
    """The grid head's seat at the person's place; every one of the compound where nobody is in office there."""
    seats = access.roster(session, found.compound_id)
    grid = routing.seat_for(Role.GRID_HEAD, visits.spot_of(session, found), seats, now)
    return [grid[0].id] if grid else [seat.id for seat in seats if seat.role is Role.GRID_HEAD]


def _wrong(form: VisitPlanIn, first: date, last: date, today: date) -> dict[str, str]:
    wrong = {}
    if not form.person.name:
        wrong["person.name"] = refusals.say("visit_needs_a_name")
    if form.kind is VisitKind.GREETING_CALL and not form.person.phone:
        wrong["person.phone"] = refusals.say("greeting_needs_a_phone")
    if not today <= first <= today + rules.LONGEST_DAYS * DAY:
        wrong["next_on"] = refusals.say("first_visit_out_of_range")
    if not first <= last <= today + rules.LONGEST_PLAN:
        wrong["ends_on"] = refusals.say("visits_end_too_late")
    return wrong


def _view(session: WriteSession, staff: Staff, found: VisitPlan, now: datetime) -> VisitPlanView:
    session.flush()
    return visits.visit_views(session, staff, [found], now)[0]
