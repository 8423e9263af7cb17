"""小区图: the buildings as they are registered, with what is open behind each stairwell."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from app.access import Staff, compound_map, registry
from app.db import ReadSession
from app.errors import VerbNotYoursError
from app.models.outline import Outline
from app.models.place import Building, Stairwell
from app.rules import outline as outlines
from app.rules import place
from app.schemas.compound_map import BuildingPlan, MapView, OutlineView, ShapeView, SpotView, StairwellSpot


def view(session: ReadSession, staff: Staff, code: str, now: datetime) -> MapView:
    """A compound's map for this viewer. Raises NotFoundError; VerbNotYoursError for whoever has no tickets there."""
    compound = registry.compound(session, staff, code)
    if not compound_map.sees_tickets(staff, compound.id):
        raise VerbNotYoursError
    loads = compound_map.stairwell_loads(session, staff, compound, now)
    stairwells: dict[int, list[Stairwell]] = defaultdict(list)
    for stairwell in session.exec(select(Stairwell).where(col(Stairwell.compound_id) == compound.id)):
        stairwells[stairwell.building_id].append(stairwell)
    buildings = session.exec(select(Building).where(col(Building.compound_id) == compound.id))
    plans = [
        BuildingPlan(
            code=building.code,
            name=building.name,
            stairwells=[
                StairwellSpot(code=row.code, name=row.name, **loads.get(row.id, compound_map.NOTHING)._asdict())
                for row in sorted(stairwells[building.id], key=lambda row: place.in_order(row.name))
            ],
        )
        for building in sorted(buildings, key=lambda row: place.in_order(row.name))
    ]
    outline = _outline(session, compound.id, plans)
    return MapView(code=compound.code, name=compound.name, buildings=plans, outline=outline)


def _outline(session: ReadSession, compound_id: int, buildings: Sequence[BuildingPlan]) -> OutlineView | None:
    stored = session.exec(select(Outline.plan).where(col(Outline.compound_id) == compound_id)).one_or_none()
    if stored is None:
        return None
    plan, named = outlines.stored_plan(dict(stored)), {building.name: building for building in buildings}
    first = {shape.building: place for place, shape in reversed(list(enumerate(plan.shapes)))}
    shapes = []
    for number, shape in enumerate(plan.shapes):
        building = named.get(shape.building) if first[shape.building] == number else None
        stairwells = building.stairwells if building else []
        circles = zip(stairwells, outlines.spots(shape.corners, len(stairwells)), strict=True)
        shapes.append(
            ShapeView(
                name=building.name if building else "",
                corners=list(shape.corners),
                spots=[SpotView(stairwell=one.code, **circle._asdict()) for one, circle in circles],
            )
        )
    return OutlineView(width=outlines.WIDTH, height=plan.height, shapes=shapes)


def stairwell_name(session: ReadSession, staff: Staff, code: str) -> str:
    """What a stairwell is called, such as 4幢2单元; "" where this account knows none with this code."""
    query = (
        select(Building.name, Stairwell.name)
        .join(Stairwell, col(Stairwell.building_id) == col(Building.id))
        .where(Stairwell.code == code, col(Stairwell.compound_id).in_(sorted(staff.compounds())))
    )
    found = session.exec(query).one_or_none() if code.isprintable() else None
    return "".join(found) if found else ""
