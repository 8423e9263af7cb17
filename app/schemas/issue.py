"""What stands beside a ticket: others that may be the same, a common issue, filings, and who has it too."""

from typing import Annotated

from pydantic import Field

from app.rules.duplicates import Why
from app.schemas.base import Form, Line, Moment, View
from app.schemas.desk import QueueItem
from app.schemas.filing import FilingView
from app.schemas.ticket import CategoryRef

Number = Annotated[str, Field(max_length=20)]


class SimilarView(View):
    """A ticket that may be the same matter, and why. Homes are concerned where it is not `mergeable`: link it only."""

    ticket: QueueItem
    why: list[Why]
    likeness: float
    mergeable: bool


class IssueView(View):
    """A common issue with those of its tickets that this account may see. No building: all over the compound."""

    id: int
    compound: str
    category: CategoryRef
    building: str | None
    opened_at: Moment
    closed_at: Moment | None
    outcome: str | None
    open: int
    tickets: list[QueueItem]


class IssueList(View):
    items: list[IssueView]


class SuggestedIssue(View):
    """Several of a kind within a fortnight: `tickets` could become a common issue."""

    building: str | None
    tickets: list[str]


class RelatedView(View):
    """Everything beside one ticket that this account may know. `public_reply`: why a reply cannot go on the board."""

    number: str
    me_too: int
    filings: list[FilingView]
    similar: list[SimilarView]
    issue: IssueView | None
    suggested: SuggestedIssue | None
    public_reply: str
    may_file: bool
    may_link: bool


class IssueIn(Form):
    """列为共性问题: tickets of one kind and one compound. `whole_compound`: not of one building alone."""

    tickets: Annotated[list[Number], Field(min_length=1, max_length=100)]
    whole_compound: bool = False


class LinkIn(Form):
    ticket: Number


class CloseIssueIn(Form):
    """How it ended."""

    text: Line
