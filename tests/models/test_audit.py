from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.audit.audit import MOST_UNANCHORED_ROWS, MOST_UNANCHORED_SECONDS, Audit
from models.audit.check import check_audit
from models.audit.rows import Entry
from models.ledger.ledger import LedgerUnavailable, open_ledger
from models.ledger.tables import anchors, views
from tests.made_up_score import NOW, audit_files, url_of
from tests.models.made_up_audit import look, looks, new_audit


pytestmark = pytest.mark.usefixtures("each_database")


class _Undone(Exception):
    """Whatever ends a transaction before it is committed."""


@pytest.fixture
def audit(tmp_path):
    return new_audit(tmp_path)


def _count(audit, table=views):
    with audit.ledger.reading() as connection:
        query = sa.select(sa.func.count()).select_from(table)
        return connection.execute(query).scalar_one()


def test_rows_are_numbered_in_order_without_a_gap(audit):
    assert [look(audit) for _ in range(3)] == [1, 2, 3]


def test_a_transaction_that_fails_leaves_no_row_and_no_gap(audit):
    look(audit)
    with pytest.raises(LedgerUnavailable):
        look(audit, token_name=None)

    assert look(audit) == 2


def test_writers_of_two_connections_make_one_chain(audit, tmp_path):
    others = [open_ledger(url_of(tmp_path)) for _ in range(3)]
    audits = [audit, *(Audit(one, audit_files(tmp_path)) for one in others)]

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: look(audits[n % 4], n), range(40)))

    checked = check_audit(audit.ledger, audit_files(tmp_path))
    assert sorted(numbers) == list(range(1, 41))
    assert (checked.rows, checked.faults) == (40, ())
    for one in others:
        one.close()


def test_an_anchor_is_due_after_so_many_rows(audit, monkeypatch):
    monkeypatch.setattr("models.audit.audit.MOST_UNANCHORED_ROWS", 5)
    look(audit)
    audit.anchor(at=NOW)

    for _ in range(12):
        look(audit)

    with audit.ledger.reading() as connection:
        covered = connection.execute(sa.select(anchors.c.covers)).scalars().all()
    assert covered == [1, 6, 11]
    assert audit.file.last().covers == 11
    assert MOST_UNANCHORED_ROWS == 1_000


@pytest.mark.parametrize("seconds", [MOST_UNANCHORED_SECONDS, -86_400])
def test_an_anchor_is_due_after_a_minute_or_when_the_clock_was_set_back(audit, seconds):
    look(audit)
    audit.anchor(at=NOW)
    look(audit, at=NOW + dt.timedelta(seconds=MOST_UNANCHORED_SECONDS - 1))
    assert audit.file.last().covers == 1

    look(audit, at=NOW + dt.timedelta(seconds=seconds))

    assert audit.file.last().covers == 2


@pytest.mark.parametrize("count", [1, MOST_UNANCHORED_ROWS])
def test_no_anchor_is_of_a_row_that_may_be_undone_yet(audit, tmp_path, count):
    look(audit)
    audit.anchor(at=NOW)
    later = Entry(NOW + dt.timedelta(days=1), "desk", "score")

    with pytest.raises(_Undone), audit.ledger.writing() as connection:
        audit.append(connection, *[later] * count)
        audit.append(connection, later)
        raise _Undone

    assert audit.file.last().covers == 1
    assert look(Audit(audit.ledger, audit_files(tmp_path))) == 2


def test_what_one_transaction_wrote_is_anchored_by_the_next(audit):
    look(audit)
    audit.anchor(at=NOW)
    later = Entry(NOW + dt.timedelta(days=1), "desk", "score")
    with audit.ledger.writing() as connection:
        audit.append(connection, later)
        audit.append(connection, later)

    look(audit, at=NOW + dt.timedelta(days=1))

    assert audit.file.last().covers == 3


def test_what_is_anchored_is_not_anchored_again(audit):
    look(audit)

    assert audit.anchor(at=NOW)
    assert not audit.anchor(at=NOW)
    assert len(audit.file.lines()) == 1


