"""The warehouse: whole or not at all, whenever it is killed."""

import datetime as dt
import fcntl
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from features.faults import Refusal
from features.store.manifest import EMPTY, Load
from features.store.warehouse import Warehouse, Writer
from tests.features.limits import files_of_at_most


TABLE = pa.table({"record_id": [1, 2, 3]})


def add_load(writer: Writer, table: pa.Table = TABLE) -> Load:
    number = len(writer.manifest.loads) + 1
    name = f"records/visits/{number:06d}-0.parquet"
    load = Load(
        number=number,
        source="visits",
        content_sha256=f"{number}",
        contract_sha256="0",
        received=dt.date(2024, 6, 1),
        history=False,
        period=(dt.date(2024, 1, 1), dt.date(2024, 6, 1)),
        rows=table.num_rows,
        new=table.num_rows,
        changed=0,
        withdrawn=0,
        last_event=None,
        records=writer.stage("warehouse", name, table),
        identity=writer.stage("identity", name, table),
    )
    loads = [*writer.manifest.loads, load]
    writer.commit(writer.manifest.model_copy(update={"loads": loads}))
    return load


def add(root: Path) -> Load:
    with Warehouse(root).writing() as writer:
        return add_load(writer)


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def test_a_store_that_was_never_written_to_is_empty(tmp_path: Path) -> None:
    assert Warehouse(tmp_path / "store").manifest() == EMPTY


def test_what_is_committed_is_what_is_read(tmp_path: Path) -> None:
    load = add(tmp_path)

    manifest = Warehouse(tmp_path).manifest()

    assert manifest.loads == [load]
    assert manifest.version == 1
    assert set(files(tmp_path)) - manifest.files == {
        "lock",
        "warehouse/manifests/00000001.json",
    }


def test_an_earlier_version_is_read_as_it_was(tmp_path: Path) -> None:
    first = add(tmp_path)
    add(tmp_path)

    assert Warehouse(tmp_path).manifest(1).loads == [first]


def test_what_is_staged_and_not_committed_is_gone(tmp_path: Path) -> None:
    before = files(tmp_path)

    with Warehouse(tmp_path).writing() as writer, writer.scratch() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "cells").write_text("a cell")
        writer.stage("identity", "records/visits/x.parquet", TABLE)

    assert files(tmp_path) == {**before, "lock": b""}


def test_the_next_writer_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    add(tmp_path)
    before = files(tmp_path)
    (tmp_path / "scratch-0").mkdir()
    (tmp_path / "scratch-0" / "cells").write_text("a cell")
    left = ["warehouse/records/visits/000002-1.parquet", "identity/y.parquet.staged"]
    for name in left:
        (tmp_path / name).write_text("left")

    with Warehouse(tmp_path).writing():
        assert files(tmp_path) == before


def test_a_flipped_byte_and_a_lost_file_are_found(tmp_path: Path) -> None:
    load = add(tmp_path)
    path = tmp_path / load.records.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    (tmp_path / load.identity.path).unlink()

    damaged = Warehouse(tmp_path).damaged()

    assert damaged == [load.records.path, load.identity.path]


def test_a_whole_store_has_no_damage(tmp_path: Path) -> None:
    add(tmp_path)

    assert Warehouse(tmp_path).damaged() == []


def test_while_one_writes_no_other_may(tmp_path: Path) -> None:
    with (
        Warehouse(tmp_path).writing(),
        (tmp_path / "lock").open() as lock,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_writers_at_once_write_one_after_the_other(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from tests.features.store.test_warehouse import add; add(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]

    writers = [subprocess.Popen(command) for _ in range(4)]

    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert [load.number for load in Warehouse(tmp_path).manifest().loads] == [
        *range(1, 5)
    ]
    assert Warehouse(tmp_path).damaged() == []


# Kills itself at the n-th call that changes the store's folders.
_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.features.store.test_warehouse import add

root, left = sys.argv[1], int(sys.argv[2])

def kill(event, arguments):
    global left
    if event in ("open", "os.rename", "os.mkdir", "os.remove"):
        if str(arguments[0]).startswith(root):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
add(Path(root))
"""


def test_killed_at_any_step_nothing_is_seen_and_a_rerun_gives_the_same(
    tmp_path: Path,
) -> None:
    add(tmp_path / "never killed")
    expected = files(tmp_path / "never killed")

    steps = 0
    for steps in range(100):
        root = tmp_path / str(steps)
        root.mkdir()
        command = [sys.executable, "-c", _KILLED, str(root), str(steps)]
        status = subprocess.run(command, capture_output=True).returncode
        if status == 0:
            break
        assert status == -9
        seen = Warehouse(root).manifest()
        # The manifest comes last; only its folder is flushed after it.
        assert seen.version in (0, 1)
        assert Warehouse(root).damaged() == []
        if seen.version == 0:
            add(root)
        with Warehouse(root).writing():
            assert files(root) == expected

    assert steps > 10


def test_a_disk_without_room_is_a_refusal_and_changes_nothing(tmp_path: Path) -> None:
    add(tmp_path)
    before = files(tmp_path)
    large = pa.table({"record_id": range(200_000)})

    with (
        files_of_at_most(50_000),
        pytest.raises(Refusal, match=r"must have room"),
        Warehouse(tmp_path).writing() as writer,
    ):
        add_load(writer, large)

    assert files(tmp_path) == before
    assert Warehouse(tmp_path).damaged() == []
