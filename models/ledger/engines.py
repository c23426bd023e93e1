"""Engines: how the two databases are set, so that what is committed is kept."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from features.faults import Fault, Misuse
from models.ledger.prepared import is_spent, tell_driver


if TYPE_CHECKING:
    import psycopg

_POOL_TIMEOUT_SECONDS = 2
# A server that is gone without a word is noticed within about ten seconds.
_POSTGRES_CONNECTION = {
    "application_name": "lamppost",
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8_000,
}
# Whoever dies in the middle of writing holds up the others for no longer than this.
_LONGEST_PAUSE_MS = 60_000
# Made once: of every row of a batch something is written as JSON.
JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)


def make_engine(url: str, *, busy_timeout_ms: int) -> sa.Engine:
    """Return an engine on a ledger's database; nothing is connected to yet.

    Args:
        url: `sqlite:///FILE` or `postgresql+psycopg://...`.
        busy_timeout_ms: How long to wait for another writer.

    Raises:
        Misuse: It is no address, or of another kind of database.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(address, busy_timeout_ms)
    return _postgres_engine(address, busy_timeout_ms)


def shown_address(url: str | sa.URL) -> str:
    """Return an address without its password.

    >>> shown_address("postgresql://lamppost:secret@db/ledger")
    'postgresql+psycopg://lamppost:***@db/ledger'
    """
    address = _address(url) if isinstance(url, str) else url
    hidden = {name: "***" for name in address.query if name.endswith("password")}
    return address.update_query_dict(hidden).render_as_string(hide_password=True)


def _address(url: str) -> sa.URL:
    try:
        address = make_url(url)
    except sa.exc.ArgumentError:
        # What was written may hold a password in the wrong place.
        got = "what cannot be read as one"
    else:
        if address.drivername in ("sqlite", "postgresql+psycopg"):
            return address
        if address.drivername == "postgresql":
            return address.set(drivername="postgresql+psycopg")
        got = repr(address.drivername)
    do = "write sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
    what = "the ledger's address names SQLite or Postgres"
    raise Misuse([Fault("LAMPPOST_LEDGER", what, got, do)])


def _engine_settings() -> dict[str, Any]:
    return {
        # An error's message would otherwise quote what was to be written.
        "hide_parameters": True,
        "json_serializer": JSON.encode,
        "pool_timeout": _POOL_TIMEOUT_SECONDS,
    }


def _postgres_engine(address: sa.URL, busy_timeout_ms: int) -> sa.Engine:
    engine = sa.create_engine(
        address,
        **_engine_settings(),
        # What is named in the address counts: it comes after these.
        connect_args={
            name: value
            for name, value in _POSTGRES_CONNECTION.items()
            if name not in address.query
        },
        # After a server's return, no look fails for a connection that it has forgotten.
        pool_pre_ping=True,
    )

    def prepare(connection: psycopg.Connection[Any], _: object) -> None:
        connection.autocommit = True
        settings = {
            "TimeZone": "UTC",
            "lock_timeout": f"{int(busy_timeout_ms)}ms",
            "idle_in_transaction_session_timeout": f"{_LONGEST_PAUSE_MS}ms",
        }
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.autocommit = False

    def give_up(context: sa.ExceptionContext) -> None:
        context.is_disconnect |= is_spent(context.original_exception)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "handle_error", give_up)
    return engine


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
        tell_driver(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _make_private(path: Path) -> None:
    """Nobody but the owner reads the ledger; SQLite gives its journal the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
