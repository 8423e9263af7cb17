"""What a reporter may ask of their own data: correct, erase, restrict, agree and take back (domain rules §3.1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app import access, history
from app.access import Person, ReceiptKey, ReporterKey, cases, consents, erasing, grants, rights_view
from app.actions import intake, once
from app.actions.stepping import advance, record
from app.db import WriteSession
from app.errors import ConsentNeededError, InvalidError
from app.models.ticket import Ticket
from app.rules import catalogue, refusals, rights, wording, workflow
from app.rules.rights import ConsentItem, Outcome, Right
from app.rules.vocabulary import Role, Verb
from app.rules.workflow import Hat
from app.schemas.rights import ConsentChangeIn, CorrectIn, DataView, ErasedView, KeptView, RestrictIn
from app.schemas.ticket import ConsentIn
from app.vault import fingerprint

OwnKey = ReporterKey | ReceiptKey
_REPORTER = frozenset({Hat.REPORTER})
_PERSON = frozenset({"name", "phone", "room"})


class Erased(NamedTuple):
    """What is told, and the files that have to go once this is committed."""

    view: ErasedView
    files: list[str]


def correct(session: WriteSession, key: OwnKey, form: CorrectIn, *, now: datetime) -> DataView:
    """更正. Fields are replaced or taken away; words are added to what was said, and move nothing by themselves.

    Raises NotFoundError, ConsentNeededError for contact without consent, InvalidError (a minor's name or phone).
    """
    ticket = access.own_ticket(session, key, lock=True)
    changes = {name: getattr(form, name) for name in sorted(_PERSON & form.model_fields_set)}
    _check_changes(session, ticket, changes, form.consent, now)
    if changes and not erasing.correct_person(session, ticket, changes) and any(changes.values()):
        given = dict.fromkeys(_PERSON, None) | changes
        access.put_person(session, ticket, Person(**given), now)
        session.flush()
    if form.text:
        _add(session, ticket, form.text, now)
    said = [*changes, *(["text"] if form.text else [])]
    rights_view.put_request(session, ticket, Right.CORRECT, Outcome.DONE, {"fields": said}, now)
    return _told(session, ticket, now)


def erase(session: WriteSession, key: OwnKey, *, now: datetime) -> Erased:
    """删除. Contact, door, words, photos and the mark of the device go at once, in every place where they stand.

    What is still open goes on as a case without a person; what proves consents and looks is kept for its time.
    """
    ticket = access.own_ticket(session, key, lock=True)
    needed = ticket.status not in workflow.CLOSED_OUT
    text, spot = cases.deidentified(session, ticket) if needed else ("", None)
    files = erasing.erase_photos(session, ticket)
    erasing.erase_person(session, ticket)
    erasing.erase_words(session, ticket, text, spot)
    consents.take_back(session, ticket, ConsentItem, now)
    grants.close_doors(session, ticket, now)
    once.forget(session, ticket.number)
    ticket.device_hash, ticket.erased_at = None, now
    outcome = Outcome.KEPT if needed else Outcome.DONE
    rights_view.put_request(session, ticket, Right.ERASE, outcome, {"photos": len(files)}, now)
    if needed:
        intake.tell_role(session, ticket, Role.GRID_HEAD, "data_changed", now)
    session.flush()
    kept = [_why_kept(ticket)] if needed else []
    proofs = [view for view in rights_view.retention_views(ticket) if view.what == wording.word("kept", "proofs")]
    view = ErasedView(number=ticket.number, erased_at=now, outcome=outcome, kept=[*kept, *proofs])
    return Erased(view, files)


def restrict(session: WriteSession, key: OwnKey, form: RestrictIn, *, now: datetime) -> DataView:
    """限制使用: while it is on, nobody looks at the plain values, and no door is shown. The matter itself goes on."""
    ticket = access.own_ticket(session, key, lock=True)
    ticket.restricted_at = now if form.on else None
    rights_view.put_request(session, ticket, Right.RESTRICT if form.on else Right.LIFT, Outcome.DONE, {}, now)
    return _told(session, ticket, now)


def change_consent(session: WriteSession, key: OwnKey, form: ConsentChangeIn, *, now: datetime) -> DataView:
    """撤回同意, or 补同意. Without consent to the contact it is erased; without consent to the door, doors close."""
    ticket = access.own_ticket(session, key, lock=True)
    ended = consents.take_back(session, ticket, form.withdraw, now)
    if ConsentItem.CONTACT in form.withdraw:
        erasing.erase_person(session, ticket)
        once.forget(session, ticket.number)
    if form.withdraw and {ConsentItem.CONTACT, ConsentItem.ADDRESS} & set(form.withdraw):
        grants.close_doors(session, ticket, now)
    if form.withdraw:
        facts = {"items": sorted(form.withdraw), "stood": sorted(ended)}
        rights_view.put_request(session, ticket, Right.WITHDRAW_CONSENT, Outcome.DONE, facts, now)
    if form.give:
        _agree(session, ticket, form.give, now)
        rights_view.put_request(session, ticket, Right.AGREE, Outcome.DONE, {"items": sorted(form.give)}, now)
    return _told(session, ticket, now)


def _check_changes(
    session: WriteSession, ticket: Ticket, changes: Mapping[str, str | None], consent: ConsentIn | None, now: datetime
) -> None:
    given = {name for name, value in changes.items() if value}
    if ticket.minor and given & {"name", "phone"}:
        raise InvalidError(
            errors=[
                {"field": name, "message": refusals.say("minor_leaves_no_name")}
                for name in sorted(given & {"name", "phone"})
            ]
        )
    if not given or consents.agreed(session, ticket, ConsentItem.CONTACT):
        return
    if consent is None or not consent.contact:
        raise ConsentNeededError(errors=[{"field": "consent.contact", "message": ConsentNeededError.title}])
    _agree(session, ticket, [ConsentItem.CONTACT], now, version=consent.notice_version)


def _agree(
    session: WriteSession, ticket: Ticket, items: Sequence[ConsentItem], now: datetime, *, version: str = ""
) -> None:
    """Under the notice that holds now; a program has to name the one it showed."""
    holds, text = wording.notice(rights_view.handler_of(session, ticket))
    if version and version != holds:
        message = refusals.say("notice_version", version=holds)
        raise InvalidError(
            refusals.say("notice_changed"),
            errors=[{"field": "consent.notice_version", "message": message}],
        )
    consents.agree(session, ticket, items, holds, fingerprint(text), now)


def _add(session: WriteSession, ticket: Ticket, text: str, now: datetime) -> None:
    """More words. An open question is answered by them; a closed matter is not opened again by a correction."""
    said = {"correction": True}
    if ticket.status in workflow.OPEN:
        facts = access.standing(session, ticket, now)
        advance(session, ticket, Verb.INFO, facts, _REPORTER, history.REPORTER, now, words=text, said=said)
    else:
        before = access.standing(session, ticket, now).status
        record(session, ticket, Verb.INFO, before, history.REPORTER, now, words=text, said=said)
    if ticket.triaged_at is None:
        intake.widen_exclusion(ticket, text)


def _why_kept(ticket: Ticket) -> KeptView:
    safety = rights.goes_on(catalogue.default().leaf(ticket.category))
    code = "safety" if safety else "open"
    return KeptView(what=wording.word("erased_kept", "case"), rule=wording.word("erased_kept", code), until=None)


def _told(session: WriteSession, ticket: Ticket, now: datetime) -> DataView:
    """The desk hears of it while somebody works on the matter; the reporter reads how it stands now."""
    if ticket.status not in workflow.CLOSED_OUT:
        intake.tell_role(session, ticket, Role.GRID_HEAD, "data_changed", now)
    session.flush()
    return rights_view.data_view(session, ticket)
