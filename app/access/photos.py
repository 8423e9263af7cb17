"""Who may fetch a photo, and which uploads a person may attach."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import col, select

from app.access.actors import ReceiptKey, SlipKey, Staff, in_office
from app.access.gate import grade_of
from app.access.rows import desk_ticket, own_ticket, secret_digest
from app.access.rows import slip as slip_in_hand
from app.db import ReadSession, WriteSession
from app.errors import InvalidError, NotFoundError
from app.models.photo import Photo
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import refusals
from app.rules.privacy import Grade, Item, Shown, grade
from app.rules.vocabulary import OPEN_SLIP, SlipStatus

UPLOAD_LIVES = timedelta(hours=24)
PASS_LIVES = timedelta(minutes=10)
_BEYOND_EVERY_ACCOUNT = 2**31


class Credentials(NamedTuple):
    """Whatever the request carries; any one of them may open the photo."""

    secret: str | None = None
    receipt: ReceiptKey | None = None
    slip: SlipKey | None = None
    staff: Staff | None = None
    revealed: str | None = None


def photo_for(session: ReadSession, key: str, who: Credentials, now: datetime) -> Photo:
    """The photo, if one of the credentials opens it: owner, slip (cleared only), desk (cleared, or a fresh reveal)."""
    photo = session.exec(select(Photo).where(Photo.key == key).execution_options(scope="photo")).one_or_none()
    if photo is None or photo.ticket_id is None:
        raise NotFoundError
    ticket = session.exec(select(Ticket).where(Ticket.id == photo.ticket_id).execution_options(scope="photo")).one()
    opens = (
        _owner_opens(session, ticket, who)
        or _slip_opens(session, photo, ticket, who, now)
        or (ticket.restricted_at is None and _pass_opens(session, key, ticket, who.revealed, now))
        or (who.staff is not None and _staff_opens(session, photo, ticket, who.staff))
    )
    if not opens:
        raise NotFoundError
    return photo


def reveal_pass(session: ReadSession, key: str, account_id: int, now: datetime) -> str:
    """What a reveal hands out with a raw photo's address: good for this and the next ten-minute step.

    It is as good as the account that it was handed to, and ends when that account may not look any more.
    """
    return f"{account_id}_{_pass(session, key, account_id, _step(now))}"


def take_photos(
    session: WriteSession, keys: Sequence[str], ticket: Ticket, now: datetime, *, slip_id: int | None = None
) -> None:
    """Attaches fresh uploads to a ticket. Raises InvalidError where one is unknown, too old or already used."""
    if not keys:
        return
    query = select(Photo).where(
        col(Photo.key).in_(list(keys)), col(Photo.ticket_id).is_(None), Photo.created_at > now - UPLOAD_LIVES
    )
    found = list(session.exec(query.with_for_update().execution_options(scope="photo")))
    if len(found) != len(set(keys)):
        raise InvalidError(
            refusals.say("photo_lost_title"), errors=[{"field": "photos", "message": refusals.say("photo_lost")}]
        )
    for photo in found:
        photo.ticket_id, photo.slip_id, photo.from_staff = ticket.id, slip_id, slip_id is not None


def clear_photos(session: WriteSession, keys: Sequence[str], ticket: Ticket) -> None:
    """Marks exactly these photos of a ticket as fit for slips (可转办)."""
    photos = list(session.exec(select(Photo).where(Photo.ticket_id == ticket.id).execution_options(scope="photo")))
    if set(keys) - {photo.key for photo in photos}:
        raise InvalidError(
            refusals.say("photo_foreign_title"),
            errors=[{"field": "cleared_photos", "message": refusals.say("photo_foreign")}],
        )
    for photo in photos:
        if not photo.from_staff:
            photo.cleared = photo.key in keys


def _pass_opens(session: ReadSession, key: str, ticket: Ticket, given: str | None, now: datetime) -> bool:
    """Whether a pass is one of ours and fresh, and its account may still have this ticket's raw photos shown."""
    name, _, mark = (given or "").partition("_")
    if not (name.isascii() and name.isdecimal() and len(name) < len(str(_BEYOND_EVERY_ACCOUNT))):
        return False
    fresh = [_pass(session, key, int(name), step) for step in (_step(now), _step(now) - 1)]
    if not any(secrets.compare_digest(mark.encode(), one.encode()) for one in fresh):
        return False
    staff = in_office(session, int(name), now)
    try:
        return staff is not None and grade_of(desk_ticket(session, staff, ticket.number), Item.RAW) is Grade.MASKED
    except NotFoundError:
        return False


def _step(now: datetime) -> int:
    return int(now.timestamp() // PASS_LIVES.total_seconds())


def _pass(session: ReadSession, key: str, account_id: int, step: int) -> str:
    return session.vault.derive("raw photo", key, account_id, step).hex()[:32]


def _owner_opens(session: ReadSession, ticket: Ticket, who: Credentials) -> bool:
    if who.secret and secret_digest(session, ticket.number, who.secret) == ticket.secret_hash:
        return True
    if who.receipt is None:
        return False
    try:
        return own_ticket(session, who.receipt).id == ticket.id
    except NotFoundError:
        return False


def _slip_opens(session: ReadSession, photo: Photo, ticket: Ticket, who: Credentials, now: datetime) -> bool:
    if who.slip is None:
        return False
    held = slip_in_hand(session, who.slip, None, now)
    if held.slip.status not in {*OPEN_SLIP, SlipStatus.DONE}:
        return False
    return held.ticket.id == ticket.id and (photo.cleared or photo.slip_id == held.slip.id)


def _staff_opens(session: ReadSession, photo: Photo, ticket: Ticket, staff: Staff) -> bool:
    """On the desk whoever may read the redacted text; with a slip in hand what a link would show."""
    if not photo.cleared and not photo.from_staff:
        return False
    try:
        seen = desk_ticket(session, staff, ticket.number)
    except NotFoundError:
        return _holds_slip(session, photo, ticket, staff)
    shown = Shown(shielded=ticket.shielded, escalated_to=ticket.escalated_to)
    readable = grade(Item.REDACTED, seen.columns, shown) in {Grade.FULL, Grade.SLIP}
    return readable or _holds_slip(session, photo, ticket, staff)


def _holds_slip(session: ReadSession, photo: Photo, ticket: Ticket, staff: Staff) -> bool:
    query = select(Slip.id).where(
        Slip.ticket_id == ticket.id,
        col(Slip.seat_id).in_([seat.seat_id for seat in staff.seats]),
        col(Slip.status).in_([*OPEN_SLIP, SlipStatus.DONE]),
    )
    own = set(session.exec(query.execution_options(scope="photo")))
    return bool(own) and (photo.cleared or photo.slip_id in own)
