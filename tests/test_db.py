"""One unit of work, readers that wait for nobody, and a guard that no way of asking slips past."""

import threading
import time as wall
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Select, delete, exists, func, lambda_stmt, literal, select, text, union_all, update
from sqlalchemy.orm import Session as OldSession
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel
from sqlmodel import select as select_one

import app.models  # noqa: F401 -- registers every table
from app.db import GUARDED, UnscopedReadError
from app.main import create_app
from app.models.place import Compound
from app.models.ticket import Ticket
from app.rules.vocabulary import Status
from tests.builders import MONDAY, build_world, key, ticket_form

MODELS = {mapper.local_table.name: mapper.class_ for mapper in SQLModel._sa_registry.mappers}
TABLES = SQLModel.metadata.tables

WAYS = {
    "the row": select,
    "the row, as sqlmodel says it": select_one,
    "one column": lambda m: select(m.id),
    "a count": lambda m: select(func.count()).select_from(m),
    "a count of a column": lambda m: select(func.count(m.id)),
    "a join": lambda m: select(Compound.code).join(m, literal(True)),
    "a join the other way": lambda m: select(m.id).join(Compound, literal(True)),
    "an outer join": lambda m: select(Compound.code).outerjoin(m, m.id == Compound.id),
    "a condition": lambda m: select(Compound.code).where(m.id == Compound.id),
    "exists": lambda m: select(Compound.code).where(exists().where(m.id == Compound.id)),
    "exists, selected": lambda m: select(exists().where(m.id == 1)),
    "in a subquery": lambda m: select(Compound.code).where(Compound.id.in_(select(m.id))),
    "a scalar subquery": lambda m: select(Compound.code, select(func.max(m.id)).scalar_subquery()),
    "from a subquery": lambda m: select(select(m.id).subquery()),
    "a cte": lambda m: select(select(m.id).cte()),
    "a lateral join": lambda m: select(Compound.code, select(m.id).lateral()),
    "a union": lambda m: union_all(select(Compound.id), select(m.id)),
    "a union inside": lambda m: select(union_all(select(Compound.id), select(m.id)).subquery()),
    "an alias": lambda m: select(aliased(m)),
    "an alias of a subquery": lambda m: select(aliased(m, select(m).subquery())),
    "the bare table": lambda m: select(m.__table__),
    "a column of the bare table": lambda m: select(m.__table__.c.id),
    "an order": lambda m: select(Compound.code).order_by(select(m.id).limit(1).scalar_subquery()),
    "from a statement": lambda m: select(m).from_statement(select(m.__table__)),
    "a lambda": lambda m: lambda_stmt(lambda: select(m)),
    "what an update returns": lambda m: update(m).values(id=m.id).returning(m.id),
    "what a delete returns": lambda m: delete(m).where(m.id == -1).returning(m.id),
    "an update by what it reads": lambda m: update(Compound).values(name=select(func.count(m.id)).scalar_subquery()),
}


@pytest.fixture
def empty(sqlite_database):
    with sqlite_database.write() as session:
        yield session


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_asking_reads_a_guarded_table_without_a_scope(empty, way):
    for table in sorted(GUARDED):
        with pytest.raises(UnscopedReadError, match=rf"\b{table}\b"):
            empty.execute(WAYS[way](MODELS[table]))


@pytest.mark.parametrize(
    "ask",
    [
        lambda session, model: session.get(model, 1),
        lambda session, model: session.get_one(model, 1),
        lambda session, model: session.scalars(select(model)),
        lambda session, model: session.scalar(select(model.id)),
        lambda session, model: session.exec(select_one(model)),
        lambda session, model: OldSession.query(session, model).all(),
        lambda session, model: session.merge(model(id=1)),
    ],
)
def test_no_method_of_a_session_reads_it_either(empty, ask):
    for table in sorted(GUARDED):
        with pytest.raises(UnscopedReadError):
            ask(empty, MODELS[table])


@pytest.mark.parametrize("way", [way for way in WAYS if isinstance(WAYS[way](Ticket), Select) and "lateral" not in way])
def test_with_a_scope_the_same_question_is_answered(empty, way):
    for table in sorted(GUARDED):
        empty.execute(WAYS[way](MODELS[table]).execution_options(scope="test")).all()


def test_what_hangs_on_no_ticket_is_read_freely(empty):
    for table in set(MODELS) - GUARDED:
        assert empty.execute(select(MODELS[table])).all() == []


def test_a_row_in_hand_may_be_read_again(database, world, client, time):
    client.post("/api/v1/tickets", json=ticket_form(world), headers=key())
    with database.write() as session:
        ticket = session.execute(select(Ticket).execution_options(scope="test")).scalar_one()
        session.expire(ticket)
        assert ticket.status == Status.ASSIGNED
        session.refresh(ticket, with_for_update=True)


def test_every_table_that_hangs_on_a_ticket_is_guarded():
    guarded = {"ticket"}
    while True:
        hanging = {
            name
            for name, table in TABLES.items()
            if {foreign.column.table.name for foreign in table.foreign_keys} & guarded
        }
        if hanging <= guarded:
            break
        guarded |= hanging
    assert guarded <= GUARDED
    assert set(TABLES) >= GUARDED


def test_readers_on_sqlite_neither_wait_for_the_writer_nor_see_its_half_done_work(sqlite_database):
    seen, done = [], threading.Event()

    def read():
        with sqlite_database.read() as session:
            seen.append(session.execute(select(func.count()).select_from(Compound)).scalar_one())
        done.set()

    with sqlite_database.write() as session:
        session.add(Compound(code="A", name="甲", created_at=MONDAY))
        session.flush()
        started = wall.perf_counter()
        threading.Thread(target=read, daemon=True).start()
        assert done.wait(5)
        assert wall.perf_counter() - started < 2
    read()
    assert seen == [0, 1]


