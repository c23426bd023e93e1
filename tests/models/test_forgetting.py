"""Forgetting on each database: nothing is left in any row, and the audit is whole."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from lamppost import purge_jobs
from models.audit.audit import Audit
from models.audit.check import check_audit
from models.audit.rows import Entry
from models.ledger.append_only import guard, unguard
from models.ledger.forgetting import _KEPT, _ROWS_OF_ONE
from models.ledger.ledger import Ledger
from models.ledger.tables import metadata, records, views, views_unchained
from tests.lamppost.small_walk import HERS, NOW, Walk, walked
from tests.made_up_score import audit_files, new_ledger


pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return walked(tmp_path)


def said(ledger: Ledger) -> str:
    """Return all that any row of any table says."""
    with ledger.reading() as connection:
        rows = [
            row
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        ]
    return repr(rows)


def test_no_table_that_names_people_is_left_out() -> None:
    named = {
        t for t in metadata.sorted_tables if {"entity_id", "record_id"} & {*t.c.keys()}
    }
    of_the_audit = {views, views_unchained}

    assert named - of_the_audit == {*_ROWS_OF_ONE, *_KEPT, records}


def test_no_row_of_any_table_says_anything_of_who_was_forgotten(
    walk: Walk, tmp_path: Path
) -> None:
    ledger, her = new_ledger(tmp_path), walk.rose_id
    before = said(ledger)
    # What is only in files is another test's.
    values = [value for value in (*HERS, her) if value in before]

    purge_jobs.purge_person(walk.opened, her, because="asked", at=NOW)

    after = said(ledger)
    assert her in values and "Rose" in values
    assert [value for value in values if value in after] == []
    assert check_audit(ledger, audit_files(tmp_path)).faults == ()


def test_what_a_purge_made_forget_cannot_be_put_back(
    walk: Walk, tmp_path: Path
) -> None:
    ledger, her = new_ledger(tmp_path), walk.rose_id
    with ledger.reading() as connection:
        first = connection.execute(sa.select(views).where(views.c.id == 1)).one()
    purge_jobs.purge_person(walk.opened, her, because="asked", at=NOW)
    row = {"entity_id": her, "salt": first.salt, "detail": first.detail}
    with ledger.writing() as connection:
        unguard(connection, views)
        connection.execute(sa.update(views).where(views.c.id == 1).values(row))
        guard(connection)

    faults = check_audit(ledger, audit_files(tmp_path)).faults

    assert {fault.what for fault in faults} == {
        "a purge vouches for every row that says no more about whom it was"
    }


def test_who_has_read_the_audit_and_waits_to_write_is_not_shut_out(
    walk: Walk, tmp_path: Path
) -> None:
    """A look reads the audit for its pace, then writes; a purge comes in between."""
    audit, her = Audit(new_ledger(tmp_path), audit_files(tmp_path)), walk.rose_id
    entry = Entry(NOW, "ann", "person", entity_id=walk.other_id)
    with ThreadPoolExecutor(1) as pool, audit.ledger.writing() as connection:
        connection.execute(sa.select(views.c.id)).all()
        asked = {"because": "asked", "at": NOW}
        purge = pool.submit(purge_jobs.purge_person, walk.opened, her, **asked)
        time.sleep(1.5)
        audit.append(connection, entry)
        connection.commit()

        assert purge.result(timeout=60)["looks"] == 2
    assert check_audit(audit.ledger, audit_files(tmp_path)).faults == ()
