"""A snapshot is the same bytes for the same inputs, and never changes."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from features.definitions.outcomes import Calendar, Cohort, Exit, SnapshotPlan
from features.definitions.place import Place
from features.snapshots.snapshot import build_snapshot, snapshot_table
from features.store.archive import Archive
from features.store.manifest import SnapshotEntry
from features.store.warehouse import Warehouse
from tests.features.small_place import (
    Row,
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)


VISITS = contract("visits")
FAMILIES = [
    family("count", windows_days=[30, 365]),
    family("mean", column="level"),
    family("latest", column="kind"),
]
MONTHLY = Calendar(first=day("2024-01-01"), every_months=1)
DATES = [day("2024-02-01"), day("2024-03-01")]
ON = day("2025-06-01")


def visits(people: int = 30) -> list[Row]:
    return [
        {
            "record": 100 + n,
            "person": n % people + 1,
            "on": f"2024-01-{n % 28 + 1:02}",
            "kind": "ab"[n % 2],
            "level": 1 / (n + 3),
        }
        for n in range(200)
    ]


def small_place() -> tuple[Place, SnapshotPlan]:
    small = place([VISITS], FAMILIES)
    return small, plan(list(small.indicators.values()))


def built(folder: Path, rows: list[Row]) -> tuple[Store, SnapshotEntry]:
    store = Store(folder).load(VISITS, rows)
    entry = build_snapshot(store.warehouse, *small_place(), DATES, on=ON)
    return store, entry


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    _, one = built(tmp_path / "1", visits())
    _, other = built(tmp_path / "2", visits())

    assert one == other


def test_threads_and_the_order_of_lines_change_no_byte(tmp_path: Path) -> None:
    small, wanted = small_place()
    in_order = Store(tmp_path / "1").load(VISITS, visits())
    reversed_ = Store(tmp_path / "2").load(VISITS, visits()[::-1])

    one = snapshot_table(in_order.archive(), small, wanted, DATES, on=ON)
    warehouse = reversed_.warehouse
    busy = Archive(warehouse, warehouse.manifest(), threads=4)
    other = snapshot_table(busy, small, wanted, DATES, on=ON)

    assert one.equals(other)


def test_a_snapshot_is_sorted_by_date_and_entity(tmp_path: Path) -> None:
    store, entry = built(tmp_path, visits(people=3))

    rows = pq.read_table(store.warehouse.path(entry.table)).to_pylist()

    assert [(str(row["as_of"]), row["entity_id"]) for row in rows] == [
        ("2024-02-01", "person-1"),
        ("2024-02-01", "person-2"),
        ("2024-02-01", "person-3"),
        ("2024-03-01", "person-1"),
        ("2024-03-01", "person-2"),
        ("2024-03-01", "person-3"),
    ]


def test_a_second_build_writes_nothing(tmp_path: Path) -> None:
    store, entry = built(tmp_path, visits())
    version = store.warehouse.manifest().version

    again = build_snapshot(
        store.warehouse, *small_place(), [*reversed(DATES), DATES[0]], on=ON
    )

    assert again == entry
    assert store.warehouse.manifest().version == version


def test_a_later_load_changes_no_stored_snapshot(tmp_path: Path) -> None:
    store, entry = built(tmp_path, visits())
    before = store.warehouse.path(entry.table).read_bytes()

    backfill = [{"record": 900, "person": 1, "on": "2024-01-05", "kind": "a"}]
    store.load(VISITS, backfill)
    later = build_snapshot(store.warehouse, *small_place(), DATES, on=ON)

    assert store.warehouse.path(entry.table).read_bytes() == before
    assert later.name != entry.name
    assert later.table.sha256 != entry.table.sha256
    assert entry in store.warehouse.manifest().snapshots


def test_a_snapshot_can_be_built_again_from_the_manifest_it_names(
    tmp_path: Path,
) -> None:
    store, entry = built(tmp_path / "1", visits())
    store.load(VISITS, [{"record": 900, "person": 1, "on": "2024-01-05"}])

    pinned = Archive(store.warehouse, store.warehouse.manifest(entry.manifest))
    table = snapshot_table(pinned, *small_place(), DATES, on=entry.on)
    with Warehouse(tmp_path / "2").writing() as writer:
        again = writer.stage("warehouse", "again.parquet", table)

    assert again.sha256 == entry.table.sha256


def test_no_identifier_is_in_a_snapshot(tmp_path: Path) -> None:
    store, entry = built(tmp_path, visits())

    names = pq.read_table(store.warehouse.path(entry.table)).column_names

    assert names == [
        "entity_id",
        "as_of",
        "index_record",
        "linked_group",
        "state",
        "outcome",
        "outcome_status",
        "outcome_days",
        "count_30d",
        "count_365d",
        "mean",
        "latest",
    ]


def test_states_are_given_by_indicators(tmp_path: Path) -> None:
    small = place([VISITS], [family("count"), family("latest", column="number")])
    cohort = Cohort(
        entity="person",
        source="visits",
        calendar=MONTHLY,
        where="latest >= 2",
        exits=[Exit(state="died", when="latest = 9")],
    )
    numbers = {1: 2, 2: 1, 3: 9, 4: None}
    rows = [
        {"record": n, "person": n, "on": "2024-01-05", "number": number}
        for n, number in numbers.items()
    ]
    store = Store(tmp_path).load(VISITS, rows)
    named = plan(
        [small.indicators["count"]], cohort=cohort, cohort_indicators=["latest"]
    )

    found = answers(store.archive(), small, named, "2024-02-01")

    # Who has no number cannot be told to be in the cohort.
    assert [row["state"] for row in found] == [
        None,
        "not in the cohort",
        "died",
        "not in the cohort",
    ]
    assert "latest" not in found[0]


def test_another_day_of_the_build_is_another_snapshot(tmp_path: Path) -> None:
    store, entry = built(tmp_path, visits())

    later = build_snapshot(store.warehouse, *small_place(), DATES, on=day("2025-07-01"))

    assert later.name != entry.name
