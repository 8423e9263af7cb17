"""What does a sweep over a city's open tickets cost? `python benchmarks/sweep.py [N] [--due D] [--url postgresql+psycopg://…]`.

Makes N open tickets (100,000 unless told) with their clocks, of which D (1,000) have just missed their day, and sweeps
twice: once when nothing has come due, once when the D have. The floor is one plain indexed SELECT of the same D rows by
the bare driver, in the same run. SQLite unless a URL is given; the database behind the URL is emptied first.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from sqlalchemy import insert, select
from sqlmodel import Session, col

from app import clock, migrating, worker
from app.db import Database
from app.models.clock import Clock
from app.models.place import Building, Compound, Stairwell
from app.models.seat import Seat
from app.models.ticket import Ticket
from app.rules import chains, sla
from app.rules.vocabulary import Clock as Kind
from app.rules.vocabulary import PlaceKind, Role
from app.vault import Vault, keyring_from, new_keys

SUBMITTED = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shanghai
COMPOUNDS = 100
ROUNDS = 5
AT_ONCE = 5_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tickets", nargs="?", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.url or f"sqlite:///{folder}/sweep.db", Vault(keyring_from(new_keys())))
        try:
            measure(database, options.tickets, options.due)
        finally:
            database.close()


def measure(database: Database, tickets: int, due: int) -> None:
    if not database.sqlite:
        migrating.downgrade(database, "base")
    migrating.migrate(database)
    fill(database, tickets, due)
    missed = sla.end_of(sla.local_day(SUBMITTED))

    clock.now = lambda: missed - timedelta(hours=1)
    idle, looked = min((timed(lambda: worker.sweep(database)) for _ in range(ROUNDS)), key=lambda one: one[0])
    assert looked == 0
    floor, rows = min((timed(lambda: plain(database, missed)) for _ in range(ROUNDS)), key=lambda one: one[0])
    assert rows == due
    clock.now = lambda: missed
    took, looked = timed(lambda: worker.sweep(database))
    assert looked == due
    again, looked = timed(lambda: worker.sweep(database))
    assert looked == 0

    print(f"{database.engine.dialect.name}: {tickets:,} open tickets, {due:,} of them due")
    print(f"nothing due   {idle * 1000:>9.1f} ms")
    print(f"floor         {floor * 1000:>9.1f} ms for one indexed SELECT of the {due:,} rows")
    print(
        f"sweep         {took * 1000:>9.1f} ms, {took / due * 1000:.2f} ms a ticket: {took / floor:.0f} times the floor"
    )
    print("              each one locked, its breach marked and recorded, its grid head told, its next look set")
    print(f"once more     {again * 1000:>9.1f} ms")


def timed(work: Callable[[], int]) -> tuple[float, int]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def plain(database: Database, now: datetime) -> int:
    """The floor: the rows that a sweep is about, read once."""
    query = select(Ticket.__table__).where(col(Ticket.look_at) <= now).order_by(col(Ticket.look_at), col(Ticket.id))
    with database.engine.connect() as connection:
        return len(connection.execute(query).all())


def fill(database: Database, tickets: int, due: int) -> None:
    places = [place for number in range(COMPOUNDS) for place in made_up_place(database, number)]
    with database.engine.begin() as connection:
        for start in range(0, tickets, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, tickets))
            connection.execute(insert(Ticket), [made_up_ticket(number, places, due) for number in numbers])
        ids = list(connection.execute(select(col(Ticket.id), col(Ticket.compound_id), col(Ticket.due_at))))
        for start in range(0, tickets, AT_ONCE):
            connection.execute(insert(Clock), [clock_of(*row) for row in ids[start : start + AT_ONCE]])


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


def made_up_ticket(number: int, places: list[tuple[int, int, int, int]], due: int) -> dict[str, object]:
    compound, building, stairwell, lead = places[number % len(places)]
    ends = sla.end_of(sla.local_day(SUBMITTED) + timedelta(days=0 if number < due else 2 + number % 20))
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
