"""The transition table against the life cycle as the domain rules state it (§2.1), typed here a second time."""

from collections.abc import Mapping
from itertools import chain, combinations, product

import pytest

from app.errors import IllegalVerbError, VerbNotYoursError
from app.rules import workflow
from app.rules.vocabulary import Kind, Part, Role, SlipStatus, Status, Verb
from app.rules.workflow import TABLE, TAKES_FIRST, Door, Facts, Hat, hats_at_desk, legal, queue, step

S, V, H = Status, Verb, Hat
EVERY_OPEN = {
    S.SUBMITTED, S.NEED_INFO, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS,
    S.REPLIED, S.PAUSED, S.PENDING_CHECK, S.REOPENED, S.REVIEW,
}  # fmt: skip
CALLED_OFF = {"kept": None, "called_off": S.ACCEPTED}
BACK = {"in_progress": S.IN_PROGRESS, "replied": S.REPLIED}
REVIEWED = {"accepted": S.ACCEPTED, "closed_rejected": S.CLOSED_REJECTED}, {"reopened": S.REOPENED, "closed": S.CLOSED}
UNDER_WAY = {S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.REOPENED}
JUDGED = {"kept": S.CLOSED, "redo": S.REOPENED, "again": S.REVIEW}
ASKED = {"kept": None, "redo": S.REOPENED, "again": S.REVIEW}
WORKED = {"last": S.PENDING_CHECK, "more": None}
UNTRIAGED = {at.value: at for at in (S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.PENDING_CHECK)}
UNASSIGNED = {at.value: at for at in (S.ACCEPTED, S.REOPENED, S.ASSIGNED)}

