"""不是这里: whoever stands at one stairwell and means another says so, and it is that one's matter."""

import pytest

from tests.builders import build_world, desk, key, ticket_form
from tests.pages.reading import opened, say


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def on_the_desk(client, world):
    items = client.get("/api/v1/desk/tickets", headers=world.as_("grid_head")).json()["items"]
    assert len(items) == 1
    return desk(client, world, "grid_head", items[0]).json()


@pytest.mark.parametrize(
    ("typed", "label"),
    [("", "1幢1单元"), ("2-1", "2幢1单元"), ("二栋 2 门", "2幢2单元"), ("1幢2单元", "1幢2单元"), ("1-1", "1幢1单元")],
)
def test_a_stairwell_that_is_named_is_where_the_matter_is(client, world, typed, label):
    answer = say(client, world, elsewhere=typed)
    assert answer.status == 303
    assert f"绿荷苑{label}" in opened(client, answer.headers["location"]).text
    seen = on_the_desk(client, world)
    assert (seen["place"]["label"], seen.get("spot")) == (label, None)


def test_the_slip_that_goes_out_by_itself_says_the_place_that_was_named(client, world):
    say(client, world, elsewhere="2-1")
    slips = client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]
    assert [slip["place"]["label"] for slip in slips] == ["2幢1单元"]


@pytest.mark.parametrize(
    ("typed", "spot", "label", "kept"),
    [
        ("车棚里", "", "1幢1单元", "车棚里"),
        ("车棚里", "靠墙那排", "1幢1单元", "车棚里 靠墙那排"),
        ("2幢1单元门口", "", "2幢1单元", "2幢1单元门口"),
        ("2-3楼之间", "", "1幢1单元", "2-3楼之间"),
    ],
)
def test_other_words_are_kept_beside_the_place_that_they_begin_with_or_that_of_the_code(
    client, world, typed, spot, label, kept
):
    assert say(client, world, elsewhere=typed, spot=spot).status == 303
    seen = on_the_desk(client, world)
    assert (seen["place"]["label"], seen["spot"]) == (label, kept)


@pytest.mark.parametrize("typed", ["9-9", "9幢9单元门口"])
def test_a_stairwell_that_does_not_exist_is_asked_about_and_everything_typed_is_still_there(client, world, typed):
    wrong = say(client, world, elsewhere=typed, spot="二楼")
    assert wrong.status == 422
    assert 'id="wrong-elsewhere"' in wrong.text
    assert "没找到这个单元" in wrong.text
    assert f'value="{typed}"' in wrong.text
    assert "<details" in wrong.text
    assert wrong.forms[f"/s/{world.code}"]["text"] == ["楼道灯坏了"]
    assert say(client, world, elsewhere="2-2", spot="二楼").status == 303


def test_a_stairwell_of_another_compound_is_none_of_this_code(client, database, world):
    other = build_world(database, compound="GHY", name="桂花苑")
    for at, name in ((world, "绿荷苑"), (other, "桂花苑")):
        answer = say(client, at, elsewhere="2-2")
        assert f"{name}2幢2单元" in opened(client, answer.headers["location"]).text


def test_naming_other_stairwells_does_not_lift_the_limit_of_the_code(client, world):
    opened(client, f"/s/{world.code}")
    answers = [
        client.post("/api/v1/tickets", json=ticket_form(world, elsewhere=named), headers=key())
        for named in ("1-2", "2-1", "2-2")
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
