"""What does a sweep over a city's open tickets cost? `python benchmarks/sweep.py [N] [--due D] [--late L] [--postgres]`

Makes N open tickets (100,000 unless told) with their clocks. First nothing is due; then D (500) have just missed their
day; then the worker was away for a day and L (5,000) more are late, each by two steps. The floor is what no program can
do without, by the bare driver in the same run: the same rows read, two of them updated and an event and a message
inserted for each ticket, in as many transactions. SQLite unless told: `--postgres` starts a cluster of its own and
throws it away, `--postgres URL` empties the database behind the URL and uses that.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from app import clock, migrating, worker
from app.actions.sweep import AT_ONCE
from app.db import Database
from app.models.clock import Clock
from app.models.event import Event
from app.models.message import Message
from app.models.place import Building, Compound, Stairwell
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules import chains, sla
from app.rules.vocabulary import Clock as Kind
from app.rules.vocabulary import PlaceKind, Role
from app.vault import Vault, keyring_from, new_keys
from tests import postgres

SUBMITTED = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shanghai
MISSED = sla.end_of(sla.local_day(SUBMITTED))
DAY = timedelta(days=1)
COMPOUNDS = 100
ROUNDS = 5
CHUNK = 5_000
OWN = "own"


class Cost(NamedTuple):
    """What one run took, in seconds of the clock on the wall and of this process's own, and over how many tickets."""

    wall: float
    cpu: float
    tickets: int

    def __str__(self) -> str:
        if not self.tickets:
            return f"{self.wall * 1000:>9.1f} ms"
        wall, cpu = self.wall / self.tickets * 1000, self.cpu / self.tickets * 1000
        return f"{self.wall * 1000:>9.1f} ms, {wall:.2f} ms a ticket, {cpu:.2f} of them this process's own"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tickets", nargs="?", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=500)
    parser.add_argument("--late", type=int, default=5_000)
    parser.add_argument("--postgres", nargs="?", const=OWN, default="")
    options = parser.parse_args()
    url = postgres.start().url if options.postgres == OWN else options.postgres
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{folder}/sweep.db", Vault(keyring_from(new_keys())))
        try:
            measure(database, options.tickets, options.due, options.late)
        finally:
            database.close()


def measure(database: Database, tickets: int, due: int, late: int) -> None:
    if not database.sqlite:
        migrating.downgrade(database, "base")
    migrating.migrate(database)
    fill(database, tickets, due, late)
    print(f"{database.engine.dialect.name}: {tickets:,} open tickets")

    idle = min(swept(database, MISSED - timedelta(hours=1), 0) for _ in range(ROUNDS))
    print(f"nothing due          {idle}")
    told(database, "just missed", MISSED, due)
    told(database, "a day without", MISSED + DAY + timedelta(hours=30), due + late)
    again = swept(database, MISSED + DAY + timedelta(hours=30), 0)
    print(f"once more            {again}")


def told(database: Database, name: str, now: datetime, count: int) -> None:
    floor = least(database, now, count)
    sweep = swept(database, now, count)
    print(f"{name:<14}{count:>6,}  {sweep}: {sweep.wall / floor.wall:.1f} times the floor")
    print(f"  floor              {floor}")


def swept(database: Database, now: datetime, count: int) -> Cost:
    """The product's own sweep, all of it."""
    clock.now = lambda: now
    cost, looked = timed(lambda: worker.sweep(database))
    assert looked == count, (looked, count)
    return cost


def timed(work: Callable[[], int]) -> tuple[Cost, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, count), count


def least(database: Database, now: datetime, count: int) -> Cost:
    """The floor; what it wrote is taken back, outside the time."""
    with database.engine.begin() as connection:
        marks = {
            model: connection.scalar(select(func.coalesce(func.max(col(model.id)), 0))) for model in (Event, Message)
        }
        seat = connection.scalar(select(func.min(col(Seat.id))))
    cost, done = timed(lambda: by_hand(database, now, int(seat or 0)))
    assert done == count, (done, count)
    with database.engine.begin() as connection:
        for model, mark in marks.items():
            connection.execute(delete(model).where(col(model.id) > mark))
    return cost


