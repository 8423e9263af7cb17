"""How often the database is asked: what many need is asked for once, and more tickets are not more questions."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from app import worker
from app.access import StaffKey, staff
from app.actions import ticket as actions
from app.queries import desk
from app.schemas.ticket import TicketIn
from tests.builders import MONDAY, ticket_form

LATE = MONDAY + timedelta(days=4)  # the day was missed by more than three days


@pytest.fixture
def asked(database):
    """The statements that a block asks, by their first word."""

    @contextmanager
    def watched():
        said = []

        def note(_connection, _cursor, statement, *_):
            said.append(statement.split(maxsplit=1)[0])

        engines = {database._readers, database._writers}
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        yield said
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)

    return watched


def submit(database, world, now=MONDAY):
    with database.write() as session:
        return actions.submit(session, TicketIn(**ticket_form(world)), device=None, now=now)


def test_a_submission_reads_the_compound_and_its_roster_once(database, world, asked):
    submit(database, world)
    with asked() as said:
        submit(database, world)
    assert said.count("SELECT") <= 10


def test_a_ticket_on_the_desk_reads_its_history_and_its_slips_once(database, world, asked):
    number = submit(database, world).number
    with asked() as said, database.read() as session:
        desk.ticket(session, staff(session, StaffKey(world.tokens["grid_head"]), MONDAY), number, MONDAY)
    assert said.count("SELECT") <= 22


def test_a_sweep_reads_a_handful_of_statements_for_many_tickets(database, world, asked, time):
    for _ in range(30):
        submit(database, world)
    time.set(LATE)
    with asked() as said:
        assert worker.sweep(database) == 30
    assert said.count("SELECT") <= 22
