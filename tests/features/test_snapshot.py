"""A snapshot is the same bytes for the same inputs, and never changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from features.archive import Archive
from features.contracts import Contract
from features.faults import Refusal
from features.manifest import SnapshotEntry
from features.outcomes import Calendar, Cohort, Exit, SnapshotPlan
from features.place import Place
from features.snapshot import build_snapshot, definition_sha256, snapshot_table
from features.warehouse import Warehouse
from tests.features.small_place import (
    SCOPES,
    Row,
    Store,
    answers,
    contract,
    day,
    family,
    place,
    plan,
)


GOVERNANCE: dict[str, Any] = {
    "controller": "Council",
    "lawful_basis": "6(1)(e)",
    "confidentiality": {"basis": "not owed"},
    "permitted_purposes": ["planning"],
    "agreement": {"reference": "A1", "expires": day("2025-12-31")},
    "impact_assessment": {"reference": "D1", "review": day("2027-01-01")},
    "retention_days": 3_650,
    "privacy_notice": "https://example.org",
}
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


def governed(name: str, **changes: Any) -> Contract:
    governance = {**GOVERNANCE, **changes}
    return contract(name, open_data=None, governance=governance)


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
        "count_30d",
        "count_365d",
        "mean",
        "latest",
    ]


def refused(
    folder: Path,
    contracts: list[Contract],
    *,
    on: str = "2025-06-01",
    wanted: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """Return why a build was refused, in words."""
    small = place(contracts, [family("count")], **more)
    store = Store(folder).load(contracts[0], visits())
    named = plan(list(small.indicators.values()), **(wanted or {}))
    with pytest.raises(Refusal) as refusal:
        build_snapshot(store.warehouse, small, named, DATES, on=day(on))
    assert store.warehouse.manifest().snapshots == []
    return str(refusal.value)


def test_a_source_is_used_only_for_its_permitted_purposes(tmp_path: Path) -> None:
    said = refused(tmp_path, [governed("visits")], wanted={"purpose": "care"})

    assert "the source may be used only for: planning, got the purpose care" in said


def test_a_source_is_used_only_while_its_agreement_lasts(tmp_path: Path) -> None:
    said = refused(tmp_path, [governed("visits")], on="2026-01-01")

    assert "the sharing agreement must still run, got it ended on 2025-12-31" in said


def test_the_last_day_of_an_agreement_still_counts(tmp_path: Path) -> None:
    visits_ = governed("visits")
    small = place([visits_], [family("count")])
    store = Store(tmp_path).load(visits_, visits())
    named = plan(list(small.indicators.values()))

    entry = build_snapshot(store.warehouse, small, named, DATES, on=day("2025-12-31"))

    assert entry.rows == 60


def test_the_source_of_a_linked_group_is_used_too(tmp_path: Path) -> None:
    homes = governed("homes", permitted_purposes=["care"])
    relation = {"name": "home", "of": "person", "to": "household", "source": "homes"}

    said = refused(
        tmp_path,
        [VISITS, homes],
        wanted={"linked_group": "home"},
        relations=[relation],
    )

    assert "sources/homes.toml: governance.permitted_purposes" in said


def test_an_expired_agreement_keeps_no_objection_from_being_honoured(
    tmp_path: Path,
) -> None:
    marked = {"column": "scope", "scopes": SCOPES}
    agreement = {"reference": "A2", "expires": day("2020-01-01")}
    register = governed("objections", agreement=agreement)
    register = register.model_copy(
        update={"objections": contract(objections=marked).objections}
    )
    small = place([VISITS, register], [family("count")])
    store = Store(tmp_path).load(VISITS, visits(people=2))
    store.load(register, [{"record": 1, "person": 1, "on": "2024-01-01", "scope": "O"}])
    named = plan(list(small.indicators.values()))

    entry = build_snapshot(store.warehouse, small, named, DATES, on=ON)

    states = pq.read_table(store.warehouse.path(entry.table))["state"].to_pylist()
    assert states == ["objected", None, "objected", None]


def test_a_cohort_with_nobody_in_it_is_refused(tmp_path: Path) -> None:
    nobody = Cohort(
        entity="person", source="visits", filter="kind is null", calendar=MONTHLY
    )

    said = refused(tmp_path, [VISITS], wanted={"cohort": nobody})

    assert "the cohort must have somebody in it" in said
    assert "no row from 2024-02-01 to 2024-03-01" in said


def test_a_build_without_dates_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path).load(VISITS, visits())

    with pytest.raises(Refusal, match="no as-of date"):
        build_snapshot(store.warehouse, *small_place(), [], on=ON)


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


def test_words_do_not_change_what_a_snapshot_is() -> None:
    small, wanted = small_place()
    reworded = place(
        [VISITS.model_copy(update={"title": "Other"})],
        [f.model_copy(update={"wording": "other"}) for f in FAMILIES],
    )
    narrower = place(
        [VISITS],
        [f.model_copy(update={"filter": "kind = 'a'"}) for f in FAMILIES],
    )

    assert definition_sha256(reworded, wanted) == definition_sha256(small, wanted)
    assert definition_sha256(narrower, wanted) != definition_sha256(small, wanted)


def test_another_day_of_the_build_is_another_snapshot(tmp_path: Path) -> None:
    store, entry = built(tmp_path, visits())

    later = build_snapshot(store.warehouse, *small_place(), DATES, on=day("2025-07-01"))

    assert later.name != entry.name