def by_hand(database: Database, now: datetime, seat: int) -> int:
    """Selected, updated and inserted by compiled statements and the driver's own cursor."""
    raw = database.engine.raw_connection()
    cursor = raw.cursor()
    sign = "?" if database.sqlite else "%s"
    at = now.replace(tzinfo=None).isoformat(" ") + ".000000" if database.sqlite else now
    cursor.execute(f"SELECT id FROM ticket WHERE look_at <= {sign} ORDER BY look_at, id", (at,))
    ids = [row[0] for row in cursor.fetchall()]
    raw.commit()
    for start in range(0, len(ids), AT_ONCE):
        if database.sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        some = ids[start : start + AT_ONCE]
        signs = ",".join([sign] * len(some))
        cursor.execute(f"SELECT * FROM ticket WHERE id IN ({signs})", some)
        cursor.fetchall()
        cursor.execute(f"SELECT * FROM clock WHERE ticket_id IN ({signs})", some)
        cursor.fetchall()
        for number in some:
            cursor.execute(f"UPDATE ticket SET look_at = look_at WHERE id = {sign}", (number,))
            cursor.execute(f"UPDATE clock SET stage = stage WHERE ticket_id = {sign}", (number,))
            cursor.execute(
                "INSERT INTO event (ticket_id, at, verb, status, actor, facts, photos)"
                f" VALUES ({sign}, {sign}, 'breach', 'in_progress', 'system', '{{}}', '[]')",
                (number, at),
            )
            cursor.execute(
                "INSERT INTO message (template, ticket_id, seat_id, way, rings, status, attempts, next_at, created_at,"
                f" last_error) VALUES ('breached', {sign}, {sign}, 'group', false, 'waiting', 0, {sign}, {sign}, '')",
                (number, seat, at, at),
            )
        raw.commit()
    raw.close()
    return len(ids)


def fill(database: Database, tickets: int, due: int, late: int) -> None:
    places = [place for number in range(COMPOUNDS) for place in made_up_place(database, number)]
    with database.engine.begin() as connection:
        for start in range(0, tickets, CHUNK):
            numbers = range(start, min(start + CHUNK, tickets))
            connection.execute(insert(Ticket), [made_up_ticket(number, places, due, late) for number in numbers])
        ids = list(connection.execute(select(col(Ticket.id), col(Ticket.compound_id), col(Ticket.due_at))))
        for start in range(0, tickets, CHUNK):
            connection.execute(insert(Clock), [clock_of(*row) for row in ids[start : start + CHUNK]])


def made_up_place(database: Database, number: int) -> Iterator[tuple[int, int, int, int]]:
    """A compound with one stairwell and two seats: the ids that a ticket needs."""
    with Session(database.engine, expire_on_commit=False) as session:
        compound = Compound(code=f"C{number}", name=f"示范{number}村", created_at=SUBMITTED)
        session.add(compound)
        session.flush()
        building = Building(compound_id=compound.id, code=f"C{number}-1", name="1幢")
        session.add(building)
        session.flush()
        stairwell = Stairwell(compound_id=compound.id, building_id=building.id, code=f"C{number}-1-1", name="1单元")
        seats = [
            Seat(compound_id=compound.id, role=role, scope=PlaceKind.COMPOUND, scope_key=f"C{number}", title=role)
            for role in (Role.GRID_HEAD, Role.PROPERTY)
        ]
        session.add_all([stairwell, *seats])
        session.commit()
        yield compound.id, building.id, stairwell.id, seats[1].id


def made_up_ticket(number: int, places: list[tuple[int, int, int, int]], due: int, late: int) -> dict[str, object]:
    compound, building, stairwell, lead = places[number % len(places)]
    days = 0 if number < due else 1 if number < due + late else 5 + number % 20
    ends = MISSED + days * DAY
    ticket = Ticket(
        number=f"270301-{number:06d}",
        secret_hash="-",
        receipt_hash=secrets.token_hex(16),
        compound_id=compound,
        building_id=building,
        stairwell_id=stairwell,
        channel="scan",
        kind="help",
        category="BLD-09",
        category_source="reporter",
        complexity="simple",
        suggestions=[],
        avoid=[],
        text_sealed=b"-",
        status="in_progress",
        lead_seat_id=lead,
        lead_role=Role.PROPERTY,
        submitted_at=SUBMITTED,
        promise_kind="handled",
        due_at=ends,
        look_at=ends,
    )
    return ticket.model_dump(exclude={"id"})


def clock_of(ticket: int, compound: int, due: datetime) -> dict[str, object]:
    reminders = sum(step.share is not None for step in chains.CHAINS[Kind.HANDLED])
    clock = Clock(
        ticket_id=ticket,
        compound_id=compound,
        kind=Kind.HANDLED,
        round=1,
        started_at=SUBMITTED,
        due_at=due,
        stage=reminders,
        next_at=due,
    )
    return clock.model_dump(exclude={"id"})


if __name__ == "__main__":
    main()
