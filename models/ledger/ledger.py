"""The ledger: a database that is opened, read and written in one way only."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from features.faults import Fault, Refusal
from models.ledger.engines import make_engine, shown_address
from models.ledger.faults import LedgerUnavailable
from models.ledger.prepared import Prepared
from models.ledger.together import Together
from models.ledger.version import fault_of, version_of


__all__ = ["Ledger", "LedgerUnavailable", "connect_ledger", "open_ledger"]

BUSY_TIMEOUT_MS = 10_000

T = TypeVar("T")

FaultIn = Callable[[sa.Connection], Fault | None]


class Ledger:
    """A ledger, read and written only once its tables are of this program's version.

    Attributes:
        engine: For backups and tests; all else goes through the methods.
    """

    def __init__(
        self,
        engine: sa.Engine,
        *,
        wait_seconds: float,
        fault_in: FaultIn = lambda _: None,
    ) -> None:
        self.engine = engine
        self._fault_in = fault_in
        self._reader = engine.execution_options(**_READS[engine.dialect.name])
        self._writer = engine.execution_options(writes=True)
        self._wait_seconds = wait_seconds
        self._is_fit = False
        # SQLite lets writers try again by turns of chance; here they queue.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._together = Together(_translated, self._in_turn, self._written)

    @property
    def address(self) -> str:
        """Where it is, without a password."""
        return shown_address(self.engine.url)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read in one transaction, so that all that is read belongs together.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        with _translated(), self._reader.begin() as connection:
            self._check(connection)
            yield connection

    def told(self, question: Prepared, **asked: Any) -> list[Any]:
        """Return the rows of one question, with which nothing else is read.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        # One statement sees one moment by itself, without a transaction around it.
        with _translated(), self.engine.connect() as connection:
            self._check(connection)
            return question.all(connection, **asked)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write in one transaction, all or nothing.

        On SQLite it bars other writers at once. On Postgres it does not, and each
        statement sees what others have committed by then: lock first what is to stay
        as it was read, a row by `with_for_update` or a whole table by `keep_to_self`.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        with self.changing_tables() as connection:
            self._check(connection)
            yield connection

    def together(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what `work` returns, once it is committed.

        On SQLite, where writers queue for the disk, those who wait share a transaction:
        what one of them raises undoes only its own work.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        if self._turn is not None:
            return self._together.do(work)
        with self.writing() as connection:
            return work(connection)

    @contextlib.contextmanager
    def changing_tables(self) -> Iterator[sa.Connection]:
        """Write in one transaction, whatever the tables are; for migrations.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        with _translated(), self._in_turn(), self._writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _written(self) -> Iterator[sa.Connection]:
        """Write in one transaction; whoever calls has the turn."""
        with _translated(), self._writer.begin() as connection:
            self._check(connection)
            yield connection

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def _check(self, connection: sa.Connection) -> None:
        """A database that comes back late may come back as another."""
        if self._is_fit:
            return
        of_version = fault_of(version_of(connection), self.address)
        if fault := of_version or self._fault_in(connection):
            raise LedgerUnavailable(str(fault))
        self._is_fit = True

    @contextlib.contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._wait_seconds):
            raise LedgerUnavailable("others were writing for too long")
        try:
            yield
        finally:
            self._turn.release()


# What SQLite does by itself: all statements of a reader see the same moment.
_READS = {
    "sqlite": {},
    "postgresql": {
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
    },
}


def connect_ledger(
    url: str,
    *,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
    fault_in: FaultIn = lambda _: None,
) -> Ledger:
    """Return a ledger without looking whether it is there; it may come later.

    Args:
        url: SQLAlchemy's address: `sqlite:///FILE` or `postgresql+psycopg://...`.
        busy_timeout_ms: How long to wait for another writer.
        fault_in: Says why the ledger may not be used, besides its version. It is asked
            before anything is read or written, until there is no fault once.

    Raises:
        Misuse: It is no address, or of another kind of database.
    """
    engine = make_engine(url, busy_timeout_ms=busy_timeout_ms)
    return Ledger(engine, wait_seconds=busy_timeout_ms / 1_000, fault_in=fault_in)


def open_ledger(url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Ledger:
    """Open a ledger; a new file's tables are made, a new server's are not.

    Args:
        url: SQLAlchemy's address: `sqlite:///FILE` or `postgresql+psycopg://...`.
        busy_timeout_ms: How long to wait for another writer.

    Raises:
        Refusal: The tables are of another version, or a server has none yet.
        Misuse: It is no address, or of another kind of database.
        LedgerUnavailable: The database cannot be reached.
    """
    ledger = connect_ledger(url, busy_timeout_ms=busy_timeout_ms)
    found = read_version(ledger)
    if found is None and ledger.engine.dialect.name == "sqlite":
        # Alembic takes a second to import, and only a new ledger needs it.
        from models.ledger.migrations import migrate

        found = migrate(ledger).now
    if fault := fault_of(found, ledger.address):
        ledger.close()
        raise Refusal([fault])
    return ledger


def read_version(ledger: Ledger) -> str | None:
    """Return the version of a ledger's tables; None if it has none.

    Raises:
        LedgerUnavailable: The database cannot be reached.
    """
    with _translated(), ledger.engine.begin() as connection:
        return version_of(connection)


def insert_new(table: sa.Table, connection: sa.Connection) -> sa.Insert:
    """Return an INSERT that leaves rows alone whose key is there already."""
    return _insert(table, connection).on_conflict_do_nothing()


def insert_newest(table: sa.Table, connection: sa.Connection) -> sa.Insert:
    """Return an INSERT that takes the place of a row whose key is there already."""
    insert = _insert(table, connection)
    rest = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=table.primary_key, set_=rest)


def keep_to_self(table: sa.Table, connection: sa.Connection) -> None:
    """Bar other writers of a table until this transaction ends; readers go on.

    What is read of it from now on stays true. On SQLite that is so in any case.
    """
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(table)
        lock = f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"
        connection.exec_driver_sql(lock)


def _insert(
    table: sa.Table, connection: sa.Connection
) -> sqlite.Insert | postgresql.Insert:
    is_postgres = connection.dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgres else sqlite.insert(table)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    what = "the ledger cannot be read or written"
    try:
        yield
    except sa.exc.DBAPIError as error:
        # A server's message quotes the row that it would not take; SQLite's does not.
        cause = error if isinstance(error.orig, sqlite3.Error) else None
        raise LedgerUnavailable(f"{what}: {type(error.orig).__name__}") from cause
    except sa.exc.SQLAlchemyError as error:
        raise LedgerUnavailable(what) from error
