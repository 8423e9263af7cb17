"""What staff read: the inbox of their seats, and the words that a whole group reads along."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import access, outbox, worker
from app.actions import ticket as actions
from app.models.message import Message
from app.models.ticket import Ticket
from app.queries import message as queries
from app.rules import catalogue, notices, wording
from app.schemas.ticket import TicketIn
from tests.builders import MONDAY, NOTICE, build_world, submit, ticket_form
from tests.senders.post import Post


@pytest.fixture
def ticket_id(database, world, time):
    """A public matter that went out at once: one message to the grid head, one to the property."""
    with database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world)), device=None, now=MONDAY)
        return session.scalars(select(Ticket.id).execution_options(scope="test")).one()


def desk(database, world, username):
    with database.read() as session:
        return access.staff(session, access.StaffKey(world.tokens[username]), MONDAY)


CANARIES = ("司徒金丝雀", "13912345678", "四零二室", "金丝雀的话", "金丝雀的角落")


def personal_form(world, **over):
    person = {"name": CANARIES[0], "phone": CANARIES[1], "room": CANARIES[2]}
    consent = {"notice_version": NOTICE, "contact": True, "address": True}
    return ticket_form(world, text=CANARIES[3], spot=CANARIES[4], contact=person, consent=consent, **over)


def told(database, world, username, now=MONDAY):
    staff = desk(database, world, username)
    with database.read() as session:
        return queries.inbox(session, staff, now).items


def test_the_inbox_shows_what_ones_seats_were_told_whether_or_not_it_rang(database, world, ticket_id):
    (item,) = told(database, world, "grid_head")
    assert item.text == "新诉求：路灯/楼道灯不亮，1幢1单元，今天 24:00"
    assert (item.event, item.seat, item.at, item.alarm, item.slip_no) == ("submitted", "网格长", MONDAY, False, None)
    assert item.number
    (item,) = told(database, world, "property")
    assert item.slip_no
    assert item.slip_no in item.text
    assert told(database, world, "police") == []
    assert told(database, world, "grid_head", MONDAY + timedelta(days=31)) == []


def test_the_inbox_leaves_out_what_was_closed_to_ones_side_since_unless_one_holds_a_slip(database, world, ticket_id):
    with database.write() as session:
        closed = update(Ticket).values(hidden_grid=True, hidden_property=True)
        session.execute(closed.execution_options(scope="test"))
    assert told(database, world, "grid_head") == []
    (item,) = told(database, world, "property")
    assert (item.event, item.number) == ("assigned", None)


@pytest.mark.full
def test_no_notice_of_any_leaf_and_any_event_carries_a_person_or_their_words(sqlite_database, time):
    world = build_world(sqlite_database)
    leaves, events = catalogue.default().leaves, wording.words()["messages"].keys() - notices.ABOUT_NO_TICKET
    with sqlite_database.write() as session:
        for leaf in leaves:
            actions.submit(session, TicketIn(**personal_form(world, category=leaf.code)), device=None, now=MONDAY)
        for ticket, event in itertools.product(
            session.scalars(select(Ticket.id).execution_options(scope="test")), events
        ):
            for seat in (world.seats["grid_head"], world.seats["property"], None):
                outbox.put(session, event, ticket, MONDAY, seat_id=seat)
    with sqlite_database.read() as session:
        ids = list(session.scalars(select(Message.id).execution_options(scope="test")))
        said = list(queries.notices_for(session, ids, MONDAY).values())
    assert len(said) > 3 * len(leaves) * len(events)
    read = [notice.text + notice.to for notice in said]
    read += [item.text for role in ("grid_head", "property") for item in told(sqlite_database, world, role)]
    assert [word for word in CANARIES for text in read if word in text] == []


@pytest.mark.parametrize("over", [{"category": "GOV-01"}, {"avoid": ["property"]}, {"minor": True}])
def test_a_group_does_not_read_what_or_where_a_guarded_matter_is_but_the_grid_heads_inbox_does(
    database, world, time, over
):
    with database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world, **over)), device=None, now=MONDAY)
    post = Post()
    worker.deliver(database, post)
    assert post.sent
    leaf = catalogue.default().leaf(over.get("category", "BLD-09")).name
    for envelope in post.sent:
        assert leaf not in envelope.text
        assert "单元" not in envelope.text
    assert all(leaf in item.text and "1幢1单元" in item.text for item in told(database, world, "grid_head"))


def test_the_red_button_rings_at_night_also_where_the_leaf_is_an_emergency_of_its_own(client, world, database, time):
    time.set(MONDAY + timedelta(hours=15))  # 24:00 in Shanghai
    at_night = {"category": "BLD-08", "text": "墙砖掉下来了"}
    submit(client, world, **at_night)
    submit(client, world, **at_night, emergency=True)
    with database.read() as session:
        alarms = session.scalars(
            select(Message).where(Message.template == "emergency").order_by(Message.id).execution_options(scope="test")
        ).all()
    waits = {message.ticket_id: message.next_at > time.at for message in alarms}
    assert list(waits.values()) == [True, False]
