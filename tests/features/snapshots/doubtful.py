"""A small place whose links are doubted: identities, their entities and their pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from features.definitions.outcomes import Calendar, Cohort, SnapshotPlan
from features.definitions.place import Place
from features.snapshots.drawn import Doubt, DrawnValues, drawn_values
from features.snapshots.snapshot import ask, snapshot_table
from features.store.archive import Archive
from features.store.warehouse import LinkVersion
from tests.features.small_place import Row, Store, contract, day, family, place, plan


HOMES = contract(
    "homes",
    about=[{"kind": kind, "key": ["id"]} for kind in ("person", "household")],
)
VISITS = contract("visits")
FIRES = contract("fires", about=[{"kind": "household", "key": ["id"]}])
LIVES_IN = {"name": "home", "of": "person", "to": "household", "source": "homes"}
FAMILIES = [
    family("count"),
    family("latest", column="number"),
    family("age", source="homes", column="born"),
    family("count", name="fires", source="fires", relation="home"),
    family("count", name="at_home", relation="home"),
]
PLACE = place([HOMES, VISITS, FIRES], FAMILIES, relations=[LIVES_IN])
PLAN = plan(
    list(PLACE.indicators.values()),
    cohort=Cohort(
        entity="person",
        source="homes",
        calendar=Calendar(first=day("2024-01-01"), every_months=1),
    ),
)
AS_OF, ON = day("2024-02-01"), day("2026-01-01")

# Of each identity: its records. An identity is named by its first record.
Identities = Mapping[int, Sequence[int]]
Pair = tuple[int, int, float, str]


HOME = {"on": "2020-01-01", "born": "1950-06-01"}
LOADS = (
    (
        HOMES,
        [
            {"record": 1, "household": 7, **HOME},
            {"record": 2, "household": 7, **HOME, "born": "1980-06-01"},
            {"record": 3, "household": 8, **HOME, "born": "1960-06-01"},
        ],
    ),
    (
        VISITS,
        [
            {"record": record, "on": f"2024-01-{record:02}", "number": record}
            for record in range(11, 19)
        ],
    ),
    (FIRES, [{"record": 30, "household": 7, "on": "2024-01-05"}]),
)
# Three persons, and five names under which somebody visited.
IDENTITIES: Identities = {
    1: [1, 11],
    2: [2],
    3: [3, 12],
    13: [13, 14],
    15: [15],
    16: [16],
    17: [17],
    18: [18],
}
ALONE = {number: number for number in IDENTITIES}


def entities_by(pairs: list[Pair]) -> dict[int, int]:
    """Return whom each identity is linked to, if all merged pairs are right."""
    entities = dict(ALONE)
    for one, other, _, outcome in pairs:
        if outcome == "merged":
            ends = {entities[one], entities[other]}
            entities |= {n: min(ends) for n, e in entities.items() if e in ends}
    return entities


def store_of(folder: Path, *loads: tuple[Any, Sequence[Row]]) -> Store:
    """Return a store with these loads, in which persons are not linked yet."""
    store = Store(folder)
    for source, rows in loads:
        store.load(source, [{**row} for row in rows])
    return store


def link(
    store: Store,
    identities: Identities,
    entities: Mapping[int, int],
    pairs: Sequence[Pair] = (),
    holds: Mapping[int, float] | None = None,
    flagged: Sequence[int] = (),
) -> Archive:
    """Link persons: `entities` says of each identity which it is in, if in any."""
    rows = sorted(
        (record, entities[identity], identity, (holds or {}).get(identity, 1.0))
        for identity, records in identities.items()
        if identity in entities
        for record in records
    )
    links = pd.DataFrame(rows, columns=["record_id", "entity", "identity", "p"])
    links = links.astype({"p": float}).rename(columns={"p": "probability"})
    links["entity_id"] = [f"person-{entity}" for entity in links["entity"]]
    links["method"] = "test"
    kept = pd.DataFrame(
        [(one, other, p, None, outcome) for one, other, p, outcome in pairs],
        columns=["record_id_l", "record_id_r", "probability", "weight", "outcome"],
    ).astype({"weight": float, "probability": float, "record_id_l": "int64"})
    with store.warehouse.writing() as writer:
        manifest = writer.manifest
        name = f"person/{len(manifest.links) + 100:06d}.parquet"
        version = LinkVersion(
            kind="person",
            number=len(manifest.links) + 100,
            loads=len(manifest.loads),
            rules_sha256="",
            links=writer.stage("warehouse", f"links/{name}", _arrow(links)),
            pairs=writer.stage("identity", f"pairs/{name}", _arrow(kept)),
            flags=writer.stage("warehouse", f"flags/{name}", _flags(flagged)),
        )
        writer.commit(manifest.model_copy(update={"links": [*manifest.links, version]}))
    return store.archive()


def _flags(entities: Sequence[int]) -> pa.Table:
    return pa.table({"entity": pa.array(entities, pa.int64())})


def snapshot(archive: Archive, *, of: Place = PLACE, by: SnapshotPlan = PLAN) -> Any:
    """Return the snapshot by person."""
    table = snapshot_table(archive, of, by, [AS_OF], on=ON).to_pandas()
    return table.set_index("entity_id")


def drawn(
    archive: Archive,
    draws: int = 20,
    *,
    sure: float = 0.999,
    of: Place = PLACE,
    by: SnapshotPlan = PLAN,
) -> tuple[pd.DataFrame, DrawnValues]:
    """Return the snapshot and what draws of links make of it."""
    linked = snapshot_table(archive, of, by, [AS_OF], on=ON).to_pandas()
    question = ask(archive, of, by, [AS_OF], on=ON)
    return linked, drawn_values(question, by, linked, Doubt(draws, sure), on=ON)


def _arrow(table: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
