"""What goes when its time is up: for each rule of rules/retention.py, which rows are due and how they go.

Nothing here looks at content. Whatever is done twice does nothing the second time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, delete, func, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel, col

from app.access import erasing
from app.db import ReadSession, WriteSession
from app.models.access_log import AccessLog
from app.models.address_grant import AddressGrant
from app.models.board import MeToo
from app.models.common_issue import CommonIssue
from app.models.filing import Filing
from app.models.idempotency import IdempotencyKey
from app.models.limit import LimitCount
from app.models.message import Message
from app.models.photo import Photo
from app.models.retention import RetentionRun
from app.models.rights import LookAlert, RevealRequest, RightsRequest
from app.models.slip import Slip, SlipLink
from app.models.staff import StaffToken
from app.models.ticket import Consent, Ticket
from app.models.visit import Visit, VisitPlan
from app.rules.data_map import CONTACT, PROOFS

_SCOPE = "retention"
Erase = Callable[[WriteSession, Sequence[Any], datetime, datetime], list[str]]


class Eraser(NamedTuple):
    """`due` selects the keys of what is due, given now and the instant before which it began.

    `erase` takes some of them and returns the keys of files that have to go once this is committed.
    """

    due: Callable[[datetime, datetime], Select[Any]]
    erase: Erase


def count(session: ReadSession, eraser: Eraser, now: datetime, before: datetime) -> int:
    """How many are due."""
    query = select(func.count()).select_from(eraser.due(now, before).subquery())
    found: int = session.execute(query.execution_options(scope=_SCOPE)).scalar_one()
    return found


def some(session: ReadSession, eraser: Eraser, now: datetime, before: datetime, limit: int) -> list[Any]:
    """The keys of at most `limit` of them."""
    query = eraser.due(now, before).limit(limit)
    return list(session.execute(query.execution_options(scope=_SCOPE)).scalars())


def known_photos(session: ReadSession, keys: Sequence[str]) -> set[str]:
    """Which of these storage keys some row names."""
    query = select(col(Photo.key)).where(col(Photo.key).in_(keys))
    return set(session.execute(query.execution_options(scope=_SCOPE)).scalars())


def _tickets(session: WriteSession, ids: Sequence[int]) -> list[Ticket]:
    query = select(Ticket).where(col(Ticket.id).in_(ids)).order_by(col(Ticket.id)).with_for_update(key_share=True)
    return list(session.execute(query.execution_options(scope=_SCOPE)).scalars())


def _persons_due(_now: datetime, before: datetime) -> Select[Any]:
    return select(col(Ticket.id)).where(col(Ticket.closed_at) <= before, col(Ticket.person_erased_at).is_(None))


def _erase_persons(session: WriteSession, ids: Sequence[int], now: datetime, _before: datetime) -> list[str]:
    """Contacts and beneficiaries; every ticket gets its mark, so that the pages can say why nothing is there."""
    for ticket in _tickets(session, ids):
        erasing.erase_person(session, ticket)
        ticket.person_erased_at = now
    return []


def _photos_due(_now: datetime, before: datetime) -> Select[Any]:
    theirs = select(col(Photo.id)).where(col(Photo.ticket_id) == col(Ticket.id), col(Photo.from_staff).is_(False))
    return select(col(Ticket.id)).where(col(Ticket.closed_at) <= before, theirs.exists())


def _erase_photos(session: WriteSession, ids: Sequence[int], _now: datetime, _before: datetime) -> list[str]:
    return [key for ticket in _tickets(session, ids) for key in erasing.erase_photos(session, ticket)]


def _words_due(_now: datetime, before: datetime) -> Select[Any]:
    return select(col(Ticket.id)).where(col(Ticket.closed_at) <= before, col(Ticket.words_erased_at).is_(None))


def _erase_words(session: WriteSession, ids: Sequence[int], now: datetime, _before: datetime) -> list[str]:
    """The reporter's words, what handlers drafted for them, and the mark of the device that they came from."""
    for ticket in _tickets(session, ids):
        erasing.erase_words(session, ticket, "", None)
        ticket.device_hash, ticket.words_erased_at = None, now
    session.execute(update(Slip).where(col(Slip.ticket_id).in_(ids)).values(draft_sealed=None, draft_kind=None))
    session.execute(update(Filing).where(col(Filing.ticket_id).in_(ids)).values(note_sealed=None))
    return []


def _outcomes_due(_now: datetime, before: datetime) -> Select[Any]:
    return select(col(CommonIssue.id)).where(
        col(CommonIssue.closed_at) <= before, col(CommonIssue.outcome_sealed).is_not(None)
    )


def _erase_outcomes(session: WriteSession, ids: Sequence[int], _now: datetime, _before: datetime) -> list[str]:
    """How common issues ended; that they did, and with which tickets, stays."""
    session.execute(update(CommonIssue).where(col(CommonIssue.id).in_(ids)).values(outcome_sealed=None))
    return []


def _consents_due(now: datetime, before: datetime) -> Select[Any]:
    """A consent outlives what it was given for."""
    gone = col(Ticket.closed_at) <= now - CONTACT.span
    return (
        select(col(Consent.id))
        .join(Ticket, col(Ticket.id) == col(Consent.ticket_id))
        .where(col(Consent.at) <= before, gone)
    )


