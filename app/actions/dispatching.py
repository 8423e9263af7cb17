"""Whose it is: the compound's own rules and the roster give one lead, and the reason is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app import access
from app.db import WriteSession
from app.rules import routing
from app.rules.catalogue import Leaf
from app.rules.routing import Decision, Spot
from app.rules.routing_rules import Rule
from app.rules.vocabulary import Side


class Routed(NamedTuple):
    """A decision, and the compound's own rule that made it."""

    decision: Decision
    rule: Rule | None

    def reason(self) -> Mapping[str, Any]:
        """Why it came to this seat, kept in the event; the rule as it stood then."""
        decision = self.decision
        said: dict[str, Any] = {
            "seat": decision.seat_id,
            "role": decision.role,
            "wanted": decision.wanted,
            "note": decision.note,
            "auto": decision.auto,
        }
        if decision.passed:
            said["passed"] = list(decision.passed)
        if self.rule is not None:
            said |= {"rule": decision.rule, "says": self.rule.stored, "co": list(decision.co)}
        return said


def route(
    session: WriteSession,
    compound_id: int,
    leaf: Leaf,
    spot: Spot,
    avoid: frozenset[Side],
    now: datetime,
    *,
    submitted: datetime | None = None,
) -> Routed:
    """Who leads this matter at this place; hours of a rule are those at which it came in."""
    book, seats = access.book_of(session, compound_id), access.roster(session, compound_id)
    decision = routing.decide(leaf, spot, seats, avoid, now, book, at=submitted)
    return Routed(decision, book.rules[decision.rule - 1] if decision.rule else None)
