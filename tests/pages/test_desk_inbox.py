"""消息: the inbox with what is new in it, and what could not be sent."""

import re

import pytest
from sqlalchemy import select, update

from app.models.message import Message
from app.models.ticket import Ticket
from tests.builders import build_world, slip_of, submit
from tests.pages.desk_browser import as_
from tests.pages.reading import opened, sent


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def count(page):
    found = re.search(r'<b class="desk-count">(\d+)', page.text)
    return int(found[1]) if found else 0


def lose(database, error="robot said 93000", **over):
    """Every message was tried in vain."""
    with database.write() as session:
        values = {"status": "dead", "attempts": 6, "last_error": error} | over
        session.execute(update(Message).values(**values).execution_options(scope="test"))
        return list(session.scalars(select(Message.id).order_by(Message.id).execution_options(scope="test")))


def dead(client, world, who="grid_head"):
    return client.get("/api/v1/desk/messages/dead", headers=world.as_(who))


def test_the_tabs_count_what_is_new_until_the_inbox_was_opened(client, world):
    assert "还没有消息" in opened(as_(client, world, "grid_head"), "/desk/inbox").text
    submit(client, world)
    assert count(opened(client, "/desk")) == 1
    assert count(opened(as_(client, world, "grid_head2"), "/desk")) == 1
    as_(client, world, "grid_head")
    first = opened(client, "/desk/inbox")
    assert (count(first), first.text.count('tag-wait">新<')) == (0, 1)
    assert "新诉求：路灯/楼道灯不亮，1幢1单元" in first.text
    again = opened(client, "/desk/inbox")
    assert (count(again), again.text.count('tag-wait">新<')) == (0, 0)
    submit(client, world)
    assert count(opened(client, "/desk")) == 1
    assert count(opened(as_(client, world, "grid_head2"), "/desk")) == 2  # a seat's two accounts read for themselves


def test_a_line_leads_to_its_ticket_or_where_that_is_closed_to_its_slip(client, world, database):
    receipt = submit(client, world)
    slip = slip_of(client, world, "property")["slip_no"]
    assert f"/desk/tickets/{receipt['number']}" in opened(as_(client, world, "grid_head"), "/desk/inbox").links
    with database.write() as session:
        session.execute(update(Ticket).values(hidden_property=True).execution_options(scope="test"))
    assert f"/desk/slips/{slip}" in opened(as_(client, world, "property"), "/desk/inbox").links


def test_looking_by_the_api_marks_nothing_and_saying_so_does(client, world):
    submit(client, world)
    headers = world.as_("grid_head")
    for _ in range(2):
        view = client.get("/api/v1/desk/inbox", headers=headers).json()
        assert (view["unread"], [item["new"] for item in view["items"]]) == (1, [True])
    seen = client.post("/api/v1/desk/inbox/seen", json={"id": view["items"][0]["id"]}, headers=headers)
    assert seen.json() == {"unread": 0}
    client.post("/api/v1/desk/inbox/seen", json={"id": 0}, headers=headers)  # what was read stays read
    assert client.get("/api/v1/desk/inbox", headers=headers).json()["unread"] == 0


def test_what_could_not_be_sent_is_listed_with_its_reason_and_without_its_matter(client, world, database):
    submit(client, world)
    lose(database)
    page = opened(as_(client, world, "grid_head"), "/desk/messages")
    assert ("robot said 93000" in page.text, "试了 6 次" in page.text, "楼道灯" in page.text) == (True, True, False)
    assert "/desk/messages" in opened(client, "/desk/inbox").links
    assert "/desk/messages" in opened(as_(client, world, "admin"), "/desk/registry").links
    assert opened(as_(client, world, "property"), "/desk/messages").status == 403


def test_one_message_or_all_of_them_are_sent_again(client, world, database):
    submit(client, world)
    ids = lose(database)
    assert len(ids) == 2
    page = opened(as_(client, world, "grid_head"), "/desk/messages")
    assert sent(client, page, "/desk/messages", id=str(ids[0])).headers["location"] == "/desk/messages?ok=1"
    assert [item["id"] for item in dead(client, world).json()["items"]] == [ids[1]]
    assert client.post("/desk/messages", data={"all": "1"}, follow_redirects=False).headers["location"].endswith("ok=1")
    after = opened(client, "/desk/messages?ok=1").text
    assert ("消息都送到了" in after, "已重发 1 条" in after) == (True, True)
    with database.read() as session:
        rows = session.execute(select(Message.status, Message.attempts).execution_options(scope="test")).all()
    assert set(rows) == {("waiting", 0)}


def test_dead_letters_of_another_compound_are_neither_listed_nor_sent_again(client, world, database):
    submit(client, world)
    ids = lose(database)
    build_world(database, compound="XIN", name="新苑")
    foreign = {"Authorization": "Bearer token-of-grid_head_XIN"}
    assert client.get("/api/v1/desk/messages/dead", headers=foreign).json() == {"items": []}
    answer = client.post("/api/v1/desk/messages/dead/resend", json={"ids": ids}, headers=foreign)
    assert answer.json() == {"resent": 0}
    for who, status in (("admin", 200), ("committee_secretary", 403), ("property", 403)):
        assert dead(client, world, who).status_code == status
    assert client.post("/api/v1/desk/messages/dead/resend", headers=world.as_("admin")).json() == {"resent": 2}
