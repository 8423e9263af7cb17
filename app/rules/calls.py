"""Who is called, why, until when, and when one stops trying (domain rules §2.6, §5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.rules import sla
from app.rules.vocabulary import CallReason, CallStatus, Channel, Role, Solved, Status, Verb
from app.rules.workdays import DAY

TELLS = frozenset({Verb.ANSWER, Verb.REPLY, Verb.CONFIRM, Verb.REJECT, Verb.TRANSFER_OUT, Verb.NEED_INFO, Verb.DECIDE})
"""What the desk says to the resident: somebody without a phone that scans hears it on the telephone."""

CONSENT_AFTERWARDS = "consent_afterwards"
"""Why the beneficiary of an emergency is called: what was reported for them is told to them afterwards (PIPL 18(2))."""

UNSCANNED = frozenset({Channel.PHONE, Channel.VISIT})
CALLABLE = frozenset({Status.ANSWERED, Status.CLOSED, Status.CLOSED_UNRATED})
ENDED = frozenset({Status.WITHDRAWN, Status.MERGED})
CALLERS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.SELF_MGMT_HEAD})

HANDS_ON = frozenset(
    {
        Verb.TAKE,
        Verb.RETURN,
        Verb.PROGRESS,
        Verb.ASK,
        Verb.DRAFT_REPLY,
        Verb.DONE,
        Verb.ANSWER,
        Verb.REPLY,
        Verb.CONFIRM,
        Verb.SUBMIT,
    }
)
"""Whoever did one of these handled the matter, whichever seat they did it from: they do not ask how it went."""

HANDS_ON_AS_LEAD = frozenset({Verb.TRIAGE, Verb.ASSIGN})
"""Sending on, which makes a handler only of whoever did it from the seat that leads."""

RANDOM_PERCENT = 10
SELF_CHECKED_PERCENT = 30
MOST_TRIES = 3
LEAST_DAYS = 2
CALLBACK_DAYS = 2
LOW_STARS = 2
MOST_HOUSEHOLDS = 5


class Answered(NamedTuple):
    """What about an answered ticket decides whether it is called back. `draw` is 0–99 and always the same for one."""

    draw: int
    proxied: bool = False
    elder: bool = False
    emergency: bool = False
    self_checked: bool = False
    solved: Solved | None = None
    stars: int | None = None


def reason(facts: Answered) -> CallReason | None:
    """The strongest reason to call back; None where nobody calls."""
    chances = (
        (CallReason.LOW_STARS, facts.stars is not None and facts.stars <= LOW_STARS),
        (CallReason.PARTLY, facts.solved is Solved.PARTLY),
        (CallReason.PROXY, facts.proxied),
        (CallReason.ELDER, facts.elder),
        (CallReason.EMERGENCY, facts.emergency),
        (CallReason.SELF_CHECKED, facts.self_checked and facts.draw < SELF_CHECKED_PERCENT),
        (CallReason.RANDOM, facts.draw < RANDOM_PERCENT),
    )
    return next((found for found, holds in chances if holds), None)


def draw(digest: str) -> int:
    """0–99 out of a keyed digest: nobody who lacks the key can tell beforehand who is called."""
    return int(digest[:12], 16) % 100


def tell_due(now: datetime) -> datetime:
    """Until when somebody is to be told: the end of this day; after the cut-off, of the next."""
    day = sla.local_day(now)
    late = now.astimezone(sla.SHANGHAI).time() >= sla.CUT_OFF
    return sla.end_of(day + DAY if late else day)


def callback_due(now: datetime) -> datetime:
    """The end of the second day after: time for three tries on two days."""
    return sla.end_of(sla.local_day(now) + CALLBACK_DAYS * DAY)


def after_tries(tries: Sequence[datetime]) -> CallStatus:
    """Three tries on two days, and it counts as not reached; until then it stays to be done."""
    days = {sla.local_day(at) for at in tries}
    tried_enough = len(tries) >= MOST_TRIES and len(days) >= LEAST_DAYS
    return CallStatus.UNREACHED if tried_enough else CallStatus.OPEN


def longest_mandate(now: datetime) -> datetime:
    """The last instant a standing mandate may reach: the same day a year on, to its end."""
    day = sla.local_day(now)
    leap = (day.month, day.day) == (2, 29)
    return sla.end_of(day.replace(year=day.year + 1, day=28 if leap else day.day))
