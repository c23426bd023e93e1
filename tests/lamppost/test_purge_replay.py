"""Restored backups, purges that are cut short, and tombstones."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
import sqlalchemy as sa

from features.faults import Refusal
from features.forgetting import removal
from features.forgetting.tombstones import read_tombstones
from features.store.warehouse import Writer
from lamppost import purge_jobs
from lamppost.purge_steps import Purge, replay_problems
from lamppost.service import serve_ledger
from models.audit.check import check_audit
from models.ledger.work_tables import tombstones
from tests.lamppost.small_walk import HERS, NOW, Walk, places_of, walked
from tests.made_up_score import close_ledgers


WHY = "asked to be forgotten; request 12"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the place once: each test takes a copy."""
    folder = tmp_path_factory.mktemp("made") / "store"
    folder.mkdir()
    walked(folder)
    close_ledgers()
    return folder


@pytest.fixture
def walk(made: Path, tmp_path: Path) -> Walk:
    return Walk(Path(shutil.copytree(made, tmp_path / "store")))


def forget(walk: Walk) -> dict[str, object]:
    return purge_jobs.purge_person(walk.opened, walk.rose_id, because=WHY, at=NOW)


def faults(walk: Walk) -> tuple[object, ...]:
    ledger = walk.opened.ledger()
    found = check_audit(ledger, walk.settings.audit_files).faults
    ledger.close()
    return found


def test_a_warehouse_from_a_backup_forgets_again(walk: Walk, tmp_path: Path) -> None:
    for zone in ("warehouse", "identity"):
        shutil.copytree(walk.folder / zone, tmp_path / "backup" / zone)
    values = (*HERS, walk.rose_id)
    forget(walk)
    for zone in ("warehouse", "identity"):
        shutil.rmtree(walk.folder / zone)
        shutil.copytree(tmp_path / "backup" / zone, walk.folder / zone)
    assert places_of(walk.folder, values) != set()
    assert any("replay" in line for line in replay_problems(walk.settings))

    answer = purge_jobs.replay(walk.opened, at=NOW)

    assert (answer["tombstones"], answer["records"]) == (1, 3)
    assert places_of(walk.folder, values) == set()
    assert list(replay_problems(walk.settings)) == []
    assert faults(walk) == ()


def test_a_ledger_from_a_backup_forgets_again(walk: Walk, tmp_path: Path) -> None:
    shutil.copy(walk.folder / "ledger.db", tmp_path / "backup.db")
    shutil.copytree(walk.folder / "anchors", tmp_path / "anchors")
    values = (*HERS, walk.rose_id)
    forget(walk)
    shutil.copy(tmp_path / "backup.db", walk.folder / "ledger.db")
    shutil.copy(tmp_path / "anchors" / "anchors.jsonl", walk.folder / "anchors")
    assert places_of(walk.folder, values) == {"ledger.db"}
    assert any("replay" in line for line in replay_problems(walk.settings))

    purge_jobs.replay(walk.opened, at=NOW)

    assert places_of(walk.folder, values) == set()
    assert list(replay_problems(walk.settings)) == []
    assert faults(walk) == ()


def test_both_from_a_backup_forget_by_what_stands_beside_the_anchors(
    walk: Walk, tmp_path: Path
) -> None:
    backup = Path(shutil.copytree(walk.folder, tmp_path / "backup"))
    values = (*HERS, walk.rose_id)
    forget(walk)
    for name in ("warehouse", "identity"):
        shutil.rmtree(walk.folder / name)
        shutil.copytree(backup / name, walk.folder / name)
    shutil.copy(backup / "ledger.db", walk.folder / "ledger.db")
    shutil.copy(backup / "anchors" / "anchors.jsonl", walk.folder / "anchors")

    purge_jobs.replay(walk.opened, at=NOW)

    assert places_of(walk.folder, values) == set()


