"""A message is sent at least once if its transaction committed, never if not; one that fails does not stop the rest."""

import contextlib
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import access, outbox, worker
from app.actions import ticket as actions
from app.actions.message import resend
from app.errors import VerbNotYoursError
from app.models.message import Message
from app.models.ticket import Ticket
from app.outbox import BACK_OFF, LEASE
from app.queries import message as queries
from app.schemas.ticket import TicketIn
from app.senders.base import SendError
from tests.builders import MONDAY, build_world, ticket_form
from tests.senders.post import Post

SECOND = timedelta(seconds=1)
TRIES = len(BACK_OFF) + 1


@pytest.fixture
def ticket_id(database, world, time):
    """A public matter that went out at once: one message to the grid head, one to the property."""
    with database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world)), device=None, now=MONDAY)
        found = session.execute(select(Message.ticket_id).distinct().execution_options(scope="test"))
        return found.scalar_one()


def messages(database):
    with database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id).execution_options(scope="test")))


def claim(database, now, limit=20):
    with database.write() as session:
        return [message.id for message in outbox.claim(session, now, limit)]


def settle(database, number, now, error=""):
    with database.write() as session:
        outbox.settle(session, [number], now, error=error)


def test_a_submission_leaves_one_message_for_each_who_must_know(database, ticket_id):
    assert Counter(message.template for message in messages(database)) == {"submitted": 1, "assigned": 1}
    assert {(m.status, m.attempts, m.next_at) for m in messages(database)} == {("waiting", 0, MONDAY)}


def test_a_claim_is_a_lease_others_skip_it_until_it_runs_out(database, ticket_id):
    mine = claim(database, MONDAY)
    assert len(mine) == 2
    assert claim(database, MONDAY) == []
    assert claim(database, MONDAY + LEASE - SECOND) == []
    assert claim(database, MONDAY + LEASE) == mine
    assert {message.attempts for message in messages(database)} == {2}


def test_a_claim_takes_the_oldest_first_and_no_more_than_it_may(database, ticket_id):
    first, second = (message.id for message in messages(database))
    assert claim(database, MONDAY, 1) == [first]
    assert claim(database, MONDAY, 1) == [second]


def test_nothing_is_claimed_before_its_time(database, ticket_id):
    assert claim(database, MONDAY - SECOND) == []


@pytest.mark.postgres
def test_two_workers_at_the_same_moment_share_the_work_and_wait_for_nobody(postgres_database, request):
    request.getfixturevalue("time")
    world = build_world(postgres_database)
    with postgres_database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world)), device=None, now=MONDAY)
    with postgres_database.write() as one, postgres_database.write() as two:
        mine = [message.id for message in outbox.claim(one, MONDAY, 1)]
        theirs = [message.id for message in outbox.claim(two, MONDAY, 20)]
    assert len(mine) == len(theirs) == 1
    assert mine != theirs


def test_every_failure_waits_longer_than_the_last_until_the_message_is_set_aside(database, ticket_id):
    number, now, waits = messages(database)[0].id, MONDAY, []
    for attempt in range(1, TRIES + 1):
        assert number in claim(database, now)
        settle(database, number, now, error=f"failure {attempt}")
        message = next(message for message in messages(database) if message.id == number)
        assert (message.attempts, message.leased_until, message.last_error) == (attempt, None, f"failure {attempt}")
        if message.status == "dead":
            break
        assert number not in claim(database, message.next_at - timedelta(microseconds=1))
        waits.append(message.next_at - now)
        now = message.next_at
    assert message.status == "dead"
    assert waits == list(BACK_OFF)
    assert waits == sorted(set(waits))
    assert number not in claim(database, now + timedelta(days=365))
    assert message.sent_at is None


def test_a_long_error_is_kept_short(database, ticket_id):
    (number, *_) = claim(database, MONDAY)
    settle(database, number, MONDAY, error="x" * 5000)
    assert len(messages(database)[0].last_error) == 200


def test_what_was_sent_is_never_sent_again(database, ticket_id, time):
    post = Post()
    assert worker.deliver(database, post) == 2
    time.set(MONDAY + timedelta(days=2))
    assert worker.deliver(database, post) == 0
    assert len(post.sent) == 2
    assert {(m.status, m.sent_at, m.last_error) for m in messages(database)} == {("sent", MONDAY, "")}


