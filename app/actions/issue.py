"""共性问题: opened, linked, unlinked and closed by hand. Its tickets keep number, secret, reply and rating."""

from collections.abc import Sequence
from datetime import datetime

from app import access
from app.access import Staff
from app.access import issues as rows
from app.access.rows import Seen
from app.db import WriteSession
from app.errors import IllegalVerbError, InvalidError, VerbNotYoursError
from app.models.common_issue import CommonIssue
from app.rules import catalogue, refusals
from app.rules.vocabulary import Scope
from app.schemas.issue import CloseIssueIn, IssueIn, LinkIn


def open_issue(session: WriteSession, staff: Staff, form: IssueIn, *, now: datetime) -> int:
    """列为共性问题. Raises NotFoundError, VerbNotYoursError; InvalidError for tickets of several kinds or compounds."""
    seen = [access.desk_ticket(session, staff, number, lock=True) for number in sorted(set(form.tickets))]
    first = seen[0].ticket
    _check_may(staff, first.compound_id)
    if {(one.ticket.compound_id, one.ticket.category) for one in seen} != {(first.compound_id, first.category)}:
        raise InvalidError(errors=[{"field": "tickets", "message": refusals.say("issue_of_one_kind")}])
    homes = catalogue.default().leaf(first.category).scope is Scope.PRIVATE
    one_building = len({one.ticket.building_id for one in seen}) == 1 and not homes and not form.whole_compound
    found = CommonIssue(
        compound_id=first.compound_id,
        building_id=first.building_id if one_building else None,
        category=first.category,
        opened_at=now,
        opened_by=staff.account_id,
    )
    session.add(found)
    session.flush()
    _link(session, staff, found, seen, now)
    return found.id


def link(session: WriteSession, staff: Staff, issue_id: int, form: LinkIn, *, now: datetime) -> None:
    """归到这个共性问题. Raises as open_issue; IllegalVerbError once it is closed."""
    seen = access.desk_ticket(session, staff, form.ticket, lock=True)
    found = _open_one(session, staff, issue_id)
    _link(session, staff, found, [seen], now)


def unlink(session: WriteSession, staff: Staff, issue_id: int, form: LinkIn) -> None:
    """移出: the last ticket stays, since an issue without tickets is none."""
    seen = access.desk_ticket(session, staff, form.ticket, lock=True)
    _open_one(session, staff, issue_id)
    if not rows.unlink(session, issue_id, seen.ticket):
        raise InvalidError(errors=[{"field": "ticket", "message": refusals.say("issue_without_it")}])
    if rows.is_empty(session, issue_id):
        raise InvalidError(errors=[{"field": "ticket", "message": refusals.say("issue_last_one")}])


def close(session: WriteSession, staff: Staff, issue_id: int, form: CloseIssueIn, *, now: datetime) -> None:
    """结束, with how it ended. The tickets go their own ways on."""
    found = _open_one(session, staff, issue_id)
    found.closed_at, found.closed_by = now, staff.account_id
    found.outcome_sealed = rows.seal_outcome(session, found, form.text)
    session.flush()


def _open_one(session: WriteSession, staff: Staff, issue_id: int) -> CommonIssue:
    found = rows.issue(session, staff, issue_id, lock=True).issue
    _check_may(staff, found.compound_id)
    if found.closed_at is not None:
        raise IllegalVerbError(refusals.say("issue_over"), verbs=[])
    return found


def _check_may(staff: Staff, compound_id: int) -> None:
    if not staff.roles_in(compound_id) & rows.LINKERS:
        raise VerbNotYoursError


def _link(session: WriteSession, staff: Staff, found: CommonIssue, seen: Sequence[Seen], now: datetime) -> None:
    for one in seen:
        ticket = one.ticket
        wrong = ""
        if (ticket.compound_id, ticket.category) != (found.compound_id, found.category):
            wrong = refusals.say("issue_of_one_kind")
        elif found.building_id not in {None, ticket.building_id}:
            wrong = refusals.say("issue_of_one_building")
        elif rows.issue_of(session, ticket) is not None:
            wrong = refusals.say("issue_has_it", number=ticket.number)
        if wrong:
            raise InvalidError(errors=[{"field": "tickets", "message": wrong}])
        rows.link(session, found.id, ticket, staff.account_id, now)
