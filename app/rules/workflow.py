"""The transition table (domain rules §2.1). What is not a row here is refused; `verbs[]` is read from it too."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.errors import IllegalVerbError, VerbNotYoursError
from app.rules.routing import ANSWERED_WITHOUT_SLIP
from app.rules.vocabulary import OPEN_SLIP, Kind, Part, Role, SlipStatus, Status, Verb

S = Status

OPEN = frozenset(
    {
        S.SUBMITTED,
        S.NEED_INFO,
        S.ACCEPTED,
        S.ASSIGNED,
        S.IN_PROGRESS,
        S.REPLIED,
        S.PAUSED,
        S.PENDING_CHECK,
        S.REOPENED,
        S.REVIEW,
    }
)
WAITING_FOR_RESIDENT = frozenset({S.NEED_INFO, S.ANSWERED, S.REJECTED})
CLOSED_OUT = frozenset({S.CLOSED, S.CLOSED_UNRATED, S.CLOSED_REJECTED, S.TRANSFERRED, S.WITHDRAWN, S.MERGED})
URGEABLE = frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.REOPENED})
MOST_RETURNS = 2


class Hat(StrEnum):
    """What a caller is on this very ticket; a person may wear several."""

    REPORTER = "reporter"
    SYSTEM = "system"
    TRIAGER = "triager"
    CHIEF = "chief"  # the grid head; the committee secretary in recused cases
    LEAD = "lead"  # holder of the lead slip
    CO = "co"  # holder of a co slip


class Door(StrEnum):
    """Through which paths a verb comes in."""

    RESIDENT = "resident"
    DESK = "desk"
    SLIP = "slip"
    SYSTEM = "system"


class Facts(NamedTuple):
    """Everything a guard may ask, as plain values. Slip facts are those of the slip in hand."""

    status: Status
    kind: Kind = Kind.HELP
    category: str = "GOV-99"
    triaged: bool = False
    open_slips: int = 0
    lead_taken: bool = False
    returns: int = 0
    slip_status: SlipStatus | None = None
    did_the_work: bool = False
    other_checkers: bool = True
    rating_changeable: bool = False


class Row(NamedTuple):
    """One line of the table. `target` None keeps the state; a mapping picks the state by the verb's outcome."""

    verb: Verb
    door: Door
    sources: frozenset[Status]
    target: Status | Mapping[str, Status | None] | None
    hats: frozenset[Hat]
    guard: Callable[[Facts], bool] = lambda _facts: True


def _slip_open(facts: Facts) -> bool:
    return facts.slip_status in OPEN_SLIP


def _slip_untaken(facts: Facts) -> bool:
    return facts.slip_status is SlipStatus.ASSIGNED


def _answerable(facts: Facts) -> bool:
    return facts.kind in {Kind.CONSULT, Kind.PRAISE} or facts.category in ANSWERED_WITHOUT_SLIP


def _another_checks(facts: Facts) -> bool:
    return not facts.did_the_work or not facts.other_checkers


_REPORTER, _TRIAGER, _CHIEF = frozenset({Hat.REPORTER}), frozenset({Hat.TRIAGER}), frozenset({Hat.CHIEF})
_LEAD, _CO, _SYSTEM = frozenset({Hat.LEAD}), frozenset({Hat.CO}), frozenset({Hat.SYSTEM})
_AT_WORK = frozenset({S.IN_PROGRESS, S.REPLIED})

