"""The reporter's side of a ticket, as JSON."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from app.access import ReporterKey
from app.actions import guessing
from app.actions import ticket as actions
from app.actions.once import once
from app.db import Database
from app.queries import ticket as queries
from app.routers import guesses
from app.routers.deps import Anyone, Asking, Config, Db, Key, Now, Reporter, RequiredKey
from app.routers.problems import problems
from app.schemas.base import Form
from app.schemas.ticket import (
    CategoryIn,
    InfoIn,
    ObjectionIn,
    RatingIn,
    SubmittedView,
    TicketIn,
    TicketView,
    UrgeView,
    WithdrawalIn,
)
from qr import codes

router = APIRouter(prefix="/api/v1/tickets", tags=["resident"])


@router.post("", status_code=201, dependencies=[Anyone], responses=problems(404, 410, 428, 429))
def submit(form: TicketIn, key: RequiredKey, db: Db, now: Now, settings: Config, asker: Asking) -> SubmittedView:
    """下单: say what is wrong; get a number, a secret and a promise."""
    device = asker.device or None
    with guesses.codes(db, asker, emergency=form.emergency), db.write() as session:
        view = once(
            session,
            f"POST tickets {codes.normalise(form.code)[-8:]}",
            key,
            form.model_dump_json(),
            now,
            SubmittedView,
            lambda: actions.submit(session, form, device=device, now=now, asker=asker),
            derived=lambda answer: actions.derived_secrets(session, answer),
        )
    return view.model_copy(update={"url": settings.origin + view.url})


@router.get("/{number}", responses=problems(404))
def follow(reporter: Reporter, db: Db, now: Now) -> TicketView:
    """The ticket as its reporter sees it."""
    with db.read() as session:
        return queries.ticket(session, reporter, now)


@router.post("/{number}/urges", status_code=201, responses=problems(404, 409, 429))
def urge(reporter: Reporter, key: Key, db: Db, now: Now) -> UrgeView:
    """催单: press for a ticket that is taking long."""
    with db.write() as session:
        return once(
            session,
            f"POST urges {reporter.number[:40]}",
            key,
            reporter.secret,
            now,
            UrgeView,
            lambda: actions.urge(session, reporter, now=now),
        )


@router.post("/{number}/rating", status_code=201, responses=problems(404, 409))
def rate(form: RatingIn, reporter: Reporter, key: Key, db: Db, now: Now) -> TicketView:
    """评价: is it solved, and how satisfied are you?"""
    return _own((reporter, key, db, now), "rating", form, actions.rate)


@router.post("/{number}/info", status_code=201, responses=problems(404, 409))
def info(form: InfoIn, reporter: Reporter, key: Key, db: Db, now: Now) -> TicketView:
    """补充: more words, more photos."""
    return _own((reporter, key, db, now), "info", form, actions.info)


@router.post("/{number}/withdrawal", status_code=201, responses=problems(404, 409))
def withdraw(reporter: Reporter, key: Key, db: Db, now: Now, form: WithdrawalIn | None = None) -> TicketView:
    """撤回: no need any more."""
    return _own((reporter, key, db, now), "withdrawal", form or WithdrawalIn(), actions.withdraw)


@router.post("/{number}/category", status_code=201, responses=problems(404, 409))
def choose(form: CategoryIn, reporter: Reporter, key: Key, db: Db, now: Now) -> TicketView:
    """选类别: once, where nobody could be sure what the words mean."""
    return _own((reporter, key, db, now), "category", form, guessing.choose)


@router.post("/{number}/objection", status_code=201, responses=problems(404, 409))
def object_to(form: ObjectionIn, reporter: Reporter, key: Key, db: Db, now: Now) -> TicketView:
    """有异议: it should have been taken on; the secretary reviews it."""
    return _own((reporter, key, db, now), "objection", form, actions.object_to)


def _own(
    call: tuple[ReporterKey, str | None, Database, datetime],
    what: str,
    form: Form,
    act: Callable[..., TicketView],
) -> TicketView:
    """One verb by a ticket's reporter: once per key, in one transaction, the new view committed."""
    reporter, key, db, now = call
    with db.write() as session:
        return once(
            session,
            f"POST {what} {reporter.number[:40]}",
            key,
            reporter.secret + form.model_dump_json(),
            now,
            TicketView,
            lambda: act(session, reporter, form, now=now),
        )