# verb → who → from → to (None: stays; a mapping: by outcome)
RULES: dict[Verb, dict[Hat, dict[Status, object]]] = {
    V.AUTO_ASSIGN: {H.SYSTEM: {S.SUBMITTED: S.ASSIGNED}},
    V.TRIAGE: {
        hat: {S.SUBMITTED: S.ACCEPTED}
        | dict.fromkeys((S.ACCEPTED, S.REPLIED, S.PENDING_CHECK))
        | dict.fromkeys((S.ASSIGNED, S.IN_PROGRESS, S.REPLIED), CALLED_OFF)
        for hat in (H.TRIAGER, H.BACKUP)
    },
    V.REJECT: {H.TRIAGER: {S.SUBMITTED: S.REJECTED, S.ACCEPTED: S.REJECTED}, H.SYSTEM: {S.MERGED: S.REJECTED}},
    V.ANSWER: {H.CHIEF: {S.SUBMITTED: S.ANSWERED, S.ACCEPTED: S.ANSWERED}, H.SYSTEM: {S.MERGED: S.ANSWERED}},
    V.ASSIGN: {H.CHIEF: dict.fromkeys((S.ACCEPTED, S.REOPENED, S.ASSIGNED), S.ASSIGNED)},
    V.REPLY: {H.CHIEF: {S.ASSIGNED: S.REPLIED, S.IN_PROGRESS: S.REPLIED}, H.SYSTEM: {S.MERGED: None}},
    V.CONFIRM: {H.CHIEF: {S.PENDING_CHECK: S.ANSWERED}, H.SYSTEM: {S.MERGED: S.ANSWERED}},
    V.REJECT_WORK: {H.CHIEF: {S.PENDING_CHECK: S.IN_PROGRESS}},
    V.TAKE: {
        H.LEAD: {S.ASSIGNED: S.IN_PROGRESS, S.REPLIED: None},
        H.CO: dict.fromkeys((S.ASSIGNED, S.IN_PROGRESS, S.REPLIED)),
    },
    V.PROGRESS: {
        H.LEAD: dict.fromkeys((S.IN_PROGRESS, S.REPLIED)),
        H.CO: dict.fromkeys((S.ASSIGNED, S.IN_PROGRESS, S.REPLIED)),
    },
    V.DRAFT_REPLY: {H.LEAD: {S.IN_PROGRESS: None}},
    V.DONE: {
        H.LEAD: {S.IN_PROGRESS: WORKED, S.REPLIED: WORKED},
        H.CO: {S.ASSIGNED: None} | {S.IN_PROGRESS: WORKED, S.REPLIED: WORKED},
    },
    V.RETURN: {H.LEAD: {S.ASSIGNED: S.ACCEPTED, S.IN_PROGRESS: S.ACCEPTED}},
    V.URGE: {H.REPORTER: dict.fromkeys(UNDER_WAY)},
    V.INFO: {
        H.REPORTER: dict.fromkeys(EVERY_OPEN)
        | {S.NEED_INFO: S.SUBMITTED, S.CLOSED: S.REOPENED, S.CLOSED_UNRATED: S.REOPENED}
    },
    V.NEED_INFO: {H.TRIAGER: {S.SUBMITTED: S.NEED_INFO}},
    V.TAKE_BACK: {H.TRIAGER: {S.ASSIGNED: S.SUBMITTED}},
    V.CHOOSE: {H.REPORTER: {S.SUBMITTED: None}},
    V.OBJECT: {H.REPORTER: {S.REJECTED: S.REVIEW}},
    V.DECIDE: {H.SECRETARY: {S.REVIEW: REVIEWED}},
    V.MERGE: {H.TRIAGER: dict.fromkeys((S.SUBMITTED, S.ACCEPTED, S.ASSIGNED), S.MERGED)},
    V.UNMERGE: {H.TRIAGER: {S.MERGED: S.ACCEPTED}},
    V.TRANSFER_OUT: {
        H.TRIAGER: dict.fromkeys((S.SUBMITTED, S.ACCEPTED), S.TRANSFERRED),
        H.SYSTEM: {S.MERGED: S.TRANSFERRED},
    },
    V.ASK: {H.LEAD: dict.fromkeys((S.IN_PROGRESS, S.REPLIED)), H.CO: dict.fromkeys((S.IN_PROGRESS, S.REPLIED))},
    V.PAUSE: {hat: dict.fromkeys((S.IN_PROGRESS, S.REPLIED), S.PAUSED) for hat in (H.CHIEF, H.SECRETARY)},
    V.UNDO: {
        hat: dict.fromkeys((S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REPLIED, S.PENDING_CHECK), UNTRIAGED)
        for hat in (H.TRIAGER, H.BACKUP)
    }
    | {H.CHIEF: {S.ASSIGNED: UNASSIGNED, S.PAUSED: BACK}, H.SECRETARY: {S.PAUSED: BACK}},
    V.RESUME: {hat: {S.PAUSED: BACK} for hat in (H.CHIEF, H.SECRETARY, H.SYSTEM)},
    V.EXTEND: {hat: {S.REPLIED: None} for hat in (H.CHIEF, H.SECRETARY)},
    V.CANCEL_SLIP: {H.CHIEF: dict.fromkeys(EVERY_OPEN) | dict.fromkeys((S.IN_PROGRESS, S.REPLIED), WORKED)},
    V.ESCALATE: {hat: dict.fromkeys(EVERY_OPEN) for hat in (H.CHIEF, H.SECRETARY, H.SYSTEM)},
    V.DEESCALATE: {H.LEVEL: dict.fromkeys(EVERY_OPEN)},
    V.RECLASSIFY: {H.TRIAGER: dict.fromkeys(EVERY_OPEN)},
    V.LAPSE: {H.SYSTEM: {S.NEED_INFO: S.SUBMITTED, S.ANSWERED: S.CLOSED_UNRATED, S.REJECTED: S.CLOSED_REJECTED}},
    V.REMIND: {H.SYSTEM: dict.fromkeys(EVERY_OPEN)},
    V.BREACH: {H.SYSTEM: dict.fromkeys(EVERY_OPEN)},
    V.SEND_BACK: {H.SYSTEM: {S.ASSIGNED: S.ACCEPTED}},
    V.RATE: {H.REPORTER: {S.ANSWERED: JUDGED, S.CLOSED: JUDGED}},
    V.CALLBACK: {H.CALLER: dict.fromkeys((S.ANSWERED, S.CLOSED, S.CLOSED_UNRATED), ASKED)},
    V.WITHDRAW: {H.REPORTER: dict.fromkeys(UNDER_WAY | {S.NEED_INFO}, S.WITHDRAWN)},
}

