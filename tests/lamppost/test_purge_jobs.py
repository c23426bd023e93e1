from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from features.faults import Misuse, Refusal
from features.linkage.decisions_store import decisions_of
from lamppost import jobs, purge_jobs
from models.audit.check import check_audit
from models.ledger.append_only import guard, unguard
from models.ledger.tables import metadata, views
from models.ledger.work_tables import decisions
from tests.lamppost.small_walk import (
    HERS,
    NOW,
    ROSIE,
    VISITS,
    Walk,
    places_of,
    rose,
    walked,
)
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


def forget(walk: Walk, entity_id: str | None = None) -> dict[str, object]:
    name = entity_id or walk.rose_id
    return purge_jobs.purge_person(walk.opened, name, because=WHY, at=NOW)


def faults(walk: Walk) -> tuple[object, ...]:
    ledger = walk.opened.ledger()
    found = check_audit(ledger, walk.settings.audit_files).faults
    ledger.close()
    return found


def test_no_store_file_or_log_says_anything_of_who_was_forgotten(
    walk: Walk, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    values = (*HERS, walk.rose_id)
    before = places_of(walk.folder, values)

    forget(walk)

    assert {name.split("/")[0] for name in before} == {
        *("identity", "warehouse", "ledger.db")
    }
    assert places_of(walk.folder, values) == set()
    said = "".join(capfd.readouterr()) + caplog.text
    assert not [value for value in values if value in said]


def test_nothing_of_the_others_goes(walk: Walk) -> None:
    links, other, her = walk.links(), walk.other_id, walk.rose_id

    answer = forget(walk)

    assert walk.links() == {r: name for r, name in links.items() if name != her}
    assert answer["records"] == 3
    manifest = walk.warehouse.manifest()
    assert walk.warehouse.damaged() == []
    [entry] = manifest.snapshots
    table = pq.read_table(walk.warehouse.path(entry.table))
    assert entry.rows == table.num_rows == len(set(links.values())) - 1
    ledger = walk.opened.ledger()
    with ledger.reading() as connection:
        left = {
            table.name
            for table in metadata.sorted_tables
            if "entity_id" in table.c
            and other
            in connection.execute(sa.select(table.c.entity_id)).scalars().all()
        }
    ledger.close()
    assert left == {"identities", "scores", "views"}


def test_older_manifests_name_what_took_the_place_of_their_files(walk: Walk) -> None:
    newest = walk.warehouse.manifest().version

    forget(walk)

    for version in range(1, newest + 2):
        for file in walk.warehouse.manifest(version).stored:
            assert walk.warehouse.path(file).exists()


def test_a_decision_stays_and_binds_and_shows_nothing(walk: Walk) -> None:
    forget(walk)

    manifest = walk.warehouse.manifest()
    [decided] = decisions_of(walk.warehouse, manifest, "person")
    assert (decided.verdict, decided.seen, decided.records) == (
        "cannot tell",
        {},
        (0, 0),
    )
    assert decided.number == 1


def test_what_was_done_is_still_counted(walk: Walk) -> None:
    forget(walk)

    ledger = walk.opened.ledger()
    with ledger.reading() as connection:
        [row] = connection.execute(sa.select(decisions))
    ledger.close()
    assert (row.kind, row.entity_id, row.what) == ("offered", None, None)


def test_linking_and_building_again_give_the_same_bytes(walk: Walk) -> None:
    forget(walk)
    walk.link()
    first = walk.build()
    stored = walk.warehouse.manifest()

    walk.link()
    second = walk.build()

    assert second == first
    assert walk.warehouse.manifest() == stored
    assert places_of(walk.folder, HERS) == set()


def test_the_same_extract_does_not_bring_anybody_back(walk: Walk) -> None:
    forget(walk)
    loads = len(walk.warehouse.manifest().loads)

    walk.load(VISITS, [ROSIE], "2026-01-01")

    assert len(walk.warehouse.manifest().loads) == loads
    assert places_of(walk.folder, HERS) == set()


def test_a_new_delivery_is_a_new_matter(walk: Walk) -> None:
    forget(walk)
    walk.load(VISITS, [rose("V-ROSE-2", "2026-06-06", "her own note")], "2026-07-01")
    walk.link()

    purge_jobs.replay(walk.opened, at=NOW)

    assert places_of(walk.folder, ["her own note"]) != set()


def test_the_audit_is_whole_and_says_who_forgot_and_why(walk: Walk) -> None:
    answer = forget(walk)

    assert answer["looks"] == 2
    assert faults(walk) == ()
    ledger = walk.opened.ledger()
    with ledger.reading() as connection:
        rows = connection.execute(sa.select(views).order_by(views.c.id)).all()
    ledger.close()
    assert [row.action for row in rows] == ["person", "person", "person", "forgot"]
    assert rows[-1].purpose == WHY and rows[-1].token_name.startswith("command line")
    assert rows[0].token_name == "ann"


@pytest.mark.parametrize(
    "change",
    [
        {"entity_id": None, "salt": None, "detail": None},
        {"entity_id": None},
        {"seal": None, "entity_id": None, "salt": None},
    ],
)
def test_nobody_else_can_make_the_audit_forget(
    walk: Walk, change: dict[str, None]
) -> None:
    forget(walk)
    ledger = walk.opened.ledger()
    with ledger.writing() as connection:
        unguard(connection, views)
        # The second look is at somebody else, whom nobody purged.
        connection.execute(sa.update(views).where(views.c.id == 2).values(change))
        guard(connection)
    ledger.close()

    assert faults(walk) != ()


def test_whom_nobody_knows_cannot_be_forgotten(walk: Walk) -> None:
    with pytest.raises(Refusal, match="nobody of that id"):
        purge_jobs.purge_person(walk.opened, "0" * 32, because=WHY, at=NOW)


def test_a_sources_records_go_when_they_were_kept_long_enough(walk: Walk) -> None:
    on = dt.date(2025, 6, 10)  # ten years, of 3,650 days, after 2015-06-13

    answer = purge_jobs.purge_source(walk.opened, "visits", because=None, on=on, at=NOW)

    assert answer["records"] == 1
    assert places_of(walk.folder, ["V-ROSE-1", "her own note put right"]) == set()
    assert places_of(walk.folder, ["V-ROSE-2"]) != set()
    assert walk.rose_id in set(walk.links().values())
    again = purge_jobs.purge_source(walk.opened, "visits", because=None, on=on, at=NOW)
    assert again["records"] == 0
    assert faults(walk) == ()


def test_pairs_stay_that_tell_what_holds_the_records_which_stay(walk: Walk) -> None:
    before = pairs_of(walk)

    # Her first record goes; of two visits that were compared, one is written Rosie.
    purge_jobs.purge_source(
        walk.opened, "register", because=None, on=dt.date(2023, 1, 1), at=NOW
    )

    assert 1 not in walk.links() and len(before) == 2
    assert pairs_of(walk) == {pair for pair in before if 1 not in pair} != set()
    forget(walk, walk.links()[max(walk.links())])
    assert pairs_of(walk) == set()


def pairs_of(walk: Walk) -> set[tuple[int, int]]:
    version = walk.warehouse.manifest().links_of("person")
    assert version
    rows = pq.read_table(walk.warehouse.path(version.pairs)).to_pylist()
    return {(row["record_id_l"], row["record_id_r"]) for row in rows}


def test_what_is_past_its_time_takes_who_is_only_known_by_it_along(walk: Walk) -> None:
    for source in ("visits", "register"):
        purge_jobs.purge_source(
            walk.opened, source, because=None, on=dt.date(2040, 1, 1), at=NOW
        )

    assert walk.links() == {}
    assert places_of(walk.folder, HERS) == set()
    [entry] = walk.warehouse.manifest().snapshots
    assert entry.rows == 0


def test_a_source_goes_when_its_agreement_has_ended_and_not_before(walk: Walk) -> None:
    last = dt.date(2026, 12, 31)
    kept = purge_jobs.purge_agreements(walk.opened, on=last, at=NOW)

    answer = purge_jobs.purge_agreements(
        walk.opened, on=last + dt.timedelta(days=1), at=NOW
    )

    assert kept == {"sources": []}
    assert [row["source"] for row in answer["sources"]] == ["register", "visits"]
    assert places_of(walk.folder, HERS) == set()


def test_a_source_that_nobody_declared_is_a_misuse(walk: Walk) -> None:
    with pytest.raises(Misuse, match="must be declared"):
        purge_jobs.purge_source(
            walk.opened, "sales", because=None, on=NOW.date(), at=NOW
        )


def test_linking_goes_on_after_a_purge(walk: Walk) -> None:
    forget(walk)
    walk.load(VISITS, [rose("V9", "2026-08-01")], "2026-08-02")

    jobs.link(walk.opened, lambda _: None)

    names = walk.links()
    assert names[max(names)] not in {
        name for r, name in names.items() if r < max(names)
    }