def test_two_writers_on_sqlite_queue_up_and_neither_is_lost(sqlite_database):
    def write(code):
        with sqlite_database.write() as session:
            session.execute(select(func.count()).select_from(Compound))
            wall.sleep(0.05)
            session.add(Compound(code=code, name=code, created_at=MONDAY))

    threads = [threading.Thread(target=write, args=(f"C{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite_database.read() as session:
        assert session.execute(select(func.count()).select_from(Compound)).scalar_one() == 4


def test_a_view_stands_still_while_others_write(sqlite_database):
    with sqlite_database.read() as reader:
        assert reader.execute(select(func.count()).select_from(Compound)).scalar_one() == 0
        with sqlite_database.write() as session:
            session.add(Compound(code="A", name="甲", created_at=MONDAY))
        assert reader.execute(select(func.count()).select_from(Compound)).scalar_one() == 0


def test_what_a_read_session_is_given_is_never_stored(database):
    with database.read() as session:
        session.add(Compound(code="A", name="甲", created_at=MONDAY))
    with database.read() as session:
        assert session.execute(select(Compound)).all() == []


def test_an_error_inside_a_unit_of_work_takes_everything_back(database):
    with pytest.raises(RuntimeError), database.write() as session:  # noqa: PT012 -- the unit of work is what is tested
        session.add(Compound(code="A", name="甲", created_at=MONDAY))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.execute(select(Compound)).all() == []


def test_instants_come_back_aware_and_equal_from_both_databases_and_naive_ones_are_refused(database):
    local = datetime(2027, 3, 1, 9, 0, 0, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))
    with database.write() as session:
        session.add(Compound(code="A", name="甲", created_at=local))
    with database.read() as session:
        found = session.execute(select(Compound.created_at)).scalar_one()
        assert found == local
        assert found.utcoffset().total_seconds() == 0
    with pytest.raises(Exception, match="zone"), database.write() as session:  # noqa: PT012
        session.add(Compound(code="B", name="乙", created_at=datetime(2027, 3, 1)))
        session.flush()


def test_a_submission_whose_commit_fails_is_never_acknowledged_and_can_be_sent_again(
    database, client, world, monkeypatch
):
    dialect, header, form = database.engine.dialect, key(), ticket_form(world)

    def fail(_connection):
        raise dialect.dbapi.OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(dialect, "do_commit", fail)
        refused = client.post("/api/v1/tickets", json=form, headers=header)
    assert refused.status_code == 503
    assert refused.json()["code"] == "BUSY"
    assert "disk" not in refused.text
    with database.read() as session:
        for table in ("ticket", "event", "message", "slip", "idempotency_key"):
            rows = session.execute(select(func.count()).select_from(TABLES[table]).execution_options(scope="test"))
            assert rows.scalar_one() == 0, table
    again = client.post("/api/v1/tickets", json=form, headers=header)
    assert again.status_code == 201


@pytest.mark.postgres
def test_a_submission_whose_constraint_fails_at_commit_is_not_acknowledged_either(
    postgres_database, settings, time, monkeypatch
):
    """A deferred constraint speaks up only when PostgreSQL commits, after every line of ours has run."""
    world = build_world(postgres_database)
    with postgres_database.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'too late'; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON ticket DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )
    try:
        with TestClient(create_app(settings, postgres_database), raise_server_exceptions=False) as client:
            answer = client.post("/api/v1/tickets", json=ticket_form(world), headers=key())
        assert answer.status_code >= 500
        assert "number" not in answer.json()
    finally:
        with postgres_database.engine.begin() as connection:
            connection.execute(text("DROP TRIGGER late ON ticket"))
            connection.execute(text("DROP FUNCTION refuse()"))


def compounds_read(session, reads):
    """The names of all compounds, as whoever asks once gets them; every real read is noted."""

    def read():
        reads.append(None)
        return list(session.exec(select_one(Compound).order_by(Compound.id)))

    return [compound.name for compound in session.once("compound", "all", read)]


def test_what_is_read_once_is_read_again_when_a_row_was_added_locked_or_taken_back(database):
    build_world(database)
    reads = []
    with database.write() as session:
        assert compounds_read(session, reads) == compounds_read(session, reads) == ["绿荷苑"]
        assert len(reads) == 1
        session.exec(select_one(Compound)).one().name = "新绿荷苑"
        assert compounds_read(session, reads) == ["新绿荷苑"]  # the same row, changed
        assert len(reads) == 1

        nested = session.begin_nested()
        session.add(Compound(code="NEW", name="新村", created_at=MONDAY))
        assert compounds_read(session, reads) == ["新绿荷苑", "新村"]
        nested.rollback()
        assert compounds_read(session, reads) == ["新绿荷苑"]
        assert len(reads) == 3

        session.exec(select_one(Compound).with_for_update()).one()
        session.execute(update(Compound).values(name="又一个"))
        assert compounds_read(session, reads) == ["又一个"]
        assert len(reads) == 4
    with database.read() as session:
        assert compounds_read(session, reads) == ["又一个"]
    assert len(reads) == 5


def test_values_that_are_read_once_are_read_again_when_a_row_they_come_from_was_changed(database):
    build_world(database)
    with database.write() as session:

        def names():
            return session.once("compound", "names", lambda: list(session.exec(select_one(Compound.name))), plain=True)

        assert names() is names()
        session.exec(select_one(Compound)).one().name = "新绿荷苑"
        assert names() == ["新绿荷苑"]
        session.execute(update(Compound).values(name="又一个"))
        assert names() == ["又一个"]
