"""Why a ticket came to whoever leads it, and how sure the guess was: the reasons that the desk shows."""

from collections.abc import Sequence
from typing import Any

from app.access.rule_view import ground_of, leads, says
from app.db import ReadSession
from app.models.event import Event
from app.models.ticket import Ticket
from app.rules import bands, catalogue, wording
from app.rules.bands import Band
from app.rules.routing_rules import Rule
from app.rules.vocabulary import Role, Verb
from app.schemas.desk import RoutingView, TopRef

_ROUTED = frozenset({Verb.SUBMIT, Verb.CHOOSE, Verb.TRIAGE, Verb.ASSIGN})


def routing_view(session: ReadSession, ticket: Ticket, events: Sequence[Event]) -> RoutingView:
    """The reason of the last decision about the lead, and what was guessed at the beginning."""
    routed = [event for event in events if event.verb in _ROUTED and "lead" in event.facts]
    first = next((event.facts for event in events if event.verb == Verb.SUBMIT), {})
    chance = first.get("probability")
    top = first.get("top")
    return RoutingView(
        **_why(session, ticket, routed[-1]) if routed else {},
        probability=chance,
        sureness=None if chance is None else bands.sureness(chance),
        band=Band(first["band"]) if first.get("band") else None,
        top=TopRef(code=top, name=catalogue.default().top(top).name) if top else None,
        model=first.get("model"),
        auto=any(event.verb == Verb.AUTO_ASSIGN for event in events)
        and all(event.verb != Verb.TAKE_BACK for event in events),
    )


def _why(session: ReadSession, ticket: Ticket, event: Event) -> dict[str, Any]:
    if event.verb == Verb.ASSIGN:
        return {"reason": wording.word("rule", "by_hand")}
    said = event.facts["lead"]
    numbers = "、".join(str(number) for number in said.get("passed", ()))
    passed = wording.word("rule", "passed").format(numbers=numbers) if numbers else None
    if not said.get("says"):
        lead = catalogue.default().title(Role(said["wanted"]))
        return {"reason": wording.word("rule", "usual").format(lead=lead), "passed": passed}
    ground, rule = ground_of(session, ticket.compound_id), Rule.model_validate(said["says"])
    reason = wording.word("rule", "reason").format(no=said["rule"], says=says(ground, rule), leads=leads(ground, rule))
    co = [str(seat) for seat in said.get("co", ())]
    return {"reason": reason, "rule": said["rule"], "co": co, "passed": passed}
