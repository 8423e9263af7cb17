"""撤销: takes back what this account has just done on a ticket, before anybody is told of it."""

from datetime import datetime

from app import access, outbox
from app.access import Staff, undoing
from app.actions import clocks
from app.actions.work import CHIEFS, TRIAGERS, Work
from app.db import WriteSession
from app.errors import IllegalVerbError
from app.models.event import Event
from app.rules import refusals
from app.rules.vocabulary import Verb
from app.schemas.desk import DeskTicket

_ROLES = {Verb.TRIAGE: TRIAGERS, Verb.ASSIGN: CHIEFS, Verb.PAUSE: CHIEFS}


def undo(session: WriteSession, staff: Staff, number: str, *, now: datetime) -> DeskTicket:
    """Takes back the last step; steps of one tap, such as triage with assign, go together.

    The history keeps both, the step and that it was taken back. Raises IllegalVerbError after ten seconds, after
    anybody's next step, and where a notice of it is on its way already.
    """
    work = Work(session, staff, number, Verb.UNDO, now)
    tapped = _tapped(work)
    while (last := undoing.last_step(session, work.ticket)) and last.at == tapped.at and _mine(work):
        _take_back(work, last)
    clocks.wound_back(session, work.ticket)
    return work.view()


def _tapped(work: Work) -> Event:
    """The step that would be taken back. Raises IllegalVerbError where there is none any more."""
    last = undoing.last_step(work.session, work.ticket)
    if last is None or not _mine(work):
        raise IllegalVerbError(refusals.say("undo_over"), verbs=work.legal())
    return last


def _mine(work: Work) -> bool:
    return undoing.undoable(work.session, work.staff, work.ticket, work.now) is not None


def _take_back(work: Work, last: Event) -> None:
    verb, back, ticket = Verb(last.verb), last.facts[undoing.BACK], work.ticket
    work.facts = access.standing(work.session, ticket, work.now, account_id=work.staff.account_id)._replace(undoes=verb)
    if not outbox.take_back(work.session, ticket.id, after=back["message"]):
        raise IllegalVerbError(refusals.say("undo_over"), verbs=work.legal())
    work.step(Verb.UNDO, _ROLES[verb], outcome=back["status"], said={"undone": verb})
    undoing.restore(work.session, ticket, verb, back)
    if verb is Verb.TRIAGE:
        access.clear_photos(work.session, [], ticket)
    work.session.flush()
