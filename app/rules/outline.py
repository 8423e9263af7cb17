"""The plan of a compound out of a GeoJSON file: building outlines drawn to scale, and a spot for every stairwell."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeGuard

from app.rules import place

WIDTH = 1000
MARGIN = 40
SHORTEST, LONGEST = 200, 2400  # how high a plan of this width may be drawn
MOST_SHAPES, MOST_POINTS = 1000, 20_000
BIGGEST_SPOT, SMALLEST_SPOT = 26, 9
LEAST_CORNERS = 3
NAMES = ("name", "building", "ref", "addr:housenumber")
"""The properties that may say which building a shape is, the first that is there."""

Point = tuple[float, float]


class Shape(NamedTuple):
    """One outline. `building` is a name as the registry writes it, such as 4幢; "" where the file names none."""

    building: str
    corners: tuple[tuple[int, int], ...]


class Plan(NamedTuple):
    """Outlines in a box `WIDTH` wide; north is up."""

    height: int
    shapes: tuple[Shape, ...]

    def stored(self) -> dict[str, Any]:
        """As JSON; `stored_plan` reads it back."""
        return {"height": self.height, "shapes": [[one.building, one.corners] for one in self.shapes]}


class Spot(NamedTuple):
    """A circle for one stairwell."""

    x: int
    y: int
    radius: int


class OutlineError(ValueError):
    """No plan can be drawn from this file."""


def read(data: bytes) -> Plan:
    """A FeatureCollection of Polygons or MultiPolygons in degrees. Raises OutlineError for anything else."""
    try:
        document = json.loads(data)
    except ValueError as error:
        raise OutlineError from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not 0 < len(features) <= MOST_SHAPES:
        raise OutlineError
    found = [(_name(feature), ring) for feature in features for ring in _rings(feature)]
    points = [point for _, ring in found for point in ring]
    if not found or len(points) > MOST_POINTS:
        raise OutlineError
    return _drawn(found, points)


def stored_plan(stored: dict[str, Any]) -> Plan:
    """The plan that a row holds."""
    shapes = (Shape(name, tuple((x, y) for x, y in corners)) for name, corners in stored["shapes"])
    return Plan(stored["height"], tuple(shapes))


def spots(corners: Sequence[tuple[int, int]], many: int) -> list[Spot]:
    """So many circles in a row along the longer side of an outline, as stairwells lie in a building."""
    x0, y0 = (sum(corner[axis] for corner in corners) / len(corners) for axis in (0, 1))
    angle = _direction(corners, x0, y0)
    along = [(x - x0) * math.cos(angle) + (y - y0) * math.sin(angle) for x, y in corners]
    least, length = min(along), max(along) - min(along)
    radius = round(min(BIGGEST_SPOT, max(SMALLEST_SPOT, length / (2.2 * max(many, 1)))))
    places = [least + length * (2 * turn + 1) / (2 * many) for turn in range(many)]
    if angle and abs(math.sin(angle)) > abs(math.cos(angle)):
        places = places if math.sin(angle) > 0 else places[::-1]  # read from north to south
    return [Spot(round(x0 + at * math.cos(angle)), round(y0 + at * math.sin(angle)), radius) for at in places]


def _direction(corners: Sequence[tuple[int, int]], x0: float, y0: float) -> float:
    """The angle of the long side: of the axis along which the corners spread most, from west to east."""
    xx = sum((x - x0) ** 2 for x, _ in corners)
    yy = sum((y - y0) ** 2 for _, y in corners)
    xy = sum((x - x0) * (y - y0) for x, y in corners)
    return math.atan2(2 * xy, xx - yy) / 2


def _drawn(found: Sequence[tuple[str, Sequence[Point]]], points: Sequence[Point]) -> Plan:
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    squeeze = math.cos(math.radians((south + north) / 2))  # a degree of longitude is shorter the further north
    wide, high = (east - west) * squeeze, north - south
    if wide <= 0 or high <= 0:
        raise OutlineError
    scale = (WIDTH - 2 * MARGIN) / wide
    if not SHORTEST <= high * scale + 2 * MARGIN <= LONGEST:
        scale = min(scale, (LONGEST - 2 * MARGIN) / high)
    height = max(SHORTEST, round(high * scale) + 2 * MARGIN)

    def corner(point: Point) -> tuple[int, int]:
        return round((point[0] - west) * squeeze * scale) + MARGIN, round((north - point[1]) * scale) + MARGIN

    return Plan(height, tuple(Shape(name, tuple(corner(point) for point in ring)) for name, ring in found))


def _name(feature: Any) -> str:  # noqa: ANN401 -- whatever the file holds
    given = feature.get("properties") if isinstance(feature, dict) else None
    named = next((given[key] for key in NAMES if given.get(key)), "") if isinstance(given, dict) else ""
    return place.building_name(str(named))[:30]


def _rings(feature: Any) -> Iterator[list[Point]]:  # noqa: ANN401 -- whatever the file holds
    """The outer ring of every polygon; courtyards are not drawn."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return
    given = geometry.get("coordinates")
    polygons = [given] if geometry["type"] == "Polygon" else given
    for polygon in polygons if isinstance(polygons, list) else []:
        outer = polygon[0] if isinstance(polygon, list) and polygon else None
        if not isinstance(outer, list) or len(outer) <= LEAST_CORNERS or not all(_is_point(one) for one in outer):
            raise OutlineError
        yield [(float(one[0]), float(one[1])) for one in outer]


def _is_point(one: Any) -> TypeGuard[list[float]]:  # noqa: ANN401 -- whatever the file holds
    if not isinstance(one, list) or len(one) < 2:  # noqa: PLR2004 -- longitude and latitude
        return False
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in one[:2]):
        return False
    return bool(abs(one[0]) <= 180 and abs(one[1]) <= 85)  # noqa: PLR2004 -- degrees; nobody lives nearer to a pole