def test_a_notice_names_a_seat_a_category_and_a_place_and_carries_its_own_id(database, ticket_id, time):
    post = Post()
    worker.deliver(database, post)
    assert {envelope.to for envelope in post.sent} == {"绿荷苑·网格长", "绿荷苑·物业"}
    assert len({envelope.id for envelope in post.sent}) == 2
    for envelope in post.sent:
        assert "1幢1单元" in envelope.text
        assert "今天 24:00" in envelope.text
        assert "晚上看不见" not in envelope.text


def test_a_sender_that_fails_gets_the_message_again_when_it_is_well(database, ticket_id, time):
    assert worker.deliver(database, Post(error=SendError("gateway says 500"))) == 2
    assert {(m.status, m.last_error) for m in messages(database)} == {("waiting", "gateway says 500")}
    well = Post()
    assert worker.deliver(database, well) == 0
    time.set(MONDAY + BACK_OFF[0])
    assert worker.deliver(database, well) == 2
    assert len(well.sent) == 2


def test_a_sender_that_never_recovers_is_given_up_after_its_tries(database, ticket_id, time):
    for _ in range(TRIES + 3):
        worker.deliver(database, Post(error=SendError("")))
        time.set(time.at + BACK_OFF[-1])
    assert {(m.status, m.attempts, m.last_error) for m in messages(database)} == {("dead", TRIES, "SendError")}


def test_one_failing_message_does_not_hold_up_the_others(database, ticket_id, time):
    post = Post(error=SendError("no"), only="新任务单")
    assert worker.deliver(database, post) == 2
    assert len(post.sent) == 1


def test_a_fault_in_the_sender_itself_does_not_hold_up_the_others_and_is_given_up_too(database, ticket_id, time):
    """A bug or a library's own error is no SendError; the messages claimed beside it must still go out."""
    post = Post(error=RuntimeError("a bug"), only="新诉求")
    for _ in range(TRIES + 3):
        with contextlib.suppress(RuntimeError):
            worker.deliver(database, post)
        time.set(time.at + BACK_OFF[-1])
    assert len(post.sent) == 1
    assert Counter(m.status for m in messages(database)) == {"sent": 1, "dead": 1}


def test_a_message_that_cannot_be_put_into_words_does_not_hold_up_the_others(database, ticket_id, time):
    with database.write() as session:
        outbox.put(session, "a template of tomorrow", ticket_id, MONDAY - SECOND)
    post = Post()
    for _ in range(TRIES + 3):
        with contextlib.suppress(KeyError):
            worker.deliver(database, post)
        time.set(time.at + BACK_OFF[-1])
    assert len(post.sent) == 2
    assert Counter(m.status for m in messages(database)) == {"sent": 2, "dead": 1}


def test_a_worker_that_dies_between_sending_and_settling_sends_once_more_with_the_same_id(
    database, ticket_id, time, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_args, **_kwargs):
        raise Killed

    post = Post()
    with monkeypatch.context() as dying:
        dying.setattr(outbox, "settle", die)
        with pytest.raises(Killed):
            worker.deliver(database, post)
    assert worker.deliver(database, post) == 0
    time.set(MONDAY + LEASE)
    worker.deliver(database, post)
    sent = Counter(envelope.id for envelope in post.sent)
    assert sorted(sent.values()) == [1, 2]


def test_no_lock_is_held_while_a_message_is_sent(database, ticket_id, time):
    class Busy(Post):
        def send(self, envelopes):
            with database.write() as session:
                outbox.put(session, "done", ticket_id, time.at + timedelta(days=1))
            super().send(envelopes)

    assert worker.deliver(database, Busy()) == 2
    assert Counter(m.template for m in messages(database)) == {"submitted": 1, "assigned": 1, "done": 2}


def test_a_message_of_a_transaction_that_was_taken_back_is_never_sent(database, ticket_id, time):
    with pytest.raises(RuntimeError), database.write() as session:  # noqa: PT012 -- the unit of work is what is tested
        outbox.put(session, "urged", ticket_id, MONDAY)
        session.flush()
        raise RuntimeError
    post = Post()
    worker.deliver(database, post)
    assert {m.template for m in messages(database)} == {"submitted", "assigned"}
    assert len(post.sent) == 2


# The night


NIGHT = MONDAY + timedelta(hours=14)  # 23:00
MORNING, DIGEST = MONDAY + timedelta(hours=22), MONDAY + timedelta(hours=23, minutes=30)


