"""A store with a snapshot of made-up cases, and versions trained on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from features.snapshots.snapshot import GROUP_PREFIX, definition_sha256
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definitions.definition import ScoreDefinition
from models.definitions.freezing import enveloped
from models.registry.registry import Registry, RunRecord
from models.tables.table import TableModel
from tests.training.made_up_dates import EARLY, JUDGED, PLACE, dated_cases
from training.cohort import Cases, read_cases
from training.job import declared_facts, facts_of
from training.judging.evaluate import evaluate
from training.judging.splits import rolling
from training.recording import as_json


def stored(warehouse: Warehouse, cases: Cases, score: ScoreDefinition) -> SnapshotEntry:
    """Keep cases as a snapshot; the newest of the store."""
    days = [day.item() for day in cases.as_of]
    with warehouse.writing() as writer:
        before = writer.manifest
        name = f"snapshots/{len(before.snapshots)}.parquet"
        file = writer.stage("warehouse", name, _table(cases))
        entry = SnapshotEntry(
            score=score.name,
            name=name,
            manifest=before.version,
            definition_sha256=definition_sha256(PLACE, score.plan()),
            first_as_of=min(days),
            last_as_of=max(days),
            on=max(days),
            rows=len(cases),
            table=file,
            recording_lag=cases.recording_lag,
        )
        kept = [*before.snapshots, entry]
        writer.commit(before.model_copy(update={"snapshots": kept}))
    return entry


def trained(
    warehouse: Warehouse, registry: Registry, score: ScoreDefinition
) -> tuple[int, TableModel]:
    """Judge and register on the newest snapshot, as the job does without its checks."""
    entry = warehouse.manifest().snapshots[-1]
    cases = read_cases(warehouse, entry, score)
    rounds = rolling(cases, score)
    found = evaluate(cases, rounds, score, PLACE)
    facts = facts_of(warehouse, PLACE, score, entry) | declared_facts(score)
    facts |= {"fitted_before": str((rounds.sealed or rounds.judged[-1]).first)}
    fitted = found.fitted.models[found.evaluation.served]
    model = enveloped(fitted, PLACE, facts, calibration=found.calibration)
    texts = {"evaluation.json": as_json(found.evaluation)}
    record = RunRecord(score=score.name, texts=texts, model_json=model.to_json())
    return registry.register(record), model


def twice_as_likely(warehouse: Warehouse, score: ScoreDefinition) -> None:
    """Store a longer history; from September on there are more outcomes."""
    cases = dated_cases(
        600, seed=11, dates=(*EARLY, *JUDGED, "2024-10-01", "2024-11-01")
    )
    later = cases.as_of >= np.datetime64("2024-09-01")
    extra = later & (np.random.default_rng(5).random(len(later)) < 0.25)
    cases.outcome[extra] = 1.0
    cases.endings.status[extra] = "event"
    stored(warehouse, cases, score)


def _table(cases: Cases) -> pa.Table:
    if cases.entity is None or cases.beside is None:
        raise TypeError("made-up cases have entities, and what practice goes by")
    rows = pd.DataFrame(
        {
            "entity_id": cases.entity,
            "as_of": cases.as_of.astype("datetime64[s]"),
            "linked_group": cases.linked_group,
            "state": None,
            "outcome": np.where(np.isnan(cases.outcome), None, cases.outcome),
            "outcome_status": cases.endings.status,
            "outcome_days": cases.endings.days,
            **{f"{GROUP_PREFIX}{name}": of for name, of in cases.groups.items()},
        }
    )
    table = pd.concat([rows, cases.table, cases.beside], axis=1)
    return pa.Table.from_pandas(table, preserve_index=False)
