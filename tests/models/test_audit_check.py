from __future__ import annotations

import pytest
import sqlalchemy as sa

from benchmarks.audit_mutations import store, stored
from features.faults import Refusal
from models.audit import check as audit_check
from models.audit.check import Checked, check_audit
from models.ledger.append_only import guard, unguard
from models.ledger.tables import views
from tests.made_up_score import audit_files
from tests.models.made_up_audit import look, looks, new_audit


pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def audit(tmp_path):
    audit = new_audit(tmp_path)
    looks(audit, 12, anchor_every=6)
    return audit


def _check(audit, folder):
    return check_audit(audit.ledger, audit_files(folder))


def _told(audit, folder):
    """Return what is wrong, without the folder's name."""
    faults = _check(audit, folder).faults
    return sorted(f"{f.where}: {f.got}".split("/")[-1] for f in faults)


def _change(audit, statement, **values):
    with audit.ledger.writing() as connection:
        unguard(connection, views)
        connection.execute(sa.text(statement), values)
        guard(connection)


def test_what_nobody_touched_is_whole(audit, tmp_path):
    look(audit)

    assert _check(audit, tmp_path) == Checked(13, 3, 1, ())


def test_nothing_at_all_is_whole_too(tmp_path):
    assert _check(new_audit(tmp_path / "new"), tmp_path) == Checked(0, 0, 0, ())


def test_it_makes_no_difference_how_many_rows_are_read_at_once(
    audit, tmp_path, monkeypatch
):
    _change(audit, "UPDATE views SET purpose = 'curiosity' WHERE id IN (4, 5, 9)")
    monkeypatch.setattr(audit_check, "PIECE_ROWS", 2)

    changed = "content, or a place in the order, that was not chained with the audit's"
    assert _told(audit, tmp_path) == [
        f"views: row 9: {changed} key",
        f"views: rows 4 to 5: {changed} key",
    ]


def test_rows_that_are_gone_are_numbered(audit, tmp_path):
    _change(audit, "DELETE FROM views WHERE id IN (1, 2, 7)")

    assert _told(audit, tmp_path) == [
        "views: row 7: no such row",
        "views: rows 1 to 2: no such row",
    ]


def test_a_ledger_that_was_cut_ends_before_its_anchors(audit, tmp_path):
    _change(audit, "DELETE FROM views WHERE id > 10")

    assert _told(audit, tmp_path) == ["views: rows 11 to 12: a ledger that ends before"]


def test_a_person_who_is_taken_out_of_a_row_is_missed(audit, tmp_path):
    _change(audit, "UPDATE views SET entity_id = NULL, salt = NULL WHERE id = 4")
    _change(audit, "UPDATE views SET entity_id = 'p99' WHERE id = 5")

    assert _told(audit, tmp_path) == [
        "views: row 4: other rows than it, or another purge, made say so",
        "views: row 5: an entity, or none, that does not fit the row's seal",
    ]


def test_rows_chained_with_a_key_of_somebodys_own_are_told_from_ours(audit, tmp_path):
    _change(audit, "UPDATE views SET key_id = 'ffffffff' WHERE id > 8")

    assert _told(audit, tmp_path) == [
        "views: rows 9 to 12: a key that is not in the file of keys"
    ]


def test_a_row_before_the_first_does_not_hide_what_follows(audit, tmp_path):
    _change(
        audit,
        "INSERT INTO views SELECT -3, at, token_name, action, score, entity_id, "
        "purpose, outcome, detail, salt, seal, form, key_id, mac FROM views "
        "WHERE id = 2",
    )
    _change(audit, "DELETE FROM views WHERE id = 1")

    assert _told(audit, tmp_path) == [
        "views: row -3: a row before it",
        "views: row 1: no such row",
    ]


def test_a_row_that_no_program_can_read_is_told_and_the_rest_verified(
    audit, tmp_path, each_database
):
    if each_database == "postgres":
        unreadable = "UPDATE views SET at = 'infinity' WHERE id = 5"
    else:
        # SQLite takes any bytes for a text.
        unreadable = "UPDATE views SET purpose = CAST(x'ff' AS TEXT) WHERE id = 5"
    _change(audit, unreadable)
    _change(audit, "UPDATE views SET purpose = 'x' WHERE id = 8")

    assert _told(audit, tmp_path) == [
        "views: row 5: content that is no text",
        "views: row 8: content, or a place in the order, that was not chained with "
        "the audit's key",
    ]


# Row 6 is about a list, and row 5 about somebody, whose seal stands for the detail too.
@pytest.mark.parametrize("row", [5, 6])
@pytest.mark.parametrize("value", ["x'00'", "1.5", "9e999"])
def test_a_value_of_a_kind_that_no_row_holds_is_a_finding(
    audit, tmp_path, each_database, value, row
):
    if each_database == "postgres":
        value = "repeat('x', 1000)"  # a server keeps columns to their types
    _change(audit, f"UPDATE views SET detail = {value} WHERE id = {row}")  # noqa: S608

    (told,) = _told(audit, tmp_path)
    assert told.startswith((f"views: row {row}: content", f"views: row {row}: an ent"))


def test_a_missing_trigger_is_told(audit, tmp_path):
    with audit.ledger.writing() as connection:
        unguard(connection, views)

    told = _check(audit, tmp_path).faults

    assert told and {f.next for f in told} == {
        "ask who took it away; then run: lamppost audit guard"
    }


def test_anchors_that_are_gone_are_missed(audit, tmp_path):
    audit.file.path.unlink()

    assert _told(audit, tmp_path) == [
        "anchors.jsonl: 3 that are gone or not as written, the first 1"
    ]


def test_a_consistent_older_backup_is_found_by_the_anchors(tmp_path):
    audit = new_audit(tmp_path)
    looks(audit, 8)
    with audit.ledger.reading() as connection:
        backup = stored(connection, audit.file)
    looks(audit, 4)
    now = audit.file.path.read_bytes()
    with audit.ledger.writing() as connection:
        store(connection, audit.file, backup)
    audit.file.path.write_bytes(now)

    assert "views: rows 9 to 12: a ledger that ends before" in _told(audit, tmp_path)


def test_without_the_keys_nothing_can_be_verified(audit, tmp_path):
    audit_files(tmp_path).key_file.unlink()

    with pytest.raises(Refusal, match="restore the file from your backup"):
        _check(audit, tmp_path)


def test_more_findings_than_anyone_reads_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("models.audit.findings.MOST_LISTED", 2)
    audit = new_audit(tmp_path)
    looks(audit, 12)
    _change(audit, "UPDATE views SET purpose = 'x' WHERE id % 2 = 1")

    assert "views: 4 more findings" in _told(audit, tmp_path)


def test_no_finding_quotes_what_a_row_says(audit, tmp_path):
    _change(audit, "UPDATE views SET entity_id = '9434765919', token_name = 'Ada'")

    told = " ".join(map(str, _check(audit, tmp_path).faults))

    assert "9434765919" not in told and "Ada" not in told
