"""The desk, as JSON: the queue, a ticket, its links and its looks."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from app import access
from app.access import QueueFilter, Staff, StaffKey
from app.actions import desk as actions
from app.actions import slip as slip_actions
from app.actions.once import once
from app.db import Database, WriteSession
from app.errors import ApprovalNeededError, VerbNotYoursError
from app.queries import desk as queries
from app.queries import place as places
from app.routers.deps import Config, Db, Now, StaffCaller
from app.routers.problems import problems
from app.rules.vocabulary import Role, Status
from app.schemas.desk import DeskTicket, LinkView, QueueView, RevealIn, RevealView

router = APIRouter(prefix="/api/v1/desk/tickets", tags=["desk"])
_VERB = problems(401, 403, 404, 409)


@router.get("", response_model_exclude_unset=True, responses=problems(401, 403, 404))
def queue(
    caller: StaffCaller,
    db: Db,
    now: Now,
    compound: Annotated[str | None, Query(max_length=32)] = None,
    status: Annotated[list[Status] | None, Query()] = None,
    category: Annotated[str | None, Query(max_length=16)] = None,
    lead: Role | None = None,
    overdue: bool | None = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    stairwell: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> QueueView:
    """The queue, most urgent first. Without `status`, everything that is not closed out.

    By `stairwell` it lists only tickets whose place the account may read.
    """
    with db.read() as session:
        staff = access.staff(session, caller, now)
        wanted = QueueFilter(
            compound_id=places.compound_id(session, staff, compound) if compound else None,
            statuses=tuple(status or ()),
            category=category,
            lead=lead,
            overdue=overdue,
            q=q,
            stairwell=stairwell,
        )
        return queries.queue(session, staff, now, wanted=wanted, cursor=cursor, limit=limit)


@router.get("/{number}", response_model_exclude_unset=True, responses=problems(401, 403, 404))
def ticket(number: str, caller: StaffCaller, db: Db, now: Now) -> DeskTicket:
    """One ticket: every field that this actor may have, and no other."""
    with db.read() as session:
        return queries.ticket(session, access.staff(session, caller, now), number, now)


def run_verb(
    call: tuple[StaffKey, str | None, Database, datetime],
    verb: str,
    number: str,
    body: str,
    act: Callable[[WriteSession, Staff], DeskTicket],
) -> DeskTicket:
    """One verb by one staff member: once per key, in one transaction, the new view committed."""
    caller, key, db, now = call
    with db.write() as session:
        staff = access.staff(session, caller, now)
        access.desk_ticket(session, staff, number)  # a replay, too, is for whoever may do it now
        return once(
            session,
            f"POST {verb} {number[:40]} {staff.account_id}",
            key,
            body,
            now,
            DeskTicket,
            lambda: act(session, staff),
        )


@router.post("/{number}/slips/{slip_no}/link", status_code=201, responses=_VERB)
def hand_out(number: str, slip_no: str, caller: StaffCaller, db: Db, now: Now, settings: Config) -> LinkView:
    """复制任务单: a fresh link for one person's phone; earlier links of the slip stop working."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return slip_actions.hand_out(session, staff, number, slip_no, settings.origin, now=now)


@router.post("/{number}/reveal", response_model_exclude_unset=True, responses=_VERB)
def reveal(number: str, form: RevealIn, caller: StaffCaller, db: Db, now: Now) -> RevealView:
    """查看明文: plain values for a purpose; given or refused, it is in the access log."""
    with db.write() as session:
        found = actions.reveal(session, access.staff(session, caller, now), number, form, now=now)
    if found.values is None:
        raise (ApprovalNeededError if found.asks else VerbNotYoursError)(found.why_not)
    return RevealView.model_validate(found.values)
