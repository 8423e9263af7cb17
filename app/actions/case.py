"""A public-safety matter whose reporter took it back goes on as a case that names nobody (§2.1 withdraw)."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from app import access, history
from app.access import cases
from app.actions import intake
from app.actions.stepping import advance, record
from app.db import WriteSession
from app.history import By
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import redaction
from app.rules.vocabulary import Channel, Kind, Part, Role, Status, Verb
from app.rules.workflow import Hat
from app.vault import fingerprint

_SYSTEM = frozenset({Hat.SYSTEM})
_REPLIES = frozenset({Verb.REPLY, Verb.ANSWER})
_IN_THE_TRIAGERS_STEAD = frozenset({Hat.TRIAGER})


def carry_on(session: WriteSession, old: Ticket, held: Sequence[Slip], now: datetime) -> Ticket:
    """A fresh ticket for the same place and leaf, as old as the first one; no contact, device or photo, and no key.

    Whoever `held` an open slip of the first one gets one of this. What a person confirmed stays confirmed, everything
    else is masked. Nothing in the case names the ticket that it comes from.
    """
    case = _new_case(session, old, now)
    session.add(case)
    session.flush()
    said = {
        "category": case.category,
        "source": case.category_source,
        "complexity": case.complexity,
        "top": None,
        "evidence": {},
        "lead": {"seat": case.lead_seat_id, "role": case.lead_role, "wanted": case.lead_role, "note": case.lead_note},
    }
    record(session, case, Verb.SUBMIT, Status.SUBMITTED, history.SYSTEM, old.submitted_at, said=said)
    move_on(session, old, case)
    lead = next((slip for slip in held if slip.part == Part.LEAD), None)
    if lead is not None:
        facts = access.standing(session, case, now)
        advance(session, case, Verb.AUTO_ASSIGN, facts, _SYSTEM, history.SYSTEM, now, said={"lead": said["lead"]})
        for slip in held:
            intake.new_slip(session, case, slip.seat_id, Role(slip.role), Part(slip.part), slip.ask, now)
    intake.tell_role(session, case, Role.GRID_HEAD, "case_goes_on", now)
    session.flush()
    return case


def _new_case(session: WriteSession, old: Ticket, now: datetime) -> Ticket:
    number = intake.new_number(session, now)
    text, spot = cases.deidentified(session, old)
    return Ticket(
        number=number,
        secret_hash=fingerprint(secrets.token_hex()),  # of a secret that nobody has: there is no owner
        receipt_hash=fingerprint(secrets.token_hex()),
        compound_id=old.compound_id,
        building_id=old.building_id,
        stairwell_id=old.stairwell_id,
        channel=Channel.CASE,
        kind=Kind.REPORT,
        category=old.category,
        category_source=old.category_source,
        complexity=old.complexity,
        suggestions=list(old.suggestions),
        avoid=list(old.avoid),
        hidden_grid=old.hidden_grid,
        hidden_property=old.hidden_property,
        hidden_self_mgmt=old.hidden_self_mgmt,
        shielded=old.shielded,
        text_sealed=access.seal_words(session, number, "text", text),
        spot_sealed=access.seal_words(session, number, "spot", spot) if spot else None,
        redacted_text=old.redacted_text,
        status=Status.SUBMITTED,
        triaged_at=old.triaged_at,
        lead_seat_id=old.lead_seat_id,
        lead_role=old.lead_role,
        lead_note=old.lead_note,
        escalated_to=old.escalated_to,
        submitted_at=old.submitted_at,
        promise_kind=old.promise_kind,
        promise_note=old.promise_note,
        due_at=old.due_at,
    )


def let_go(session: WriteSession, parent: Ticket, now: datetime) -> None:
    """Before a report is withdrawn, its neighbours' that were merged into it stand on their own again (§2.7)."""
    for child in _resting_in(session, parent):
        facts = access.standing(session, child, now)
        advance(session, child, Verb.UNMERGE, facts, _IN_THE_TRIAGERS_STEAD, history.SYSTEM, now)
        child.merged_into_id = None
        intake.tell_role(session, child, Role.GRID_HEAD, "submitted", now)


def move_on(session: WriteSession, old: Ticket, to: Ticket) -> None:
    """What was merged into a ticket goes where that one goes."""
    for child in _resting_in(session, old):
        child.merged_into_id = to.id


def pass_on(
    session: WriteSession,
    parent: Ticket,
    verb: Verb,
    by: By,
    now: datetime,
    *,
    words: str | None,
    said: Mapping[str, object] | None,
) -> None:
    """Says to every report that was merged into a ticket what has just been said about it (domain rules §2.7).

    Each is answered, rejected or handed over likewise, and from then on its reporter judges or objects for themselves.
    The words were meant for another household: they are masked.
    """
    with session.no_autoflush:  # this step has merged nothing
        children = _resting_in(session, parent)
    for child in children:
        facts = access.standing(session, child, now)
        masked = redaction.masked(words) if words else None
        advance(session, child, verb, facts, _SYSTEM, by, now, words=masked, said=said)
        child.replied_at = child.replied_at or (now if verb in _REPLIES else None)
        if child.status == Status.ANSWERED:
            child.done_at, child.answered_at = parent.done_at or now, now
            child.self_checked = bool((said or {}).get("self_checked"))


def _resting_in(session: WriteSession, parent: Ticket) -> list[Ticket]:
    return [child for child in cases.merged_into(session, parent) if child.status == Status.MERGED]
