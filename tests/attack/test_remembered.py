"""Statements that are put together once: none remembers who was in office, and no sweep ends before its last ticket."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import worker
from app.actions import sweep
from app.models.seat import Seat
from app.models.staff import Grant
from app.models.ticket import Ticket
from app.rules.vocabulary import Role
from tests.builders import MONDAY, desk, submit


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_a_ticket_that_was_seen_is_gone_the_moment_that_the_side_is_taken_out_and_back_when_it_is_not(
    client, database, world
):
    receipt = submit(client, world, category="BLD-05")

    def seen(who):
        return desk(client, world, who, receipt).status_code

    def hidden(value):
        with database.write() as session:
            query = select(Ticket).execution_options(scope="test")
            session.execute(query).scalar_one().hidden_grid = value

    for _ in range(2):
        assert (seen("grid_head"), seen("grid_head2")) == (200, 200)
        hidden(True)
        assert (seen("grid_head"), seen("grid_head2"), seen("self_mgmt_head")) == (404, 404, 200)
        hidden(False)


def test_a_seat_that_was_lost_or_ran_out_opens_nothing_although_its_holder_was_just_here(client, database, world, time):
    receipt = submit(client, world, category="BLD-05")
    assert desk(client, world, "grid_head", receipt).status_code == 200

    def grant(**changes):
        with database.write() as session:
            query = select(Grant).where(Grant.seat_id == world.seats[Role.GRID_HEAD])
            for row in session.execute(query.where(Grant.account_id == world.accounts["grid_head"])).scalars():
                for name, value in changes.items():
                    setattr(row, name, value)

    grant(ends_at=MONDAY)
    assert desk(client, world, "grid_head", receipt).status_code in {403, 404}
    assert desk(client, world, "grid_head2", receipt).status_code == 200
    grant(ends_at=None)
    assert desk(client, world, "grid_head", receipt).status_code == 200
    with database.write() as session:
        session.get(Seat, world.seats[Role.GRID_HEAD]).ends_at = MONDAY + timedelta(minutes=1)
    time.set(MONDAY + timedelta(minutes=1))
    assert desk(client, world, "grid_head", receipt).status_code in {403, 404}


@pytest.mark.parametrize("failing", [range(0), range(1), range(2, 6), range(7)])
def test_a_sweep_ends_only_when_every_ticket_that_can_be_seen_to_was_seen_to(
    client, database, world, time, monkeypatch, failing
):
    for _ in range(7):
        submit(client, world, category="BLD-05")
    with database.read() as session:
        ids = list(session.execute(select(Ticket.id).order_by(Ticket.id).execution_options(scope="test")).scalars())
    bad, look = {ids[n] for n in failing}, sweep.look

    def stumbling(session, ticket, now):
        if ticket.id in bad:
            raise RuntimeError
        look(session, ticket, now)

    batch = sweep.batch
    monkeypatch.setattr(sweep, "AT_ONCE", 2)
    monkeypatch.setattr(sweep, "batch", lambda session, **over: batch(session, **over, limit=2))
    monkeypatch.setattr(sweep, "look", stumbling)
    time.set(MONDAY + timedelta(days=2))
    assert worker.sweep(database) == 7 - len(bad)
    monkeypatch.setattr(sweep, "look", look)
    assert worker.sweep(database) == len(bad)
