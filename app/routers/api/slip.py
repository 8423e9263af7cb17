"""Slips, as JSON: by account, or by the handed-out link's X-Slip-Token."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from app import access
from app.access import SlipKey, Staff, StaffKey
from app.actions import slip as actions
from app.actions.once import once
from app.db import Database, ReadSession, WriteSession
from app.queries import slip as queries
from app.routers.deps import Db, Key, Now, SlipHolder, StaffCaller
from app.routers.problems import problems
from app.rules.vocabulary import SlipStatus
from app.schemas.desk import DoneIn, ProgressIn, QuestionIn, ReasonIn, ReplyIn, SlipList, SlipView

router = APIRouter(prefix="/api/v1/slips", tags=["slips"])
_VERB = problems(401, 403, 404, 409, 410)


@router.get("", responses=problems(401, 403))
def slips(
    caller: StaffCaller,
    db: Db,
    now: Now,
    status: Annotated[list[SlipStatus] | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SlipList:
    """The slips of this account's seats, most urgent first; open ones unless `status` says otherwise."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return queries.slips(session, staff, now, statuses=tuple(status or ()), cursor=cursor, limit=limit)


@router.get("/{slip_no}", responses=problems(401, 403, 404, 410))
def slip(slip_no: str, holder: SlipHolder, db: Db, now: Now) -> SlipView:
    """One slip: what, where, by when."""
    with db.read() as session:
        return queries.slip(session, _resolved(session, holder, now), slip_no, now)


def _resolved(session: ReadSession, holder: StaffKey | SlipKey, now: datetime) -> Staff | SlipKey:
    return holder if isinstance(holder, SlipKey) else access.staff(session, holder, now)


def _run(
    call: tuple[StaffKey | SlipKey, str | None, Database, datetime],
    verb: str,
    slip_no: str,
    body: str,
    act: Callable[[WriteSession, Staff | SlipKey], SlipView],
) -> SlipView:
    """One verb on one slip: once per key, in one transaction, the new view committed."""
    holder, key, db, now = call
    with db.write() as session:
        known = _resolved(session, holder, now)
        access.slip(session, known, slip_no, now)  # a replay, too, is for whoever may do it now
        who = known.account_id if isinstance(known, Staff) else "link"
        return once(session, f"POST {verb} {slip_no[:40]} {who}", key, body, now, SlipView, lambda: act(session, known))


@router.post("/{slip_no}/accept", responses=_VERB)
def accept(slip_no: str, holder: SlipHolder, key: Key, db: Db, now: Now) -> SlipView:
    """接单: two taps, and it is yours."""
    return _run(
        (holder, key, db, now),
        "accept",
        slip_no,
        "",
        lambda session, who: actions.accept(session, who, slip_no, now=now),
    )


@router.post("/{slip_no}/progress", responses=_VERB)
def progress(slip_no: str, form: ProgressIn, holder: SlipHolder, key: Key, db: Db, now: Now) -> SlipView:
    """记进展: words and photos on the way."""
    return _run(
        (holder, key, db, now),
        "progress",
        slip_no,
        form.model_dump_json(),
        lambda session, who: actions.progress(session, who, slip_no, form, now=now),
    )


@router.post("/{slip_no}/reply", responses=_VERB)
def reply(slip_no: str, form: ReplyIn, holder: SlipHolder, key: Key, db: Db, now: Now) -> SlipView:
    """拟答复: a draft for the grid head to send."""
    return _run(
        (holder, key, db, now),
        "reply",
        slip_no,
        form.model_dump_json(),
        lambda session, who: actions.draft_reply(session, who, slip_no, form, now=now),
    )


@router.post("/{slip_no}/done", responses=_VERB)
def done(slip_no: str, form: DoneIn, holder: SlipHolder, key: Key, db: Db, now: Now) -> SlipView:
    """办完了: what was done, with evidence."""
    return _run(
        (holder, key, db, now),
        "done",
        slip_no,
        form.model_dump_json(),
        lambda session, who: actions.done(session, who, slip_no, form, now=now),
    )


@router.post("/{slip_no}/return", responses=_VERB)
def give_back(slip_no: str, form: ReasonIn, holder: SlipHolder, key: Key, db: Db, now: Now) -> SlipView:
    """退单: with a reason; the clock runs on."""
    return _run(
        (holder, key, db, now),
        "return",
        slip_no,
        form.model_dump_json(),
        lambda session, who: actions.give_back(session, who, slip_no, form, now=now),
    )


@router.post("/{slip_no}/ask", responses=_VERB)
def ask(slip_no: str, form: QuestionIn, holder: SlipHolder, key: Key, db: Db, now: Now) -> SlipView:
    """问一个问题: the grid head relays it."""
    body = form.model_dump_json()
    return _run(
        (holder, key, db, now),
        "ask",
        slip_no,
        body,
        lambda session, who: actions.ask(session, who, slip_no, form, now=now),
    )
