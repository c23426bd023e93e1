from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from features.faults import Misuse, Refusal
from models.ledger.ledger import LedgerUnavailable, connect_ledger, open_ledger
from models.ledger.tables import UtcDateTime, bundles, identities, versions
from tests.made_up_score import NOW, new_ledger, url_of


pytestmark = pytest.mark.usefixtures("each_database")

BUNDLE = {"sha256": "a" * 64, "score": "care", "frozen_at": NOW, "content": "{}"}


def test_a_ledger_is_made_once_and_opened_again(tmp_path):
    with new_ledger(tmp_path).writing() as connection:
        connection.execute(sa.insert(bundles).values(BUNDLE))

    with new_ledger(tmp_path).reading() as connection:
        assert connection.execute(sa.select(bundles.c.frozen_at)).scalars().all() == [
            NOW
        ]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("9999", "which is newer\n    next: use the version of Lamppost that made it"),
        ("0000", "which is older\n    next: make a backup, then run: lamppost migrate"),
    ],
)
def test_a_ledger_of_another_version_is_refused(tmp_path, found, told):
    with new_ledger(tmp_path).writing() as connection:
        connection.execute(sa.update(versions).values(version_num=found))

    with pytest.raises(Refusal, match=told):
        new_ledger(tmp_path)


def test_a_ledger_that_came_late_and_is_of_another_version_is_not_used(tmp_path):
    with new_ledger(tmp_path).writing() as connection:
        connection.execute(sa.update(versions).values(version_num="9999"))
    late = connect_ledger(url_of(tmp_path))

    with pytest.raises(LedgerUnavailable, match="9999"), late.reading():
        pass
    with pytest.raises(LedgerUnavailable, match="9999"), late.writing():
        pass
    late.close()


def test_a_write_that_fails_leaves_nothing(tmp_path):
    ledger = new_ledger(tmp_path)

    with pytest.raises(LedgerUnavailable), ledger.writing() as connection:
        connection.execute(sa.insert(bundles).values(BUNDLE))
        connection.execute(sa.insert(bundles).values(BUNDLE))

    with ledger.reading() as connection:
        assert connection.execute(sa.select(bundles)).all() == []


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
        connection.execute(sa.insert(bundles).values({**BUNDLE, "frozen_at": naive}))

    assert "must know its time zone" in str(error.value.__cause__)


def test_a_moment_of_any_time_zone_is_kept_as_utc(tmp_path):
    summer = dt.timezone(dt.timedelta(hours=1))
    ledger = new_ledger(tmp_path)

    with ledger.writing() as connection:
        at = dt.datetime(2026, 7, 1, 0, 30, 1, 234_567, tzinfo=summer)
        connection.execute(sa.insert(bundles).values({**BUNDLE, "frozen_at": at}))

    with ledger.reading() as connection:
        found = connection.execute(sa.select(bundles.c.frozen_at)).scalar_one()
    assert found == dt.datetime(2026, 6, 30, 23, 30, 1, 234_567, tzinfo=dt.UTC)
    assert found.tzinfo is dt.UTC


def test_what_is_kept_comes_back_as_it_was(tmp_path):
    row = {
        "at": NOW,
        "day": NOW.date(),
        "is_so": True,
        "content": b"\x00\xff",
        "told": {"z": 1.5, "a": [None, "ü", 1e-300]},
        "number": 2**62,
        "share": 0.1 + 0.2,
    }
    kept = sa.Table(
        "kept",
        sa.MetaData(),
        sa.Column("at", UtcDateTime),
        sa.Column("day", sa.Date),
        sa.Column("is_so", sa.Boolean),
        sa.Column("content", sa.LargeBinary),
        sa.Column("told", sa.JSON),
        sa.Column("number", sa.BigInteger),
        sa.Column("share", sa.Double),
    )

    with new_ledger(tmp_path).writing() as connection:
        kept.create(connection)
        connection.execute(sa.insert(kept).values(row))
        found = connection.execute(sa.select(kept)).one()

    assert found._asdict() == row
    assert found.is_so is True


def test_all_that_is_read_in_one_transaction_belongs_together(tmp_path):
    ledger = new_ledger(tmp_path)
    count = sa.select(sa.func.count()).select_from(bundles)

    with ledger.reading() as connection:
        before = connection.execute(count).scalar()
        writer = threading.Thread(target=_try_to_write, args=(tmp_path,))
        writer.start()
        writer.join()
        after = connection.execute(count).scalar()

    assert (before, after) == (0, 0)


def _try_to_write(folder):
    # On SQLite it waits for the reader, and gives up.
    ledger = open_ledger(url_of(folder), busy_timeout_ms=50)
    try:
        with ledger.writing() as connection:
            connection.execute(sa.insert(bundles).values(BUNDLE))
    except LedgerUnavailable:
        pass
    finally:
        ledger.close()


def test_who_reads_cannot_write(tmp_path, each_database):
    if each_database == "sqlite":
        return  # it lets them: nothing but our own code keeps to it
    with (
        pytest.raises(LedgerUnavailable, match="ReadOnly"),
        new_ledger(tmp_path).reading() as connection,
    ):
        connection.execute(sa.insert(bundles).values(BUNDLE))


@pytest.mark.parametrize("url", ["mysql://lamppost:secret@db/ledger", "secret"])
def test_an_address_of_nothing_we_know_is_a_misuse_that_does_not_quote_it(url):
    with pytest.raises(Misuse) as refused:
        open_ledger(url)

    assert "LAMPPOST_LEDGER" in str(refused.value)
    assert "secret" not in str(refused.value)