def test_the_service_does_not_start_on_a_ledger_that_shows_who_was_forgotten(
    walk: Walk, tmp_path: Path
) -> None:
    backup = Path(shutil.copytree(walk.folder, tmp_path / "backup"))
    forget(walk)
    shutil.copy(backup / "ledger.db", walk.folder / "ledger.db")
    shutil.copy(backup / "anchors" / "anchors.jsonl", walk.folder / "anchors")
    # The service sees the anchors, and nothing of the warehouse.
    (walk.folder / "warehouse").rename(tmp_path / "warehouse")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Refusal, match="run: lamppost purge replay"):
            serve_ledger(walk.opened, "127.0.0.1", port, None)
        (tmp_path / "warehouse").rename(walk.folder / "warehouse")
        purge_jobs.replay(walk.opened, at=NOW)

        with pytest.raises(Refusal, match="must be free"):
            serve_ledger(walk.opened, "127.0.0.1", port, None)


def test_the_service_does_not_start_if_it_may_not_read_who_was_forgotten(
    walk: Walk,
) -> None:
    folder = walk.folder / "anchors" / "tombstones"
    folder.write_text("a file where the folder should be")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Refusal, match="anchors/tombstones"):
            serve_ledger(walk.opened, "127.0.0.1", port, None)


def test_the_doctor_tells_of_tombstones_that_cannot_be_read(walk: Walk) -> None:
    forget(walk)
    for place in ("warehouse", "anchors"):
        (walk.folder / place / "tombstones" / "cut.json").write_text('{"what": "pers')

    told = list(replay_problems(walk.settings))

    assert len(told) == 2 and all("cut.json" in line for line in told)
    with pytest.raises(Refusal, match=r"anchors[^\n]*cut.json") as refused:
        purge_jobs.replay(walk.opened, at=NOW)
    assert len(refused.value.faults) == 2


# Before anything is done; before and after the warehouse's manifest; before the older
# manifests; after the warehouse; after the ledger.
POINTS = [
    (removal._Removal, "run"),
    (Writer, "_write_manifest"),
    (Writer, "realign"),
    (Purge, "_from_ledger"),
    (Purge, "scrub"),
]


@pytest.mark.parametrize(("where", "name"), POINTS)
def test_a_purge_that_is_cut_short_is_finished_by_running_it_again(
    walk: Walk, monkeypatch: pytest.MonkeyPatch, where: type, name: str
) -> None:
    her = walk.rose_id
    with monkeypatch.context() as patch:
        patch.setattr(where, name, _killed)
        with pytest.raises(KeyboardInterrupt):
            forget(walk)
    is_due = any("replay" in line for line in replay_problems(walk.settings))

    again = purge_jobs.purge_person(walk.opened, her, because=WHY, at=NOW)

    assert is_due == (name != "scrub")
    assert (again["records"], again["is"]) == (3, "done")
    assert places_of(walk.folder, (*HERS, her)) == set()
    assert walk.warehouse.damaged() == [] and faults(walk) == ()


def test_what_a_kill_leaves_of_a_tombstone_is_none(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _half_written)
        with pytest.raises(KeyboardInterrupt):
            forget(walk)

    assert list(replay_problems(walk.settings)) == []
    assert forget(walk)["records"] == 3


def _half_written(descriptor: int) -> None:
    os.ftruncate(descriptor, 9)
    raise KeyboardInterrupt


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_replaying_what_is_gone_changes_nothing(walk: Walk) -> None:
    forget(walk)
    stored = walk.warehouse.manifest()

    answer = purge_jobs.replay(walk.opened, at=NOW)

    assert (answer["records"], answer["rows"]) == (0, 0)
    assert walk.warehouse.manifest() == stored


def test_a_tombstone_tells_nothing_and_cannot_be_forged(walk: Walk) -> None:
    her = walk.rose_id
    forget(walk)
    folder = walk.folder / "warehouse" / "tombstones"
    [(seal, tombstone)] = read_tombstones(folder).items()
    content = (folder / f"{seal}.json").read_text()
    assert her not in content and tombstone.counts == {"records": 3, "entities": 1}

    (folder / f"{seal}.json").write_text(content.replace(WHY, "nothing in particular"))

    ledger = walk.opened.ledger()
    with ledger.writing() as connection:
        connection.execute(sa.delete(tombstones))
    ledger.close()
    shutil.rmtree(walk.folder / "anchors" / "tombstones")
    with pytest.raises(Refusal, match="as it was sealed"):
        purge_jobs.replay(walk.opened, at=NOW)
