"""A compound's routing rules for those who look after it, and what other rules would have done."""

from collections.abc import Sequence
from datetime import datetime

from app import access
from app.access import Ground, Staff, registry
from app.db import ReadSession
from app.models.place import Compound
from app.models.ticket import Ticket
from app.queries.compound import changed
from app.rules import catalogue, routing
from app.rules.routing import Decision, Spot
from app.rules.routing_rules import Book, Rule
from app.rules.vocabulary import CategorySource, Role, Side
from app.schemas.routing_rule import DryRunView, MovedView, RulesIn, RulesView, RuleView
from app.schemas.ticket import CategoryRef

SEES_RULES = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.COMMUNITY, Role.ADMIN})
SETS_RULES = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
TRIED = 300


def rules(session: ReadSession, staff: Staff, code: str, now: datetime) -> RulesView:
    """The rows in force. Raises NotFoundError, VerbNotYoursError."""
    compound = _compound(session, staff, code)
    ground = access.ground_of(session, compound.id)
    return RulesView(
        **changed(access.last_version(session, compound, "rules")),
        compound=compound.code,
        name=compound.name,
        rules=access.rule_views(ground, access.rules_of(session, compound.id), now),
        may_set=bool(staff.roles_in(compound.id) & SETS_RULES),
    )


def draft(session: ReadSession, staff: Staff, code: str, now: datetime) -> list[RuleView] | None:
    """The rows that this account is working on; None where it has no draft."""
    compound = _compound(session, staff, code)
    mine = access.draft_of(session, staff, compound)
    if mine is None:
        return None
    rows = tuple(Rule.model_validate(row) for row in mine.rules)
    return access.rule_views(access.ground_of(session, compound.id), rows, now)


def dry_run(session: ReadSession, staff: Staff, code: str, form: RulesIn, now: datetime) -> DryRunView:
    """What these rows would have done with the last tickets that the viewer may see.

    Raises NotFoundError, VerbNotYoursError, InvalidError naming each field that does not fit.
    """
    compound = _compound(session, staff, code)
    ground = access.ground_of(session, compound.id)
    return _tried(session, staff, compound, ground, access.rules_from(ground, form.rules), now)


def dry_run_draft(session: ReadSession, staff: Staff, code: str, now: datetime) -> DryRunView | None:
    """What this account's draft would have done; None where it has none. Raises as `dry_run`."""
    compound = _compound(session, staff, code)
    mine = access.draft_of(session, staff, compound)
    if mine is None:
        return None
    rows = [Rule.model_validate(row) for row in mine.rules]
    ground = access.ground_of(session, compound.id)
    access.check_rules(ground, rows)
    return _tried(session, staff, compound, ground, rows, now)


def _compound(session: ReadSession, staff: Staff, code: str) -> Compound:
    compound = registry.compound(session, staff, code)
    access.overseeing(staff, compound, SEES_RULES)
    return compound


def _tried(
    session: ReadSession, staff: Staff, compound: Compound, ground: Ground, rows: Sequence[Rule], now: datetime
) -> DryRunView:
    """Today's roster for all of them: only the rules differ."""
    tickets = access.past_matters(session, staff, compound.id, TRIED)
    books = Book(access.rules_of(session, compound.id)), Book(tuple(rows))
    moved = []
    for ticket in tickets:
        before, after = (_decided(ticket, ground, book, now) for book in books)
        if (before.seat_id, before.role, before.co) != (after.seat_id, after.role, after.co):
            moved.append(_moved(ticket, before, after))
    return DryRunView(compound=compound.code, tried=len(tickets), changed=len(moved), items=moved)


def _decided(ticket: Ticket, ground: Ground, book: Book, now: datetime) -> Decision:
    leaf, spot = catalogue.default().leaf(ticket.category), Spot(ticket.building_id, ticket.stairwell_id)
    avoid = frozenset(Side(side) for side in ticket.avoid)
    return routing.decide(leaf, spot, ground.seats, avoid, now, book, at=ticket.submitted_at)


def _moved(ticket: Ticket, before: Decision, after: Decision) -> MovedView:
    known = catalogue.default()
    return MovedView(
        number=ticket.number,
        category=CategoryRef(
            code=ticket.category, name=known.leaf(ticket.category).name, source=CategorySource(ticket.category_source)
        ),
        submitted_at=ticket.submitted_at,
        before=before.title or known.title(before.role),
        after=after.title or known.title(after.role),
        rule_before=before.rule,
        rule_after=after.rule,
    )
