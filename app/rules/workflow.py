"""The transition table (domain rules §2.1). What is not a row here is refused; `verbs[]` is read from it too."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.errors import IllegalVerbError, VerbNotYoursError
from app.rules import standins
from app.rules.calls import CALLABLE, CALLERS
from app.rules.routing import ANSWERED_WITHOUT_SLIP
from app.rules.standins import Cover
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
    SECRETARY = "secretary"
    LEVEL = "level"  # whoever holds the level that the ticket is escalated to
    LEAD = "lead"  # holder of the lead slip
    CO = "co"  # holder of a co slip
    BACKUP = "backup"  # a side that may triage while the grid head is away or silent
    CALLER = "caller"  # whoever may ask the reporter how it went


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
    asked_before: bool = False
    objectable: bool = False
    review_of: Status | None = None
    new_fact_reopens: bool = False
    before_due: bool = True
    reclassified: bool = False
    extensions: int = 0
    promised: bool = False
    paused_before: bool = False
    paused_from: Status | None = None
    escalated_to: int = 0
    co_slips_open: int = 0
    parent_open: bool = False
    handled_it: bool = False
    called_back: bool = False
    choosable: bool = False
    undoes: Verb | None = None  # set by the undo itself, so that no list of verbs offers what is gone in ten seconds


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


def _to(*statuses: Status) -> Mapping[str, Status]:
    return {str(status): status for status in statuses}


_REPORTER, _TRIAGER, _CHIEF = frozenset({Hat.REPORTER}), frozenset({Hat.TRIAGER}), frozenset({Hat.CHIEF})
_LEAD, _CO, _SYSTEM = frozenset({Hat.LEAD}), frozenset({Hat.CO}), frozenset({Hat.SYSTEM})
_TRIAGES = _TRIAGER | {Hat.BACKUP}
_SECRETARY, _LEVEL = frozenset({Hat.SECRETARY}), frozenset({Hat.LEVEL})
AT_WORK = frozenset({S.IN_PROGRESS, S.REPLIED})
_BACK = {"in_progress": S.IN_PROGRESS, "replied": S.REPLIED}
HIGHEST_LEVEL = 3
MOST_EXTENSIONS = 2

TABLE: tuple[Row, ...] = (
    Row(Verb.AUTO_ASSIGN, Door.SYSTEM, frozenset({S.SUBMITTED}), S.ASSIGNED, _SYSTEM),
    Row(Verb.TRIAGE, Door.DESK, frozenset({S.SUBMITTED}), S.ACCEPTED, _TRIAGES),
    Row(
        Verb.TRIAGE,
        Door.DESK,
        frozenset({S.ACCEPTED, S.PENDING_CHECK}),
        None,
        _TRIAGES,
        lambda f: not f.triaged,
    ),
    Row(
        Verb.TRIAGE,
        Door.DESK,
        frozenset({S.ASSIGNED, S.IN_PROGRESS, S.REPLIED}),
        {"kept": None, "called_off": S.ACCEPTED},
        _TRIAGES,
        lambda f: not f.triaged,
    ),
    Row(
        Verb.TAKE_BACK,
        Door.DESK,
        frozenset({S.ASSIGNED}),
        S.SUBMITTED,
        _TRIAGER,
        lambda f: not f.triaged and not f.lead_taken,
    ),
    Row(Verb.NEED_INFO, Door.DESK, frozenset({S.SUBMITTED}), S.NEED_INFO, _TRIAGER, lambda f: not f.asked_before),
    Row(Verb.ASSIGN, Door.DESK, frozenset({S.ACCEPTED, S.REOPENED}), S.ASSIGNED, _CHIEF),
    Row(Verb.ASSIGN, Door.DESK, frozenset({S.ASSIGNED}), S.ASSIGNED, _CHIEF, lambda f: not f.lead_taken),
    Row(Verb.ANSWER, Door.DESK, frozenset({S.SUBMITTED, S.ACCEPTED}), S.ANSWERED, _CHIEF, _answerable),
    Row(Verb.REPLY, Door.DESK, frozenset({S.ASSIGNED, S.IN_PROGRESS}), S.REPLIED, _CHIEF),
    Row(Verb.CONFIRM, Door.DESK, frozenset({S.PENDING_CHECK}), S.ANSWERED, _CHIEF, _another_checks),
    Row(Verb.REJECT_WORK, Door.DESK, frozenset({S.PENDING_CHECK}), S.IN_PROGRESS, _CHIEF),
    Row(Verb.REJECT, Door.DESK, frozenset({S.SUBMITTED, S.ACCEPTED}), S.REJECTED, _TRIAGER),
    Row(Verb.TRANSFER_OUT, Door.DESK, frozenset({S.SUBMITTED, S.ACCEPTED}), S.TRANSFERRED, _TRIAGER),
    Row(Verb.MERGE, Door.DESK, frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED}), S.MERGED, _TRIAGER),
    Row(Verb.UNMERGE, Door.DESK, frozenset({S.MERGED}), S.ACCEPTED, _TRIAGER, lambda f: f.parent_open),
    # What is said about the ticket that goes on is said to everybody whose report was merged into it.
    Row(Verb.REPLY, Door.SYSTEM, frozenset({S.MERGED}), None, _SYSTEM),
    Row(Verb.ANSWER, Door.SYSTEM, frozenset({S.MERGED}), S.ANSWERED, _SYSTEM),
    Row(Verb.CONFIRM, Door.SYSTEM, frozenset({S.MERGED}), S.ANSWERED, _SYSTEM),
    Row(Verb.REJECT, Door.SYSTEM, frozenset({S.MERGED}), S.REJECTED, _SYSTEM),
    Row(Verb.TRANSFER_OUT, Door.SYSTEM, frozenset({S.MERGED}), S.TRANSFERRED, _SYSTEM),
    Row(
        Verb.DECIDE,
        Door.DESK,
        frozenset({S.REVIEW}),
        {"accepted": S.ACCEPTED, "closed_rejected": S.CLOSED_REJECTED},
        _SECRETARY,
        lambda f: f.review_of is S.REJECTED,
    ),
    Row(
        Verb.DECIDE,
        Door.DESK,
        frozenset({S.REVIEW}),
        {"reopened": S.REOPENED, "closed": S.CLOSED},
        _SECRETARY,
        lambda f: f.review_of is not S.REJECTED,
    ),
    Row(Verb.PAUSE, Door.DESK, AT_WORK, S.PAUSED, _CHIEF | _SECRETARY, lambda f: not f.paused_before),
    Row(Verb.RESUME, Door.DESK, frozenset({S.PAUSED}), _BACK, _CHIEF | _SECRETARY | _SYSTEM),
    Row(
        Verb.EXTEND,
        Door.DESK,
        frozenset({S.REPLIED}),
        None,
        _CHIEF,
        lambda f: f.promised and f.before_due and f.extensions == 0,
    ),
    Row(
        Verb.EXTEND,
        Door.DESK,
        frozenset({S.REPLIED}),
        None,
        _SECRETARY,
        lambda f: f.promised and f.before_due and f.extensions < MOST_EXTENSIONS,
    ),
    Row(
        Verb.UNDO,
        Door.DESK,
        frozenset({S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.PENDING_CHECK}),
        _to(S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.PENDING_CHECK),
        _TRIAGES,
        lambda f: f.undoes is Verb.TRIAGE,
    ),
    Row(
        Verb.UNDO,
        Door.DESK,
        frozenset({S.ASSIGNED}),
        _to(S.ACCEPTED, S.REOPENED, S.ASSIGNED),
        _CHIEF,
        lambda f: f.undoes is Verb.ASSIGN,
    ),
    Row(Verb.UNDO, Door.DESK, frozenset({S.PAUSED}), _BACK, _CHIEF | _SECRETARY, lambda f: f.undoes is Verb.PAUSE),
    Row(Verb.CANCEL_SLIP, Door.DESK, OPEN - AT_WORK, None, _CHIEF, lambda f: f.co_slips_open > 0),
    Row(
        Verb.CANCEL_SLIP,
        Door.DESK,
        AT_WORK,
        {"last": S.PENDING_CHECK, "more": None},
        _CHIEF,
        lambda f: f.co_slips_open > 0,
    ),
    Row(Verb.ESCALATE, Door.DESK, OPEN, None, _CHIEF | _SECRETARY, lambda f: f.escalated_to < HIGHEST_LEVEL),
    Row(Verb.ESCALATE, Door.SYSTEM, OPEN, None, _SYSTEM, lambda f: f.escalated_to < HIGHEST_LEVEL),
    Row(Verb.DEESCALATE, Door.DESK, OPEN, None, _LEVEL, lambda f: f.escalated_to > 0),
    Row(Verb.RECLASSIFY, Door.DESK, OPEN, None, _TRIAGER, lambda f: f.triaged and f.before_due and not f.reclassified),
    Row(Verb.TAKE, Door.SLIP, frozenset({S.ASSIGNED}), S.IN_PROGRESS, _LEAD, _slip_untaken),
    Row(Verb.TAKE, Door.SLIP, frozenset({S.REPLIED}), None, _LEAD, _slip_untaken),
    Row(Verb.TAKE, Door.SLIP, frozenset({S.ASSIGNED}) | AT_WORK, None, _CO, _slip_untaken),
    Row(Verb.PROGRESS, Door.SLIP, AT_WORK, None, _LEAD | _CO, _slip_open),
    Row(Verb.PROGRESS, Door.SLIP, frozenset({S.ASSIGNED}), None, _CO, _slip_open),
    Row(Verb.DONE, Door.SLIP, frozenset({S.ASSIGNED}), None, _CO, _slip_open),
    Row(Verb.ASK, Door.SLIP, AT_WORK, None, _LEAD | _CO, _slip_open),
    Row(Verb.DRAFT_REPLY, Door.SLIP, frozenset({S.IN_PROGRESS}), None, _LEAD, _slip_open),
    Row(Verb.DONE, Door.SLIP, AT_WORK, {"last": S.PENDING_CHECK, "more": None}, _LEAD | _CO, _slip_open),
    Row(
        Verb.RETURN,
        Door.SLIP,
        frozenset({S.ASSIGNED, S.IN_PROGRESS}),
        S.ACCEPTED,
        _LEAD,
        lambda f: _slip_open(f) and f.returns < MOST_RETURNS,
    ),
    Row(Verb.URGE, Door.RESIDENT, URGEABLE, None, _REPORTER),
    Row(Verb.INFO, Door.RESIDENT, frozenset({S.NEED_INFO}), S.SUBMITTED, _REPORTER),
    Row(Verb.INFO, Door.RESIDENT, OPEN - {S.NEED_INFO}, None, _REPORTER),
    Row(
        Verb.INFO,
        Door.RESIDENT,
        frozenset({S.CLOSED, S.CLOSED_UNRATED}),
        S.REOPENED,
        _REPORTER,
        lambda f: f.new_fact_reopens,
    ),
    Row(Verb.CHOOSE, Door.RESIDENT, frozenset({S.SUBMITTED}), None, _REPORTER, lambda f: f.choosable and not f.triaged),
    Row(Verb.OBJECT, Door.RESIDENT, frozenset({S.REJECTED}), S.REVIEW, _REPORTER, lambda f: f.objectable),
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
    Row(
        Verb.CALLBACK,
        Door.DESK,
        CALLABLE,
        {"kept": None, "redo": S.REOPENED, "again": S.REVIEW},
        frozenset({Hat.CALLER}),
        lambda f: not f.handled_it and not f.called_back,
    ),
    Row(Verb.WITHDRAW, Door.RESIDENT, URGEABLE | {S.NEED_INFO}, S.WITHDRAWN, _REPORTER),
    Row(Verb.LAPSE, Door.SYSTEM, frozenset({S.NEED_INFO}), S.SUBMITTED, _SYSTEM),
    Row(Verb.LAPSE, Door.SYSTEM, frozenset({S.ANSWERED}), S.CLOSED_UNRATED, _SYSTEM),
    Row(Verb.LAPSE, Door.SYSTEM, frozenset({S.REJECTED}), S.CLOSED_REJECTED, _SYSTEM),
    Row(Verb.SEND_BACK, Door.SYSTEM, frozenset({S.ASSIGNED}), S.ACCEPTED, _SYSTEM, lambda f: not f.lead_taken),
    Row(Verb.REMIND, Door.SYSTEM, OPEN, None, _SYSTEM),
    Row(Verb.BREACH, Door.SYSTEM, OPEN, None, _SYSTEM),
)

PASSED_ON = frozenset({Verb.REPLY, Verb.ANSWER, Verb.CONFIRM, Verb.REJECT, Verb.TRANSFER_OUT})
"""Whatever is said about a ticket reaches the reports that were merged into it (domain rules §2.7)."""

TAKES_FIRST = frozenset({Verb.PROGRESS, Verb.DONE})
"""Slip verbs that take an untaken slip before they act."""


_COVERED = Cover()
LEVEL_OF = {Role.COMMITTEE_SECRETARY: 1, Role.COMMUNITY: 2, Role.STREET: 3}


def hats_at_desk(
    roles: frozenset[Role],
    *,
    grid_recused: bool,
    self_mgmt_recused: bool,
    escalated_to: int = 0,
    cover: Cover = _COVERED,
) -> frozenset[Hat]:
    """What these roles are on a ticket from which a side may be recused (domain rules §3.3 "Conflict")."""
    hats = {Hat.LEVEL} if any(LEVEL_OF.get(role) == escalated_to for role in roles) else set()
    if Role.COMMITTEE_SECRETARY in roles:
        hats.add(Hat.SECRETARY)
    recused = {Role.GRID_HEAD: grid_recused, Role.SELF_MGMT_HEAD: self_mgmt_recused}
    if any(not recused.get(role) for role in roles & CALLERS):
        hats.add(Hat.CALLER)
    triager = standins.triager(cover, grid_recused=grid_recused, self_mgmt_recused=self_mgmt_recused)
    hats |= {Hat.TRIAGER} if triager in roles else set()
    hats |= {Hat.CHIEF} if standins.chief(cover, grid_recused=grid_recused) in roles else set()
    hats |= {Hat.BACKUP} if roles & cover.backups else set()
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
    rows = _rows_of(verb, hats)
    row = next((row for row in rows if _allows(row, facts)), None)
    if row is None:
        raise IllegalVerbError(verbs=legal(facts, hats, *{row.door for row in rows}))
    target = row.target[outcome] if isinstance(row.target, Mapping) else row.target
    return target or facts.status


def check_hats(verb: Verb, hats: frozenset[Hat]) -> None:
    """Raises VerbNotYoursError where these hats never do it: told before anything else about the call is."""
    _rows_of(verb, hats)


def _rows_of(verb: Verb, hats: frozenset[Hat]) -> list[Row]:
    rows = [row for row in TABLE if row.verb is verb and row.hats & hats]
    if not rows:
        raise VerbNotYoursError
    return rows


def outcomes(verb: Verb, facts: Facts, hats: frozenset[Hat]) -> frozenset[str]:
    """The outcomes that a verb may have now; empty where it has none or is not legal."""
    rows = [row for row in TABLE if row.verb is verb and row.hats & hats and _allows(row, facts)]
    return frozenset().union(*(row.target for row in rows if isinstance(row.target, Mapping)))


def queue(status: Status) -> int:
    """0 somebody owes something, 1 waiting for the resident, 2 closed out (销号)."""
    if status in CLOSED_OUT:
        return 2
    return 1 if status in WAITING_FOR_RESIDENT else 0


def _allows(row: Row, facts: Facts) -> bool:
    if row.verb in TAKES_FIRST and facts.slip_status is SlipStatus.ASSIGNED and facts.status is S.ASSIGNED:
        return row.guard(facts)
    return facts.status in row.sources and row.guard(facts)
