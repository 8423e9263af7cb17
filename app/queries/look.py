"""Who looked at what, for those who watch over it; and the looks that wait for a secretary."""

from datetime import datetime, timedelta

from app import access
from app.access import Staff, looks, reveal_requests
from app.access.looks import GIVEN, REFUSED, Looked, LookFilter
from app.db import ReadSession
from app.queries.desk import number as row_number
from app.queries.desk import pack, unpack
from app.rules import catalogue
from app.rules.looking import Alert
from app.rules.vocabulary import CategorySource, RevealPurpose, Role
from app.schemas.rights import (
    LookAlertView,
    LookCount,
    LookLine,
    LookLog,
    RevealRequestList,
)
from app.schemas.ticket import CategoryRef

ALERTS_REACH_BACK = timedelta(days=7)
MOST_ALERTS = 50
FEWEST_SHOWN = 3


def log(
    session: ReadSession, staff: Staff, now: datetime, wanted: LookFilter, *, cursor: str | None = None, limit: int = 50
) -> LookLog:
    """The lines that this account may read, the newest first; figures where it may have figures only."""
    if wanted.number is not None:
        wanted = wanted._replace(number=access.canonical_number(wanted.number))
    before = row_number(unpack(cursor, 1)[0]) if cursor else None
    rows = looks.looks(session, staff, wanted, before, limit + 1)
    page, more = rows[:limit], len(rows) > limit
    counted = looks.counts(session, staff, wanted)
    return LookLog(
        items=[_line(row, content=not staff.is_admin) for row in page],
        counts=[
            LookCount(compound=compound, given=_few(counted, compound, GIVEN), refused=_few(counted, compound, REFUSED))
            for compound in sorted({compound for compound, _ in counted})
        ],
        alerts=[] if cursor else _alerts(session, staff, now),
        next_cursor=pack(page[-1].line.id) if more else None,
    )


def requests(session: ReadSession, staff: Staff, *, cursor: str | None = None, limit: int = 50) -> RevealRequestList:
    """The requests of this secretary's compounds, the newest first; an empty list for everybody else."""
    before = row_number(unpack(cursor, 1)[0]) if cursor else None
    rows = reveal_requests.reveal_requests(session, staff, before, limit + 1)
    page, more = rows[:limit], len(rows) > limit
    return RevealRequestList(
        items=[reveal_requests.request_view(asked) for asked in page],
        next_cursor=pack(page[-1].request.id) if more else None,
    )


def _line(looked: Looked, *, content: bool) -> LookLine:
    """One line. Whoever only runs the system learns that somebody looked, not at what kind of matter."""
    line = looked.line
    view = LookLine(
        at=line.at,
        compound=looked.compound,
        number=looked.number,
        account=looked.username,
        name=looked.name,
        role=Role(line.role),
        fields=line.fields,
        purpose=RevealPurpose(line.purpose),
        result=line.result,
        facts=line.facts,
    )
    if not content or looked.category is None:
        return view
    leaf = catalogue.default().leaf(looked.category)
    return view.model_copy(
        update={"category": CategoryRef(code=leaf.code, name=leaf.name, source=CategorySource(looked.source))}
    )


def _alerts(session: ReadSession, staff: Staff, now: datetime) -> list[LookAlertView]:
    found = looks.alerts(session, staff, now - ALERTS_REACH_BACK, MOST_ALERTS)
    return [
        LookAlertView(
            at=alert.at,
            compound=compound,
            kind=Alert(alert.kind),
            account=username,
            name=name,
            number=alert.about or None,
        )
        for alert, compound, username, name in found
    ]


def _few(counted: dict[tuple[str, str], int], compound: str, result: str) -> str:
    count = counted.get((compound, result), 0)
    return str(count) if count == 0 or count >= FEWEST_SHOWN else f"<{FEWEST_SHOWN}"
