"""The desk's further verbs, as JSON: one POST each, the new view as the answer."""

from fastapi import APIRouter

from app.access import Staff
from app.actions import desk_course, desk_review, guessing
from app.db import WriteSession
from app.routers.api.desk import run_verb
from app.routers.deps import Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.schemas.desk import (
    DecideIn,
    DeskTicket,
    ExtendIn,
    MergeIn,
    PauseIn,
    QuestionIn,
    ReasonIn,
    ReclassifyIn,
    TransferIn,
)

router = APIRouter(prefix="/api/v1/desk/tickets", tags=["desk"])
_VERB = problems(401, 403, 404, 409)


@router.post("/{number}/need_info", response_model_exclude_unset=True, responses=_VERB)
def need_info(number: str, form: QuestionIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """请居民补充: one question, once."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "need_info",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_review.need_info(session, staff, number, form, now=now),
    )


@router.post("/{number}/decide", response_model_exclude_unset=True, responses=_VERB)
def decide(number: str, form: DecideIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """复核决定: the secretary's, on an objection or a second 'not solved'."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "decide",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_review.decide(session, staff, number, form, now=now),
    )


@router.post("/{number}/merge", response_model_exclude_unset=True, responses=_VERB)
def merge(number: str, form: MergeIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """并单: one matter reported twice."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "merge",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_review.merge(session, staff, number, form, now=now),
    )


@router.post("/{number}/transfer_out", response_model_exclude_unset=True, responses=_VERB)
def transfer_out(number: str, form: TransferIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """转办: to an agency, with its receipt number."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "transfer_out",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_review.transfer_out(session, staff, number, form, now=now),
    )


@router.post("/{number}/pause", response_model_exclude_unset=True, responses=_VERB)
def pause(number: str, form: PauseIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """暂停, with a reason and a date that the resident reads."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "pause",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_course.pause(session, staff, number, form, now=now),
    )


@router.post("/{number}/extend", response_model_exclude_unset=True, responses=_VERB)
def extend(number: str, form: ExtendIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """延期: of the promise only, before it is due."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "extend",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_course.extend(session, staff, number, form, now=now),
    )


@router.post("/{number}/reclassify", response_model_exclude_unset=True, responses=_VERB)
def reclassify(number: str, form: ReclassifyIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """调整难易: once, before due, with a reason."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "reclassify",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_course.reclassify(session, staff, number, form, now=now),
    )


@router.post("/{number}/escalate", response_model_exclude_unset=True, responses=_VERB)
def escalate(number: str, form: ReasonIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """吹哨升级: one level up."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "escalate",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_course.escalate(session, staff, number, form, now=now),
    )


@router.post("/{number}/deescalate", response_model_exclude_unset=True, responses=_VERB)
def deescalate(number: str, form: ReasonIn, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """解除督办: by the level that holds it."""
    call = (caller, key, db, now)
    return run_verb(
        call,
        "deescalate",
        number,
        form.model_dump_json(),
        lambda session, staff: desk_course.deescalate(session, staff, number, form, now=now),
    )


@router.post("/{number}/unmerge", response_model_exclude_unset=True, responses=_VERB)
def unmerge(number: str, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """拆单: while the other is still open."""

    def act(session: WriteSession, staff: Staff) -> DeskTicket:
        return desk_review.unmerge(session, staff, number, now=now)

    return run_verb((caller, key, db, now), "unmerge", number, "", act)


@router.post("/{number}/resume", response_model_exclude_unset=True, responses=_VERB)
def resume(number: str, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """恢复办理."""

    def act(session: WriteSession, staff: Staff) -> DeskTicket:
        return desk_course.resume(session, staff, number, now=now)

    return run_verb((caller, key, db, now), "resume", number, "", act)


@router.post("/{number}/take_back", response_model_exclude_unset=True, responses=_VERB)
def take_back(number: str, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
    """撤回派单: a slip that went out by itself, while nobody has taken it."""

    def act(session: WriteSession, staff: Staff) -> DeskTicket:
        return guessing.take_back(session, staff, number, now=now)

    return run_verb((caller, key, db, now), "take_back", number, "", act)


@router.post("/{number}/slips/{slip_no}/cancel", response_model_exclude_unset=True, responses=_VERB)
def cancel_slip(
    number: str, slip_no: str, form: ReasonIn, caller: StaffCaller, key: Key, db: Db, now: Now
) -> DeskTicket:
    """取消协办: one co slip that is no longer needed."""
    body = slip_no + form.model_dump_json()

    def act(session: WriteSession, staff: Staff) -> DeskTicket:
        return desk_course.cancel_slip(session, staff, number, slip_no, form, now=now)

    return run_verb((caller, key, db, now), "cancel", number, body, act)