def night(database, world, **over):
    with database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world, **over)), device=None, now=NIGHT)


def rung(database, time, at):
    time.set(at)
    post = Post()
    worker.deliver(database, post)
    return sorted(envelope.text.split("】")[1][:4] for envelope in post.sent)


def test_at_night_a_routine_notice_waits_for_the_digest(database, world, time):
    night(database, world)
    assert {message.next_at for message in messages(database)} == {DIGEST}
    assert rung(database, time, NIGHT) == rung(database, time, MORNING) == []
    assert rung(database, time, DIGEST) == ["新任务单", "新诉求："]


def test_at_night_a_hotline_leaf_rings_at_once(database, world, time):
    night(database, world, category="SAF-07")
    assert set(rung(database, time, NIGHT)) == {"紧急提醒"}


def test_at_night_the_red_button_rings_at_once(database, world, time):
    night(database, world, category="BLD-09", emergency=True)
    assert set(rung(database, time, NIGHT)) == {"紧急提醒"}


def test_at_night_another_emergency_waits_until_seven(database, world, time):
    night(database, world, category="SAF-12")
    assert rung(database, time, NIGHT) == []
    assert set(rung(database, time, MORNING)) == {"紧急提醒"}


def test_what_failed_in_the_evening_is_not_tried_at_night_but_an_alarm_is(database, world, time):
    evening = NIGHT - timedelta(hours=1, seconds=5)  # 21:59:55
    with database.write() as session:
        actions.submit(session, TicketIn(**ticket_form(world, category="SAF-07")), device=None, now=evening)
    time.set(evening)
    worker.deliver(database, Post(error=SendError("away")))
    assert set(rung(database, time, NIGHT)) == {"紧急提醒"}
    assert rung(database, time, MORNING) == ["新任务单"]


# Dead letters


@pytest.fixture
def dead(database, ticket_id, time):
    worker.deliver(database, Post(error=SendError("errcode 40058", final=True)))


def desk(database, world, username):
    with database.read() as session:
        return access.staff(session, access.StaffKey(world.tokens[username]), MONDAY)


def listed(database, staff):
    with database.read() as session:
        return queries.dead_letters(session, staff)


@pytest.mark.parametrize("username", ["admin", "grid_head"])
def test_dead_letters_are_listed_without_their_matter_and_sent_again(database, world, dead, time, username):
    staff = desk(database, world, username)
    letters = listed(database, staff)
    assert [(letter.seat, letter.error, letter.attempts) for letter in letters] == [
        ("网格长", "errcode 40058", 1),
        ("物业", "errcode 40058", 1),
    ]
    with database.write() as session:
        assert resend(session, staff, [letters[0].id], now=MONDAY) == 1
        assert resend(session, staff, None, now=MONDAY) == 1
    post = Post()
    assert worker.deliver(database, post) == 2
    assert {envelope.id for envelope in post.sent} == {f"message-{letter.id}" for letter in letters}
    assert listed(database, staff) == []


@pytest.mark.parametrize("username", ["property", "committee_secretary", "police"])
def test_dead_letters_are_not_for_everybody(database, world, dead, username):
    staff = desk(database, world, username)
    with pytest.raises(VerbNotYoursError):
        listed(database, staff)
    with pytest.raises(VerbNotYoursError), database.write() as session:
        resend(session, staff, None, now=MONDAY)


def test_a_grid_head_sees_and_resends_only_their_own_compound_and_only_what_is_open_to_them(database, world, dead):
    elsewhere = build_world(database, compound="XY", name="另苑")
    assert listed(database, desk(database, elsewhere, "grid_head_XY")) == []
    assert len(listed(database, desk(database, world, "grid_head"))) == 2
    with database.write() as session:
        session.execute(update(Ticket).values(hidden_grid=True).execution_options(scope="test"))
    staff = desk(database, world, "grid_head")
    assert listed(database, staff) == []
    with database.write() as session:
        assert resend(session, staff, None, now=MONDAY) == 0


def test_messages_that_pause_after_a_failure_can_be_hurried(database, ticket_id, time):
    worker.deliver(database, Post(error=SendError("away")))
    with database.write() as session:
        assert outbox.hurry(session, MONDAY) == 2
    assert worker.deliver(database, Post()) == 2
