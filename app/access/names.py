"""Names of places and seats for views: titles and labels, never persons."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from sqlmodel import col, select

from app.db import ReadSession
from app.models.place import Building, Compound, Stairwell
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules import catalogue
from app.rules.privacy import is_private
from app.rules.vocabulary import CategorySource, Role, Side, Status
from app.schemas.place import PlaceView
from app.schemas.ticket import CategoryRef, LeadView

INDOORS = "·室内"


class Names(NamedTuple):
    """Lookups for a handful of tickets, loaded in two statements."""

    compounds: dict[int, Compound]
    buildings: dict[int, Building]
    stairwells: dict[int, Stairwell]
    seats: dict[int, Seat]

    def place(self, ticket: Ticket) -> PlaceView:
        """Compound, building, stairwell; a private matter says only that it is indoors."""
        building, stairwell = self.buildings[ticket.building_id].name, self.stairwells[ticket.stairwell_id].name
        label = building + stairwell + (INDOORS if private(ticket) else "")
        return PlaceView(
            compound=self.compounds[ticket.compound_id].name, building=building, stairwell=stairwell, label=label
        )

    def lead(self, ticket: Ticket) -> LeadView:
        """Who looks after a ticket, by seat."""
        seat = self.seats.get(ticket.lead_seat_id or 0)
        title = seat.title if seat else catalogue.default().title(ticket.lead_role)
        return LeadView(role=Role(ticket.lead_role), title=title, assigned=assigned(ticket))


N = TypeVar("N", Compound, Building, Stairwell, Seat)


def load(session: ReadSession, tickets: Iterable[Ticket], seat_ids: Iterable[int] = ()) -> Names:
    """The names that these tickets need."""
    listed = list(tickets)
    seats = {t.lead_seat_id for t in listed if t.lead_seat_id} | set(seat_ids)
    names = Names({}, {}, {}, _by_id(session, Seat, seats))
    if not listed:
        return names
    places = session.exec(
        select(Stairwell, Building, Compound)
        .join(Building, col(Building.id) == col(Stairwell.building_id))
        .join(Compound, col(Compound.id) == col(Building.compound_id))
        .where(col(Stairwell.id).in_(sorted({t.stairwell_id for t in listed})))
    )
    for stairwell, building, compound in places:
        names.stairwells[stairwell.id] = stairwell
        names.buildings[building.id], names.compounds[compound.id] = building, compound
    return names


def compounds_of(session: ReadSession, seats: Iterable[Seat]) -> dict[int, str]:
    """The names of the compounds that these seats belong to."""
    found = _by_id(session, Compound, {seat.compound_id for seat in seats})
    return {compound.id: compound.name for compound in found.values()}


def category(ticket: Ticket) -> CategoryRef:
    """A ticket's category with where it comes from."""
    return CategoryRef(
        code=ticket.category,
        name=catalogue.default().leaf(ticket.category).name,
        source=CategorySource(ticket.category_source),
    )


def private(ticket: Ticket) -> bool:
    """Whether the matter is inside somebody's home."""
    return is_private(catalogue.default().leaf(ticket.category))


def assigned(ticket: Ticket) -> bool:
    """Whether the lead has been given the ticket, or somebody still has to send it on."""
    return Status(ticket.status) not in {
        Status.SUBMITTED,
        Status.NEED_INFO,
        Status.ACCEPTED,
        Status.REOPENED,
        Status.REVIEW,
        Status.REJECTED,
    }


def seen_by(ticket: Ticket) -> list[Side]:
    """Which of the three sides may see who reported. On shielded matters the triaging one alone."""
    out = {
        Side.GRID_HEAD: ticket.hidden_grid,
        Side.PROPERTY: ticket.hidden_property or ticket.shielded,
        Side.SELF_MGMT_GROUP: ticket.hidden_self_mgmt or (ticket.shielded and not ticket.hidden_grid),
    }
    return [side for side, hidden in out.items() if not hidden]


def _by_id(session: ReadSession, model: type[N], ids: set[int]) -> dict[int, N]:
    if not ids:
        return {}
    return {row.id: row for row in session.exec(select(model).where(col(model.id).in_(sorted(ids))))}
