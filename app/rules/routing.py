"""Who takes it: leaf × place × roster → one lead seat, or the grid head with a reason (domain rules §1, §2.1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.rules.catalogue import Leaf
from app.rules.routing_rules import OVERSEERS, Book, accused, barred, matches
from app.rules.vocabulary import SEATED, SIDE_OF, Flag, PlaceKind, Role, Scope, Side

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
_NO_RULES = Book()
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
    absent_until: datetime | None = None

    def filled(self, now: datetime) -> bool:
        """Whether somebody is in office: the holder, or a deputy."""
        return self.term.holds(now) or (self.deputy_term is not None and self.deputy_term.holds(now))


class Spot(NamedTuple):
    """Where it happened."""

    building_id: int
    stairwell_id: int


class Decision(NamedTuple):
    """One lead. `note`: "" · deputy_acts · overloaded · vacant (fell to the grid head, or whoever stands in for a side
    that the matter is about) · no_power (as vacant, where only an agency could lead) · nobody.

    `rule` is the number of the compound's own rule that chose, `passed` those that could not be followed, `co` the
    seats that the rule names beside the lead.
    """

    seat_id: int | None
    role: Role
    title: str
    note: str
    wanted: Role
    auto: bool
    rule: int | None = None
    passed: tuple[int, ...] = ()
    co: tuple[int, ...] = ()


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


def decide(
    leaf: Leaf,
    spot: Spot,
    seats: Sequence[SeatFacts],
    avoid: frozenset[Side],
    now: datetime,
    book: Book = _NO_RULES,
    *,
    at: datetime | None = None,
) -> Decision:
    """Exactly one lead: by the compound's first rule that can be followed, else the leaf's own seat, else a stand-in.

    A rule cannot be followed where its seat is vacant, where it would send a matter to the side that it is about, or
    where the lead would lack the power. `at` is when the matter came in, for rules with hours; now, unless given.
    """
    passed: list[int] = []
    for number, rule in enumerate(book.rules, start=1):
        if not matches(rule, leaf, spot.building_id, spot.stairwell_id, at or now):
            continue
        found = _seat_of(rule.lead, leaf, spot, seats, now, book)
        if found is None:
            passed.append(number)
            continue
        seat, note = found
        chosen = [_seat_of(party, None, spot, seats, now, book) for party in rule.co]
        co = tuple(dict.fromkeys(one[0].id for one in chosen if one and one[0].id != seat.id))
        auto = may_auto_assign(leaf, avoid, seat.role)
        return Decision(seat.id, seat.role, seat.title, note, leaf.lead, auto, number, tuple(passed), co)
    found = _unburdened(leaf.lead, spot, seats, now, book)
    if found:
        auto = may_auto_assign(leaf, avoid)
        return Decision(found[0].id, leaf.lead, found[0].title, found[1], leaf.lead, auto, passed=tuple(passed))
    return _stand_in(leaf, spot, seats, avoid, now)._replace(passed=tuple(passed))


def _seat_of(
    party: str, leaf: Leaf | None, spot: Spot, seats: Sequence[SeatFacts], now: datetime, book: Book
) -> tuple[SeatFacts, str] | None:
    """The seat that a rule's party stands for and that may lead this leaf (any, where none is named)."""
    named = [seat for seat in seats if seat.id == int(party)] if party.isdecimal() else []
    role = named[0].role if named else Role(party) if party in SEATED else None
    if role is None or role in OVERSEERS or (leaf is not None and barred(leaf, role)):
        return None
    if not named:
        return _unburdened(role, spot, seats, now, book)
    if not named[0].filled(now):
        return None
    if not _burdened(named[0], book):
        return named[0], "" if named[0].term.holds(now) else "deputy_acts"
    return _unburdened(role, spot, [seat for seat in seats if seat.id != named[0].id], now, book, besides=named[0])


def _burdened(seat: SeatFacts, book: Book) -> bool:
    return book.most_open is not None and book.load.get(seat.id, 0) > book.most_open


def _unburdened(
    role: Role,
    spot: Spot,
    seats: Sequence[SeatFacts],
    now: datetime,
    book: Book,
    besides: SeatFacts | None = None,
) -> tuple[SeatFacts, str] | None:
    """The seat of a role; where it has too much in hand the next one, wider or elsewhere, as long as one has room."""
    first = (besides, "") if besides else seat_for(role, spot, seats, now)
    if first is None or (besides is None and not _burdened(first[0], book)):
        return first
    others = [seat for seat in seats if seat.role is role and seat.id != first[0].id and seat.term.holds(now)]
    others.sort(key=lambda seat: (not covers(seat, spot), _NARROWNESS[seat.scope], seat.id))
    room = next((seat for seat in others if not _burdened(seat, book)), None)
    return (room, "overloaded") if room else first


def _stand_in(leaf: Leaf, spot: Spot, seats: Sequence[SeatFacts], avoid: frozenset[Side], now: datetime) -> Decision:
    """Nobody holds the lead's seat: the grid head, unless the matter is about them; then whoever stands above."""
    note = "no_power" if Flag.NEEDS_POWER in leaf.flags else "vacant"
    about_grid = Side.GRID_HEAD in accused(leaf)
    for role in (Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.COMMUNITY)[about_grid:]:
        found = seat_for(role, spot, seats, now)
        if found:
            auto = may_auto_assign(leaf, avoid) and note == "vacant" and role is Role.GRID_HEAD
            auto = auto and Side.GRID_HEAD not in avoid
            return Decision(found[0].id, role, found[0].title, note, leaf.lead, auto)
    return Decision(None, Role.GRID_HEAD, "", "nobody", leaf.lead, auto=False)


def may_auto_assign(leaf: Leaf, avoid: frozenset[Side], lead: Role | None = None) -> bool:
    """Public leaves without a shield or a conflict, whose lead the reporter does not avoid (domain rules §2.1).

    Leaves that are answered without a slip wait for that answer. `lead` is the leaf's own unless a rule named another.
    """
    if leaf.code in ANSWERED_WITHOUT_SLIP:
        return False
    avoided = SIDE_OF.get(lead or leaf.lead) in avoid
    return leaf.scope is Scope.PUBLIC and not leaf.flags & NEVER_AUTO and not avoided
