"""The delivery loop: one call at a time where a sender has a pace, and a clean end when it is told to stop."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import outbox, worker
from app.actions import ticket as actions
from app.models.message import Message
from app.outbox import BACK_OFF
from app.schemas.ticket import TicketIn
from app.senders.base import SendError
from tests.builders import MONDAY, ticket_form
from tests.senders.post import Post

SECOND = timedelta(seconds=1)
TRIES = len(BACK_OFF) + 1


@pytest.fixture
def ticket_id(database, world, time):
    """A public matter that went out at once: one message to the grid head, one to the property."""
    with database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world)), device=None, now=MONDAY)
    return messages(database)[0].ticket_id


def messages(database):
    with database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id).execution_options(scope="test")))


def test_the_loop_outlives_a_round_that_fails_and_stops_when_it_is_told(database, ticket_id, time, monkeypatch):
    monkeypatch.setattr(worker, "PAUSE", 0.01)
    stop, rounds = threading.Event(), []

    def deliver(_database, _sender, _stop):
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        raise ConnectionError

    monkeypatch.setattr(worker, "deliver", deliver)
    worker.run(database, [Post()], stop)
    assert len(rounds) == 3


# A sender with a pace: the outlet's row in the database keeps it, so that it holds over processes and restarts


def more(database, ticket_id, count, template="done"):
    with database.write() as session:
        for _ in range(count):
            outbox.put(session, template, ticket_id, MONDAY)


def test_a_sender_with_a_pace_gets_one_call_and_nobody_calls_again_before_its_pause_is_over(database, ticket_id, time):
    more(database, ticket_id, 8)
    post = Post(pause=3 * SECOND, most=4)
    assert [worker.deliver(database, post) for _ in range(3)] == [4, 0, 0]
    another = Post(pause=3 * SECOND, most=4)
    time.set(MONDAY + 2 * SECOND)
    assert worker.deliver(database, another) == 0
    time.set(MONDAY + 3 * SECOND)
    assert worker.deliver(database, another) == 4
    assert [len(call) for call in post.calls + another.calls] == [4, 4]


def test_what_did_not_fit_is_given_back_untried_and_goes_next(database, ticket_id, time):
    more(database, ticket_id, 3)
    post = Post(pause=3 * SECOND, most=3)
    worker.deliver(database, post)
    rest = [message for message in messages(database) if message.status == "waiting"]
    assert [(message.attempts, message.leased_until) for message in rest] == [(0, None), (0, None)]
    time.set(MONDAY + 3 * SECOND)
    worker.deliver(database, post)
    assert [len(call) for call in post.calls] == [3, 2]
    assert len({envelope.id for envelope in post.sent}) == 5


def test_an_outlet_that_asks_for_a_rest_gets_it_and_the_messages_lose_no_try(database, ticket_id, time):
    for _ in range(TRIES + 3):
        assert worker.deliver(database, Post(error=SendError("full", hold=60 * SECOND), pause=SECOND, most=9)) == 2
        assert worker.deliver(database, Post(pause=SECOND, most=9)) == 0
        time.set(time.at + 60 * SECOND)
    assert {(message.status, message.attempts) for message in messages(database)} == {("waiting", 0)}
    assert worker.deliver(database, Post(pause=SECOND, most=9)) == 2


def test_a_final_refusal_is_not_tried_again(database, ticket_id, time):
    worker.deliver(database, Post(error=SendError("errcode 40058", final=True)))
    assert {(m.status, m.attempts, m.last_error) for m in messages(database)} == {("dead", 1, "errcode 40058")}


def test_the_message_in_hand_is_finished_and_the_others_are_given_back_when_the_worker_must_stop(
    database, ticket_id, time
):
    stop = threading.Event()

    class Stopped(Post):
        def send(self, envelopes):
            stop.set()
            super().send(envelopes)

    post = Stopped()
    assert worker.deliver(database, post, stop) == 1
    assert len(post.sent) == 1
    assert worker.deliver(database, post) == 1
