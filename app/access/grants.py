"""门牌授权: who may read one door number, from one slip, for how long; every showing is a line in the log (§3.3)."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from app.access import looks, sealed
from app.access.looks import Looker
from app.access.proxies import beneficiary_of
from app.access.rows import Held
from app.db import ReadSession, WriteSession
from app.errors import VerbNotYoursError
from app.models.address_grant import AddressGrant
from app.models.slip import Slip
from app.models.ticket import Ticket
from app.rules import redaction, refusals, rights
from app.rules.privacy import MATRIX, Column, Grade, Item
from app.rules.rights import Basis, GrantFacts
from app.rules.vocabulary import OPEN_SLIP, SIDE_OF, RevealPurpose, Role, Side
from app.schemas.rights import AddressGrantView

FIELD = "room"


class Given(NamedTuple):
    """A grant with the slip that it is for."""

    grant: AddressGrant
    slip: Slip


def home_of(session: ReadSession, ticket: Ticket) -> str | None:
    """The door to visit: of whom it was reported for, else of whoever reported; None where nobody left one."""
    beneficiary = beneficiary_of(session, ticket)
    person = sealed.person_of(session, ticket)
    if beneficiary:  # never the door of whoever spoke for them
        return beneficiary[0].room
    return person.room if person else None


def may_be_granted(ticket: Ticket, slip: Slip) -> bool:
    """Whether the matrix lets the slip's holder have a door number at all: never the side that is complained about."""
    hidden = {
        Side.GRID_HEAD: ticket.hidden_grid,
        Side.PROPERTY: ticket.hidden_property,
        Side.SELF_MGMT_GROUP: ticket.hidden_self_mgmt,
    }
    side = SIDE_OF.get(Role(slip.role))
    granted = MATRIX[Item.DOOR, Column.HEAD].grade is Grade.GRANT  # whoever holds a slip is a head with a slip on it
    return granted and not (side is not None and hidden[side])


def grant_door(
    session: WriteSession, slip: Slip, given_by: int, basis: Basis, reason: str, hours: int, now: datetime
) -> AddressGrant:
    """Opens the door number to the slip's holder; what was granted before is replaced."""
    for earlier in _of(session, slip):
        earlier.revoked_at = earlier.revoked_at or now
    grant = AddressGrant(
        ticket_id=slip.ticket_id,
        slip_id=slip.id,
        basis=basis,
        reason_sealed=session.vault.seal(reason, _context(slip)),
        given_by=given_by,
        given_at=now,
        until=rights.grant_ends(hours, now),
    )
    session.add(grant)
    session.flush()
    return grant


def grants_of(session: ReadSession, ticket: Ticket) -> list[Given]:
    """Every grant on a ticket that access has handed out, oldest first."""
    query = (
        select(AddressGrant, Slip)
        .join(Slip, col(Slip.id) == col(AddressGrant.slip_id))
        .where(AddressGrant.ticket_id == ticket.id)
        .order_by(col(AddressGrant.id))
    )
    return [Given(*row) for row in session.exec(query.execution_options(scope="ticket"))]


def grant_view(session: ReadSession, given: Given) -> AddressGrantView:
    """A grant as the desk reads it."""
    grant = given.grant
    return AddressGrantView(
        slip_no=given.slip.slip_no,
        basis=Basis(grant.basis),
        reason=redaction.masked(session.vault.open(grant.reason_sealed, _context(given.slip))),
        given_at=grant.given_at,
        until=grant.until,
        revoked_at=grant.revoked_at,
        shown_at=grant.shown_at,
    )


def running(session: ReadSession, ticket: Ticket, slip: Slip, now: datetime) -> AddressGrant | None:
    """The grant by which the door may be shown from this slip now, whoever it is bound to."""
    if not may_be_granted(ticket, slip):
        return None
    found = [grant for grant in _of(session, slip) if rights.grant_holds(_facts(grant, slip, ticket), now)]
    return found[-1] if found else None


def close_doors(session: WriteSession, ticket: Ticket, now: datetime, slip: Slip | None = None) -> int:
    """Takes back what runs, on the ticket or on one slip; how many grants that were."""
    closed = 0
    for grant, of in grants_of(session, ticket):
        if grant.revoked_at is None and grant.until > now and (slip is None or of.id == slip.id):
            grant.revoked_at = now
            closed += 1
    session.flush()
    return closed


def show_door(session: WriteSession, held: Held, now: datetime) -> tuple[str | None, AddressGrant | None]:
    """The door number, with its grant, for the one person whom the grant belongs to; given or refused, it is logged.

    The first who shows it is that person. Raises VerbNotYoursError for an account that does not sit on the slip's seat.
    """
    slip, ticket = held.slip, held.ticket
    if held.staff is not None and not any(seat.seat_id == slip.seat_id for seat in held.staff.seats):
        raise VerbNotYoursError(refusals.say("door_for_the_holder_only"))
    grant = running(session, ticket, slip, now)
    mine = grant is not None and _is_mine(grant, held)
    door = home_of(session, ticket) if mine else None
    who = Looker(held.staff.account_id if held.staff else None, Role(slip.role))
    facts = {"slip": slip.slip_no, "grant": grant.id if grant else None, "basis": grant.basis if grant else None}
    facts |= {"link": held.link.id} if held.link else {}
    result = looks.GIVEN if door else looks.REFUSED
    looks.append(session, ticket, who, [FIELD], RevealPurpose.VISIT, result, now, facts)
    if door is None or grant is None:
        return None, None
    if grant.shown_at is None:
        grant.shown_at = now
        grant.account_id, grant.link_id = who.account_id, held.link.id if held.link else None
    session.flush()
    return door, grant


def _is_mine(grant: AddressGrant, held: Held) -> bool:
    if grant.shown_at is None:
        return True
    if held.staff is not None:
        return grant.account_id == held.staff.account_id
    return held.link is not None and grant.link_id == held.link.id


def _of(session: ReadSession, slip: Slip) -> list[AddressGrant]:
    query = select(AddressGrant).where(AddressGrant.slip_id == slip.id).order_by(col(AddressGrant.id))
    return list(session.exec(query.execution_options(scope="slip")))


def _facts(grant: AddressGrant, slip: Slip, ticket: Ticket) -> GrantFacts:
    return GrantFacts(
        until=grant.until,
        revoked=grant.revoked_at is not None,
        slip_open=slip.status in OPEN_SLIP,
        restricted=ticket.restricted_at is not None,
    )


def _context(slip: Slip) -> str:
    return f"door grant of {slip.slip_no}"
