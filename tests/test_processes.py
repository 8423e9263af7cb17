"""Real processes, killed and stopped: nothing is lost, nothing is hurried, and what is in hand is finished."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from app.actions import ticket as actions
from app.models.event import Event
from app.models.message import Message
from app.models.ticket import Ticket
from app.schemas.ticket import TicketIn
from tests.builders import MONDAY, NOTICE, build_world, key, ticket_form
from tests.senders.robot import Answer, Robot, refusal

CHILD = Path(__file__).parent / "senders" / "child.py"
ROOT = Path(__file__).parents[1]
CANARIES = ("司徒金丝雀", "13912345678", "四零二室", "金丝雀的话", "金丝雀的角落")
PATIENCE = 60

pytestmark = pytest.mark.full  # a process takes seconds to start


@pytest.fixture
def robot():
    robot = Robot()
    yield robot
    robot.close()


@pytest.fixture
def environment(database, tmp_path, keys):
    url = database.engine.url.render_as_string(hide_password=False)
    own = {"DATABASE_URL": url, "MINQING_DATA_DIR": str(tmp_path), "MINQING_KEYS": keys, "MINQING_LOG_LEVEL": "DEBUG"}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **own}


@pytest.fixture
def start(environment, tmp_path):
    """Starts `python …`; what it says goes to a file. Whatever still runs at the end is killed."""
    running = []

    def begin(*command, **more):
        with (tmp_path / f"process-{len(running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environment | more, stdout=log, stderr=subprocess.STDOUT
            )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def said(tmp_path):
    return "".join(path.read_text() for path in tmp_path.glob("process-*.log"))


def submit_many(database, count, now=MONDAY, **over):
    world = build_world(database)
    person = {"name": CANARIES[0], "phone": CANARIES[1], "room": CANARIES[2]}
    consent = {"notice_version": NOTICE, "contact": True, "address": True}
    words = {"text": CANARIES[3], "spot": CANARIES[4], "contact": person, "consent": consent}
    with database.write() as session:
        for _ in range(count):
            actions.submit(session, TicketIn(**ticket_form(world, **words, **over)), device=None, now=now)
    return world


def messages(database):
    return rows(database, Message)


def rows(database, model):
    with database.read() as session:
        return list(session.scalars(select(model).order_by(model.id).execution_options(scope="test")))


def wait_for(condition):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def worker_for(robot, after=timedelta(minutes=1), **told):
    ahead = (MONDAY + after - datetime.now(UTC)).total_seconds()
    told |= {"url": robot.url, "ahead": ahead}
    return [str(CHILD), json.dumps(told)]


def test_killed_twice_and_answered_badly_the_worker_loses_no_notice(database, robot, start, tmp_path):
    submit_many(database, 12)
    ids = {message.id for message in messages(database)}
    command = worker_for(robot, pause=0.1, lines=5, patience=1.0, lease=2.0)
    for _ in range(2):
        robot.script, calls = [Answer(after=0.8)], len(robot.calls)
        robot.received.clear()
        process = start(*command)
        assert robot.received.wait(PATIENCE)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(robot.calls) == calls + 1
    assert {message.status for message in messages(database)} == {"waiting"}

    robot.script = [
        Answer(refusal(45009)),
        Answer(b'{"errcode":'),
        Answer(after=1.5),
        Answer(status=0),
        Answer(status=502),
        Answer(refusal(-1)),
    ]
    process = start(*command)
    wait_for(lambda: {message.status for message in messages(database)} == {"sent"})
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0

    assert robot.script == []
    told = {message.id for message in messages(database)}  # the morning's digest besides
    assert ids <= told == set(robot.delivered())
    assert told == {number for call in robot.calls for number in call.numbers}
    first, again = robot.calls[0].numbers, [number for call in robot.calls[1:] for number in call.numbers]
    assert set(first) <= set(again)
    assert [word for word in (*CANARIES, "canary-key") for call in robot.calls if word in json.dumps(call.body)] == []
    assert [word for word in (*CANARIES, "canary-key") if word in said(tmp_path)] == []


def test_two_workers_together_never_call_a_robot_more_than_twenty_times_a_minute(database, robot, start):
    """A minute is shortened like the pause: twenty calls lie in no less than 60 of its 63 parts."""
    pause = 0.3
    submit_many(database, 13)
    command = worker_for(robot, pause=pause, lines=1, patience=20.0, lease=60.0)
    workers = [start(*command), start(*command)]
    wait_for(lambda: {message.status for message in messages(database)} == {"sent"})
    for process in workers:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    told = messages(database)  # two notices of each ticket, and the morning's digest
    assert len(robot.calls) == len(told) == 13 * 2 + 1
    assert set(robot.delivered()) == {message.id for message in told}
    for before, after in zip(robot.calls, robot.calls[20:], strict=False):
        assert after.at - before.at >= 20 * pause * 60 / 63


def test_a_worker_that_is_told_to_stop_finishes_the_message_in_hand_and_leaves_the_rest(database, robot, start):
    submit_many(database, 3, now=datetime.now(UTC), category="SAF-07")
    robot.script = [Answer(after=1.5)]
    process = start("-m", "app", "worker", MINQING_WECOM_ROBOT_KEY="canary-key", MINQING_WECOM_URL=robot.url)
    assert robot.received.wait(PATIENCE)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    (call,) = robot.calls
    for message in messages(database):
        assert message.leased_until is None
        wanted = ("sent", 1) if message.id in call.numbers else ("waiting", 0)
        assert (message.status, message.attempts) == wanted


def test_a_web_process_and_workers_killed_while_they_look_and_send_lose_nothing_and_do_nothing_twice(
    database, robot, start, tmp_path
):
    late = MONDAY + timedelta(days=4)  # the day was missed by more than three days
    world = submit_many(database, 12)
    serving, address = serve(start)
    command = worker_for(robot, timedelta(days=4), pause=0.1, lines=5, patience=5.0, lease=2.0, look=0.1)
    report(address, world)

    doomed = start(*command)
    wait_for(lambda: (tmp_path / "process-1.log").read_text().count("look") > 6)  # inside its second transaction
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    assert any(ticket.look_at < late for ticket in rows(database, Ticket) if ticket.look_at)
    report(address, world)

    robot.script = [Answer(after=3.0)]
    doomed = start(*command)
    assert robot.received.wait(PATIENCE)
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    report(address, world)

    workers = [start(*command), start(*command)]
    wait_for(lambda: all(ticket.look_at is None or ticket.look_at > late for ticket in rows(database, Ticket)))
    wait_for(lambda: {message.status for message in messages(database)} == {"sent"})
    for process in workers:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(PATIENCE) == -signal.SIGTERM

    assert len(rows(database, Ticket)) == 12 + 3
    steps = Counter(
        (event.ticket_id, event.verb, event.facts.get("clock"), event.facts.get("step"))
        for event in rows(database, Event)
        if event.actor == "system" and event.verb != "auto_assign"
    )
    assert set(steps.values()) == {1}
    levels = Counter(ticket_id for ticket_id, verb, *_ in steps if verb == "escalate")
    assert sorted(levels.values()) == [2] * 12 + [3] * 3  # those of the web process are older by months
    told = Counter((m.ticket_id, m.seat_id, m.template) for m in messages(database))
    assert set(told.values()) == {1}
    assert set(robot.delivered()) == {message.id for message in messages(database)}


def report(address, world):
    answer = httpx2.post(f"{address}/api/v1/tickets", json=ticket_form(world), headers=key(), timeout=30)
    assert answer.status_code == 201, answer.text


def serve(start):
    """A web process without a worker, once it is ready; and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start("-m", "app", "serve", HOST="127.0.0.1", PORT=str(port), MINQING_WORKER="off")
    address = f"http://127.0.0.1:{port}"

    def ready():
        try:
            return httpx2.get(f"{address}/readyz").status_code == 200
        except httpx2.HTTPError:
            return False

    wait_for(ready)
    return process, address


def test_a_server_that_is_told_to_stop_answers_the_requests_in_hand(database, start, tmp_path):
    world = build_world(database)
    process, address = serve(start)
    port = int(address.rsplit(":", 1)[1])
    body = json.dumps(ticket_form(world)).encode()

    def slowly():
        yield body[:20]
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: not _listening(port))
        yield body[20:]

    headers = key() | {"Content-Type": "application/json", "Content-Length": str(len(body))}
    answer = httpx2.post(f"{address}/api/v1/tickets", content=slowly(), headers=headers, timeout=30)
    assert answer.status_code == 201
    assert process.wait(PATIENCE) == -signal.SIGTERM  # the server passes the signal on once it has finished
    assert len(messages(database)) == 2


def _listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
