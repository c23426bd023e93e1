"""Whether what a test commits to SQLite is pressed onto the disk at once.

It is not: tests end processes, but none pulls the machine's plug.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa


def flush_nothing() -> None:
    """Let every connection of this process leave flushing to the system."""
    sa.event.listen(sa.Pool, "checkout", _flush_nothing)


@contextlib.contextmanager
def flushing() -> Iterator[None]:
    """Let new connections flush as they are set to meanwhile."""
    sa.event.remove(sa.Pool, "checkout", _flush_nothing)
    yield
    flush_nothing()


def _flush_nothing(connection: Any, *_: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
