"""What stands beside a ticket, and the common issues of a compound."""

from collections.abc import Sequence
from datetime import datetime

from app import access
from app.access import Staff, registry
from app.access import board as boards
from app.access import issues as rows
from app.access.filings import MAY_FILE, filing_views
from app.access.issues import Linked
from app.access.rows import Seen
from app.db import ReadSession
from app.models.ticket import Ticket
from app.rules import board, catalogue, duplicates, redaction, workflow
from app.rules.vocabulary import CategorySource, Status
from app.schemas.issue import IssueList, IssueView, RelatedView, SimilarView, SuggestedIssue
from app.schemas.ticket import CategoryRef

MOST_SIMILAR = 8


def related(session: ReadSession, staff: Staff, number: str, now: datetime) -> RelatedView:
    """Everything beside one ticket. Raises NotFoundError."""
    seen = access.desk_ticket(session, staff, number)
    hats, issue_id = access.hats_of(session, seen, now), rows.issue_of(session, seen.ticket)
    near = rows.near(session, staff, seen)
    mine, others = rows.matter_of(session, seen), [rows.matter_of(session, one) for one in near]
    common = duplicates.common(mine, others) if issue_id is None else None
    why_not = boards.why_not_public(session, seen.ticket)
    return RelatedView(
        number=seen.ticket.number,
        me_too=rows.others_too(session, seen),
        filings=filing_views(session, seen),
        similar=_similar(session, duplicates.alike(mine, others), near, now),
        issue=_view(session, staff, rows.issue(session, staff, issue_id), now) if issue_id else None,
        suggested=SuggestedIssue(
            building=_building(session, seen.ticket) if common.building_id else None,
            tickets=[one.ticket.number for one in (seen, *near) if one.ticket.id in common.ids],
        )
        if common
        else None,
        public_reply=board.words()["wrong"][why_not] if why_not else "",
        may_file=bool(hats & MAY_FILE),
        may_link=may_link(staff, seen.ticket.compound_id),
    )


def issues(session: ReadSession, staff: Staff, compound_code: str, now: datetime, *, closed: bool = False) -> IssueList:
    """A compound's common issues. Raises NotFoundError."""
    compound = registry.compound(session, staff, compound_code)
    found = rows.issues(session, staff, compound.id, closed=closed)
    return IssueList(items=[_view(session, staff, linked, now) for linked in found])


def issue(session: ReadSession, staff: Staff, issue_id: int, now: datetime) -> IssueView:
    """One common issue. Raises NotFoundError."""
    return _view(session, staff, rows.issue(session, staff, issue_id), now)


def may_link(staff: Staff, compound_id: int) -> bool:
    """Whether this account opens, links and closes common issues."""
    return bool(staff.roles_in(compound_id) & rows.LINKERS)


def links(staff: Staff, compound_code: str) -> bool:
    """The same, for a compound by its code."""
    return any(may_link(staff, seat.compound_id) for seat in staff.seats if seat.compound == compound_code)


def _similar(
    session: ReadSession, found: Sequence[duplicates.Alike], near: Sequence[Seen], now: datetime
) -> list[SimilarView]:
    by_id = {one.ticket.id: one for one in near}
    chosen = list(found[:MOST_SIMILAR])
    items = access.queue_items(session, [by_id[one.id] for one in chosen], now)
    return [
        SimilarView(
            ticket=item, why=list(one.why), likeness=one.likeness, mergeable=one.mergeable and _open(by_id[one.id])
        )
        for one, item in zip(chosen, items, strict=True)
    ]


def _open(one: Seen) -> bool:
    return Status(one.ticket.status) in workflow.OPEN


def _view(session: ReadSession, staff: Staff, linked: Linked, now: datetime) -> IssueView:
    found, leaf = linked.issue, catalogue.default().leaf(linked.issue.category)
    outcome = rows.outcome_of(session, linked)
    first = linked.tickets[0].ticket
    return IssueView(
        id=found.id,
        compound=next(seat.compound for seat in staff.seats if seat.compound_id == found.compound_id),
        category=CategoryRef(code=leaf.code, name=leaf.name, source=CategorySource.TRIAGER),
        building=_building(session, first) if found.building_id else None,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        outcome=redaction.masked(outcome) if outcome else None,
        open=sum(_open(one) for one in linked.tickets),
        tickets=access.queue_items(session, linked.tickets, now),
    )


def _building(session: ReadSession, ticket: Ticket) -> str:
    return access.names_for(session, [ticket]).buildings[ticket.building_id].name
