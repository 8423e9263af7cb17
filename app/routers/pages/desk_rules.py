"""派单规则: the rows of a compound, worked on as a draft that can be tried out on past tickets before it counts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from app import access
from app.access import Ground, Staff
from app.actions import routing_rule as actions
from app.db import ReadSession, WriteSession
from app.errors import InvalidError, NotFoundError
from app.queries import lesson as lessons
from app.queries import place as places
from app.queries import routing_rule as queries
from app.routers.deps import Db, DeskCaller, Now, desk_session
from app.routers.pages.desk_settings import pick
from app.routers.pages.desk_shell import (
    Call,
    Refusal,
    Typed,
    desk_page,
    filled,
    kept,
    refused,
    text_of,
    texts_of,
)
from app.rules import catalogue, refusals
from app.rules.routing_rules import OVERSEERS, Rule
from app.rules.vocabulary import SEATED, Role, Side
from app.schemas.routing_rule import RuleIn

router = APIRouter(prefix="/desk/rules", include_in_schema=False)
Change = Callable[[list[Rule], Ground], list[Rule]]
_PLAIN = ("building", "stairwell", "opens", "closes", "category", "conflict", "lead")


@router.get("")
def rules(
    request: Request,
    caller: DeskCaller,
    db: Db,
    now: Now,
    compound: Annotated[str, Query(max_length=32)] = "",
    edit: Annotated[int, Query(ge=0, le=999)] = 0,
    tried: Annotated[str, Query(max_length=1)] = "",
    ok: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The rows as this account last left them; `edit` is in the form, `tried` shows what they would have done."""
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _page(request, session, staff, compound, now, edit=edit, tried=bool(tried), ok=ok)


