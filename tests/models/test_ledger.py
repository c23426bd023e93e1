from __future__ import annotations

import datetime as dt
import multiprocessing
import stat

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.ledger import LedgerUnavailable, open_ledger
from models.ledger_tables import identities, metadata, schema, views
from tests.made_up_score import NOW, new_ledger, url_of


VIEW = {"token_name": "desk 4", "action": "score", "outcome": "shown"}


def test_sqlite_is_opened_so_that_what_is_committed_survives(tmp_path):
    with new_ledger(tmp_path).reading() as connection:
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


def test_nobody_but_the_owner_can_read_the_ledger(tmp_path):
    file = tmp_path / "ledger.db"
    file.touch(mode=0o644)

    new_ledger(tmp_path)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_ledger_is_made_once_and_opened_again(tmp_path):
    with new_ledger(tmp_path).writing() as connection:
        connection.execute(sa.insert(views).values(at=NOW, **VIEW))

    with new_ledger(tmp_path).reading() as connection:
        assert connection.execute(sa.select(views.c.at)).scalars().all() == [NOW]


def test_a_ledger_of_another_version_is_refused(tmp_path):
    with new_ledger(tmp_path).writing() as connection:
        connection.execute(sa.update(schema).values(version=99))

    with pytest.raises(Refusal, match="must be of version 2, got 99"):
        new_ledger(tmp_path)


def test_a_ledger_in_memory_is_refused():
    with pytest.raises(ValueError, match="a ledger is a file"):
        open_ledger("sqlite://")


def test_a_write_that_fails_leaves_nothing(tmp_path):
    ledger = new_ledger(tmp_path)

    with pytest.raises(LedgerUnavailable), ledger.writing() as connection:
        connection.execute(sa.insert(views).values(at=NOW, **VIEW))
        connection.execute(sa.insert(views).values(at=None))

    with ledger.reading() as connection:
        assert connection.execute(sa.select(views)).all() == []


def test_no_error_quotes_what_was_to_be_written(tmp_path):
    ledger = new_ledger(tmp_path)
    person = {"entity_id": "p1", "kind": None, "display": {"name": "Ada Quill"}}

    with pytest.raises(LedgerUnavailable) as error, ledger.writing() as connection:
        connection.execute(sa.insert(identities).values(**person))

    assert "Ada" not in str(error.value) + str(error.value.__cause__)


def test_a_moment_without_a_time_zone_is_refused(tmp_path):
    naive = dt.datetime(2026, 11, 2, 9, 30)  # noqa: DTZ001
    ledger = new_ledger(tmp_path)

    with pytest.raises(LedgerUnavailable) as error, ledger.writing() as connection:
        connection.execute(sa.insert(views).values(at=naive, **VIEW))

    assert "must know its time zone" in str(error.value.__cause__)


def test_a_moment_of_any_time_zone_is_kept_as_utc(tmp_path):
    summer = dt.timezone(dt.timedelta(hours=1))
    ledger = new_ledger(tmp_path)

    with ledger.writing() as connection:
        at = dt.datetime(2026, 7, 1, 0, 30, tzinfo=summer)
        connection.execute(sa.insert(views).values(at=at, **VIEW))

    with ledger.reading() as connection:
        found = connection.execute(sa.select(views.c.at)).scalar_one()
    assert found == dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    assert found.tzinfo is dt.UTC


def test_a_second_writer_waits_its_time_and_then_gives_up(tmp_path):
    first = new_ledger(tmp_path)
    second = open_ledger(url_of(tmp_path), busy_timeout_ms=50)

    with first.writing(), pytest.raises(LedgerUnavailable), second.writing():
        pass


def test_writers_of_one_process_take_turns(tmp_path):
    ledger = open_ledger(url_of(tmp_path), busy_timeout_ms=50)

    with ledger.writing(), pytest.raises(LedgerUnavailable), ledger.writing():
        pass

    with ledger.writing() as connection:
        connection.execute(sa.insert(views).values(at=NOW, **VIEW))


def _open(folder):
    new_ledger(folder).close()


def test_two_processes_may_open_a_new_ledger_at_once(tmp_path):
    spawning = multiprocessing.get_context("spawn")
    openers = [spawning.Process(target=_open, args=(tmp_path,)) for _ in range(2)]

    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()

    assert [opener.exitcode for opener in openers] == [0, 0]


def test_every_table_can_be_made_on_postgres():
    dialect = sa.dialects.postgresql.dialect()

    for table in metadata.sorted_tables:
        assert str(sa.schema.CreateTable(table).compile(dialect=dialect))
