from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flushing import flush_nothing
from tests.made_up_score import close_ledgers, keep_ledgers_on
from tests.postgres import Databases, some_databases


flush_nothing()


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over all that was imported: a seventh of the time.

    Else it looks again and again at what stays to the end.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A real server, started when the first test asks for it."""
    with some_databases() as databases:
        yield databases


@pytest.fixture(params=["sqlite", "postgres"])
def each_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Let the ledgers of all folders below `tmp_path` be in one database, then another.

    `pytestmark = pytest.mark.usefixtures("each_database")` is all that a module needs.
    """
    if request.param == "sqlite":
        yield "sqlite"
        close_ledgers()
        return
    databases: Databases = request.getfixturevalue("postgres")
    keep_ledgers_on(databases, tmp_path)
    yield "postgres"
    close_ledgers()
    databases.drop_copies()
