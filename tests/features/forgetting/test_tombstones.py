from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from features.faults import Refusal
from features.forgetting.tombstones import (
    Seals,
    Tombstone,
    read_tombstones,
    write_tombstones,
)


AT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def kept(folder: Path) -> Tombstone:
    bare = Tombstone(what="person", at=AT, because="asked", by="eve")
    sealed = Seals(b"k" * 32).sealed(bare)
    write_tombstones(folder, [sealed])
    return sealed


def test_what_was_kept_is_read_from_all_folders_and_nothing_where_there_is_none(
    tmp_path,
):
    one = kept(tmp_path / "inside")

    found = read_tombstones(tmp_path / "inside", tmp_path / "none")

    assert found == {one.seal: one}


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path):
    folder = tmp_path / "tombstones"
    folder.write_text("a file where the folder should be")

    with pytest.raises(Refusal) as refused:
        read_tombstones(folder)

    [fault] = refused.value.faults
    assert fault.where == str(folder)
    assert fault.got == "Not a directory" and "chown -R" in fault.next


def test_every_tombstone_that_cannot_be_read_is_told_at_once(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        kept(folder)
    (inside / "cut.json").write_text('{"what": "pers')
    (inside / "other.json").write_text('{"because": "Rose Hale asked"}')
    (outside / "folder.json").mkdir()

    with pytest.raises(Refusal) as refused:
        read_tombstones(inside, outside)

    found = [Path(fault.where).name for fault in refused.value.faults]
    assert found == ["cut.json", "other.json", "folder.json"]
    assert "Rose" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_draft_that_was_left_by_a_kill_is_no_tombstone(tmp_path):
    one = kept(tmp_path)
    (tmp_path / f".{one.seal}.json").write_text('{"what": "pers')

    assert list(read_tombstones(tmp_path)) == [one.seal]
