"""Honest figures, as JSON, and the tickets behind each."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator

from app import access
from app.queries import figures as queries
from app.queries.figures import Asked
from app.routers.deps import Db, Now, StaffCaller
from app.routers.problems import problems
from app.rules import sla
from app.rules.vocabulary import Role
from app.schemas.desk import QueueView
from app.schemas.figures import StatsView

router = APIRouter(prefix="/api/v1/stats", tags=["figures"])
_ANSWERS = problems(401, 403, 404)


def _day(value: object) -> object:
    """A day, or the local day of an instant."""
    if isinstance(value, str) and "T" in value:
        at = datetime.fromisoformat(value)
        return sla.local_day(at) if at.tzinfo else at.date()
    return value


Day = Annotated[date | None, BeforeValidator(_day)]


async def _asked(
    compound: Annotated[str, Query(max_length=32)],
    first: Annotated[Day, Query(alias="from")] = None,
    last: Annotated[Day, Query(alias="to")] = None,
    category: Annotated[str | None, Query(max_length=16)] = None,
    party: Role | None = None,
) -> Asked:
    return Asked(compound, first, last, category, party)


AskedFor = Annotated[Asked, Depends(_asked)]


@router.get("", responses=_ANSWERS)
def stats(asked: AskedFor, caller: StaffCaller, db: Db, now: Now) -> StatsView:
    """Every figure of what fell due from `from` to `to`, local days and both included; this month without them."""
    with db.read() as session:
        return queries.stats(session, access.staff(session, caller, now), asked, now)


@router.get("/{figure}/tickets", response_model_exclude_unset=True, responses=_ANSWERS)
def tickets(
    figure: str,
    asked: AskedFor,
    caller: StaffCaller,
    db: Db,
    now: Now,
    part: Literal["over", "base", "rest"] = "base",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> QueueView:
    """The tickets that a figure counts: numerator (`over`), denominator (`base`), or what is missing (`rest`)."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return queries.tickets(session, staff, asked, figure, now, part=part, cursor=cursor, limit=limit)
