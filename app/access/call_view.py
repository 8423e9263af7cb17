"""A call as whoever makes it sees it; the calls and the beneficiary on a ticket's page. Every field by the matrix."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from app.access import names, sealed
from app.access.calls import Call, calls_of
from app.access.proxies import beneficiary_of
from app.access.reveals import may_dial
from app.db import ReadSession
from app.models.call_task import CallTask
from app.models.event import Event
from app.models.ticket import Ticket
from app.rules import redaction
from app.rules.calls import CONSENT_AFTERWARDS, TELLS
from app.rules.privacy import Grade, Item, Shown, grade, masked_name, masked_phone, place_item
from app.rules.vocabulary import CallKind, CallReason, CallStatus, Status
from app.schemas.call import CallLine, CallView, ProxyMasked


def call_views(session: ReadSession, found: Sequence[Call], now: datetime) -> list[CallView]:
    """Calls to make, each with what its caller may have."""
    named = names.load(session, [one.seen.ticket for one in found])
    return [_view(session, one, named, now) for one in found]


def call_lines(session: ReadSession, ticket: Ticket, *, knows_proxy: bool) -> list[CallLine]:
    """Every call about a ticket, oldest first; who may not know of a proxy does not read of one in a reason either."""
    listed = [task for task in calls_of(session, ticket) if knows_proxy or task.reason != CONSENT_AFTERWARDS]
    return [
        CallLine(
            id=task.id,
            kind=CallKind(task.kind),
            reason=CallReason.BY_RULE if task.reason == CallReason.PROXY and not knows_proxy else task.reason,
            status=CallStatus(task.status),
            due_at=task.due_at,
            tries=tries_of(task),
            done_at=task.done_at,
        )
        for task in listed
    ]


def proxy_masked(session: ReadSession, ticket: Ticket) -> ProxyMasked | None:
    """For whom somebody spoke, masked; None where nobody was spoken for."""
    found = beneficiary_of(session, ticket)
    if found is None:
        return None
    person, mandate = found
    return ProxyMasked(
        name=masked_name(person.name) if person.name else None,
        phone=masked_phone(person.phone) if person.phone else None,
        room="***" if person.room else None,
        consent=mandate.kind,
        note=redaction.masked(mandate.note),
        until=mandate.until,
    )


def tries_of(task: CallTask) -> list[datetime]:
    """When nobody answered."""
    return [datetime.fromisoformat(at) for at in task.tries]


def _view(session: ReadSession, one: Call, named: names.Names, now: datetime) -> CallView:
    task, ticket = one.task, one.seen.ticket
    beneficiary = beneficiary_of(session, ticket)
    fields: dict[str, Any] = {
        "id": task.id,
        "kind": CallKind(task.kind),
        "reason": task.reason,
        "number": ticket.number,
        "status": Status(ticket.status),
        "category": names.category(ticket),
        "due_at": task.due_at,
        "overdue": task.due_at <= now,
        "tries": tries_of(task),
        "for_somebody_else": beneficiary is not None,
    }
    columns, shown = one.seen.columns, Shown(shielded=ticket.shielded, escalated_to=ticket.escalated_to)
    if grade(place_item(private=names.private(ticket)), columns, shown) in {Grade.FULL, Grade.SLIP}:
        fields["place"] = named.place(ticket)
    fields |= _whom(session, one, beneficiary[0] if beneficiary else None)
    if task.reason in TELLS and grade(Item.REPLY, columns, shown) in {Grade.FULL, Grade.SLIP}:
        fields["say"] = _told(session, task)
    return CallView(**fields)


def _whom(session: ReadSession, one: Call, beneficiary: sealed.Person | None) -> dict[str, Any]:
    """The beneficiary where they can be called, else whoever left a number; only for those who may dial it."""
    callback, field, person = one.task.kind == CallKind.CALLBACK, "phone", sealed.person_of(session, one.seen.ticket)
    if beneficiary is not None and beneficiary.phone:
        field, person = "beneficiary_phone", beneficiary
    if person is None or not person.phone or not may_dial(one.seen, field, callback=callback):
        return {}
    found = {"phone": masked_phone(person.phone), "ask": field}
    return found | ({"name": masked_name(person.name)} if person.name else {})


def _told(session: ReadSession, task: CallTask) -> str | None:
    query = select(Event).where(Event.ticket_id == task.ticket_id, Event.verb == task.reason)
    newest = query.order_by(col(Event.id).desc()).limit(1)
    event = session.exec(newest.execution_options(scope="calls")).first()
    return redaction.masked(sealed.words_of(session, event) or "") or None if event else None
