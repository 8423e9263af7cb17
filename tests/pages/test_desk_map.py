"""The map of a compound: numbers of what the viewer may see, each a way into the queue, and nothing that it betrays."""

import itertools
import json
import re
from datetime import timedelta

import pytest
from sqlmodel import select

from app.models.ticket import Ticket
from tests.builders import MONDAY, submit, triage, verb
from tests.pages.desk_browser import as_, posted
from tests.pages.reading import HTML, opened

VIEWERS = ("grid_head", "property", "self_mgmt_head", "self_mgmt_group", "committee_secretary", "community", "street")


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def all_kinds(client, world, database):
    """Tickets of every kind that the place row of the matrix tells apart, behind every stairwell."""
    kinds = itertools.product(("BLD-09", "NOI-01"), (False, True), (0, 3), ("", "hidden_grid", "hidden_property"))
    for turn, (category, shielded, level, hidden) in enumerate(kinds):
        code = list(world.codes.values())[turn % 4]
        receipt = submit(client, world, code=code, text="楼道灯不亮")
        with database.write() as session:
            row = session.exec(
                select(Ticket).where(Ticket.number == receipt["number"]).execution_options(scope="test")
            ).one()
            row.category, row.shielded, row.escalated_to = category, shielded, level
            row.hidden_grid, row.hidden_property = hidden == "hidden_grid", hidden == "hidden_property"
            session.add(row)


def counted(client, world, viewer):
    """What the map's JSON says, by the code of the stairwell."""
    answer = client.get(f"/api/v1/compounds/{world.compound}/map", headers=world.as_(viewer)).json()
    return {spot["code"]: spot["open"] for building in answer["buildings"] for spot in building["stairwells"]}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_square_counts_exactly_what_its_viewer_reads_the_place_of_in_the_queue(client, world, all_kinds, viewer):
    items = client.get("/api/v1/desk/tickets?limit=100", headers=world.as_(viewer)).json()["items"]
    placed = [item["place"]["building"] + item["place"]["stairwell"] for item in items if "place" in item]
    squares = counted(client, world, viewer)
    assert sum(squares.values()) == len(placed)
    for code, many in squares.items():
        narrowed = client.get(f"/api/v1/desk/tickets?limit=100&stairwell={code}", headers=world.as_(viewer)).json()
        assert len(narrowed["items"]) == many
        assert all("place" in item for item in narrowed["items"])


def test_a_filter_by_place_does_not_tell_where_a_hidden_or_private_matter_is(client, world, all_kinds):
    def found(viewer, stairwell):
        return client.get(f"/api/v1/desk/tickets?stairwell={stairwell}", headers=world.as_(viewer)).json()["items"]

    everywhere = client.get("/api/v1/desk/tickets?limit=100", headers=world.as_("street")).json()["items"]
    assert any("place" not in item for item in everywhere)
    assert all("place" in item for code in counted(client, world, "street") for item in found("street", code))
    assert found("grid_head", "no such place") == []


def test_the_page_says_open_late_and_waiting_and_leads_into_the_queue(client, world, time):
    late = submit(client, world, text="楼道灯不亮")
    asked = submit(client, world, text="厨房漏水", category="BLD-05")
    verb(client, world, "grid_head", asked, "need_info", question="几楼？")
    other = submit(client, world, text="墙皮掉了", code=world.codes["2幢1单元"])
    time.set(MONDAY + timedelta(days=1))
    page = opened(as_(client, world, "grid_head"), f"/desk/map?compound={world.compound}")
    assert 'aria-label="1幢1单元：要办 1 件，其中超期 1 件，等居民 1 件"' in page.text
    assert 'aria-label="1幢2单元：没有要办的"' in page.text
    assert "url(#map-1)" in page.text
    assert re.search(r"2幢1单元</a></th><td class=\"number\">1</td>", page.text)
    square = next(link for link in page.links if "stairwell=LHQ-1-1-s" in link)
    queue = opened(client, square)
    assert "只看1幢1单元的。" in queue.text
    assert (late["number"] in queue.text, other["number"] in queue.text) == (True, False)