def _log_due(_now: datetime, before: datetime) -> Select[Any]:
    """Lines before the first that has to stay; where none has to, all but the newest. So there is never a hole."""
    young = case((col(AccessLog.at) > before, col(AccessLog.seq)))
    stays = func.coalesce(func.min(young), func.max(col(AccessLog.seq))).label("seq")
    first = select(col(AccessLog.compound_id), stays).group_by(col(AccessLog.compound_id)).subquery()
    query = select(col(AccessLog.id)).join(first, first.c.compound_id == col(AccessLog.compound_id))
    return query.where(col(AccessLog.seq) < first.c.seq).order_by(col(AccessLog.id))


def _erase_uploads(session: WriteSession, ids: Sequence[int], _now: datetime, _before: datetime) -> list[str]:
    query = select(col(Photo.key)).where(col(Photo.id).in_(ids), col(Photo.ticket_id).is_(None)).with_for_update()
    keys = list(session.execute(query.execution_options(scope=_SCOPE)).scalars())
    session.execute(delete(Photo).where(col(Photo.key).in_(keys)))
    return keys


def _plans_due(_now: datetime, before: datetime) -> Select[Any]:
    """A plan ends when somebody says so, or by itself."""
    ended = func.coalesce(col(VisitPlan.ended_at), col(VisitPlan.ends_at))
    return select(col(VisitPlan.id)).where(ended <= before).order_by(col(VisitPlan.id))


def _erase_plans(session: WriteSession, ids: Sequence[int], _now: datetime, _before: datetime) -> list[str]:
    session.execute(delete(Visit).where(col(Visit.plan_id).in_(ids)))
    session.execute(delete(VisitPlan).where(col(VisitPlan.id).in_(ids)))
    return []


def _links_due(now: datetime, before: datetime) -> Select[Any]:
    """A link stays as long as the proof that it showed a door."""
    proof = select(col(AddressGrant.id)).where(
        col(AddressGrant.link_id) == col(SlipLink.id), col(AddressGrant.given_at) > now - PROOFS.span
    )
    return select(col(SlipLink.id)).where(col(SlipLink.expires_at) <= before, ~proof.exists())


def _deleted(table: type[SQLModel], key: Mapped[Any]) -> Erase:
    """Rows as they are."""

    def erase(session: WriteSession, keys: Sequence[Any], _now: datetime, _before: datetime) -> list[str]:
        session.execute(delete(table).where(key.in_(keys)))
        return []

    return erase


def _old(table: type[SQLModel], key: Mapped[Any], since: Mapped[Any], *conditions: ColumnElement[bool]) -> Eraser:
    """Rows of a table that are old enough, and still are when they go: somebody may just have used one again."""

    def due(_now: datetime, before: datetime) -> Select[Any]:
        return select(key).where(since <= before, *conditions).order_by(since)

    def erase(session: WriteSession, keys: Sequence[Any], _now: datetime, before: datetime) -> list[str]:
        session.execute(delete(table).where(key.in_(keys), since <= before))
        return []

    return Eraser(due, erase)


ERASERS: Mapping[str, Eraser] = {
    "contact": Eraser(_persons_due, _erase_persons),
    "photos": Eraser(_photos_due, _erase_photos),
    "words": Eraser(_words_due, _erase_words),
    "issue_outcomes": Eraser(_outcomes_due, _erase_outcomes),
    "visit_plans": Eraser(_plans_due, _erase_plans),
    "me_too": _old(MeToo, col(MeToo.id), col(MeToo.at)),
    "door_grants": _old(AddressGrant, col(AddressGrant.id), col(AddressGrant.given_at)),
    "consents": Eraser(_consents_due, _deleted(Consent, col(Consent.id))),
    "rights_requests": _old(RightsRequest, col(RightsRequest.id), col(RightsRequest.at)),
    "reveal_requests": _old(RevealRequest, col(RevealRequest.id), col(RevealRequest.asked_at)),
    "look_alerts": _old(LookAlert, col(LookAlert.id), col(LookAlert.at)),
    "access_log": Eraser(_log_due, _deleted(AccessLog, col(AccessLog.id))),
    "uploads": Eraser(
        lambda _now, before: select(col(Photo.id)).where(
            col(Photo.ticket_id).is_(None), col(Photo.created_at) <= before
        ),
        _erase_uploads,
    ),
    "idempotency": _old(IdempotencyKey, col(IdempotencyKey.id), col(IdempotencyKey.created_at)),
    "sessions": _old(StaffToken, col(StaffToken.id), col(StaffToken.expires_at)),
    "slip_links": Eraser(_links_due, _deleted(SlipLink, col(SlipLink.id))),
    "messages": _old(Message, col(Message.id), col(Message.sent_at), col(Message.status) == "sent"),
    "limits": _old(LimitCount, col(LimitCount.key), col(LimitCount.expires_at)),
    "runs": _old(RetentionRun, col(RetentionRun.id), col(RetentionRun.started_at)),
}