def test_without_a_place_for_a_due_anchor_nothing_is_written(audit):
    look(audit)
    look(audit)
    audit.file.path.unlink()
    audit.file.path.mkdir()

    with pytest.raises(LedgerUnavailable, match="the anchor cannot be written"):
        look(audit, at=NOW + dt.timedelta(days=1))

    assert _count(audit) == 2


def test_an_anchor_that_a_crash_left_outside_alone_is_taken_in(audit, tmp_path):
    looks(audit, 3)
    look(audit)
    with audit.ledger.reading() as connection:
        mac = connection.execute(sa.select(views.c.mac).where(views.c.id == 4)).scalar()
    keys = audit._keys
    audit.file.append(keys, at=NOW, covers=4, row_mac=mac)
    assert check_audit(audit.ledger, audit_files(tmp_path)).faults == ()

    look(audit)
    audit.anchor(at=NOW)

    assert _count(audit, anchors) == len(audit.file.lines()) == 4
    assert check_audit(audit.ledger, audit_files(tmp_path)).faults == ()


def test_a_ledger_with_rows_and_without_its_key_is_not_written_to(audit, tmp_path):
    look(audit)
    audit_files(tmp_path).key_file.unlink()

    with pytest.raises(Refusal, match="restore the file from your backup"):
        look(Audit(audit.ledger, audit_files(tmp_path)))

    assert not audit_files(tmp_path).key_file.exists()


def test_a_ledger_is_not_written_to_with_another_key(audit, tmp_path):
    look(audit)
    audit_files(tmp_path).key_file.write_text(f"{'ab' * 32}\n")

    with pytest.raises(Refusal, match="the newest row was chained with"):
        new_audit(tmp_path)


def test_rows_go_on_under_a_new_key(audit, tmp_path):
    looks(audit, 3)
    with audit_files(tmp_path).key_file.open("a") as file:
        file.write(f"{'ab' * 32}\n")

    looks(new_audit(tmp_path), 3)

    checked = check_audit(audit.ledger, audit_files(tmp_path))
    assert (checked.rows, checked.faults) == (6, ())


def test_it_is_opened_while_others_look_and_anchor(audit, tmp_path):
    look(audit)
    is_over = threading.Event()

    def looking():
        while not is_over.is_set():
            look(audit)
            audit.anchor(at=NOW)

    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(looking)
        try:
            for _ in range(50):
                ledger = open_ledger(url_of(tmp_path))
                Audit(ledger, audit_files(tmp_path)).open()
                ledger.close()
        finally:
            is_over.set()
        others.result()


def _look_in_vain(audit, count, at):
    """Write so many rows in one transaction that cannot be committed."""
    entry = Entry(at, "desk", "score", "care", "p01", "prevention")
    with pytest.raises(LedgerUnavailable), audit.ledger.writing() as connection:
        for _ in range(count):
            audit.append(connection, entry)
        raise LedgerUnavailable("it cannot be committed")


def test_anchors_of_transactions_that_failed_again_and_again_bar_nothing(
    audit, tmp_path
):
    look(audit)
    later = NOW + dt.timedelta(seconds=MOST_UNANCHORED_SECONDS)
    for _ in range(3):
        _look_in_vain(audit, 1, later)

    look(audit, at=later)
    audit.anchor(at=later)

    assert check_audit(audit.ledger, audit_files(tmp_path)).faults == ()
    assert audit.file.last().covers == _count(audit) == 2


def test_no_row_is_anchored_before_it_is_committed(audit, tmp_path, monkeypatch):
    monkeypatch.setattr("models.audit.audit.MOST_UNANCHORED_ROWS", 5)
    look(audit)
    audit.anchor(at=NOW)
    _look_in_vain(audit, 12, NOW)

    look(audit)

    assert audit.file.last().covers == 1
    assert check_audit(audit.ledger, audit_files(tmp_path)).faults == ()
