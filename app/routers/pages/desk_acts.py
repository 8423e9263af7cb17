"""What each form on a ticket does: the fields as typed become the API's form, and the verb runs."""

from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.datastructures import FormData

from app.access import Staff
from app.actions import call, desk_course, desk_review, filing, grant, guessing, issue, undo
from app.actions import desk as actions
from app.db import WriteSession
from app.queries import desk as queries
from app.routers.pages.desk_shell import filled, text_of, texts_of
from app.rules.vocabulary import CallResult, ReplyKind, Verb
from app.schemas.call import CallbackIn
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
from app.schemas.filing import FilingIn
from app.schemas.issue import IssueIn
from app.schemas.rights import AddressGrantIn

Act = Callable[[WriteSession, Staff, str, FormData, datetime], DeskTicket]
_SHANGHAI = "+08:00"  # what a browser's clock field leaves out


def _triage(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {
        "category": text_of(typed, "other") or text_of(typed, "category"),
        "complexity": text_of(typed, "complexity"),
        "redacted_text": text_of(typed, "redacted_text"),
        "cleared_photos": texts_of(typed, "cleared_photos"),
        "assign": text_of(typed, "then") == "assign",
    }
    return actions.triage(session, staff, number, filled(TriageIn, values), now=now)


def _undo(session: WriteSession, staff: Staff, number: str, _typed: FormData, now: datetime) -> DeskTicket:
    return undo.undo(session, staff, number, now=now)


def _assign(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {"lead": text_of(typed, "lead"), "co": texts_of(typed, "co"), "ask": text_of(typed, "ask")}
    return actions.assign(session, staff, number, filled(AssignIn, values), now=now)


def _answer(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.answer(session, staff, number, filled(TextIn, {"text": text_of(typed, "text")}), now=now)


def _reject(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {"reason": text_of(typed, "reason"), "text": text_of(typed, "text")}
    return actions.reject(session, staff, number, filled(RejectIn, values), now=now)


def _reply(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.reply(session, staff, number, _reply_form(typed), now=now)


def _confirm(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    public = text_of(typed, "public_text") if text_of(typed, "public") else ""
    form = filled(ConfirmIn, {"text": text_of(typed, "text"), "public_text": public})
    return actions.confirm(session, staff, number, form, now=now)


def _reject_work(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return actions.reject_work(session, staff, number, filled(ReasonIn, {"reason": text_of(typed, "reason")}), now=now)


def _take_back(session: WriteSession, staff: Staff, number: str, _typed: FormData, now: datetime) -> DeskTicket:
    return guessing.take_back(session, staff, number, now=now)


def _need_info(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_review.need_info(session, staff, number, filled(QuestionIn, _said(typed, "question")), now=now)


def _decide(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_review.decide(session, staff, number, filled(DecideIn, _said(typed, "outcome", "text")), now=now)


def _merge(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    into = text_of(typed, "other").strip() or text_of(typed, "into")
    return desk_review.merge(session, staff, number, filled(MergeIn, {"into": into}), now=now)


def _unmerge(session: WriteSession, staff: Staff, number: str, _typed: FormData, now: datetime) -> DeskTicket:
    return desk_review.unmerge(session, staff, number, now=now)


def _transfer_out(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_review.transfer_out(
        session, staff, number, filled(TransferIn, _said(typed, "agency", "receipt_no")), now=now
    )


def _pause(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    until = text_of(typed, "until")
    values = {"reason": text_of(typed, "reason"), "until": until and until + _SHANGHAI}
    return desk_course.pause(session, staff, number, filled(PauseIn, values), now=now)


def _resume(session: WriteSession, staff: Staff, number: str, _typed: FormData, now: datetime) -> DeskTicket:
    return desk_course.resume(session, staff, number, now=now)


def _extend(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_course.extend(session, staff, number, filled(ExtendIn, _said(typed, "until", "reason")), now=now)


def _reclassify(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_course.reclassify(
        session, staff, number, filled(ReclassifyIn, _said(typed, "complexity", "reason")), now=now
    )


def _escalate(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_course.escalate(session, staff, number, filled(ReasonIn, _said(typed, "reason")), now=now)


def _deescalate(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return desk_course.deescalate(session, staff, number, filled(ReasonIn, _said(typed, "reason")), now=now)


def _cancel_slip(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    form = filled(ReasonIn, _said(typed, "reason"))
    return desk_course.cancel_slip(session, staff, number, text_of(typed, "slip_no"), form, now=now)


def _callback(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    return call.callback(session, staff, number, callback_form(typed), now=now)


def _address_grant(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    form = filled(AddressGrantIn, _said(typed, "hours", "reason", "basis", "agreed"))
    grant.give(session, staff, number, text_of(typed, "slip_no"), form, now=now)
    return queries.ticket(session, staff, number, now)


def _address_revoke(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    grant.take_back(session, staff, number, text_of(typed, "slip_no"), now=now)
    return queries.ticket(session, staff, number, now)


def _file(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    at = text_of(typed, "filed_at")
    values = _said(typed, "agency", "receipt_no", "note") | {"filed_at": at and at + _SHANGHAI}
    filing.file(session, staff, number, filled(FilingIn, values), now=now)
    return queries.ticket(session, staff, number, now)


def _issue(session: WriteSession, staff: Staff, number: str, typed: FormData, now: datetime) -> DeskTicket:
    values = {"tickets": texts_of(typed, "tickets"), "whole_compound": bool(text_of(typed, "whole_compound"))}
    issue.open_issue(session, staff, filled(IssueIn, values), now=now)
    return queries.ticket(session, staff, number, now)


def _reply_form(typed: FormData) -> ReplyIn:
    """A clear reply as typed. A date counts for a plan only. Raises InvalidError."""
    kind = text_of(typed, "kind")
    promised = text_of(typed, "promise_date") if kind == ReplyKind.PLAN else ""
    return filled(ReplyIn, {"kind": kind, "text": text_of(typed, "text"), "promise_date": promised or None})


def callback_form(typed: FormData) -> CallbackIn:
    """How it went, as typed. Raises InvalidError."""
    solved = text_of(typed, "solved")
    values = {
        "result": text_of(typed, "result") or CallResult.REACHED,
        "solved": "" if solved == "none" else solved,
        "stars": text_of(typed, "stars"),
        "explained": bool(text_of(typed, "explained")),
        "text": text_of(typed, "text").strip(),
    }
    return filled(CallbackIn, values)


def _said(typed: FormData, *names: str) -> dict[str, str]:
    return {name: text_of(typed, name) for name in names}


ACTS: Mapping[str, Act] = {
    "file": _file,
    "issue": _issue,
    Verb.TRIAGE: _triage,
    Verb.ASSIGN: _assign,
    Verb.ANSWER: _answer,
    Verb.REJECT: _reject,
    Verb.REPLY: _reply,
    Verb.CONFIRM: _confirm,
    Verb.REJECT_WORK: _reject_work,
    Verb.NEED_INFO: _need_info,
    Verb.TAKE_BACK: _take_back,
    Verb.DECIDE: _decide,
    Verb.MERGE: _merge,
    Verb.UNMERGE: _unmerge,
    Verb.TRANSFER_OUT: _transfer_out,
    Verb.PAUSE: _pause,
    Verb.UNDO: _undo,
    Verb.RESUME: _resume,
    Verb.EXTEND: _extend,
    Verb.RECLASSIFY: _reclassify,
    Verb.ESCALATE: _escalate,
    Verb.DEESCALATE: _deescalate,
    Verb.CANCEL_SLIP: _cancel_slip,
    "address_grant": _address_grant,
    "address_revoke": _address_revoke,
    Verb.CALLBACK: _callback,
}
