"""Brings a database to the newest revision, and tells whether models and revisions agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models as _tables  # noqa: F401 -- registers every table
from app.db import Database
from app.errors import MisconfiguredError
from app.vault import Vault, keyring_from, new_keys

FOLDER = Path(__file__).parent.parent / "migrations"


def migrate(database: Database, revision: str = "head") -> None:
    """Runs the missing revisions in one transaction."""
    with _revising(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Goes back to a revision; `base` empties the database."""
    with _revising(database) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _revising(database: Database) -> Iterator[Connection]:
    """One transaction. SQLite changes a table by building it anew, while rows of others point at it: there the
    references are checked at the end instead of at every step, and a broken one takes everything back.

    Raises MisconfiguredError for a broken reference.
    """
    with database.engine.connect() as connection:
        if not database.sqlite:
            with connection.begin():
                yield connection
            return
        plain = connection.connection.cursor()
        plain.execute("PRAGMA foreign_keys=OFF")  # SQLite takes it outside a transaction only
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise MisconfiguredError(f"a revision leaves broken references in {broken[0][0]}")
        finally:
            plain.execute("PRAGMA foreign_keys=ON")


def revise(database: Database, message: str) -> None:
    """Writes a new revision from the difference between models and database."""
    number = f"{len(list((FOLDER / 'versions').glob('*.py'))) + 1:04d}"
    with database.engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)


def check() -> None:
    """Raises MisconfiguredError where there are two heads, or models and revisions differ on a fresh database."""
    heads = ScriptDirectory(str(FOLDER)).get_heads()
    if len(heads) != 1:
        raise MisconfiguredError(f"expected one newest revision, found {', '.join(heads) or 'none'}")
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/check.db", Vault(keyring_from(new_keys())))
        migrate(database)
        with database.engine.connect() as connection:
            differences = compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata
            )
        database.close()
    if differences:
        raise MisconfiguredError(f"models and revisions differ: {differences}")


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision. Reads only, and waits for no writer."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_heads() == _newest()


def is_known(database: Database) -> bool:
    """Whether this version has the database's revision: one from a later version, or none, it has not."""
    with database.read() as session:
        heads = MigrationContext.configure(session.connection()).get_current_heads()
    known = {revision.revision for revision in ScriptDirectory(str(FOLDER)).walk_revisions()}
    return bool(heads) and known.issuperset(heads)


@cache
def _newest() -> tuple[str, ...]:
    return tuple(ScriptDirectory(str(FOLDER)).get_heads())


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
