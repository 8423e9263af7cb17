"""What people may ask of their data, and what goes on without it (domain rules §2.1 withdraw, §3.1, §3.3, §5)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.rules.catalogue import Leaf
from app.rules.vocabulary import Complexity, Flag


class Right(StrEnum):
    """What a reporter may ask for. Looking is no request of its own: the page is always open to them."""

    CORRECT = "correct"
    ERASE = "erase"
    RESTRICT = "restrict"
    LIFT = "lift"
    AGREE = "agree"
    WITHDRAW_CONSENT = "withdraw_consent"


class Outcome(StrEnum):
    """What came of it. `kept`: done, and a de-identified case goes on."""

    DONE = "done"
    KEPT = "kept"


class ConsentItem(StrEnum):
    """The consents of a reporter, each given and taken back by itself."""

    CONTACT = "contact"
    ADDRESS = "address"
    PUBLISH = "publish"


class Basis(StrEnum):
    """On what a door number is handed to somebody outside the three sides (domain rules §3.3)."""

    CONSENT = "consent"
    EMERGENCY = "emergency"


class RequestStatus(StrEnum):
    """How a look that needs the secretary's word stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


ANSWERED_WITHIN = timedelta(days=15)
"""The aim for what a person has to answer; never over thirty days. What the page does, it does at once."""

SHORTEST_GRANT, LONGEST_GRANT = 24, 72  # hours
APPROVAL_LIVES = timedelta(hours=24)

PUBLIC_SAFETY = frozenset({"UTL-02", "UTL-04", "SVC-02"})
"""Water, bare wires, food: leaves outside the top class of safety that are no emergency, and endanger others all the
same. Add a leaf here when somebody else comes to harm where it is dropped."""


def goes_on(leaf: Leaf) -> bool:
    """Whether a matter is looked after even when its reporter takes it back (domain rules §2.1 withdraw).

    Everything of the class of safety, every leaf that is an emergency by itself (not by the red button), what must be
    reported by law, and the leaves named above.
    """
    emergency = leaf.complexity is Complexity.EMERGENCY
    return leaf.parent == "SAF" or emergency or Flag.MANDATORY_REPORT in leaf.flags or leaf.code in PUBLIC_SAFETY


def grant_ends(hours: int, now: datetime) -> datetime:
    """When a door number is closed again. Raises ValueError outside a day to three."""
    if not SHORTEST_GRANT <= hours <= LONGEST_GRANT:
        raise ValueError("a grant lasts a day to three")
    return now + timedelta(hours=hours)


class GrantFacts(NamedTuple):
    """What decides whether a door number is shown now, as plain values."""

    until: datetime
    revoked: bool
    slip_open: bool
    restricted: bool


def grant_holds(grant: GrantFacts, now: datetime) -> bool:
    """A grant ends by itself, with its slip, when it is taken back, and while the reporter restricts their data."""
    ended = grant.revoked or grant.until <= now or not grant.slip_open
    return not (ended or grant.restricted)
