"""Whom a ticket can be given to: the seats that are filled and cover its place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app import access
from app.access import Staff
from app.db import ReadSession
from app.rules import catalogue, routing
from app.rules.routing import SeatFacts, Spot
from app.rules.vocabulary import HEADS, Role

_FIRST = (Role.PROPERTY, Role.SELF_MGMT_GROUP)


class Party(NamedTuple):
    """One choice of the assign form. `value` is a role code or a seat's id; `note` says that a deputy acts.

    `load`: open slips in hand.
    """

    value: str
    role: Role
    title: str
    note: str
    load: int = 0


def parties(session: ReadSession, staff: Staff, number: str, now: datetime) -> list[Party]:
    """Per role the seat that the place picks, then any other seat of the role that covers it. Raises NotFoundError."""
    ticket = access.desk_ticket(session, staff, number).ticket
    seats = access.roster(session, ticket.compound_id)
    spot = Spot(ticket.building_id, ticket.stairwell_id)
    order = [*_FIRST, *(role for role in Role if role in HEADS), Role.COMMITTEE_SECRETARY]
    loads = access.slip_loads(session, ticket.compound_id)
    return [party for role in order for party in _of_role(role, spot, seats, loads, now)]


def _of_role(
    role: Role, spot: Spot, seats: Sequence[SeatFacts], loads: Mapping[int, int], now: datetime
) -> list[Party]:
    found = routing.seat_for(role, spot, seats, now)
    if found is None:
        return []
    own = catalogue.default().title(role)
    others = [s for s in seats if s.role is role and s.id != found[0].id and routing.covers(s, spot)]
    return [
        Party(role, role, found[0].title or own, found[1], loads.get(found[0].id, 0)),
        *(
            Party(str(seat.id), role, seat.title or own, "", loads.get(seat.id, 0))
            for seat in others
            if seat.term.holds(now)
        ),
    ]
