"""The work ledger: lines without persons, and their totals."""

from datetime import date

from app.rules.vocabulary import Channel, Complexity, Role, Solved, Status
from app.schemas.base import View


class CountView(View):
    """How many tickets of one kind, and how many of them are not closed out (销号) yet."""

    code: str
    name: str
    total: int
    open: int


class TotalsView(View):
    """Sums over every ticket of the month that this account may see."""

    total: int
    closed_out: int
    open: int
    common: int
    filed: int
    by_class: list[CountView]
    by_party: list[CountView]
    by_status: list[CountView]
    by_channel: list[CountView]


class LedgerLine(View):
    """One ticket. Days are local; `place` is where shared space is concerned, else just the compound."""

    number: str
    submitted: date
    category: str
    category_name: str
    complexity: Complexity
    channel: Channel
    place: str
    status: Status
    party: Role
    due: date
    done: date | None
    closed: date | None
    rounds: int
    urges: int
    solved: Solved | None
    stars: int | None
    filings: str
    common: bool


class LedgerView(View):
    """One page of a month's ledger. `items` is absent for whoever gets totals only."""

    compound: str
    month: str
    totals: TotalsView
    items: list[LedgerLine] | None = None
    next_cursor: str | None = None


class AgedView(View):
    """Open tickets of one kind: all, those past due, and how many are how old (see `ages` of the view)."""

    code: str
    name: str
    open: int
    overdue: int
    ages: list[int]


class CloseOutView(View):
    """销号: what is not closed out yet, by category and by party, and how old it is."""

    compound: str
    ages: list[str]
    total: AgedView
    by_category: list[AgedView]
    by_party: list[AgedView]
    filed: int