TABLE: tuple[Row, ...] = (
    Row(Verb.AUTO_ASSIGN, Door.SYSTEM, frozenset({S.SUBMITTED}), S.ASSIGNED, _SYSTEM),
    Row(Verb.TRIAGE, Door.DESK, frozenset({S.SUBMITTED}), S.ACCEPTED, _TRIAGER),
    Row(
        Verb.TRIAGE,
        Door.DESK,
        frozenset({S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.PENDING_CHECK}),
        None,
        _TRIAGER,
        lambda f: not f.triaged,
    ),
    Row(Verb.ASSIGN, Door.DESK, frozenset({S.ACCEPTED, S.REOPENED}), S.ASSIGNED, _CHIEF),
    Row(Verb.ASSIGN, Door.DESK, frozenset({S.ASSIGNED}), S.ASSIGNED, _CHIEF, lambda f: not f.lead_taken),
    Row(Verb.ANSWER, Door.DESK, frozenset({S.SUBMITTED, S.ACCEPTED}), S.ANSWERED, _CHIEF, _answerable),
    Row(Verb.REPLY, Door.DESK, frozenset({S.ASSIGNED, S.IN_PROGRESS}), S.REPLIED, _CHIEF),
    Row(Verb.CONFIRM, Door.DESK, frozenset({S.PENDING_CHECK}), S.ANSWERED, _CHIEF, _another_checks),
    Row(Verb.REJECT_WORK, Door.DESK, frozenset({S.PENDING_CHECK}), S.IN_PROGRESS, _CHIEF),
    Row(Verb.REJECT, Door.DESK, frozenset({S.SUBMITTED, S.ACCEPTED}), S.REJECTED, _TRIAGER),
    Row(Verb.TAKE, Door.SLIP, frozenset({S.ASSIGNED}), S.IN_PROGRESS, _LEAD, _slip_untaken),
    Row(Verb.TAKE, Door.SLIP, frozenset({S.REPLIED}), None, _LEAD, _slip_untaken),
    Row(Verb.TAKE, Door.SLIP, frozenset({S.ASSIGNED}) | _AT_WORK, None, _CO, _slip_untaken),
    Row(Verb.PROGRESS, Door.SLIP, _AT_WORK, None, _LEAD | _CO, _slip_open),
    Row(Verb.PROGRESS, Door.SLIP, frozenset({S.ASSIGNED}), None, _CO, _slip_open),
    Row(Verb.DONE, Door.SLIP, frozenset({S.ASSIGNED}), None, _CO, _slip_open),
    Row(Verb.DRAFT_REPLY, Door.SLIP, frozenset({S.IN_PROGRESS}), None, _LEAD, _slip_open),
    Row(Verb.DONE, Door.SLIP, _AT_WORK, {"last": S.PENDING_CHECK, "more": None}, _LEAD | _CO, _slip_open),
    Row(
        Verb.RETURN,
        Door.SLIP,
        frozenset({S.ASSIGNED, S.IN_PROGRESS}),
        S.ACCEPTED,
        _LEAD,
        lambda f: _slip_open(f) and f.returns < MOST_RETURNS,
    ),
    Row(Verb.URGE, Door.RESIDENT, URGEABLE, None, _REPORTER),
    Row(Verb.INFO, Door.RESIDENT, OPEN - {S.NEED_INFO, S.REVIEW}, None, _REPORTER),
    Row(
        Verb.RATE,
        Door.RESIDENT,
        frozenset({S.ANSWERED}),
        {"kept": S.CLOSED, "redo": S.REOPENED, "again": S.REVIEW},
        _REPORTER,
    ),
    Row(
        Verb.RATE,
        Door.RESIDENT,
        frozenset({S.CLOSED}),
        {"kept": S.CLOSED, "redo": S.REOPENED, "again": S.REVIEW},
        _REPORTER,
        lambda f: f.rating_changeable,
    ),
    Row(Verb.WITHDRAW, Door.RESIDENT, URGEABLE | {S.NEED_INFO}, S.WITHDRAWN, _REPORTER),
)

TAKES_FIRST = frozenset({Verb.PROGRESS, Verb.DONE})
"""Slip verbs that take an untaken slip before they act."""


def hats_at_desk(roles: frozenset[Role], *, grid_recused: bool, self_mgmt_recused: bool) -> frozenset[Hat]:
    """What these roles are on a ticket from which a side may be recused (domain rules §3.3 "Conflict")."""
    if not grid_recused:
        return frozenset({Hat.TRIAGER, Hat.CHIEF}) if Role.GRID_HEAD in roles else frozenset()
    triager = Role.COMMITTEE_SECRETARY if self_mgmt_recused else Role.SELF_MGMT_HEAD
    hats = {Hat.TRIAGER} if triager in roles else set()
    if Role.COMMITTEE_SECRETARY in roles:
        hats.add(Hat.CHIEF)
    return frozenset(hats)


def hat_of(part: Part) -> Hat:
    """What the holder of a slip is."""
    return Hat.LEAD if part is Part.LEAD else Hat.CO


def legal(facts: Facts, hats: frozenset[Hat], *doors: Door) -> list[Verb]:
    """The verbs that would be accepted now, in the order of the table, each once."""
    found = [row.verb for row in TABLE if row.door in doors and row.hats & hats and _allows(row, facts)]
    return list(dict.fromkeys(found))


def step(verb: Verb, facts: Facts, hats: frozenset[Hat], outcome: str = "") -> Status:
    """The state after `verb`.

    Raises VerbNotYoursError where these hats never do it, IllegalVerbError(verbs) where it is not legal now.
    """
    rows = [row for row in TABLE if row.verb is verb and row.hats & hats]
    if not rows:
        raise VerbNotYoursError
    row = next((row for row in rows if _allows(row, facts)), None)
    if row is None:
        raise IllegalVerbError(verbs=legal(facts, hats, *{row.door for row in rows}))
    target = row.target[outcome] if isinstance(row.target, Mapping) else row.target
    return target or facts.status


def queue(status: Status) -> int:
    """0 somebody owes something, 1 waiting for the resident, 2 closed out (销号)."""
    if status in CLOSED_OUT:
        return 2
    return 1 if status in WAITING_FOR_RESIDENT else 0


def _allows(row: Row, facts: Facts) -> bool:
    if row.verb in TAKES_FIRST and facts.slip_status is SlipStatus.ASSIGNED and facts.status is S.ASSIGNED:
        return row.guard(facts)
    return facts.status in row.sources and row.guard(facts)
