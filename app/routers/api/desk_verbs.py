"""The desk's verbs, as JSON: one POST each, the new view as the answer. The table says which form and which action."""

from collections.abc import Callable
from typing import NamedTuple

from fastapi import APIRouter

from app.access import Staff
from app.actions import desk, desk_course, desk_review, guessing, undo
from app.db import WriteSession
from app.routers.api.desk import run_verb
from app.routers.deps import Db, Key, Now, StaffCaller
from app.routers.problems import problems
from app.rules.vocabulary import Verb
from app.schemas.base import Form
from app.schemas.desk import (
    AssignIn,
    ConfirmIn,
    DecideIn,
    DeskTicket,
    ExtendIn,
    MergeIn,
    PauseIn,
    QuestionIn,
    ReasonIn,
    ReclassifyIn,
    RejectIn,
    ReplyIn,
    TextIn,
    TransferIn,
    TriageIn,
)


class Offer(NamedTuple):
    """One verb: its form (None: it needs no words), its action, and its line in the API's own guide."""

    form: type[Form] | None
    act: Callable[..., DeskTicket]
    said: str


VERBS = {
    Verb.TRIAGE: Offer(
        TriageIn,
        desk.triage,
        "受理: category, complexity, redacted words and cleared photos are confirmed by a person.",
    ),
    Verb.ASSIGN: Offer(AssignIn, desk.assign, "派单: one lead, co-owners by hand; each gets a slip."),
    Verb.ANSWER: Offer(TextIn, desk.answer, "直接答复: a consultation or praise, without a slip."),
    Verb.REJECT: Offer(RejectIn, desk.reject, "不受理: a reason code, words, and where else to go."),
    Verb.REPLY: Offer(ReplyIn, desk.reply, "明确回复: result, plan with a date, or refusal with a reason."),
    Verb.CONFIRM: Offer(
        ConfirmIn,
        desk.confirm,
        "核实办结: the text goes to the resident, and a short one to the board where the resident agreed.",
    ),
    Verb.REJECT_WORK: Offer(ReasonIn, desk.reject_work, "退回重做: the work is not done yet."),
    Verb.NEED_INFO: Offer(QuestionIn, desk_review.need_info, "请居民补充: one question, once."),
    Verb.DECIDE: Offer(
        DecideIn, desk_review.decide, "复核决定: the secretary's, on an objection or a second 'not solved'."
    ),
    Verb.MERGE: Offer(MergeIn, desk_review.merge, "并单: one matter reported twice."),
    Verb.UNMERGE: Offer(None, desk_review.unmerge, "拆单: while the other is still open."),
    Verb.TRANSFER_OUT: Offer(TransferIn, desk_review.transfer_out, "转办: to an agency, with its receipt number."),
    Verb.UNDO: Offer(
        None,
        undo.undo,
        "撤销: triage, assign or pause, by whoever did it, within ten seconds and before anything else happens.",
    ),
    Verb.PAUSE: Offer(PauseIn, desk_course.pause, "暂停, with a reason and a date that the resident reads."),
    Verb.RESUME: Offer(None, desk_course.resume, "恢复办理."),
    Verb.EXTEND: Offer(ExtendIn, desk_course.extend, "延期: of the promise only, before it is due."),
    Verb.RECLASSIFY: Offer(ReclassifyIn, desk_course.reclassify, "调整难易: once, before due, with a reason."),
    Verb.ESCALATE: Offer(ReasonIn, desk_course.escalate, "吹哨升级: one level up."),
    Verb.DEESCALATE: Offer(ReasonIn, desk_course.deescalate, "解除督办: by the level that holds it."),
    Verb.TAKE_BACK: Offer(
        None, guessing.take_back, "撤回派单: a slip that went out by itself, while nobody has taken it."
    ),
}
router = APIRouter(prefix="/api/v1/desk/tickets", tags=["desk"])
_VERB = problems(401, 403, 404, 409)


def _with_words(verb: str, offer: Offer) -> Callable[..., DeskTicket]:
    def endpoint(number: str, form: Form, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
        def act(session: WriteSession, staff: Staff) -> DeskTicket:
            return offer.act(session, staff, number, form, now=now)

        return run_verb((caller, key, db, now), verb, number, form.model_dump_json(), act)

    endpoint.__annotations__["form"] = offer.form
    return endpoint


def _without(verb: str, offer: Offer) -> Callable[..., DeskTicket]:
    def endpoint(number: str, caller: StaffCaller, key: Key, db: Db, now: Now) -> DeskTicket:
        def act(session: WriteSession, staff: Staff) -> DeskTicket:
            return offer.act(session, staff, number, now=now)

        return run_verb((caller, key, db, now), verb, number, "", act)

    return endpoint


for _name, _offer in VERBS.items():
    router.add_api_route(
        f"/{{number}}/{_name}",
        (_with_words if _offer.form else _without)(_name, _offer),
        methods=["POST"],
        name=_name,
        description=_offer.said,
        response_model=DeskTicket,
        response_model_exclude_unset=True,
        responses=_VERB,
    )


@router.post("/{number}/slips/{slip_no}/cancel", response_model_exclude_unset=True, responses=_VERB)
def cancel_slip(
    number: str, slip_no: str, form: ReasonIn, caller: StaffCaller, key: Key, db: Db, now: Now
) -> DeskTicket:
    """取消协办: one co slip that is no longer needed."""
    body = slip_no + form.model_dump_json()

    def act(session: WriteSession, staff: Staff) -> DeskTicket:
        return desk_course.cancel_slip(session, staff, number, slip_no, form, now=now)

    return run_verb((caller, key, db, now), "cancel", number, body, act)
