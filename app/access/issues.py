"""Common issues and likeness, through the gate: an issue without a ticket that one may see is not there."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from app.access import sealed
from app.access.actors import Staff
from app.access.gate import grade_of, reads
from app.access.rows import Seen, seen, visible
from app.db import ReadSession, WriteSession
from app.errors import NotFoundError
from app.models.board import MeToo
from app.models.common_issue import CommonIssue, IssueTicket, outcome_context
from app.models.ticket import Ticket
from app.rules import catalogue, duplicates, refusals
from app.rules.duplicates import Matter
from app.rules.privacy import Grade, Item, is_private, place_item
from app.rules.vocabulary import Role, Status

LINKERS = frozenset({Role.GRID_HEAD, Role.COMMITTEE_SECRETARY})
MOST_COMPARED = 200
MOST_LISTED = 100
_GONE = (Status.MERGED, Status.WITHDRAWN, Status.REJECTED, Status.CLOSED_REJECTED, Status.TRANSFERRED)


class Linked(NamedTuple):
    """A common issue, and those of its tickets that its viewer may see."""

    issue: CommonIssue
    tickets: list[Seen]


def near(session: ReadSession, staff: Staff, mine: Seen) -> list[Seen]:
    """Other tickets of the compound within a fortnight, those of the same stairwell and kind first."""
    ticket, conditions = mine.ticket, visible(staff)
    closeness = (col(Ticket.stairwell_id) != ticket.stairwell_id, col(Ticket.category) != ticket.category)
    query = (
        select_columns(Ticket, *conditions.values())
        .where(
            col(Ticket.compound_id) == ticket.compound_id,
            col(Ticket.submitted_at).between(
                ticket.submitted_at - duplicates.WITHIN, ticket.submitted_at + duplicates.WITHIN
            ),
            col(Ticket.id) != ticket.id,
            col(Ticket.status).not_in(_GONE),
            _any(conditions.values()),
        )
        .order_by(*closeness, col(Ticket.id).desc())
        .limit(MOST_COMPARED)
    )
    rows = session.execute(query.execution_options(scope="related"))
    return [seen(row, list(conditions), staff) for row in rows]


def matter_of(session: ReadSession, one: Seen) -> Matter:
    """A ticket as far as likeness goes: by the reporter's words, or by the confirmed ones, whichever one may read."""
    ticket = one.ticket
    text = ticket.redacted_text or "" if reads(one, Item.REDACTED) else ""
    if grade_of(one, Item.RAW) is Grade.MASKED:
        text = sealed.text_of(session, ticket) or text
    leaf = catalogue.default().leaf(ticket.category)
    place = (ticket.building_id, ticket.stairwell_id)
    if not reads(one, place_item(private=is_private(leaf))):
        place = (-ticket.id, -ticket.id)  # nowhere: that two are in one place would tell of it
    return Matter(ticket.id, leaf, *place, ticket.submitted_at, duplicates.grams(text))


def issue(session: ReadSession, staff: Staff, issue_id: int, *, lock: bool = False) -> Linked:
    """One common issue. Raises NotFoundError where none of its tickets is visible."""
    query = select(CommonIssue).where(CommonIssue.id == issue_id)
    if lock:
        query = query.with_for_update()
    found = session.exec(query.execution_options(scope="issues", populate_existing=lock)).one_or_none()
    tickets = _tickets(session, staff, [issue_id]).get(issue_id, []) if found else []
    if found is None or not tickets:
        raise NotFoundError(refusals.say("issue_unknown"))
    return Linked(found, tickets)


def issues(session: ReadSession, staff: Staff, compound_id: int, *, closed: bool) -> list[Linked]:
    """The open common issues of a compound, or the closed ones, newest first."""
    query = select(CommonIssue).where(
        CommonIssue.compound_id == compound_id, col(CommonIssue.closed_at).is_not(None) == closed
    )
    found = session.exec(
        query.order_by(col(CommonIssue.id).desc()).limit(MOST_LISTED).execution_options(scope="issues")
    ).all()
    tickets = _tickets(session, staff, [one.id for one in found])
    return [Linked(one, tickets[one.id]) for one in found if one.id in tickets]


def issue_of(session: ReadSession, ticket: Ticket) -> int | None:
    """The common issue that a ticket belongs to."""
    query = select(IssueTicket.issue_id).where(IssueTicket.ticket_id == ticket.id)
    return session.exec(query.execution_options(scope="issues")).one_or_none()


def link(session: WriteSession, issue_id: int, ticket: Ticket, account_id: int, now: datetime) -> None:
    """Makes a ticket part of a common issue."""
    session.add(IssueTicket(ticket_id=ticket.id, issue_id=issue_id, at=now, account_id=account_id))
    session.flush()


def unlink(session: WriteSession, issue_id: int, ticket: Ticket) -> bool:
    """Takes a ticket out of a common issue; whether it was in it."""
    query = select(IssueTicket).where(IssueTicket.ticket_id == ticket.id, IssueTicket.issue_id == issue_id)
    found = session.exec(query.execution_options(scope="issues")).one_or_none()
    if found is not None:
        session.delete(found)
        session.flush()
    return found is not None


def is_empty(session: ReadSession, issue_id: int) -> bool:
    """Whether no ticket belongs to a common issue, visible or not."""
    query = select(IssueTicket.ticket_id).where(IssueTicket.issue_id == issue_id).limit(1)
    return session.exec(query.execution_options(scope="issues")).first() is None


def outcome_of(session: ReadSession, linked: Linked) -> str | None:
    """How it ended, in the words of whoever closed it; None for whoever may not read the desk's notes."""
    found = linked.issue
    if not any(reads(one, Item.NOTES) for one in linked.tickets):
        return None
    return session.vault.open(found.outcome_sealed, outcome_context(found.id)) if found.outcome_sealed else None


def seal_outcome(session: WriteSession, found: CommonIssue, plain: str) -> bytes:
    """Ciphertext of how it ended."""
    return session.vault.seal(plain, outcome_context(found.id))


def others_too(session: ReadSession, one: Seen) -> int:
    """How many neighbours said that they have it too; 0 for whoever may not read the urges."""
    if not reads(one, Item.URGES):
        return 0
    query = select(func.count()).select_from(MeToo).where(MeToo.ticket_id == one.ticket.id)
    return session.exec(query.execution_options(scope="related")).one()


def _tickets(session: ReadSession, staff: Staff, issue_ids: Sequence[int]) -> dict[int, list[Seen]]:
    conditions = visible(staff)
    query = (
        select_columns(Ticket, *conditions.values(), col(IssueTicket.issue_id))
        .join(IssueTicket, col(IssueTicket.ticket_id) == col(Ticket.id))
        .where(col(IssueTicket.issue_id).in_(issue_ids), _any(conditions.values()))
        .order_by(col(Ticket.id))
    )
    found: dict[int, list[Seen]] = {}
    for row in session.execute(query.execution_options(scope="issues")):
        found.setdefault(row[-1], []).append(seen(row[:-1], list(conditions), staff))
    return found


def _any(conditions: Collection[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(or_(*conditions)) if conditions else col(Ticket.id).is_(None)
