"""The ledger: a database that is opened, read and written in one way only."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from features.faults import Fault, Refusal
from models.ledger_tables import SCHEMA, metadata, schema


BUSY_TIMEOUT_MS = 10_000
_POOL_TIMEOUT_SECONDS = 2


class LedgerUnavailable(Exception):
    """The ledger could not be read or written; nothing was shown or changed."""


class Ledger:
    """An open ledger, whose tables exist and are of this program's version.

    Attributes:
        engine: For migrations and backups; all else goes through the two methods.
    """

    def __init__(self, engine: sa.Engine, *, wait_seconds: float) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self._wait_seconds = wait_seconds
        # SQLite lets writers try again by turns of chance; here they queue.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read in one transaction, so that all that is read belongs together.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        with _translated(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write in one transaction, all or nothing; it bars other writers at once.

        Raises:
            LedgerUnavailable: The database did not answer as it should.
        """
        with _translated(), self._in_turn(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

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


def open_ledger(url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Ledger:
    """Open a ledger, and make its tables if there are none.

    Args:
        url: SQLAlchemy's address of the database, such as `sqlite:///var/ledger.db`.
        busy_timeout_ms: How long to wait for another writer, on SQLite.

    Raises:
        Refusal: The tables are of another version.
        LedgerUnavailable: The database cannot be reached.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = _sqlite_engine(address, busy_timeout_ms)
    else:
        engine = sa.create_engine(address, **_engine_settings())
    ledger = Ledger(engine, wait_seconds=busy_timeout_ms / 1_000)
    _create(ledger)
    return ledger


def insert_new(table: sa.Table, connection: sa.Connection) -> sa.Insert:
    """Return an INSERT that leaves rows alone whose key is there already."""
    return _insert(table, connection).on_conflict_do_nothing()


def insert_newest(table: sa.Table, connection: sa.Connection) -> sa.Insert:
    """Return an INSERT that takes the place of a row whose key is there already."""
    insert = _insert(table, connection)
    rest = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=table.primary_key, set_=rest)


def _insert(
    table: sa.Table, connection: sa.Connection
) -> sqlite.Insert | postgresql.Insert:
    is_postgres = connection.dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgres else sqlite.insert(table)


def _create(ledger: Ledger) -> None:
    """Alembic will move one version to the next; until there are two, this is all."""
    with ledger.writing() as connection:
        if not sa.inspect(connection).has_table(schema.name):
            metadata.create_all(connection)
            connection.execute(sa.insert(schema).values(version=SCHEMA))
        found = connection.execute(sa.select(schema.c.version)).scalar()
    if found != SCHEMA:
        where = ledger.engine.url.render_as_string(hide_password=True)
        do = "use the matching version of Lamppost, or another ledger"
        what = f"the ledger's tables must be of version {SCHEMA}"
        raise Refusal([Fault(where, what, str(found), do)])


def _engine_settings() -> dict[str, Any]:
    return {
        # An error's message would otherwise quote what was to be written.
        "hide_parameters": True,
        "json_serializer": _as_json,
        "pool_timeout": _POOL_TIMEOUT_SECONDS,
    }


def _as_json(content: object) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _sqlite_engine(address: sa.URL, busy_timeout_ms: int) -> sa.Engine:
    if address.database is None or address.database == ":memory:":
        raise ValueError("a ledger is a file: one in memory would be forgotten")
    _make_private(Path(address.database))
    engine = sa.create_engine(address, **_engine_settings())

    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # BEGIN is ours to send: the driver's own comes late, or never for a read.
        connection.isolation_level = None
        # SQLite before 3.51.3 may corrupt a write-ahead log, so there is none. EXTRA
        # also flushes the folder: a committed view survives a power cut.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout_ms)}")

    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        # A writer that begins as a reader can find its way barred half-way through.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _make_private(path: Path) -> None:
    """Nobody but the owner reads the ledger; SQLite gives its journal the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise LedgerUnavailable("the ledger cannot be read or written") from error
