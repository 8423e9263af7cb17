"""The plan of a compound: drawn to scale, north up, a circle for every stairwell; a file that is none is refused."""

import itertools
import json
import math

import pytest

from app.rules import outline


def square(west, south, wide, high, **properties):
    ring = [[west, south], [west + wide, south], [west + wide, south + high], [west, south + high], [west, south]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_a_plan_is_drawn_to_scale_with_north_up_and_names_as_the_registry_writes_them():
    near, far = square(120.0, 30.0, 0.001, 0.001, name="4"), square(120.003, 30.002, 0.001, 0.001, building="５幢")
    plan = outline.read(collection(near, far))
    south, north = plan.shapes
    assert (south.building, north.building) == ("4幢", "5幢")
    assert max(y for _, y in north.corners) < min(y for _, y in south.corners)
    wide, high = (max(c[axis] for c in south.corners) - min(c[axis] for c in south.corners) for axis in (0, 1))
    assert wide / high == pytest.approx(math.cos(math.radians(30)), abs=0.01)  # a degree of longitude is shorter
    assert all(0 <= x <= outline.WIDTH and 0 <= y <= plan.height for one in plan.shapes for x, y in one.corners)


def test_what_was_stored_is_drawn_as_it_was():
    plan = outline.read(collection(square(120, 30, 0.002, 0.001, name="1幢")))
    assert outline.stored_plan(json.loads(json.dumps(plan.stored()))) == plan


@pytest.mark.parametrize("many", [1, 2, 5])
@pytest.mark.parametrize("turned", [False, True])
def test_stairwells_lie_in_a_row_along_the_longer_side_inside_the_outline(many, turned):
    corners = [(100, 100), (500, 100), (500, 180), (100, 180)]
    corners = [(y, x) for x, y in corners] if turned else corners
    spots = outline.spots(corners, many)
    assert len(spots) == many
    long_way, short_way = (
        ([s.y for s in spots], [s.x for s in spots]) if turned else ([s.x for s in spots], [s.y for s in spots])
    )
    assert long_way == sorted(long_way)
    assert all(100 < at < 500 for at in long_way)
    assert set(short_way) == {140}
    assert all(b - a >= 2 * spots[0].radius for a, b in itertools.pairwise(long_way))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"features": [1, null, {}]}',
        b"\xff\xfe",
        collection({"geometry": {"type": "Point", "coordinates": [120, 30]}}),
        collection({"geometry": {"type": "Polygon", "coordinates": [[[120, 30], [121, 30]]]}}),
        collection({"geometry": {"type": "Polygon", "coordinates": [[[120, "x"], [1, 2], [3, 4], [1, 2]]]}}),
        collection({"geometry": {"type": "Polygon", "coordinates": [[[1e9, 30], [1, 2], [3, 4], [1, 2]]]}}),
        collection({"geometry": {"type": "Polygon", "coordinates": [[[120, 30]] * 5]}}),
        collection({"geometry": {"type": "MultiPolygon", "coordinates": 7}}),
        collection(*(square(120, 30, 1, 1) for _ in range(outline.MOST_SHAPES + 1))),
    ],
)
def test_a_file_that_is_no_plan_is_refused(data):
    with pytest.raises(outline.OutlineError):
        outline.read(data)


def test_a_long_thin_compound_still_fits_a_page():
    plan = outline.read(collection(square(120, 30, 0.0001, 0.01, name="1幢"), square(120.0001, 30, 0.0001, 0.0001)))
    assert plan.height <= outline.LONGEST
    flat = outline.read(collection(square(120, 30, 0.01, 0.0001, name="1幢")))
    assert flat.height >= outline.SHORTEST
