"""Engines, sessions that tell the truth about writing, one unit of work, and the guard against unscoped reads."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import chain
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Executable, SelectBase, Table, UpdateBase, create_engine, event, orm
from sqlalchemy.orm import FromStatement, ORMExecuteState, UOWTransaction
from sqlalchemy.sql import visitors
from sqlalchemy.sql.lambdas import StatementLambdaElement
from sqlmodel import Session

from app.vault import Vault

GUARDED = frozenset(
    {
        "ticket",
        "clock",
        "contact",
        "proxy",
        "call_task",
        "consent",
        "event",
        "slip",
        "sliplink",
        "rating",
        "photo",
        "household",
        "access_log",
        "address_grant",
        "rights_request",
        "reveal_request",
        "look_alert",
        "message",
        "filing",
        "common_issue",
        "issue_ticket",
        "public_reply",
        "me_too",
        "visit_plan",
        "visit",
    }
)

T = TypeVar("T")


class ReadSession(Session):
    """Queries take this one, so that mypy refuses a query that writes. It carries the vault for sealed columns."""

    @property
    def vault(self) -> Vault:
        vault: Vault = self.info["vault"]
        return vault

    @property
    def ways(self) -> frozenset[str]:
        """The ways out, beside the group, that this deployment sends by."""
        ways: frozenset[str] = self.info["ways"]
        return ways

    def once(self, table: str, key: Hashable, read: Callable[[], T], *, plain: bool = False) -> T:
        """Rows that `read` gives, read once; again after this session locked any, or added or deleted one of `table`.

        They are the session's own rows, so that what is changed on them is seen without another read. `plain`: they are
        values, which are read again after a row of `table` was changed, too.
        """
        touched = chain(self.new, self.deleted, self.dirty) if plain else chain(self.new, self.deleted)
        if any(row.__tablename__ == table for row in touched):
            self.flush()
        kept: dict[Hashable, T] = self.info["values" if plain else "rows"].setdefault(table, {})
        if key not in kept:
            with self.no_autoflush:  # nothing that waits to be written concerns which rows these are
                kept[key] = read()
        return kept[key]

    def keep(self, table: str, rows: Mapping[int, object], *, plain: bool = False) -> None:
        """What `once` shall give by these keys: for whoever reads many in one statement."""
        self.info["values" if plain else "rows"].setdefault(table, {}).update(rows)


class WriteSession(ReadSession):
    """Actions take this one. They add and flush; they never commit."""


class UnscopedReadError(RuntimeError):
    """A guarded table was read without going through app.access."""


class Database:
    """The one place that knows engines. SQLite gets one writer (BEGIN IMMEDIATE) beside many readers."""

    def __init__(self, url: str, vault: Vault, *, pool: int = 8, ways: frozenset[str] = frozenset()) -> None:
        """`ways`: what a message may go out by beside the group (webhook, sms); the outbox writes a row for each."""
        self.vault, self.ways = vault, ways
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            self._readers = _sqlite(url, "BEGIN", pool_size=pool, max_overflow=0)
            self._writers = _sqlite(url, "BEGIN IMMEDIATE", pool_size=1, max_overflow=0)
        else:
            self._readers = self._writers = create_engine(
                url, pool_size=pool, max_overflow=2, pool_pre_ping=True, hide_parameters=True
            )

    @property
    def _info(self) -> dict[str, object]:
        return {"vault": self.vault, "ways": self.ways, "rows": {}, "values": {}}

    @property
    def engine(self) -> Engine:
        """For migrations and tests only."""
        return self._writers

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """A consistent view that writes nothing."""
        with ReadSession(self._readers, expire_on_commit=False, autoflush=False, info=self._info) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """One request, one transaction. It commits on leaving, so a failing commit can never follow a 2xx."""
        with (
            WriteSession(self._writers, expire_on_commit=False, info=self._info) as session,
            session.begin(),
        ):
            yield session

    def empty_log(self) -> None:
        """Empties SQLite's write-ahead file, where erased pages linger; it waits for readers, and does without."""
        if self.sqlite:
            with closing(self._writers.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Gives every connection back."""
        self._readers.dispose()
        self._writers.dispose()


@event.listens_for(ReadSession, "do_orm_execute", propagate=True)
def _refuse_unscoped(state: ORMExecuteState) -> None:
    """Looks at the statement's tables, not its mappers: counts, columns, joins and subqueries are caught too."""
    if state.is_column_load or "scope" in state.execution_options:
        return
    touched = _tables_read(state.statement) & GUARDED
    if touched:
        raise UnscopedReadError(", ".join(sorted(touched)))


@event.listens_for(ReadSession, "do_orm_execute", propagate=True)
def _forget_before_a_lock(state: ORMExecuteState) -> None:
    """What was read before rows were locked may be older than they are; a bulk change goes past the unit of work."""
    if isinstance(state.statement, UpdateBase) and isinstance(state.statement.table, Table):
        _forget_table(state.session, state.statement.table.name)
    elif getattr(state.statement, "_for_update_arg", None) is not None or not state.is_select:
        _forget(state.session)


@event.listens_for(ReadSession, "after_flush", propagate=True)
def _forget_what_changed(session: Session, _context: UOWTransaction) -> None:
    for row in chain(session.new, session.deleted):
        _forget_table(session, row.__tablename__)
    for row in session.dirty:
        session.info["values"].pop(row.__tablename__, None)


@event.listens_for(ReadSession, "after_soft_rollback", propagate=True)
def _forget_what_never_was(session: Session, _previous: object) -> None:
    _forget(session)


def _forget_table(session: orm.Session, table: str) -> None:
    session.info["rows"].pop(table, None)
    session.info["values"].pop(table, None)


def _forget(session: orm.Session) -> None:
    session.info["rows"].clear()
    session.info["values"].clear()


_TABLES_READ: WeakKeyDictionary[Executable, frozenset[str]] = WeakKeyDictionary()


def _tables_read(statement: Executable) -> frozenset[str]:
    """The tables whose rows come back or decide something. A plain insert, update or delete reads none."""
    found = _TABLES_READ.get(statement)
    if found is None:
        found = _TABLES_READ[statement] = _walked(statement)
    return found


def _walked(statement: Executable) -> frozenset[str]:
    if isinstance(statement, StatementLambdaElement):
        return _tables_read(statement._resolved)  # noqa: SLF001 -- a lambda hides its statement there
    if isinstance(statement, FromStatement):
        return _tables_read(statement.element)
    parts = list(visitors.iterate(statement))  # type: ignore[arg-type]
    if isinstance(statement, UpdateBase) and not statement._returning:  # noqa: SLF001 -- no public name for it
        parts = [inner for part in parts if isinstance(part, SelectBase) for inner in visitors.iterate(part)]
    return frozenset(part.name for part in parts if isinstance(part, Table))


def _sqlite(url: str, begin: str, **pool: Any) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
        pool_timeout=60,
        hide_parameters=True,  # an error message must not carry what was being stored
        **pool,
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "secure_delete=ON",  # what is erased is overwritten, not only forgotten
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
