"""Several processes sweep at once, and one is killed in the middle: every step is taken, and none of them twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.actions import ticket as actions
from app.models.event import Event
from app.models.message import Message
from app.models.ticket import Ticket
from app.schemas.ticket import TicketIn
from tests.builders import MONDAY, build_world, ticket_form

CHILD = Path(__file__).parent / "child.py"
ROOT = Path(__file__).parents[2]
PATIENCE = 60
TICKETS = 30
LATE = MONDAY + timedelta(days=4)  # the day was missed by more than three days

pytestmark = [pytest.mark.full, pytest.mark.postgres]  # a process takes seconds to start


@pytest.fixture
def database(postgres_database):
    return postgres_database


@pytest.fixture
def start(database, tmp_path, keys):
    url = database.engine.url.render_as_string(hide_password=False)
    own = {"DATABASE_URL": url, "MINQING_DATA_DIR": str(tmp_path), "MINQING_KEYS": keys}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **own}
    running = []

    def begin(**told):
        told = {"at": LATE.isoformat(), "pause": 0.05, "few": 5} | told
        process = subprocess.Popen(
            [sys.executable, str(CHILD), json.dumps(told)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def rows(database, model):
    with database.read() as session:
        return list(session.scalars(select(model).order_by(model.id).execution_options(scope="test")))


def wait_for(condition):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def looked_at(database):
    return all(ticket.look_at is None or ticket.look_at > LATE for ticket in rows(database, Ticket))


def test_two_sweeps_at_once_and_one_killed_in_the_middle_take_every_step_exactly_once(database, start):
    world = build_world(database)
    with database.write() as session:
        for _ in range(TICKETS):
            actions.submit(session, TicketIn(**ticket_form(world)), device=None, now=MONDAY)
    first = newest(database)

    doomed = start(pause=0.2)
    for _ in range(7):  # inside its second transaction
        assert doomed.stdout.readline() == "look\n"
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    assert not looked_at(database)

    workers = [start(), start()]
    wait_for(lambda: looked_at(database))
    for process in workers:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0

    steps = Counter(
        (event.ticket_id, event.verb, event.facts.get("clock"), event.facts.get("step"))
        for event in rows(database, Event)
        if event.actor == "system" and event.verb != "auto_assign"
    )
    assert set(steps.values()) == {1}
    per_ticket = Counter(ticket_id for ticket_id, *_ in steps)
    assert len(per_ticket) == TICKETS
    assert set(per_ticket.values()) == {8}  # two of the first response, sent back, five of the day's work
    assert {ticket.escalated_to for ticket in rows(database, Ticket)} == {2}
    told = Counter((m.ticket_id, m.seat_id) for m in rows(database, Message) if m.id > first and m.ticket_id)
    assert set(told.values()) == {1}
    assert len(told) == 3 * TICKETS  # grid head, secretary and community
    digests = [message for message in rows(database, Message) if message.template == "digest"]
    assert len(digests) <= 1


def newest(database):
    return max(message.id for message in rows(database, Message))
