"""What a reporter agreed to, and takes back. The newest row counts; what was once agreed to stays provable."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, select

from app.db import ReadSession, WriteSession
from app.models.ticket import Consent, Ticket
from app.rules.rights import ConsentItem

_CONSENTS = (
    select(Consent)
    .where(Consent.ticket_id == bindparam("ticket"))
    .order_by(col(Consent.id))
    .execution_options(scope="consent")
)


def consents_of(session: ReadSession, ticket: Ticket) -> list[Consent]:
    """Every consent of a ticket that access has handed out, oldest first."""
    return list(session.exec(_CONSENTS, params={"ticket": ticket.id}))


def agreed(session: ReadSession, ticket: Ticket, item: ConsentItem) -> bool:
    """Whether this consent stands at this minute."""
    given = consents_of(session, ticket)
    return bool(given) and bool(getattr(given[-1], item))


def agree(
    session: WriteSession, ticket: Ticket, items: Iterable[ConsentItem], version: str, text_hash: str, now: datetime
) -> None:
    """A consent given later, under the notice that holds now; what stood before stands on."""
    before = {item: agreed(session, ticket, item) for item in ConsentItem}
    wanted = before | dict.fromkeys(items, True)
    session.add(
        Consent(
            ticket_id=ticket.id,
            notice_version=version,
            notice_hash=text_hash,
            contact=wanted[ConsentItem.CONTACT],
            address=wanted[ConsentItem.ADDRESS],
            publish=wanted[ConsentItem.PUBLISH],
            at=now,
        )
    )
    session.flush()


def take_back(session: WriteSession, ticket: Ticket, items: Iterable[ConsentItem], now: datetime) -> set[ConsentItem]:
    """Ends these consents; which of them stood until now. When each was taken back is kept on its row."""
    ended: set[ConsentItem] = set()
    for consent in consents_of(session, ticket):
        standing = {item for item in items if getattr(consent, item)}
        for item in standing:
            setattr(consent, item, False)
        if standing:
            consent.withdrawn = (consent.withdrawn or {}) | {str(item): now.isoformat() for item in standing}
        ended |= standing
    session.flush()
    return ended
