from __future__ import annotations

import multiprocessing
import stat

import pytest

from features.faults import Refusal
from models.audit.keys import make_keys, read_keys


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "keys" / "audit.key"

    made = make_keys(path)

    assert make_keys(path).current == read_keys(path).current == made.current
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def _make(path):
    make_keys(path)


def test_two_processes_that_make_a_key_at_once_end_with_one(tmp_path):
    path = tmp_path / "audit.key"
    spawning = multiprocessing.get_context("spawn")
    makers = [spawning.Process(target=_make, args=(path,)) for _ in range(2)]

    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert [maker.exitcode for maker in makers] == [0, 0]
    assert len(read_keys(path).by_id) == 1


def test_a_new_key_is_a_new_line_and_the_old_ones_stay(tmp_path):
    path = tmp_path / "audit.key"
    old = make_keys(path)
    with path.open("a") as file:
        file.write(f"{'ab' * 32}\n")

    keys = read_keys(path)

    assert list(keys.by_id) == [old.current, keys.current]
    assert keys.current != old.current


def test_all_lines_that_are_no_key_are_told_without_showing_them(tmp_path):
    path = tmp_path / "audit.key"
    path.write_text(f"{'ab' * 31}\n{'ab' * 32}\nsecret\n")

    with pytest.raises(Refusal) as refused:
        read_keys(path)

    assert [f.where for f in refused.value.faults] == [
        f"{path}: line 1",
        f"{path}: line 3",
    ]
    assert "secret" not in str(refused.value) and "abab" not in str(refused.value)


def test_a_file_that_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(Refusal, match="restore the file from your backup"):
        read_keys(tmp_path / "audit.key")
    (tmp_path / "audit.key").touch()
    with pytest.raises(Refusal, match="at least one key"):
        read_keys(tmp_path / "audit.key")


def test_no_key_stands_in_what_is_printed_of_them(tmp_path):
    keys = make_keys(tmp_path / "audit.key")

    assert (tmp_path / "audit.key").read_text().strip() not in repr(keys)


def test_a_folder_that_cannot_be_written_to_is_a_refusal(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Refusal, match="a first key can be written"):
        make_keys(tmp_path / "file" / "audit.key")
