"""What opens behind the code in a stairwell: say what is wrong, and find again what one said before."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import access
from app.access import ReporterKey
from app.actions import ticket as actions
from app.actions.once import once
from app.errors import AppError, CodeUnknownError, KeyReusedError, NotFoundError, TooManyError
from app.queries import board as boards
from app.queries import place as places
from app.queries import ticket as tickets
from app.routers import forms, guesses, scans
from app.routers import kept as feet
from app.routers.deps import Anyone, device_in, device_of
from app.routers.forms import Filled
from app.routers.pages.frame import Visit, Visiting, done_or_again
from app.schemas.ticket import SubmittedView
from qr import codes

router = APIRouter(include_in_schema=False, dependencies=[Anyone])


@router.get("/")
def front() -> Response:
    """Who comes without a code is staff."""
    return RedirectResponse("/desk", 303)


@router.get("/s")
def typed(code: Annotated[str, Query(max_length=40)] = "") -> Response:
    """A code that somebody typed instead of scanning it."""
    try:
        return RedirectResponse(f"/s/{codes.from_url(code)}", 303)
    except codes.CodeError as error:
        raise CodeUnknownError from error


@router.get("/s/{code}")
@router.get("/S/{code}")
def scan(code: str, visit: Visiting, _scan: scans.Noted) -> HTMLResponse:
    """Where you are, what to do in danger, one text box first; and a mark by which this device finds its own."""
    with guesses.codes(visit.db, visit.asker):
        return _shown(visit, code)


@router.post("/s/{code}")
@router.post("/S/{code}")
def submit(code: str, visit: Visiting, sent: Filled) -> Response:
    """下单. Sent twice with its key it is one ticket; whatever is refused, nothing that was typed or sent is lost."""
    asker = visit.asker
    with guesses.codes(visit.db, asker, emergency=sent.ticked("emergency")), visit.db.read() as session:
        access.scanned(session, code)  # nobody stores photos behind a code that hangs nowhere
    kept = forms.keep_photos(sent, visit.db, visit.files, visit.now, visit.settings, asker)

    def attempt() -> str:
        form = forms.ticket(sent, code, kept)
        with visit.db.write() as session:
            view = once(
                session,
                f"POST tickets {codes.normalise(form.code)[-8:]}",
                sent.key,
                forms.body_of(form, kept),
                visit.now,
                SubmittedView,
                lambda: actions.submit(session, form, device=asker.device or None, now=visit.now, asker=asker),
                derived=lambda answer: actions.derived_secrets(session, answer),
            )
        return f"{view.url}?new=1"

    def again(error: AppError) -> HTMLResponse:
        return _shown(visit, code, error=error, given=dict(sent.given) | {"kept": kept.keys}, key=sent.key)

    return done_or_again(attempt, again)


@router.post("/s/{code}/find")
@router.post("/S/{code}/find")
def find(code: str, visit: Visiting, sent: Filled) -> Response:
    """Number and query code lead to the receipt; a wrong pair never says which of the two is wrong."""
    said = sent.said("number", "secret")
    number = access.canonical_number(said.get("number", ""))
    try:
        with guesses.secrets(visit.db, number, visit.asker), visit.db.read() as session:
            own = access.own_ticket(session, ReporterKey(number, said.get("secret", "")))
            return RedirectResponse(access.receipt_path(session.vault, own.number, own.secret_version), 303)
    except (NotFoundError, TooManyError) as error:
        with guesses.codes(visit.db, visit.asker):
            response = _shown(visit, code, find_wrong=error.detail, given=dict(sent.given))
        if "retry_after" in error.extra:
            response.status_code, response.headers["Retry-After"] = error.status, str(error.extra["retry_after"])
        return response


def _shown(
    visit: Visit,
    code: str,
    *,
    error: AppError | None = None,
    find_wrong: str = "",
    given: dict[str, str | list[str]] | None = None,
    key: str = "",
) -> HTMLResponse:
    device = device_in(visit.request) or None
    with visit.db.read() as session:
        view = places.scan(session, code, visit.now)
        mine = tickets.mine(session, device, code) if device else []
        matters = boards.matters(session, code, device or "").items
    foot = feet.foot(visit.request, visit.db, view.code, visit.now)
    errors = forms.wrongs(error) if error else {}
    sent_before = isinstance(error, KeyReusedError)
    response = visit.page(
        "scan.html",
        status=error.status if error else 422 if find_wrong else 200,
        scan=view,
        mine=mine,
        matters=matters,
        foot=foot,
        key=key if key and not sent_before else forms.new_key(),
        errors=errors,
        message=error.detail if error and not errors else "",
        sent_before=sent_before,
        find_wrong=find_wrong,
        given=given or {},
    )
    device_of(visit.request, response, secure=visit.settings.secure)
    return response
