"""Whether what a test writes is pressed onto the disk at once.

It is not: tests end processes, but none pulls the machine's plug.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa


def flush_nothing() -> None:
    """Let this process leave flushing to the system, in SQLite and out of it."""
    os.fsync = lambda _: None
    sa.event.listen(sa.Pool, "checkout", _flush_nothing)


@contextlib.contextmanager
def flushing() -> Iterator[None]:
    """Let connections to SQLite flush as they are set to meanwhile."""
    sa.event.remove(sa.Pool, "checkout", _flush_nothing)
    yield
    flush_nothing()


def _flush_nothing(connection: Any, *_: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