@router.post("/row")
def row(request: Request, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """One row as typed: a new last one, or in the place of the one that was edited."""
    number = _number(typed)

    def change(rows: list[Rule], ground: Ground) -> list[Rule]:
        (rule,) = access.rules_from(ground, [filled(RuleIn, _typed(typed))])
        if not 0 < number <= len(rows):
            return [*rows, rule]
        return [*rows[: number - 1], rule.model_copy(update={"on": rows[number - 1].on}), *rows[number:]]

    def act(session: WriteSession, staff: Staff, code: str) -> None:
        actions.change_draft(session, staff, code, change, now=now)

    return _done(request, (caller, db, now), typed, "row", "", act, edit=number)


@router.post("/{step}")
def step(request: Request, step: str, typed: Typed, caller: DeskCaller, db: Db, now: Now) -> Response:
    """One tap: move, switch, take out, try out, save, throw away, or take the last change back."""
    number = _number(typed)
    if step == "try":
        return RedirectResponse(f"/desk/rules?compound={text_of(typed, 'compound')}&tried=1#tried", 303)

    def act(session: WriteSession, staff: Staff, code: str) -> None:
        if step in _STEPS:
            actions.change_draft(session, staff, code, lambda rows, _: _STEPS[step](rows, number - 1), now=now)
        elif step == "save":
            actions.save_draft(session, staff, code, now=now)
        elif step == "drop":
            actions.drop_draft(session, staff, code)
        elif step == "undo":
            actions.undo_rules(session, staff, code, now=now)
        else:
            raise NotFoundError

    said = {"save": "saved", "undo": "undone", "drop": "dropped"}
    return _done(request, (caller, db, now), typed, step, said.get(step, ""), act)


@router.get("/{rest:path}", dependencies=[Depends(desk_session)])
def back() -> Response:
    """The address of a form that was sent, opened again."""
    return RedirectResponse("/desk/rules", 303)


def _moved(rows: list[Rule], at: int, by: int) -> list[Rule]:
    """The row one place further up or down; at the edge it stays."""
    if not (0 <= at < len(rows) and 0 <= at + by < len(rows)):
        return rows
    moved = list(rows)
    moved[at], moved[at + by] = moved[at + by], moved[at]
    return moved


def _switched(rows: list[Rule], at: int) -> list[Rule]:
    return [r.model_copy(update={"on": not r.on}) if n == at else r for n, r in enumerate(rows)]


_STEPS: Mapping[str, Callable[[list[Rule], int], list[Rule]]] = {
    "up": lambda rows, at: _moved(rows, at, -1),
    "down": lambda rows, at: _moved(rows, at, 1),
    "switch": _switched,
    "remove": lambda rows, at: [r for n, r in enumerate(rows) if n != at],
}


def _number(typed: FormData) -> int:
    text = text_of(typed, "no")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len("1000") else 0


def _typed(typed: FormData) -> dict[str, object]:
    values: dict[str, object] = {name: text_of(typed, name).strip() for name in _PLAIN}
    days, co = texts_of(typed, "days"), texts_of(typed, "co")
    if not values["lead"]:
        raise InvalidError(errors=[{"field": "lead", "message": refusals.say("lead_missing")}])
    return values | {"days": [int(day) for day in days if day.isdecimal()], "co": co}


def _done(
    request: Request,
    call: Call,
    typed: FormData,
    form: str,
    ok: str,
    act: Callable[[WriteSession, Staff, str], None],
    *,
    edit: int = 0,
) -> Response:
    caller, db, now = call
    code = text_of(typed, "compound")
    refusal = refused(call, form, lambda session, staff: act(session, staff, code))
    if refusal is None:
        return RedirectResponse(f"/desk/rules?compound={code}{f'&ok={ok}' if ok else ''}#rows", 303)
    with db.read() as session:
        staff = access.staff(session, caller, now)
        return _page(request, session, staff, code, now, edit=edit, refusal=_beside(refusal), typed=kept(typed))


def _beside(found: Refusal) -> Refusal:
    """The refusal with its fields as the form has them: rules.0.lead is lead; for a whole draft, which rows."""
    fields = {name.removeprefix("rules").lstrip("_"): message for name, message in found.fields.items()}
    return found._replace(fields=fields)


def _page(
    request: Request,
    session: ReadSession,
    staff: Staff,
    wanted: str,
    now: datetime,
    *,
    edit: int = 0,
    tried: bool = False,
    ok: str = "",
    refusal: Refusal | None = None,
    typed: dict[str, list[str]] | None = None,
) -> Response:
    shown = pick(session, staff, wanted)
    view = queries.rules(session, staff, shown.code, now) if shown.code else None
    draft = queries.draft(session, staff, shown.code, now) if view and view.may_set else None
    rows = draft if draft is not None else view.rules if view else []
    found, unfit = None, ""
    if tried and draft is not None:
        try:
            found = queries.dry_run_draft(session, staff, shown.code, now)
        except InvalidError as error:
            unfit = error.detail
    return desk_page(
        request,
        "rules.html",
        staff,
        tab="settings",
        status=refusal.status if refusal else 200,
        now=now,
        compounds=shown.compounds,
        view=view,
        rows=rows,
        is_draft=draft is not None,
        found=found,
        unfit=unfit,
        edited=rows[edit - 1] if 0 < edit <= len(rows) else None,
        tree=places.tree(session, staff, shown.code) if shown.code else None,
        tops=catalogue.default().tops,
        known=catalogue.default(),
        parties=[role for role in Role if role in SEATED - OVERSEERS],
        seats=_several(session, staff, shown.code) if shown.code else [],
        sides=list(Side),
        habits=lessons.rule_habits(session, staff, shown.code) if view and view.may_set else [],
        refusal=refusal,
        typed=typed or {},
        ok=ok,
    )


def _several(session: ReadSession, staff: Staff, code: str) -> list[tuple[str, str]]:
    """Seats to name one by one, where a role has more than one: id and title."""
    ground = access.ground_of(session, places.compound_id(session, staff, code))
    roles = [seat.role for seat in ground.seats]
    return [(str(seat.id), seat.title) for seat in ground.seats if roles.count(seat.role) > 1]
