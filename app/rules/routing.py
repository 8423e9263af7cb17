"""Who takes it: leaf × place × roster → one lead seat, or the grid head with a reason (domain rules §1, §2.1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.rules.catalogue import Leaf
from app.rules.vocabulary import SIDE_OF, Flag, PlaceKind, Role, Scope, Side

NEVER_AUTO = frozenset(
    {
        Flag.IDENTITY_SHIELD,
        Flag.CONFLICT_PROPERTY,
        Flag.CONFLICT_SELF_MGMT,
        Flag.CONFLICT_TARGET,
        Flag.SENSITIVE_PI,
        Flag.MANDATORY_REPORT,
    }
)
ANSWERED_WITHOUT_SLIP = frozenset({"SVC-09", "GOV-09", "GOV-98", "GOV-99"})
_NARROWNESS = {PlaceKind.STAIRWELL: 0, PlaceKind.BUILDING: 1, PlaceKind.COMPOUND: 2}


class Term(NamedTuple):
    """Half-open: in office from `starts` until just before `ends`; None is unbounded."""

    starts: datetime | None
    ends: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether the term runs at `now`."""
        return (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)


class SeatFacts(NamedTuple):
    """A seat as routing sees it. `deputy_term` is None where there is no deputy."""

    id: int
    role: Role
    title: str
    scope: PlaceKind
    building_id: int | None
    stairwell_id: int | None
    term: Term
    deputy_term: Term | None = None


class Spot(NamedTuple):
    """Where it happened."""

    building_id: int
    stairwell_id: int


class Decision(NamedTuple):
    """One lead. `note`: "" · deputy_acts · vacant (fell to the grid head) · nobody (no grid head either)."""

    seat_id: int | None
    role: Role
    title: str
    note: str
    wanted: Role
    auto: bool


def covers(seat: SeatFacts, spot: Spot) -> bool:
    """Whether a seat's scope contains the place."""
    if seat.scope is PlaceKind.STAIRWELL:
        return seat.stairwell_id == spot.stairwell_id
    return seat.scope is PlaceKind.COMPOUND or seat.building_id == spot.building_id


def seat_for(role: Role, spot: Spot, seats: Sequence[SeatFacts], now: datetime) -> tuple[SeatFacts, str] | None:
    """The seat of a role at a place, the narrowest first; a deputy stands in only where no seat is in term."""
    here = sorted((s for s in seats if s.role is role and covers(s, spot)), key=lambda s: (_NARROWNESS[s.scope], s.id))
    for seat in here:
        if seat.term.holds(now):
            return seat, ""
    for seat in here:
        if seat.deputy_term is not None and seat.deputy_term.holds(now):
            return seat, "deputy_acts"
    return None


def decide(leaf: Leaf, spot: Spot, seats: Sequence[SeatFacts], avoid: frozenset[Side], now: datetime) -> Decision:
    """Exactly one lead: the leaf's own seat, its deputy, else the grid head with a note."""
    found = seat_for(leaf.lead, spot, seats, now)
    auto = may_auto_assign(leaf, avoid)
    if found:
        return Decision(found[0].id, leaf.lead, found[0].title, found[1], leaf.lead, auto)
    fallback = seat_for(Role.GRID_HEAD, spot, seats, now)
    if fallback:
        auto = auto and Side.GRID_HEAD not in avoid
        return Decision(fallback[0].id, Role.GRID_HEAD, fallback[0].title, "vacant", leaf.lead, auto)
    return Decision(None, Role.GRID_HEAD, "", "nobody", leaf.lead, auto=False)


def may_auto_assign(leaf: Leaf, avoid: frozenset[Side]) -> bool:
    """Public leaves without a shield or a conflict, whose lead the reporter does not avoid (domain rules §2.1).

    Leaves that are answered without a slip wait for that answer.
    """
    if leaf.code in ANSWERED_WITHOUT_SLIP:
        return False
    return leaf.scope is Scope.PUBLIC and not leaf.flags & NEVER_AUTO and SIDE_OF.get(leaf.lead) not in avoid