# What each verb asks besides state and hat.
GUARDS = {
    V.TRIAGE: lambda f: f.status is S.SUBMITTED or not f.triaged,
    V.ASSIGN: lambda f: f.status is not S.ASSIGNED or not f.lead_taken,
    V.ANSWER: lambda f: (
        f.status is S.MERGED
        or f.kind in {Kind.CONSULT, Kind.PRAISE}
        or f.category in {"SVC-09", "GOV-09", "GOV-98", "GOV-99"}
    ),
    V.CONFIRM: lambda f: f.status is S.MERGED or not f.did_the_work or not f.other_checkers,
    V.TAKE: lambda f: f.slip_status is SlipStatus.ASSIGNED,
    V.PROGRESS: lambda f: f.slip_status in {SlipStatus.ASSIGNED, SlipStatus.IN_PROGRESS},
    V.DRAFT_REPLY: lambda f: f.slip_status in {SlipStatus.ASSIGNED, SlipStatus.IN_PROGRESS},
    V.DONE: lambda f: f.slip_status in {SlipStatus.ASSIGNED, SlipStatus.IN_PROGRESS},
    V.RETURN: lambda f: f.slip_status in {SlipStatus.ASSIGNED, SlipStatus.IN_PROGRESS} and f.returns < 2,
    V.RATE: lambda f: f.status is S.ANSWERED or f.rating_changeable,
    V.CALLBACK: lambda f: not f.handled_it and not f.called_back,
    V.INFO: lambda f: f.status in EVERY_OPEN or f.new_fact_reopens,
    V.NEED_INFO: lambda f: not f.asked_before,
    V.TAKE_BACK: lambda f: not f.triaged and not f.lead_taken,
    V.CHOOSE: lambda f: f.choosable and not f.triaged,
    V.OBJECT: lambda f: f.objectable,
    V.UNMERGE: lambda f: f.parent_open,
    V.ASK: lambda f: f.slip_status in {SlipStatus.ASSIGNED, SlipStatus.IN_PROGRESS},
    V.PAUSE: lambda f: not f.paused_before,
    V.CANCEL_SLIP: lambda f: f.co_slips_open > 0,
    V.ESCALATE: lambda f: f.escalated_to < 3,
    V.DEESCALATE: lambda f: f.escalated_to > 0,
    V.SEND_BACK: lambda f: not f.lead_taken,
    V.RECLASSIFY: lambda f: f.triaged and f.before_due and not f.reclassified,
}
UNDOES = {H.CHIEF: {S.ASSIGNED: V.ASSIGN, S.PAUSED: V.PAUSE}, H.SECRETARY: {S.PAUSED: V.PAUSE}}
EXTENDS = {H.CHIEF: 1, H.SECRETARY: 2}

# Every slip state with five mixtures of the other facts: together each guard is met and missed.
WORLDS = [
    Facts(S.SUBMITTED, kind, category, triaged, 1, taken, returns, slip, did, others, changeable)
    for slip in (None, *SlipStatus)
    for kind, category, triaged, taken, returns, did, others, changeable in (
        (Kind.HELP, "BLD-09", False, False, 0, False, True, False),
        (Kind.PRAISE, "BLD-09", True, True, 1, True, True, True),
        (Kind.HELP, "GOV-98", True, True, 2, True, False, False),
        (Kind.CONSULT, "NOI-01", False, True, 2, True, True, True),
        (Kind.COMPLAINT, "ILL-01", True, False, 3, False, False, True),
    )
]


LATER = [
    {"asked_before": True, "escalated_to": 3, "co_slips_open": 1, "promised": True, "reclassified": True},
    {"objectable": True, "review_of": S.REJECTED, "paused_before": True, "promised": True, "extensions": 1},
    {"new_fact_reopens": True, "parent_open": True, "escalated_to": 1, "before_due": False, "promised": True},
    {"promised": True, "extensions": 2, "co_slips_open": 2, "handled_it": True, "undoes": V.TRIAGE},
    {"called_back": True, "undoes": V.ASSIGN},
    {"promised": True, "choosable": True, "undoes": V.PAUSE},
]
WORLDS = [world._replace(**LATER[number % len(LATER)]) for number, world in enumerate(WORLDS)]


def allowed(verb, hat, facts):
    """The rules' own answer."""
    takes_first = (
        verb in TAKES_FIRST and hat in {H.LEAD, H.CO} and (facts.status, facts.slip_status) == (S.ASSIGNED, "assigned")
    )
    in_time = facts.status in RULES.get(verb, {}).get(hat, {}) or takes_first
    if verb is V.EXTEND:
        return in_time and facts.promised and facts.before_due and facts.extensions < EXTENDS[hat]
    if verb is V.UNDO:
        return in_time and facts.undoes is UNDOES.get(hat, {}).get(facts.status, V.TRIAGE)
    return in_time and GUARDS.get(verb, lambda _: True)(facts)


