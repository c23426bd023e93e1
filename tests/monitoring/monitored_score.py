"""A made-up score that was fitted on one snapshot and gave a batch from another."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from features.definitions.place import Place
from features.store.warehouse import Load, SnapshotEntry, Warehouse
from models.definitions.bundle import Bundle
from models.definitions.definition import ScoreDefinition
from models.ledger.batches import CaseRows, write_batch
from models.ledger.ledger import Ledger
from models.ledger.promotions import promote
from serving.scoring import score_cohort
from tests.features import small_place
from tests.made_up_score import (
    AS_OF,
    MODEL,
    NOW,
    TODAY,
    batch_of,
    bundle,
    clock,
    cohort,
    new_ledger,
)


FITTED, SCORED = "fitted", "scored"
JUDGED_FROM = dt.date(2026, 7, 1)


@dataclass(frozen=True)
class Stores:
    """All that a look at the score reads."""

    warehouse: Warehouse
    ledger: Ledger
    place: Place
    score: ScoreDefinition
    bundle: Bundle


def people(rows: int, seed: int) -> dict[str, tuple[Any, ...]]:
    """Return people by name: one value for each of the made-up score's indicators."""
    draw = np.random.default_rng(seed)
    return {
        f"p{n:04}": (
            float(draw.poisson(2)),
            float(draw.integers(0, 90)),
            str(draw.choice(["owned", "rented"])),
            float(draw.random() < 0.2),
            float(draw.integers(0, 3)),
        )
        for n in range(rows)
    }


def table(
    rows: dict[str, tuple[Any, ...]], as_of: dt.date, outcome: int | None
) -> pa.Table:
    """Return people as a snapshot's table; every fifth one is `x`, two are `y`."""
    sexes = ["y" if n < 2 else "x" if n % 5 == 0 else "w" for n in range(len(rows))]
    columns = zip(*rows.values(), strict=True)
    return pa.table(
        {
            "entity_id": list(rows),
            "as_of": [as_of] * len(rows),
            "index_record": pa.nulls(len(rows), pa.int64()),
            "linked_group": list(rows),
            "state": pa.nulls(len(rows), pa.string()),
            "outcome": pa.array([outcome] * len(rows), pa.int64()),
            "outcome_status": ["no event" if outcome == 0 else "not yet known"]
            * len(rows),
            "group_sex": sexes,
            **dict(zip(MODEL.names, columns, strict=True)),
        }
    )


def stores_in(
    folder: Path, *, now: dict[str, tuple[Any, ...]], at_events: bool = False
) -> Stores:
    """Return stores in which `now` was scored by a model fitted on 400 other people.

    Those too late to be fitted on stand beside them in the same snapshot.
    """
    warehouse = Warehouse(folder)
    then = table(people(400, seed=1), dt.date(2026, 1, 1), 0)
    too_late = table(people(100, seed=2), JUDGED_FROM - dt.timedelta(days=1), 0)
    snapshot(warehouse, FITTED, pa.concat_tables([then, too_late]))
    events = list(range(1, len(now) + 1)) if at_events else [None] * len(now)
    newest = table(now, AS_OF, None)
    column = newest.column_names.index("index_record")
    index_records = pa.array(events, pa.int64())
    newest = newest.set_column(column, "index_record", index_records)
    snapshot(warehouse, SCORED, newest)
    load(warehouse, "visits", received=TODAY - dt.timedelta(days=61))
    facts = {"snapshot": FITTED, "judged_from": str(JUDGED_FROM)}
    model = replace(MODEL, facts=facts)
    promoted = bundle(model_json=model.to_json().decode(), model_sha256=model.sha256)
    ledger = new_ledger(folder)
    promote(ledger, promoted, by="Analyst", at=NOW)
    values = replace(cohort(now), index_records=events)
    rows = score_cohort(promoted, values, on=TODAY)
    write_batch(ledger, batch_of(promoted, SCORED), CaseRows(rows), clock=clock)
    return Stores(warehouse, ledger, place(), score(), promoted)


def place() -> Place:
    sources = [small_place.contract("visits"), small_place.contract("register")]
    sex = {"name": "sex", "label": "Sex", "source": "register", "column": "kind"}
    return small_place.place(sources, [], groups=[sex])


def score() -> ScoreDefinition:
    day = dt.date(2026, 1, 1)
    return ScoreDefinition.model_validate(
        {
            "name": "care",
            "question": "?",
            "purpose": "planning",
            "forbidden_uses": ["refuse", "reduce", "ration"],
            "limits": ["none"],
            "contact_role": "analyst",
            "cohort": {
                "entity": "person",
                "source": "visits",
                "calendar": {"first": day, "every_months": 1},
            },
            "outcome": {
                "source": "visits",
                "filter": "kind = 'b'",
                "horizon_days": 90,
                "recording_lag_days": 30,
                "label": "b",
            },
            "indicators": list(MODEL.names),
            "families": ["additive"],
            "groups": ["sex"],
            "judgement": {"first": JUDGED_FROM, "capacity": 10, "rule": "fell"},
            "bands": [{"name": "all", "label": "all", "from_rank": 0.0}],
            "approvals": [{"role": "board", "approved_on": day, "expires": day}],
        }
    )


def snapshot(warehouse: Warehouse, name: str, rows: pa.Table) -> None:
    with warehouse.writing() as writer:
        stored = writer.stage("warehouse", f"snapshots/care/{name}.parquet", rows)
        entry = SnapshotEntry(
            score="care",
            name=name,
            manifest=writer.manifest.version,
            definition_sha256="",
            first_as_of=AS_OF,
            last_as_of=AS_OF,
            on=TODAY,
            rows=rows.num_rows,
            table=stored,
        )
        entries = [*writer.manifest.snapshots, entry]
        writer.commit(writer.manifest.model_copy(update={"snapshots": entries}))


def load(warehouse: Warehouse, source: str, *, received: dt.date) -> None:
    with warehouse.writing() as writer:
        nothing = pa.table({"record_id": pa.array([], pa.int64())})
        number = len(writer.manifest.loads) + 1
        name = f"records/{source}/{number}.parquet"
        made = Load(
            number=number,
            source=source,
            content_sha256="",
            contract_sha256="",
            received=received,
            history=False,
            period=None,
            rows=0,
            new=0,
            changed=0,
            withdrawn=0,
            last_event=None,
            records=writer.stage("warehouse", name, nothing),
            identity=writer.stage("identity", name, nothing),
        )
        loads = [*writer.manifest.loads, made]
        writer.commit(writer.manifest.model_copy(update={"loads": loads}))
