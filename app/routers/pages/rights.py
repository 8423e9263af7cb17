"""我的信息: what is held about a reporter, and every right over it, each with what follows said first."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from app import access
from app.access import ReceiptKey
from app.actions import rights as actions
from app.actions.once import once
from app.db import WriteSession
from app.errors import AppError
from app.queries import rights as queries
from app.routers import forms
from app.routers.deps import Receipt
from app.routers.forms import Filled, Sent
from app.routers.pages.frame import Visit, Visiting, done_or_again
from app.rules import wording
from app.rules.rights import ConsentItem
from app.schemas.rights import ConsentChangeIn, ConsentView, CorrectIn, RestrictIn, ToldView

router = APIRouter(prefix="/r/{token}/data", include_in_schema=False)


@router.get("")
def data(caller: Receipt, visit: Visiting, ok: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    """Everything held about the reporter of this matter, readable; `ok` names what has just been done."""
    return _shown(visit, caller, ok=ok)


@router.get("/copy.json")
def copy(caller: Receipt, visit: Visiting) -> Response:
    """The same as a file to keep or to take elsewhere."""
    with visit.db.read() as session:
        view = queries.data(session, caller)
    name = f'attachment; filename="{view.number}.json"'
    file = view.model_dump_json(indent=2)
    return Response(file, media_type="application/json", headers={"Content-Disposition": name})


@router.get("/erase")
def before_erasing(caller: Receipt, visit: Visiting) -> HTMLResponse:
    """What would go and what would stay, before anything does."""
    with visit.db.read() as session:
        view = queries.data(session, caller)
    return visit.page("erase.html", data=view, token=caller.token, errors={}, message="")


@router.post("/erase")
def erase(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """删除, once the box under what would happen is ticked."""

    def attempt() -> str:
        if not sent.ticked("sure"):
            return f"/r/{caller.token}/data/erase"
        with visit.db.write() as session:
            erased = actions.erase(session, caller, now=visit.now)
        for key in erased.files:
            visit.files.remove(key)
        return f"/r/{caller.token}/data?ok=erased"

    return done_or_again(attempt, lambda error: _shown(visit, caller, error=error))


@router.post("/correct")
def correct(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """更正: the fields stand as they are now shown in the form; words are added. A double tap adds them once."""

    def act(session: WriteSession) -> str:
        number = access.own_ticket(session, caller).number
        body = caller.token + repr(sorted(sent.said("name", "phone", "room", "text", "agree").items()))
        done = once(
            session,
            f"PAGE correct {number}",
            sent.key,
            body,
            visit.now,
            ToldView,
            lambda: _corrected(session, caller, visit, sent),
        )
        return done.said

    return _verb(visit, caller, sent, "correct", act)


@router.post("/restriction")
def restrict(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """限制使用, or its end."""
    on = sent.given.get("on") == "1"

    def act(session: WriteSession) -> str:
        actions.restrict(session, caller, RestrictIn(on=on), now=visit.now)
        return "restricted" if on else "lifted"

    return _verb(visit, caller, sent, "restriction", act)


@router.post("/consent")
def consent(caller: Receipt, visit: Visiting, sent: Filled) -> Response:
    """撤回同意, or 补同意: one at a time."""

    def act(session: WriteSession) -> str:
        wanted = {name: [sent.given[name]] for name in ("withdraw", "give") if sent.given.get(name)}
        actions.change_consent(session, caller, forms.filled(ConsentChangeIn, wanted), now=visit.now)
        return "agreed" if "give" in wanted else "taken_back"

    return _verb(visit, caller, sent, "consent", act)


def _correction(session: WriteSession, caller: ReceiptKey, sent: Sent) -> CorrectIn | None:
    """What differs from what is held; None where nothing does."""
    held = queries.data(session, caller)
    now = held.contact.model_dump() if held.contact else {}
    typed = {name: sent.said(name).get(name, "").strip() for name in ("name", "phone", "room") if sent.ticked(name)}
    changes: dict[str, object] = {name: value for name, value in typed.items() if value != (now.get(name) or "")}
    changes |= sent.said("text")
    if not changes:
        return None
    if sent.ticked("agree"):
        version, _ = wording.notice(held.handler)
        changes["consent"] = {"notice_version": version, "contact": True}
    return forms.filled(CorrectIn, changes)


def _corrected(session: WriteSession, caller: ReceiptKey, visit: Visit, sent: Sent) -> ToldView:
    form = _correction(session, caller, sent)
    if form is None:
        return ToldView(said="same")
    actions.correct(session, caller, form, now=visit.now)
    return ToldView(said="corrected")


def _verb(visit: Visit, caller: ReceiptKey, sent: Sent, verb: str, act: Callable[[WriteSession], str]) -> Response:
    """One right in one transaction, then back to the page with the code of what to say."""

    def attempt() -> str:
        with visit.db.write() as session:
            said = act(session)
        return f"/r/{caller.token}/data?ok={said}"

    return done_or_again(attempt, lambda error: _shown(visit, caller, error=error, failed=verb, given=dict(sent.given)))


def _shown(
    visit: Visit,
    caller: ReceiptKey,
    *,
    ok: str = "",
    error: AppError | None = None,
    failed: str = "",
    given: dict[str, str | list[str]] | None = None,
) -> HTMLResponse:
    with visit.db.read() as session:
        view = queries.data(session, caller)
    errors = forms.wrongs(error) if error else {}
    return visit.page(
        "data.html",
        status=error.status if error else 200,
        data=view,
        token=caller.token,
        key=forms.new_key(),
        standing=[item for item in ConsentItem if _stands(view.consents[-1:], item)],
        ok=ok,
        errors=errors,
        message=error.detail if error and not errors else "",
        failed=failed,
        given=given or {},
    )


def _stands(newest: list[ConsentView], item: ConsentItem) -> bool:
    return any(getattr(consent, item) and item not in consent.withdrawn for consent in newest)
