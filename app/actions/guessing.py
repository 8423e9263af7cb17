"""What people say to a guess: the reporter picks the class after all, the grid head takes the slip back."""

from datetime import datetime

from app import access, history
from app.access import ReceiptKey, ReporterKey, Staff
from app.actions import dispatching, intake
from app.actions.admission import Lane
from app.actions.stepping import advance
from app.actions.work import TRIAGERS, Work
from app.db import WriteSession
from app.errors import InvalidError
from app.models.ticket import Ticket
from app.rules import catalogue, privacy, refusals, router_model
from app.rules.catalogue import Leaf
from app.rules.routing import Spot
from app.rules.vocabulary import CategorySource, Complexity, Side, Verb
from app.rules.workflow import Hat
from app.schemas.desk import DeskTicket
from app.schemas.ticket import CategoryIn, TicketView

_REPORTER = frozenset({Hat.REPORTER})


def choose(session: WriteSession, key: ReporterKey | ReceiptKey, form: CategoryIn, *, now: datetime) -> TicketView:
    """是这一类吗？ Asked once, of whoever reported what nobody could be sure about; then it goes where it belongs.

    The promise stays as it was given, unless the leaf is an emergency. Raises NotFoundError, IllegalVerbError(verbs),
    InvalidError (category).
    """
    ticket = access.own_ticket(session, key, lock=True)
    leaf = _leaf(form.category)
    facts = access.standing(session, ticket, now)
    avoid = frozenset(Side(side) for side in ticket.avoid)
    spot = Spot(ticket.building_id, ticket.stairwell_id)
    routed = dispatching.route(session, ticket.compound_id, leaf, spot, avoid, now, submitted=ticket.submitted_at)
    urgent = leaf.complexity is Complexity.EMERGENCY
    said = {
        "before": {"category": ticket.category},
        "category": leaf.code,
        "complexity": Complexity.EMERGENCY if urgent else ticket.complexity,
        "lead": routed.reason(),
        "model": router_model.in_use().version,
    }
    advance(session, ticket, Verb.CHOOSE, facts, _REPORTER, history.REPORTER, now, said=said)
    ticket.category, ticket.category_source = leaf.code, CategorySource.REPORTER
    _hide(ticket, leaf, avoid)
    decision = routed.decision
    ticket.lead_seat_id, ticket.lead_role, ticket.lead_note = decision.seat_id, decision.role, decision.note
    session.flush()
    first = history.said(session, ticket, Verb.SUBMIT)[0]
    if first.get("lane", Lane.NORMAL) == Lane.NORMAL:
        intake.auto_assign(session, ticket, routed, now)
    if urgent:
        intake.tell_emergency(session, ticket, leaf, now)
    session.flush()
    return access.ticket_view(session, ticket, now)


def take_back(session: WriteSession, staff: Staff, number: str, *, now: datetime) -> DeskTicket:
    """撤回派单: the slip that went out by itself is called off while nobody has taken it, and a person looks first."""
    work = Work(session, staff, number, Verb.TAKE_BACK, now)
    work.step(Verb.TAKE_BACK, TRIAGERS, said={"lead_role": work.ticket.lead_role})
    work.call_off_slips()
    return work.view()


def _hide(ticket: Ticket, leaf: Leaf, avoid: frozenset[Side]) -> None:
    """What was hidden by a guess stays hidden until a person has triaged; what the pick adds is hidden too."""
    hidden = privacy.exclusion(leaf, [], avoid)
    ticket.hidden_grid = ticket.hidden_grid or hidden.grid
    ticket.hidden_property = ticket.hidden_property or hidden.property
    ticket.hidden_self_mgmt = ticket.hidden_self_mgmt or hidden.self_mgmt
    ticket.shielded = ticket.shielded or hidden.shielded


def _leaf(code: str) -> Leaf:
    try:
        return catalogue.default().leaf(code.upper())
    except catalogue.UnknownCategoryError as error:
        raise InvalidError(errors=[{"field": "category", "message": refusals.say("category_unknown")}]) from error
