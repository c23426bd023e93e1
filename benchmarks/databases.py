"""What is tried on both databases: a file of SQLite's, and a real Postgres."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from benchmarks.report import progress
from tests.made_up_score import close_ledgers, keep_ledgers_on
from tests.postgres import some_databases


T = TypeVar("T")


def on_each_database(work: Callable[[Path], T]) -> dict[str, T | None]:
    """Return what `work` returns, by the database that a folder's ledgers are on.

    None where there is no Postgres, which is said.
    """
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, T | None] = {"sqlite": _done(work, Path(folder))}
    try:
        with some_databases() as databases, tempfile.TemporaryDirectory() as folder:
            keep_ledgers_on(databases, Path(folder))
            return found | {"postgres": _done(work, Path(folder))}
    except pytest.skip.Exception as why:
        progress(str(why))
        return found | {"postgres": None}


def _done(work: Callable[[Path], T], folder: Path) -> T:
    try:
        return work(folder)
    finally:
        close_ledgers()
