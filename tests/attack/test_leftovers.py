"""What was erased is not in the files any more, sealed or not: whoever has a copy and the keys finds nothing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app import retaining
from app.storage import Folder
from tests.builders import MONDAY, NOTICE, secret, submit

PERSON = {
    "contact": {"name": "李梅", "phone": "13812345678", "room": "1402"},
    "consent": {"notice_version": NOTICE, "contact": True},
}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def files(database) -> bytes:
    path = Path(database.engine.url.database)
    return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))


def sealed(database) -> list[bytes]:
    """Every sealed value of the contact and the words of the first ticket."""
    with database.engine.connect() as connection:
        contact = connection.execute(text("SELECT name_sealed, phone_sealed, room_sealed FROM contact")).one()
        words = connection.execute(text("SELECT text_sealed FROM ticket")).one()
    return [bytes(value) for value in (*contact, *words)]


def test_what_sqlite_deletes_it_overwrites(database):
    with database.read() as session:
        assert session.execute(text("PRAGMA secure_delete")).scalar_one() == 1
    with database.write() as session:
        assert session.execute(text("PRAGMA secure_delete")).scalar_one() == 1


def test_an_erased_contact_is_gone_from_every_file_after_the_days_run(client, world, database, tmp_path):
    receipt = submit(client, world, text="楼上漏水到厨房", category="BLD-05", **PERSON)
    before = sealed(database)
    assert all(value in files(database) for value in before)
    erased = client.delete(f"/api/v1/tickets/{receipt['number']}/data", headers=secret(receipt))
    assert erased.status_code in {200, 204}
    assert retaining.daily(database, Folder(tmp_path / "uploads"), MONDAY) is not None
    assert [value for value in before if value in files(database)] == []
    assert retaining.daily(database, Folder(tmp_path / "uploads"), MONDAY) is None, "once a day"