def test_a_side_that_is_taken_out_finds_no_trace_of_the_ticket_on_its_map(client, world):
    receipt = submit(client, world, text="物业不管事", category="GOV-01")
    triage(client, world, receipt, category="GOV-01", redacted_text="物业不管事")
    assert (sum(counted(client, world, "grid_head").values()), sum(counted(client, world, "property").values())) == (
        1,
        0,
    )


@pytest.mark.parametrize(("viewer", "status"), [("grid_head", 200), ("police", 404), ("admin", 404)])
def test_the_map_is_for_whoever_has_tickets_there(client, world, viewer, status):
    assert as_(client, world, viewer).get("/desk/map", headers=HTML).status_code == status


@pytest.mark.parametrize(("viewer", "status"), [("street", 200), ("police", 403), ("admin", 403)])
def test_the_map_of_a_named_compound_is_refused_to_whoever_has_no_tickets_there(client, world, viewer, status):
    path = f"/api/v1/compounds/{world.compound}/map"
    assert client.get(path, headers=world.as_(viewer)).status_code == status


def test_a_map_that_has_not_changed_is_not_sent_again(client, world):
    first = as_(client, world, "grid_head").get("/desk/map", headers=HTML)
    again = client.get("/desk/map", headers=HTML | {"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def plan(*names):
    """A GeoJSON file with one building beside another."""
    features = []
    for turn, name in enumerate(names):
        west = 120 + turn * 0.002
        ring = [[west, 30], [west + 0.001, 30], [west + 0.001, 30.0003], [west, 30.0003], [west, 30]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def uploaded(client, data, **fields):
    files = {"outline": ("plan.geojson", data, "application/geo+json")}
    form = {"compound": "LHQ"} | fields
    return client.post("/desk/registry/outline", data=form, files=files, headers=HTML, follow_redirects=False)


def test_an_outline_is_drawn_with_a_circle_for_every_stairwell_it_knows(client, world):
    submit(client, world)
    as_(client, world, "admin")
    assert uploaded(client, plan("1幢", "2", "配电房")).headers["location"] == "/desk/compounds/LHQ?ok=outline"
    drawn = client.get("/api/v1/compounds/LHQ/map", headers=world.as_("grid_head")).json()["outline"]
    assert [(shape["name"], len(shape["spots"])) for shape in drawn["shapes"]] == [("1幢", 2), ("2幢", 2), ("", 0)]
    page = opened(as_(client, world, "grid_head"), "/desk/map")
    assert page.text.count("<polygon") == 3
    assert len([link for link in page.links if link.endswith("stairwell=LHQ-1-1-s")]) == 3  # plan, squares, table
    as_(client, world, "admin")
    posted(client, "/desk/registry/outline", compound="LHQ", remove="1")
    assert "<polygon" not in opened(as_(client, world, "grid_head"), "/desk/map").text


def test_a_file_that_is_no_outline_says_what_is_wanted_and_keeps_the_old_one(client, world):
    as_(client, world, "admin")
    uploaded(client, plan("1幢"))
    refused = uploaded(client, b"{}")
    assert refused.status_code == 422
    assert "每幢一个多边形" in refused.text
    assert "请先选一个 GeoJSON 文件" in posted(client, "/desk/registry/outline", compound="LHQ").text
    assert "<polygon" in opened(as_(client, world, "grid_head"), "/desk/map").text


@pytest.mark.parametrize("who", ["grid_head", "committee_secretary"])
def test_only_an_administrator_puts_an_outline(client, world, who):
    as_(client, world, who)
    assert uploaded(client, plan("1幢")).status_code == 403
    assert "上传轮廓" not in opened(client, "/desk/compounds/LHQ").text
