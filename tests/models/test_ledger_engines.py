"""What each of the two databases must be told, and what goes wrong with it alone."""

from __future__ import annotations

import multiprocessing
import stat

import pytest
import sqlalchemy as sa

from models.ledger.engines import make_engine
from models.ledger.ledger import LedgerUnavailable, connect_ledger, open_ledger
from models.ledger.prepared import Prepared
from models.ledger.tables import bundles
from tests.flushing import flushing
from tests.made_up_score import NOW, new_ledger, url_of


BUNDLE = {"sha256": "a" * 64, "score": "care", "frozen_at": NOW, "content": "{}"}


def test_sqlite_is_opened_so_that_what_is_committed_survives(tmp_path):
    with flushing(), new_ledger(tmp_path).reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    # synchronous 3 is EXTRA
    assert found == {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_nobody_but_the_owner_can_read_a_ledger_in_a_file(tmp_path):
    file = tmp_path / "ledger.db"
    file.touch(mode=0o644)

    new_ledger(tmp_path)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_ledger_in_memory_is_refused():
    with pytest.raises(ValueError, match="a ledger is a file"):
        open_ledger("sqlite://")


def test_a_second_writer_of_a_file_waits_its_time_and_then_gives_up(tmp_path):
    first = new_ledger(tmp_path)
    second = open_ledger(url_of(tmp_path), busy_timeout_ms=50)

    with first.writing(), pytest.raises(LedgerUnavailable), second.writing():
        pass


def test_writers_of_one_process_take_turns_at_a_file(tmp_path):
    ledger = open_ledger(url_of(tmp_path), busy_timeout_ms=50)

    with ledger.writing(), pytest.raises(LedgerUnavailable), ledger.writing():
        pass

    with ledger.writing() as connection:
        connection.execute(sa.insert(bundles).values(BUNDLE))


def _open(folder):
    new_ledger(folder).close()


def test_two_processes_may_open_a_new_file_at_once(tmp_path):
    spawning = multiprocessing.get_context("spawn")
    openers = [spawning.Process(target=_open, args=(tmp_path,)) for _ in range(2)]

    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()

    assert [opener.exitcode for opener in openers] == [0, 0]


def test_a_postgres_session_waits_no_longer_than_it_was_told(postgres):
    engine = make_engine(postgres.of("session"), busy_timeout_ms=250)
    names = ("TimeZone", "lock_timeout", "idle_in_transaction_session_timeout")

    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"SHOW {n}").scalar() for n in names]
    engine.dispose()

    assert found == ["UTC", "250ms", "1min"]


def test_a_second_writer_of_a_row_in_postgres_gives_up_in_time(postgres):
    ledger = connect_ledger(postgres.of("rows"), busy_timeout_ms=50)
    one = sa.select(bundles).with_for_update()
    with ledger.writing() as connection:
        connection.execute(sa.insert(bundles).values(BUNDLE))

    with ledger.writing() as first, ledger.writing() as second:
        first.execute(one)
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            second.execute(one)
    ledger.close()


@pytest.mark.parametrize("write", [sa.insert(bundles), Prepared(sa.insert(bundles))])
def test_a_postgres_is_written_again_once_it_may_be(postgres, write):
    url = postgres.of(f"barred {type(write)}")
    ledger = connect_ledger(url)

    def put():
        with ledger.writing() as connection:
            if isinstance(write, Prepared):
                write.write(connection, [BUNDLE])
            else:
                connection.execute(write, BUNDLE)

    _tell_database(url, "SET default_transaction_read_only = on")
    with pytest.raises(LedgerUnavailable, match="ReadOnlySqlTransaction"):
        put()
    _tell_database(url, "RESET default_transaction_read_only")
    put()

    with ledger.reading() as connection:
        found = connection.execute(sa.select(bundles.c.score)).scalars().all()
    ledger.close()
    assert found == ["care"]


def _tell_database(url, what):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ WRITE")
        name = connection.engine.url.database
        connection.exec_driver_sql(f"ALTER DATABASE {name} {what}")
    engine.dispose()


def test_a_postgres_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(LedgerUnavailable, match="OperationalError"):
        open_ledger(f"postgresql://lamppost:secret@/ledger?host={tmp_path}")
