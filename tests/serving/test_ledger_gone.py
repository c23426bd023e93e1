"""The service while its Postgres is stopped and started under it."""

from __future__ import annotations

import time

import httpx
import pytest
import sqlalchemy as sa

from features.forgetting.tombstones import Tombstone, folder_in, write_tombstones
from models.ledger.forgetting import keep_tombstone
from models.ledger.ledger import connect_ledger
from models.ledger.tables import versions, views
from tests.made_up_score import (
    NOW,
    audit_files,
    close_ledgers,
    keep_ledgers_on,
    new_ledger,
    url_of,
)
from tests.postgres import own_databases
from tests.serving.test_run import _answers, _running, _until


BACK_WITHIN_SECONDS = 10


@pytest.fixture(scope="module")
def server():
    """A server that nobody else uses, as it will be stopped."""
    with own_databases() as (server, databases):
        yield server, databases


@pytest.fixture
def folder(server, tmp_path):
    keep_ledgers_on(server[1], tmp_path)
    yield tmp_path
    close_ledgers()


def _statuses(running, seconds):
    """Ask for scores for a while, and return what answers came."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        found.append(running.score().status_code)
    return found


def _count(folder):
    with new_ledger(folder).reading() as connection:
        query = sa.select(sa.func.count()).select_from(views)
        return connection.execute(query).scalar_one()


def test_while_its_database_is_gone_every_answer_is_503_and_then_it_is_back(
    server, folder
):
    with _running(folder) as running:
        with_it = _statuses(running, seconds=1)
        server[0].stop()
        close_ledgers()
        without = _statuses(running, seconds=2)
        ready = running.get("/readyz")
        alive = running.get("/healthz")

        server[0].start()
        returned = time.monotonic()
        _until(lambda: running.score().status_code == 200)
        waited = time.monotonic() - returned
        after = _statuses(running, seconds=1)

    assert set(with_it) == {200}
    assert set(without) == {503}
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert waited < BACK_WITHIN_SECONDS
    assert set(after) == {200}
    # What was answered is on record, and what was not answered is not.
    assert _count(folder) == len(with_it) + 1 + len(after)


def test_while_its_database_hangs_nobody_waits_for_long(server, folder):
    with _running(folder) as running:
        with_it = _statuses(running, seconds=1)
        with server[0].hung():
            without = running.score().status_code
        _until(lambda: running.score().status_code == 200)

    assert set(with_it) == {200}
    assert without == 503


def _is_up(running):
    try:
        return running.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_it_may_start_before_its_database_does(server, folder):
    with _running(folder, until=_is_up, before=server[0].stop) as running:
        without = _statuses(running, seconds=1)

        server[0].start()
        _until(lambda: _answers(running))

        assert set(without) == {503}
        assert running.score().status_code == 200


def test_one_that_comes_late_from_a_backup_shows_nobody_who_was_forgotten(
    server, folder
):
    forgotten = Tombstone(what="person", at=NOW, because="w", by="eve", seal="5ea1")

    def before():
        write_tombstones(folder_in(audit_files(folder).anchors), [forgotten])
        server[0].stop()

    with _running(folder, until=_is_up, before=before) as running:
        server[0].start()
        _until(lambda: "purge replay" in (folder / "log").read_text())
        without = {running.score().status_code, running.get("/readyz").status_code}
        with new_ledger(folder).writing() as connection:
            keep_tombstone(connection, forgotten)

        assert without == {503}
        _until(lambda: _answers(running))
        assert running.score().status_code == 200


def test_a_database_of_another_version_is_not_served(folder):
    with new_ledger(folder).writing() as connection:
        version = connection.execute(sa.select(versions)).scalar_one()

    def age():
        with new_ledger(folder).writing() as connection:
            connection.execute(sa.update(versions).values(version_num="0000"))

    with _running(folder, until=_is_up, before=age) as running:
        without = running.score().status_code
        ledger = connect_ledger(url_of(folder))
        with ledger.changing_tables() as connection:
            connection.execute(sa.update(versions).values(version_num=version))
        ledger.close()

        assert without == 503
        _until(lambda: _answers(running))
        assert running.score().status_code == 200