def outcomes(target, facts):
    if target is REVIEWED:
        target = REVIEWED[0] if facts.review_of is S.REJECTED else REVIEWED[1]
    return target.items() if isinstance(target, Mapping) else [("", target)]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.verb}-{'-'.join(sorted(row.sources))[:40]}")
def test_every_row_is_walked_from_each_of_its_states_by_each_of_its_hats(row):
    for status, hat in product(row.sources, row.hats):
        facts = next(f for f in (world._replace(status=status) for world in WORLDS) if row.guard(f))
        assert row.verb in legal(facts, frozenset({hat}), row.door)
        expected = RULES[row.verb][hat][status]
        for outcome, target in outcomes(expected, facts):
            assert step(row.verb, facts, frozenset({hat}), outcome) is (target or status)


def test_the_table_has_the_transitions_of_the_rules_and_no_other():
    walked = {(row.verb, hat, status) for row in TABLE for hat in row.hats for status in row.sources}
    assert walked == {(verb, hat, status) for verb, hats in RULES.items() for hat in hats for status in hats[hat]}


@pytest.mark.parametrize("verb", Verb)
def test_what_the_rules_do_not_allow_is_refused_with_the_right_error_and_the_verbs_legal_now(verb):
    refused = 0
    for status, hat, world in product(Status, Hat, WORLDS):
        facts = world._replace(status=status)
        if allowed(verb, hat, facts):
            continue
        refused += 1
        hats, doors = frozenset({hat}), {row.door for row in TABLE if row.verb is verb and hat in row.hats}
        with pytest.raises((VerbNotYoursError, IllegalVerbError)) as caught:
            step(verb, facts, hats)
        if doors:
            assert type(caught.value) is IllegalVerbError
            assert caught.value.extra["verbs"] == legal(facts, hats, *doors)
            assert verb not in caught.value.extra["verbs"]
        else:
            assert type(caught.value) is VerbNotYoursError
    assert refused


@pytest.mark.parametrize("door", Door)
def test_what_is_offered_is_accepted_and_what_is_accepted_is_offered(door):
    at_desk = [frozenset(h) for n in (1, 2) for h in combinations((H.TRIAGER, H.CHIEF, H.SECRETARY, H.LEVEL), n)]
    hats_of = {
        Door.RESIDENT: [frozenset({H.REPORTER})],
        Door.DESK: at_desk,
        Door.SLIP: [frozenset({H.LEAD}), frozenset({H.CO})],
        Door.SYSTEM: [frozenset({H.SYSTEM})],
    }
    verbs = {row.verb for row in TABLE if row.door is door}
    for status, hats, world in product(Status, hats_of[door], WORLDS):
        facts = world._replace(status=status)
        offered = legal(facts, hats, door)
        assert len(offered) == len(set(offered))
        assert set(offered) == {verb for verb in verbs for hat in hats if allowed(verb, hat, facts)}
        for verb in offered:
            outcome = sorted(workflow.outcomes(verb, facts, hats))[:1]
            step(verb, facts, hats, *outcome)


def test_nothing_is_offered_to_somebody_without_a_hat():
    assert legal(Facts(status=S.SUBMITTED), frozenset(), *Door) == []


def test_every_state_is_reached_and_leads_out_or_is_final():
    def targets(row):
        found = row.target.values() if isinstance(row.target, Mapping) else [row.target]
        return {target for target in found if target}

    reached, edge = {S.SUBMITTED}, {S.SUBMITTED}
    while edge:
        edge = set(chain.from_iterable(targets(row) for row in TABLE if row.sources & edge)) - reached
        reached |= edge
    leads_out = {source for row in TABLE for source in row.sources if targets(row) - {source}}
    final = workflow.CLOSED_OUT - leads_out
    stuck = set(Status) - leads_out - final
    assert (set(Status) - reached) | stuck == set()


def test_an_untaken_slip_is_taken_by_its_first_progress_or_done_but_never_by_a_drafted_reply():
    facts = Facts(status=S.ASSIGNED, slip_status=SlipStatus.ASSIGNED)
    assert legal(facts, frozenset({H.LEAD}), Door.SLIP) == [V.TAKE, V.PROGRESS, V.DONE, V.RETURN]
    assert legal(facts, frozenset({H.CO}), Door.SLIP) == [V.TAKE, V.PROGRESS, V.DONE]


