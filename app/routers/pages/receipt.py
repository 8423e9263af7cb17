"""The receipt: follow one's own matter, press for it, judge it, add to it, take it back."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from app import access
from app.access import Credentials, ReceiptKey
from app.actions import guessing
from app.actions import ticket as actions
from app.actions.once import once
from app.db import WriteSession
from app.errors import AppError
from app.queries import photo as photos
from app.queries import ticket as queries
from app.routers import forms
from app.routers.deps import Receipt
from app.routers.forms import Filled, Sent
from app.routers.pages.frame import Visit, Visiting, done_or_again
from app.rules import workflow
from app.rules.vocabulary import Solved, Status
from app.schemas.base import Form
from app.schemas.ticket import TicketView, UrgeView

router = APIRouter(prefix="/r/{token}", include_in_schema=False)


@router.get("")
def receipt(
    caller: Receipt,
    visit: Visiting,
    ok: Annotated[str, Query(max_length=20)] = "",
    new: Annotated[str, Query(max_length=1)] = "",
) -> HTMLResponse:
    """The matter as its reporter sees it; `ok` names what has just been done, `new` a fresh one."""
    return _shown(visit, caller, ok=ok, fresh=bool(new))


@router.get("/photos/{key}")
def photo(key: str, caller: Receipt, visit: Visiting) -> Response:
    """One picture of this matter, as JPEG."""
    with visit.db.read() as session:
        picture = photos.jpeg(session, visit.files, key, Credentials(receipt=caller), visit.now)
    return Response(picture, media_type="image/jpeg")


@router.post("/urges")
def urge(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """催一下; too early is shown with the hour from which it works again."""

    def act(session: WriteSession, number: str) -> str:
        once(
            session,
            f"POST urges {number}",
            sent.key,
            caller.token,
            visit.now,
            UrgeView,
            lambda: actions.urge(session, caller, now=visit.now),
        )
        return "urged"

    return _verb(visit, caller, sent, "urge", act)


@router.post("/rating")
def rate(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """评价: solved or not, stars, words."""

    def act(session: WriteSession, number: str) -> str:
        form = forms.rating(sent)
        body = caller.token + form.model_dump_json()
        _once(
            visit, session, f"rating {number}", sent, body, lambda: actions.rate(session, caller, form, now=visit.now)
        )
        return "redo" if form.solved is Solved.NO else "rated"

    return _verb(visit, caller, sent, "rating", act)


@router.post("/info")
def info(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """补充情况: words, photos, or both. It answers a question, adds to a matter, or opens a closed one again."""
    with visit.db.read() as session:  # nobody stores photos behind a receipt that is not there
        access.own_ticket(session, caller)
    kept = forms.keep_photos(sent, visit.db, visit.files, visit.now, visit.settings, visit.asker)

    def act(session: WriteSession, number: str) -> str:
        form = forms.info(sent, kept)
        body = caller.token + forms.body_of(form, kept)
        closed = Status(access.own_ticket(session, caller).status) in workflow.CLOSED_OUT
        _once(visit, session, f"info {number}", sent, body, lambda: actions.info(session, caller, form, now=visit.now))
        return "redo" if closed else "info"

    return _verb(visit, caller, sent, "info", act, kept.keys)


@router.post("/category")
def choose(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """是这一类吗？ Once, where nobody could be sure."""
    return _plain(visit, caller, sent, "category", forms.category, guessing.choose, "chosen")


@router.post("/objection")
def object_to(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """有异议: against a rejection; the secretary reviews it."""
    return _plain(visit, caller, sent, "objection", forms.objection, actions.object_to, "objected")


@router.post("/withdrawal")
def withdraw(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """撤回, with or without a reason."""
    return _plain(visit, caller, sent, "withdrawal", forms.withdrawal, actions.withdraw, "withdrawn")


def _plain(
    visit: Visit,
    caller: ReceiptKey,
    sent: Sent,
    what: str,
    parse: Callable[[Sent], Form],
    act: Callable[..., TicketView],
    said: str,
) -> Response:
    """A verb whose form says everything, and which is always answered with the same words."""

    def once_only(session: WriteSession, number: str) -> str:
        form = parse(sent)
        body = caller.token + form.model_dump_json()
        _once(visit, session, f"{what} {number}", sent, body, lambda: act(session, caller, form, now=visit.now))
        return said

    return _verb(visit, caller, sent, what, once_only)


def _once(
    visit: Visit, session: WriteSession, what: str, sent: Sent, body: str, act: Callable[[], TicketView]
) -> TicketView:
    return once(session, f"POST {what}", sent.key, body, visit.now, TicketView, act)


def _verb(
    visit: Visit,
    caller: ReceiptKey,
    sent: Sent,
    verb: str,
    act: Callable[[WriteSession, str], str],
    kept: list[str] | None = None,
) -> Response:
    """One verb in one transaction, then back to the receipt with the code of what to say."""

    def attempt() -> str:
        with visit.db.write() as session:
            said = act(session, access.own_ticket(session, caller).number)
        return f"/r/{caller.token}?ok={said}"

    def again(error: AppError) -> HTMLResponse:
        given = dict(sent.given) | {"kept": kept or []}
        return _shown(visit, caller, error=error, failed=verb, given=given)

    return done_or_again(attempt, again)


def _shown(
    visit: Visit,
    caller: ReceiptKey,
    *,
    ok: str = "",
    fresh: bool = False,
    error: AppError | None = None,
    failed: str = "",
    given: dict[str, str | list[str]] | None = None,
) -> HTMLResponse:
    with visit.db.read() as session:
        own = access.own_ticket(session, caller)
        secret = access.secrets_of(session.vault, own.number, own.secret_version)["secret"]
        view = queries.ticket(session, caller, visit.now)
    errors = forms.wrongs(error) if error else {}
    return visit.page(
        "receipt.html",
        status=error.status if error else 200,
        ticket=view,
        token=caller.token,
        secret=secret,
        key=forms.new_key(),
        ok=ok,
        fresh=fresh,
        errors=errors,
        message=error.detail if error and not errors else "",
        failed=failed,
        given=given or {},
    )
