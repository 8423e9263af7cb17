"""共性问题 and what stands beside a ticket, as JSON."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app import access
from app.actions import issue as actions
from app.actions.once import once
from app.queries import issue as queries
from app.routers.deps import Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.issue import CloseIssueIn, IssueIn, IssueList, IssueView, LinkIn, RelatedView

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])
IssueId = Annotated[int, Path(ge=0, le=2**31 - 1)]
_SEEN = problems(401, 403, 404)
_CHANGED = problems(401, 403, 404, 409)


@router.get("/tickets/{number}/related", response_model_exclude_unset=True, responses=_SEEN)
def related(number: str, caller: StaffCaller, db: Db, now: Now) -> RelatedView:
    """Tickets that may be the same matter, its common issue, filings, and how many neighbours have it too."""
    with db.read() as session:
        return queries.related(session, access.staff(session, caller, now), number, now)


@router.get("/issues", response_model_exclude_unset=True, responses=_SEEN)
def issues(
    compound: Annotated[str, Query(max_length=32)], caller: StaffCaller, db: Db, now: Now, closed: bool = False
) -> IssueList:
    """The common issues of a compound that this account may know of, newest first."""
    with db.read() as session:
        return queries.issues(session, access.staff(session, caller, now), compound, now, closed=closed)


@router.post("/issues", status_code=201, response_model_exclude_unset=True, responses=_SEEN)
def open_issue(form: IssueIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> IssueView:
    """列为共性问题: tickets of one kind; each keeps its own number, reply and rating."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        return once(
            session,
            f"POST issues {staff.account_id}",
            key,
            form.model_dump_json(),
            now,
            IssueView,
            lambda: queries.issue(session, staff, actions.open_issue(session, staff, form, now=now), now),
        )


@router.get("/issues/{issue_id}", response_model_exclude_unset=True, responses=_SEEN)
def issue(issue_id: IssueId, caller: StaffCaller, db: Db, now: Now) -> IssueView:
    """One common issue with its tickets."""
    with db.read() as session:
        return queries.issue(session, access.staff(session, caller, now), issue_id, now)


@router.post("/issues/{issue_id}/link", response_model_exclude_unset=True, responses=_CHANGED)
def link(issue_id: IssueId, form: LinkIn, caller: StaffCaller, db: Db, now: Now) -> IssueView:
    """归到这个共性问题: one more ticket."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.link(session, staff, issue_id, form, now=now)
        return queries.issue(session, staff, issue_id, now)


@router.post("/issues/{issue_id}/unlink", response_model_exclude_unset=True, responses=_CHANGED)
def unlink(issue_id: IssueId, form: LinkIn, caller: StaffCaller, db: Db, now: Now) -> IssueView:
    """移出: it has a cause of its own."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.unlink(session, staff, issue_id, form)
        return queries.issue(session, staff, issue_id, now)


@router.post("/issues/{issue_id}/close", response_model_exclude_unset=True, responses=_CHANGED)
def close(issue_id: IssueId, form: CloseIssueIn, caller: StaffCaller, db: Db, now: Now) -> IssueView:
    """结束, with how it ended."""
    with db.write() as session:
        staff = access.staff(session, caller, now)
        actions.close(session, staff, issue_id, form, now=now)
        return queries.issue(session, staff, issue_id, now)
