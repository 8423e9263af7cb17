"""Every write that a reporter makes. One verb, one function; no commit, no HTTP, no sending."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import access, history
from app.access import ReceiptKey, ReporterKey, Scanned, grants
from app.actions import case, escalating, intake, judging
from app.actions.stepping import advance
from app.db import WriteSession
from app.errors import UrgeTooEarlyError
from app.rules import catalogue, rights, urging, workflow
from app.rules.limits import Asker
from app.rules.vocabulary import OPEN_SLIP, Role, SlipStatus, Status, Verb
from app.rules.workflow import Door, Hat
from app.schemas.ticket import (
    InfoIn,
    ObjectionIn,
    RatingIn,
    SubmittedView,
    TicketIn,
    TicketView,
    UrgeView,
    WithdrawalIn,
)

OwnKey = ReporterKey | ReceiptKey
_REPORTER = frozenset({Hat.REPORTER})


def submit(
    session: WriteSession, form: TicketIn, *, device: str | None, now: datetime, asker: Asker | None = None
) -> SubmittedView:
    """下单. Stores the words sealed, the contact apart, routes, promises, and assigns where the rules allow it.

    Raises CodeUnknownError, CodeRevokedError, ConsentNeededError, InvalidError (category, photos, notice, elsewhere),
    and for an `asker` who does it too often TooManyError.
    """
    at = access.scanned(session, form.code)
    there: Scanned | None = at
    if form.elsewhere:
        there, words = access.beside(session, at, form.elsewhere)
        form = form.model_copy(update={"spot": " ".join(filter(None, (words, form.spot))) or None})
    placed = there is not None
    return intake.take_in(session, form, there or at, device=device, now=now, asker=asker, placed=placed)


def derived_secrets(session: WriteSession, answer: Mapping[str, Any]) -> dict[str, str]:
    """The secret and the receipt's path of a submitted ticket: made from a server key, stored nowhere."""
    return access.secrets_of(session.vault, str(answer["number"]), 1)


def urge(session: WriteSession, key: OwnKey, *, now: datetime) -> UrgeView:
    """催单. Never moves the due instant; says how loud it is (domain rules §2.6).

    Raises NotFoundError, IllegalVerbError(verbs), UrgeTooEarlyError(retry_after in seconds).
    """
    ticket = access.own_ticket(session, key, lock=True)
    facts = access.standing(session, ticket, now)
    workflow.step(Verb.URGE, facts, _REPORTER)
    allowed = access.next_urge_of(session, ticket)
    if allowed is not None and now < allowed:
        raise UrgeTooEarlyError(retry_after=int((allowed - now).total_seconds()) + 1, next_at=allowed)
    count = history.count(session, ticket, Verb.URGE) + 1
    done = urging.effect(count, ticket.due_at, now)
    said = {"count": count, "level": done.level, "escalate": done.escalate}
    advance(session, ticket, Verb.URGE, facts, _REPORTER, history.REPORTER, now, said=said)
    intake.tell_lead(session, ticket, "urged", now)
    if done.escalate:
        escalating.pressed(session, ticket, now)
    session.flush()
    return UrgeView(
        count=count,
        level=done.level,
        next_at=access.next_urge_of(session, ticket) or now,
        verbs=workflow.legal(facts, _REPORTER, Door.RESIDENT),
    )


def rate(session: WriteSession, key: OwnKey, form: RatingIn, *, now: datetime) -> TicketView:
    """评价. Solved or partly closes; not solved reopens, a second time it goes to the secretary (domain rules §2.6)."""
    ticket = access.own_ticket(session, key, lock=True)
    facts = access.standing(session, ticket, now)
    outcome = judging.outcome(session, ticket, form.solved)
    said = {"solved": form.solved, "stars": form.stars, "round": ticket.round}
    advance(
        session, ticket, Verb.RATE, facts, _REPORTER, history.REPORTER, now, outcome=outcome, words=form.text, said=said
    )
    judging.put_down(session, ticket, form.solved, form.stars, form.text, now)
    return access.ticket_view(session, ticket, now)


def info(session: WriteSession, key: OwnKey, form: InfoIn, *, now: datetime) -> TicketView:
    """补充情况: more words and photos; they stay raw until a person has looked at them.

    It answers a question, adds to an open matter, or, once within 15 days, reopens a closed one by a new fact.
    """
    ticket = access.own_ticket(session, key, lock=True)
    facts = access.standing(session, ticket, now)
    said = {"reopened": facts.status in workflow.CLOSED_OUT}
    advance(
        session,
        ticket,
        Verb.INFO,
        facts,
        _REPORTER,
        history.REPORTER,
        now,
        words=form.text,
        photos=form.photos,
        said=said,
    )
    access.take_photos(session, form.photos, ticket, now)
    if ticket.triaged_at is None and form.text:
        intake.widen_exclusion(ticket, form.text)
    template = "reopened" if ticket.status == Status.REOPENED else "submitted"
    intake.tell_role(session, ticket, Role.GRID_HEAD, template, now)
    session.flush()
    return access.ticket_view(session, ticket, now)


def object_to(session: WriteSession, key: OwnKey, form: ObjectionIn, *, now: datetime) -> TicketView:
    """有异议: against a rejection, once, within 7 days; the secretary reviews it (domain rules §2.1)."""
    ticket = access.own_ticket(session, key, lock=True)
    facts = access.standing(session, ticket, now)
    advance(session, ticket, Verb.OBJECT, facts, _REPORTER, history.REPORTER, now, words=form.text)
    intake.tell_role(session, ticket, Role.COMMITTEE_SECRETARY, "review", now)
    session.flush()
    return access.ticket_view(session, ticket, now)


def withdraw(session: WriteSession, key: OwnKey, form: WithdrawalIn, *, now: datetime) -> TicketView:
    """撤回. Open slips are called off with it; what endangers others goes on as a case that names nobody."""
    ticket = access.own_ticket(session, key, lock=True)
    facts = access.standing(session, ticket, now)
    goes_on = rights.goes_on(catalogue.default().leaf(ticket.category))
    said = {"goes_on": goes_on}
    if not goes_on:
        case.let_go(session, ticket, now)
    advance(session, ticket, Verb.WITHDRAW, facts, _REPORTER, history.REPORTER, now, words=form.reason, said=said)
    held = [slip for slip in access.slips_of(session, ticket) if slip.status in OPEN_SLIP]
    for slip in held:
        slip.status = SlipStatus.CANCELLED
    grants.close_doors(session, ticket, now)
    if goes_on:
        case.carry_on(session, ticket, held, now)
    session.flush()
    return access.ticket_view(session, ticket, now)
