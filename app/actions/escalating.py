"""One level up the chain without a person who decides it: by a clock, or by a resident who presses (§2.5, §2.6)."""

from datetime import datetime

from app import history
from app.actions import intake
from app.actions.stepping import advance
from app.db import WriteSession
from app.models.ticket import Ticket
from app.rules import chains, workflow
from app.rules.vocabulary import Status, Verb
from app.rules.workflow import Facts, Hat

SYSTEM = frozenset({Hat.SYSTEM})


def system_facts(ticket: Ticket) -> Facts:
    """As much of a ticket's standing as the system's own verbs ask for."""
    paused_from = Status(ticket.paused_from) if ticket.paused_from else None
    return Facts(Status(ticket.status), escalated_to=ticket.escalated_to, paused_from=paused_from)


def pressed(session: WriteSession, ticket: Ticket, now: datetime) -> None:
    """The next level hears of it, each level once: what a level has put down is not put back by pressing again."""
    reached = max((int(facts.get("level", 0)) for facts in history.said(session, ticket, Verb.ESCALATE)), default=0)
    level = max(reached, ticket.escalated_to) + 1
    if level > workflow.HIGHEST_LEVEL:
        return
    said = {"level": level, "why": "urged"}
    advance(session, ticket, Verb.ESCALATE, system_facts(ticket), SYSTEM, history.SYSTEM, now, said=said)
    ticket.escalated_to = level
    intake.tell_role(session, ticket, chains.LEVELS[level - 1], "escalated", now)