def test_a_slip_that_is_over_offers_nothing():
    over = [SlipStatus.DONE, SlipStatus.RETURNED, SlipStatus.CANCELLED]
    for status, slip, hat in product(Status, over, (H.LEAD, H.CO)):
        assert legal(Facts(status=status, slip_status=slip), frozenset({hat}), Door.SLIP) == []


@pytest.mark.parametrize(
    ("roles", "grid_recused", "self_mgmt_recused", "hats"),
    [
        ({Role.GRID_HEAD}, False, False, {H.TRIAGER, H.CHIEF}),
        ({Role.GRID_HEAD}, False, True, {H.TRIAGER, H.CHIEF}),
        ({Role.SELF_MGMT_HEAD, Role.COMMITTEE_SECRETARY, Role.PROPERTY}, False, False, {H.SECRETARY}),
        ({Role.GRID_HEAD}, True, False, set()),
        ({Role.GRID_HEAD}, True, True, set()),
        ({Role.SELF_MGMT_HEAD}, True, False, {H.TRIAGER}),
        ({Role.SELF_MGMT_HEAD}, True, True, set()),
        ({Role.COMMITTEE_SECRETARY}, True, False, {H.SECRETARY, H.CHIEF}),
        ({Role.COMMITTEE_SECRETARY}, True, True, {H.SECRETARY, H.TRIAGER, H.CHIEF}),
        ({Role.COMMITTEE_SECRETARY, Role.SELF_MGMT_HEAD}, True, False, {H.TRIAGER, H.CHIEF, H.SECRETARY}),
        ({Role.SELF_MGMT_GROUP, Role.PROPERTY, Role.COMMUNITY, Role.ADMIN}, True, False, set()),
    ],
)
def test_a_recused_side_hands_its_hats_to_its_substitute(roles, grid_recused, self_mgmt_recused, hats):
    assert (
        hats_at_desk(frozenset(roles), grid_recused=grid_recused, self_mgmt_recused=self_mgmt_recused) - {H.CALLER}
        == hats
    )


@pytest.mark.parametrize("role", Role)
def test_three_roles_may_ask_how_it_went_and_none_that_is_taken_out(role):
    def asks(grid, self_mgmt):
        return H.CALLER in hats_at_desk(frozenset({role}), grid_recused=grid, self_mgmt_recused=self_mgmt)

    callers = {Role.GRID_HEAD, Role.COMMITTEE_SECRETARY, Role.SELF_MGMT_HEAD}
    assert asks(grid=False, self_mgmt=False) == (role in callers)
    assert asks(grid=True, self_mgmt=False) == (role in callers - {Role.GRID_HEAD})
    assert asks(grid=False, self_mgmt=True) == (role in callers - {Role.SELF_MGMT_HEAD})


@pytest.mark.parametrize(("grid", "self_mgmt"), list(product([False, True], repeat=2)))
def test_whoever_is_recused_somebody_triages_and_somebody_is_chief(grid, self_mgmt):
    worn = {
        hat for role in Role for hat in hats_at_desk(frozenset({role}), grid_recused=grid, self_mgmt_recused=self_mgmt)
    }
    assert worn == {H.TRIAGER, H.CHIEF, H.SECRETARY, H.CALLER}


def test_the_part_of_a_slip_makes_the_hat():
    assert [workflow.hat_of(part) for part in (Part.LEAD, Part.CO)] == [H.LEAD, H.CO]


def test_the_queue_shows_what_somebody_owes_before_what_waits_and_what_is_closed():
    waiting = {S.NEED_INFO, S.ANSWERED, S.REJECTED}
    closed = {S.CLOSED, S.CLOSED_UNRATED, S.CLOSED_REJECTED, S.TRANSFERRED, S.WITHDRAWN, S.MERGED}
    assert {status: queue(status) for status in Status} == dict.fromkeys(
        set(Status) - waiting - closed, 0
    ) | dict.fromkeys(waiting, 1) | dict.fromkeys(closed, 2)


def test_only_what_somebody_owes_can_be_urged():
    assert {queue(status) for status in workflow.URGEABLE} == {0}
    assert workflow.URGEABLE == UNDER_WAY
