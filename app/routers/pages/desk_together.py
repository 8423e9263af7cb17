"""Several tickets at once: choose them, then merge, assign or print; every one goes through its own verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from app import access
from app.access import Staff
from app.actions import desk as actions
from app.actions import desk_review
from app.actions.once import once
from app.db import Database, ReadSession, WriteSession
from app.errors import AppError, InvalidError, NotFoundError
from app.queries import desk as queries
from app.queries import place as places
from app.routers.deps import Db, DeskCaller, Now
from app.routers.forms import new_key
from app.routers.pages.desk_parties import Party, parties
from app.routers.pages.desk_queue import Narrowed, lanes, narrowed
from app.routers.pages.desk_shell import Typed, desk_page, filled, form_key, refusal_of, text_of, texts_of
from app.rules import refusals
from app.rules.vocabulary import Role, Verb
from app.schemas.desk import AssignIn, DeskTicket, MergeIn

router = APIRouter(prefix="/desk", include_in_schema=False)
MOST = 50
Numbers = Annotated[list[str], Query(alias="number", max_length=MOST)]
Act = Callable[[WriteSession, Staff, str], DeskTicket]


class Result(NamedTuple):
    """What became of one ticket; `why_not` is empty where it was done."""

    number: str
    why_not: str


@router.get("/select")
def select(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    wanted: Narrowed,
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The queue with a box before every line, narrowed as the queue itself was."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        found = narrowed(session, staff, wanted)
        view = queries.queue(session, staff, now, wanted=found, cursor=cursor or None, limit=MOST)
        several = len(places.compounds(session, staff).items) > 1
    return desk_page(
        request,
        "select.html",
        staff,
        tab="queue",
        now=now,
        lanes=lanes(view.items, now),
        several=several,
        back=wanted.address(),
        further=wanted.address(view.next_cursor, path="/desk/select") if view.next_cursor else "",
    )


@router.get("/together")
def together(request: Request, caller: DeskCaller, db: Db, now: Now, numbers: Numbers = []) -> Response:  # noqa: B006 -- FastAPI copies it
    """What the chosen tickets can have done to them together."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen = _chosen(session, staff, numbers, now)
        assignable = [one for one in chosen if Verb.ASSIGN in one.verbs]
        offered = _common(session, staff, [one.number for one in assignable], now)
    return desk_page(
        request,
        "together.html",
        staff,
        tab="queue",
        now=now,
        chosen=chosen,
        assignable=assignable,
        mergeable=[one for one in chosen if Verb.MERGE in one.verbs],
        parties=offered,
        printing=_printing(chosen),
        form_key=new_key(),
    )


@router.post("/together/assign")
def assign(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """派给同一方. What cannot be given to it says why; the others are given all the same."""
    form = filled(AssignIn, {"lead": text_of(typed, "lead"), "ask": text_of(typed, "ask")})

    def act(session: WriteSession, staff: Staff, number: str) -> DeskTicket:
        return actions.assign(session, staff, number, form, now=now)

    done = _each(db, caller_key=caller, typed=typed, now=now, verb=Verb.ASSIGN, act=act, body=form.model_dump_json())
    return _told(request, done, now, verb=Verb.ASSIGN)


@router.post("/together/merge")
def merge(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """并到一件: all the others into the chosen one."""
    form = filled(MergeIn, {"into": text_of(typed, "into")})

    def act(session: WriteSession, staff: Staff, number: str) -> DeskTicket:
        return desk_review.merge(session, staff, number, form, now=now)

    done = _each(db, caller_key=caller, typed=typed, now=now, verb=Verb.MERGE, act=act, body=form.into, but=form.into)
    return _told(request, done, now, verb=Verb.MERGE, into=form.into)


@router.get("/print")
def printed(request: Request, caller: DeskCaller, db: Db, now: Now, numbers: Numbers = []) -> Response:  # noqa: B006 -- FastAPI copies it
    """Tickets for the file, one a page: confirmed words only, and nothing about who reported."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        chosen = _chosen(session, staff, numbers, now)
    if not chosen:
        raise NotFoundError(refusals.say("nothing_chosen"))
    title = next((seat.title for seat in staff.seats), "")
    return desk_page(request, "print.html", staff, tab="queue", now=now, tickets=chosen, title=title, shown=_ON_PAPER)


_ON_PAPER = frozenset(
    {
        Verb.NEED_INFO,
        Verb.REJECT,
        Verb.ANSWER,
        Verb.REPLY,
        Verb.PROGRESS,
        Verb.DONE,
        Verb.CONFIRM,
        Verb.REJECT_WORK,
        Verb.DECIDE,
        Verb.TRANSFER_OUT,
        Verb.PAUSE,
        Verb.EXTEND,
        Verb.RECLASSIFY,
    }
)
"""Verbs whose words are staff's own; a reporter's words stay off the paper."""


class _Done(NamedTuple):
    staff: Staff
    results: list[Result]


def _each(
    db: Database,
    *,
    caller_key: access.StaffKey,
    typed: FormData,
    now: datetime,
    verb: Verb,
    act: Act,
    body: str,
    but: str = "",
) -> _Done:
    """Each ticket in a transaction of its own, once per ticket and form: one that fails takes nothing with it."""

    def one(number: str) -> None:
        with db.write() as session:
            staff = access.staff(session, caller_key, now)
            scope = f"PAGE together {verb} {number[:40]} {staff.account_id}"
            once(session, scope, form_key(typed), body, now, DeskTicket, lambda: act(session, staff, number))

    numbers = [number for number in dict.fromkeys(texts_of(typed, "number")) if number != but][:MOST]
    results = []
    for number in numbers:
        why_not = ""
        try:
            one(number)
        except NotFoundError as error:
            why_not = error.detail
        except AppError as error:
            refusal = refusal_of(error, verb)
            why_not = next(iter(refusal.fields.values()), refusal.detail)
        results.append(Result(number, why_not))
    with db.read() as session:
        return _Done(access.staff(session, caller_key, now), results)


def _told(request: Request, done: _Done, now: datetime, *, verb: Verb, into: str = "") -> Response:
    if not done.results:
        raise InvalidError(refusals.say("nothing_chosen"))
    return desk_page(
        request, "together_done.html", done.staff, tab="queue", now=now, results=done.results, verb=verb, into=into
    )


def _chosen(session: ReadSession, staff: Staff, numbers: list[str], now: datetime) -> list[DeskTicket]:
    """Those of the tickets that this account may see, in the order in which they were chosen."""
    found = []
    for number in dict.fromkeys(numbers):
        try:
            found.append(queries.ticket(session, staff, number, now))
        except NotFoundError:
            continue
    return found


def _common(session: ReadSession, staff: Staff, numbers: list[str], now: datetime) -> list[Party]:
    """The roles that every one of these tickets can be given to; the place of each picks the seat."""
    offered = [
        {party.value: party for party in parties(session, staff, number, now) if party.value in set(Role)}
        for number in numbers
    ]
    return [party for value, party in offered[0].items() if all(value in one for one in offered)] if offered else []


def _printing(chosen: list[DeskTicket]) -> str:
    return f"/desk/print?{urlencode([('number', one.number) for one in chosen])}"
