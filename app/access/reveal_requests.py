"""Looks at a minor's data: asked for by whoever may look, approved by the secretary, good for a day (§3.1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.access import names
from app.access.actors import Staff
from app.db import ReadSession, WriteSession
from app.errors import NotFoundError
from app.models.place import Compound
from app.models.rights import RevealRequest
from app.models.staff import Account
from app.models.ticket import Ticket
from app.rules import refusals
from app.rules.rights import RequestStatus
from app.rules.vocabulary import RevealPurpose, Role
from app.schemas.rights import RevealRequestView


class Asked(NamedTuple):
    """A request with what the secretary may know of it: number, leaf and who asks; no content."""

    request: RevealRequest
    ticket: Ticket
    compound: str
    username: str
    name: str


def approval(
    session: ReadSession, ticket: Ticket, account_id: int, fields: Sequence[str], now: datetime
) -> RevealRequest | None:
    """The approval by which this account may see all of these fields now, if there is one."""
    query = select(RevealRequest).where(
        RevealRequest.ticket_id == ticket.id,
        RevealRequest.account_id == account_id,
        RevealRequest.status == RequestStatus.APPROVED,
        col(RevealRequest.until) > now,
    )
    found = session.exec(query.order_by(col(RevealRequest.id).desc()).execution_options(scope="reveal"))
    return next((request for request in found if set(fields) <= set(request.fields)), None)


def ask(
    session: WriteSession,
    ticket: Ticket,
    account_id: int,
    role: Role,
    fields: Sequence[str],
    purpose: RevealPurpose,
    now: datetime,
) -> tuple[RevealRequest, bool]:
    """The request that waits for these fields, and whether it is a new one: asking twice bothers nobody twice."""
    query = select(RevealRequest).where(
        RevealRequest.ticket_id == ticket.id,
        RevealRequest.account_id == account_id,
        RevealRequest.status == RequestStatus.WAITING,
    )
    waiting = session.exec(query.with_for_update().execution_options(scope="reveal"))
    for request in waiting:
        if set(fields) <= set(request.fields) and request.purpose == purpose:
            return request, False
    request = RevealRequest(
        ticket_id=ticket.id,
        compound_id=ticket.compound_id,
        account_id=account_id,
        role=role,
        fields=list(fields),
        purpose=purpose,
        status=RequestStatus.WAITING,
        asked_at=now,
    )
    session.add(request)
    session.flush()
    return request, True


def reveal_request(session: ReadSession, staff: Staff, request_id: int, *, lock: bool = False) -> Asked:
    """One request that this account may decide. Raises NotFoundError where it is another secretary's."""
    query = _asked().where(col(RevealRequest.id) == request_id, col(RevealRequest.compound_id).in_(_decides(staff)))
    if lock:
        query = query.with_for_update(of=RevealRequest)
    row = session.execute(query.execution_options(scope="reveal", populate_existing=lock)).one_or_none()
    if row is None:
        raise NotFoundError(refusals.say("request_unknown"))
    return Asked(*row)


def reveal_requests(session: ReadSession, staff: Staff, before: int | None, limit: int) -> list[Asked]:
    """The requests of this secretary's compounds: the newest first."""
    query = _asked().where(col(RevealRequest.compound_id).in_(_decides(staff)))
    if before is not None:
        query = query.where(col(RevealRequest.id) < before)
    query = query.order_by(col(RevealRequest.id).desc()).limit(limit)
    return [Asked(*row) for row in session.execute(query.execution_options(scope="reveal"))]


def request_view(asked: Asked) -> RevealRequestView:
    """A request as its secretary reads it: number and leaf, who asks for what; nothing of the matter itself."""
    request = asked.request
    return RevealRequestView(
        id=request.id,
        status=RequestStatus(request.status),
        compound=asked.compound,
        number=asked.ticket.number,
        category=names.category(asked.ticket),
        account=asked.username,
        name=asked.name,
        role=Role(request.role),
        fields=request.fields,
        purpose=RevealPurpose(request.purpose),
        asked_at=request.asked_at,
        decided_at=request.decided_at,
        until=request.until,
    )


def decides(staff: Staff) -> bool:
    """Whether this account has such requests to decide at all."""
    return bool(_decides(staff))


def _decides(staff: Staff) -> list[int]:
    return sorted({seat.compound_id for seat in staff.seats if seat.role is Role.COMMITTEE_SECRETARY})


def _asked() -> Select[RevealRequest, Ticket, str, str, str]:
    return (
        select_columns(RevealRequest, Ticket, col(Compound.code), col(Account.username), col(Account.name))
        .join(Ticket, col(Ticket.id) == col(RevealRequest.ticket_id))
        .join(Compound, col(Compound.id) == col(RevealRequest.compound_id))
        .join(Account, col(Account.id) == col(RevealRequest.account_id))
    )
