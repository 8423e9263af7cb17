"""任务单 by its link: what, where, by when; two taps, no account. Opening it binds nothing, the first tap does."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from app import access
from app.access import Credentials, SlipKey
from app.actions import grant as grants
from app.actions import slip as actions
from app.actions.once import once
from app.db import WriteSession
from app.errors import AppError, VerbNotYoursError
from app.queries import photo as photos
from app.queries import slip as queries
from app.routers import forms
from app.routers.deps import SlipLink, device_of
from app.routers.forms import Filled, Sent
from app.routers.pages.frame import Visit, Visiting, done_or_again
from app.schemas.desk import SlipView
from app.schemas.rights import AddressView

router = APIRouter(prefix="/slip/{token}", include_in_schema=False)
Act = Callable[[WriteSession], SlipView]


@router.get("")
def slip(caller: SlipLink, visit: Visiting, ok: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    """The slip; `ok` names what has just been done."""
    return _shown(visit, caller, ok=ok)


@router.get("/photos/{key}")
def photo(key: str, caller: SlipLink, visit: Visiting) -> Response:
    """One cleared picture, or one of the holder's own, as JPEG."""
    with visit.db.read() as session:
        picture = photos.jpeg(session, visit.files, key, Credentials(slip=caller), visit.now)
    return Response(picture, media_type="image/jpeg")


@router.post("/address")
def address(caller: SlipLink, visit: Visiting) -> Response:
    """看门牌号: on this one answer, while the grant holds; opening the page shows none."""
    with visit.db.write() as session:
        found = grants.show(session, caller, None, now=visit.now)
    if found.view is None:
        return _shown(visit, caller, error=VerbNotYoursError(found.why_not))
    return _shown(visit, caller, door=found.view)


@router.post("/accept")
def accept(caller: SlipLink, visit: Visiting, sent: Filled) -> Response:
    """接单."""
    return _verb(
        visit,
        caller,
        sent,
        "taken",
        lambda: ("", lambda session: actions.accept(session, caller, None, now=visit.now)),
    )


@router.post("/progress")
def progress(caller: SlipLink, visit: Visiting, sent: Filled) -> Response:
    """记进展."""
    with visit.db.read() as session:  # nobody stores photos behind a slip that is not theirs
        access.slip(session, caller, None, visit.now)
    kept = forms.keep_photos(sent, visit.db, visit.files, visit.now, visit.settings, visit.asker)

    def ready() -> tuple[str, Act]:
        form = forms.progress(sent, kept)
        return forms.body_of(form, kept), lambda session: actions.progress(session, caller, None, form, now=visit.now)

    return _verb(visit, caller, sent, "progress", ready, kept.keys)


@router.post("/done")
def done(caller: SlipLink, visit: Visiting, sent: Filled) -> Response:
    """办完了: words and a photo."""
    with visit.db.read() as session:  # nobody stores photos behind a slip that is not theirs
        access.slip(session, caller, None, visit.now)
    kept = forms.keep_photos(sent, visit.db, visit.files, visit.now, visit.settings, visit.asker)

    def ready() -> tuple[str, Act]:
        form = forms.done(sent, kept)
        return forms.body_of(form, kept), lambda session: actions.done(session, caller, None, form, now=visit.now)

    return _verb(visit, caller, sent, "done", ready, kept.keys)


@router.post("/return")
def give_back(caller: SlipLink, visit: Visiting, sent: Filled) -> Response:
    """退单, with a reason."""

    def ready() -> tuple[str, Act]:
        form = forms.reason(sent)
        return form.model_dump_json(), lambda session: actions.give_back(session, caller, None, form, now=visit.now)

    return _verb(visit, caller, sent, "returned", ready)


@router.post("/ask")
def ask(caller: SlipLink, visit: Visiting, sent: Filled) -> Response:
    """问一个问题: the grid head relays it."""

    def ready() -> tuple[str, Act]:
        form = forms.question(sent)
        return form.model_dump_json(), lambda session: actions.ask(session, caller, None, form, now=visit.now)

    return _verb(visit, caller, sent, "asked", ready)


@router.post("/reply")
def reply(caller: SlipLink, visit: Visiting, sent: Filled) -> Response:
    """拟答复: a draft for the grid head."""

    def ready() -> tuple[str, Act]:
        form = forms.reply(sent)
        return form.model_dump_json(), lambda session: actions.draft_reply(session, caller, None, form, now=visit.now)

    return _verb(visit, caller, sent, "reply", ready)


def _verb(
    visit: Visit,
    caller: SlipKey,
    sent: Sent,
    said: str,
    ready: Callable[[], tuple[str, Act]],
    kept: list[str] | None = None,
) -> Response:
    """One verb, once per submit key, in one transaction; then back to the slip with the code of what to say."""

    def attempt() -> str:
        body, act = ready()
        with visit.db.write() as session:
            slip_no = queries.slip(session, caller, None, visit.now).slip_no
            scope = f"POST {said} {slip_no} link"
            once(session, scope, sent.key, body, visit.now, SlipView, lambda: act(session))
        return f"/slip/{caller.token}?ok={said}"

    def again(error: AppError) -> HTMLResponse:
        return _shown(visit, caller, error=error, failed=said, given=dict(sent.given) | {"kept": kept or []})

    return done_or_again(attempt, again)


def _shown(
    visit: Visit,
    caller: SlipKey,
    *,
    ok: str = "",
    error: AppError | None = None,
    failed: str = "",
    given: dict[str, str | list[str]] | None = None,
    door: AddressView | None = None,
) -> HTMLResponse:
    with visit.db.read() as session:
        view = queries.slip(session, caller, None, visit.now)
    errors = forms.wrongs(error) if error else {}
    response = visit.page(
        "slip.html",
        status=error.status if error else 200,
        slip=view,
        door=door,
        token=caller.token,
        key=forms.new_key(),
        ok=ok,
        errors=errors,
        message=error.detail if error and not errors else "",
        failed=failed,
        given=given or {},
    )
    device_of(visit.request, response, secure=visit.settings.secure)
    return response
