"""小区图: the buildings of a compound, and how much is open behind each stairwell."""

from app.schemas.base import View


class StairwellSpot(View):
    """Tickets that the viewer may see there: `open` somebody owes something, `waiting` for the resident."""

    code: str
    name: str
    open: int
    overdue: int
    waiting: int


class BuildingPlan(View):
    code: str
    name: str
    stairwells: list[StairwellSpot]


class SpotView(View):
    """Where a stairwell is drawn on the plan, as a circle."""

    stairwell: str
    x: int
    y: int
    radius: int


class ShapeView(View):
    """One outline, as corners `x,y`; `name` is empty where the registry knows no such building."""

    name: str
    corners: list[tuple[int, int]]
    spots: list[SpotView]


class OutlineView(View):
    """The plan of a compound, drawn to scale in a box of this size; north is up."""

    width: int
    height: int
    shapes: list[ShapeView]


class MapView(View):
    """A compound's buildings in the order of a walk; `outline` where somebody has put its plan."""

    code: str
    name: str
    buildings: list[BuildingPlan]
    outline: OutlineView | None = None
