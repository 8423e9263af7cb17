"""不是这里, by whoever wants to reach with one code what others have to walk for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models.event import Event
from app.models.ticket import Ticket
from tests.attack.flooding import posted, with_mark
from tests.builders import MONDAY, build_world, desk, key
from tests.pages.reading import opened, say


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def lanes(database):
    """How everything was taken in, oldest first."""
    with database.read() as session:
        query = select(Event.facts).join(Ticket, Ticket.id == Event.ticket_id).where(Event.verb == "submit")
        rows = session.execute(query.order_by(Event.id).execution_options(scope="test"))
        return [facts["lane"] for (facts,) in rows]


def test_one_code_does_not_ring_for_every_stairwell_of_the_compound(client, database, world, time):
    with_mark(client, world)
    for named, category in [("1-2", "SAF-07"), ("2-1", "SAF-07"), ("2-2", "SAF-07"), ("1-2", "BLD-05"), ("", "SAF-07")]:
        where = {"elsewhere": named} if named else {}
        assert posted(client, world, emergency=True, category=category, **where).status_code == 201
    assert lanes(database) == ["normal", "normal", "normal", "repeated", "normal"]
    time.set(MONDAY + timedelta(minutes=10))
    assert posted(client, world, emergency=True, elsewhere="2-1").status_code == 201
    assert lanes(database)[-1] == "normal"


def test_the_place_of_the_code_said_once_more_is_not_another_place(client, database, world):
    with_mark(client, world)
    for category in ("SAF-07", "SAF-03", "SAF-06", "BLD-05"):
        assert posted(client, world, emergency=True, category=category, elsewhere="1-1").status_code == 201
    assert lanes(database) == ["normal"] * 4


def test_what_was_said_of_another_stairwell_is_found_again_behind_the_code_where_it_was_said(client, world):
    receipt = say(client, world, elsewhere="2-1").headers["location"].split("?")[0]
    for code in (world.code, world.codes["2幢1单元"]):
        assert receipt in opened(client, f"/s/{code}").text
    client.cookies.clear()
    assert receipt not in opened(client, f"/s/{world.code}").text


def test_the_list_of_a_phone_stays_within_the_compound(client, database, world):
    other = build_world(database, compound="GHY", name="桂花苑")
    receipt = say(client, world, elsewhere="2-1").headers["location"].split("?")[0]
    assert receipt not in opened(client, f"/s/{other.code}").text


@pytest.mark.parametrize("typed", ["٤-٢", "-4-2", "–", "\u202e2-4", "😀", "%", "__", "2-1\n2-2", "0-0x", "' OR 1=1 --"])
def test_whatever_is_typed_is_kept_as_words_and_breaks_nothing(client, world, typed):
    answer = posted(client, world, elsewhere=typed)
    assert answer.status_code == 201
    seen = desk(client, world, "grid_head", answer.json()).json()
    assert (seen["place"]["label"], seen["spot"]) == ("1幢1单元", typed)


@pytest.mark.parametrize("typed", ["2\x00-1", "x" * 41, 4, ["2-1"]])
def test_what_is_no_text_is_refused(client, world, typed):
    assert posted(client, world, elsewhere=typed).status_code == 422


@pytest.mark.parametrize("typed", ["999-99", "2-9", "１－９", "302", "②-⑨"])
def test_a_number_that_does_not_exist_is_never_somebody_elses_place(client, world, typed):
    assert posted(client, world, elsewhere=typed).status_code == 422


def test_markup_in_it_is_words_on_every_page(client, world):
    planted = '"><img src=x onerror=1>'
    refused = say(client, world, elsewhere=planted, text="")
    assert (refused.status, "<img src=x" in refused.text) == (422, False)
    receipt = say(client, world, elsewhere=planted).headers["location"]
    assert "<img src=x" not in opened(client, receipt).text


def test_words_and_a_spot_that_are_each_as_long_as_allowed_stay_whole(client, world):
    words, spot = "东" * 40, "西" * 100
    answer = posted(client, world, elsewhere=words, spot=spot)
    assert desk(client, world, "grid_head", answer.json()).json()["spot"] == f"{words} {spot}"


def test_nobody_is_sent_to_the_stairwell_of_the_code_when_it_is_not_there(client, world):
    def slips():
        items = client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]
        return sorted(slip["place"]["label"] for slip in items)

    somewhere = posted(client, world, elsewhere="东门口").json()
    assert (somewhere["status"], slips()) == ("submitted", [])
    path = f"/api/v1/tickets/{somewhere['number']}"
    told = client.get(path, headers={"X-Ticket-Secret": somewhere["secret"]}).json()
    assert told["lead_note"] == "先由网格长看过，再派给负责人"
    for named in ("2-1", "2幢2单元门口"):
        assert posted(client, world, elsewhere=named).json()["status"] == "assigned"
    assert slips() == ["2幢1单元", "2幢2单元"]
    assert posted(client, world, elsewhere="东门口", emergency=True).json()["status"] == "assigned", "nobody waits"


def test_a_door_and_a_telephone_in_it_are_masked_on_the_desk_and_never_on_a_slip(client, world):
    answer = posted(client, world, elsewhere="2幢1单元302 13812345678").json()
    assert desk(client, world, "grid_head", answer).json()["spot"] == "2幢1单元▇▇ ▇▇"
    slips = client.get("/api/v1/slips", headers=world.as_("property")).json()["items"]
    slip = client.get(f"/api/v1/slips/{slips[0]['slip_no']}", headers=world.as_("property"))
    assert (slip.json()["place"]["label"], "1381" in slip.text) == ("2幢1单元", False)


def test_the_words_go_with_the_rest_when_the_reporter_has_everything_erased(client, world):
    answer = posted(client, world, elsewhere="王建国家门口 13812345678").json()
    headers = key() | {"X-Ticket-Secret": answer["secret"]}
    data = f"/api/v1/tickets/{answer['number']}/data"
    assert "13812345678" in client.get(data, headers=headers).text
    assert client.delete(data, headers=headers).status_code == 200
    assert "13812345678" not in client.get(data, headers=headers).text
