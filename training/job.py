"""The training job: from a stored snapshot to a judged model in the registry."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.definitions.governance import refused_uses
from features.definitions.place import Place
from features.faults import Fault, Refusal, refuse_if_any
from features.snapshots.hindsight import ROW_KEYS, values_known_before
from features.snapshots.snapshot import definition_sha256
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definitions.definition import ScoreDefinition, sources_of
from models.definitions.freezing import enveloped
from models.judging.gates import gates_sha256
from models.judging.judgement import judgement_sha256
from models.registry.registry import Registry
from models.tables.table import TableModel
from training.cards.card import card_texts
from training.checks.leaks import Hindsight, refuse_leaks
from training.checks.same_cases import drawn_texts
from training.cohort import read_cases
from training.judging.evaluate import Evaluation, evaluate
from training.judging.splits import rolling
from training.recording import as_json, dataset_of, lag_facts, record_of
from training.search import settled


# So many rows are worked out anew to see that none was read from the future.
HINDSIGHT_ROWS = 200


@dataclass(frozen=True)
class Trained:
    """A model that was fitted, judged and registered; not promoted.

    Attributes:
        version: The registry's number.
    """

    version: int
    model: TableModel
    evaluation: Evaluation


def train(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    registry: Registry,
    *,
    on: dt.date,
) -> Trained:
    """Fit every family on the newest snapshot, judge them, register the one to serve.

    Args:
        warehouse: Holds the snapshot that `build` made.
        place: The definitions.
        score: Which score.
        registry: Where the run and the model go.
        on: The day of the run, on which agreements must still run.

    Raises:
        Refusal: A source may not be used, there is no snapshot, too few outcomes, or
            something leaks.
    """
    contracts = [place.contracts[name] for name in sorted(sources_of(score, place))]
    refuse_if_any(refused_uses(contracts, purpose=score.purpose, on=on))
    registry.prepare(score.name)
    entry = newest_snapshot(warehouse, place, score)
    cases = read_cases(warehouse, entry, score)
    rounds = rolling(cases, score)
    asked = hindsight_of(warehouse, place, score, entry, cases.as_of[rounds.fitted])
    looked = refuse_leaks(cases, rounds.whole, score, hindsight=asked)
    settings = settled(cases, rounds.whole.fitted, score, place)
    found = evaluate(cases, rounds, settings.score, place)
    evaluation = replace(found.evaluation, leaks=looked)
    facts = facts_of(warehouse, place, score, entry)
    facts |= lag_facts(cases.recording_lag)
    facts |= declared_facts(score) | settings.facts
    facts |= {"fitted_before": str((rounds.sealed or rounds.judged[-1]).first)}
    fitted = found.fitted.models[evaluation.served]
    model = enveloped(fitted, place, facts, calibration=found.calibration)
    fits = replace(found.fitted, models={**found.fitted.models, model.family: model})
    texts = fits.texts(cases.only(rounds.whole.judged), score, place)
    texts |= drawn_texts(found.drawn)
    texts |= card_texts(score, place, model, json.loads(as_json(evaluation)))
    record = record_of(found, model, evaluation, dataset_of(entry, cases), texts)
    return Trained(registry.register(record), model, evaluation)


def hindsight_of(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    entry: SnapshotEntry,
    fitted: NDArray[np.datetime64],
) -> Hindsight:
    """Work rows of the newest fitted date out anew, from what was known by then."""
    day = fitted.max().astype(dt.date)
    known = values_known_before(
        warehouse, place, score.plan(), entry, day, most_rows=HINDSIGHT_ROWS
    )
    stored = pd.read_parquet(
        warehouse.path(entry.table),
        columns=[*ROW_KEYS, *score.indicators],
        filters=[("as_of", "==", day)],
    )
    return Hindsight(stored, known, ROW_KEYS)


def declared_facts(score: ScoreDefinition) -> dict[str, str]:
    """Return the hashes of what was declared before the fit."""
    return {
        "gates_sha256": gates_sha256(score.gates),
        "judgement_sha256": judgement_sha256(score.judgement),
    }


def newest_snapshot(
    warehouse: Warehouse, place: Place, score: ScoreDefinition
) -> SnapshotEntry:
    """Return the newest snapshot built from the definitions as they are now.

    Raises:
        Refusal: There is none that spans more than one as-of date.
    """
    wanted = definition_sha256(place, score.plan())
    for entry in reversed(warehouse.manifest().snapshots):
        ours = entry.score == score.name and entry.definition_sha256 == wanted
        if ours and entry.first_as_of < entry.last_as_of:
            return entry
    raise Refusal(
        [
            Fault(
                f"score {score.name}",
                "training reads a snapshot built from the present definitions",
                "none",
                f"run: lamppost build {score.name}",
            )
        ]
    )


def facts_of(
    warehouse: Warehouse, place: Place, score: ScoreDefinition, entry: SnapshotEntry
) -> dict[str, str]:
    """Where the model comes from; kept inside its file."""
    manifest = warehouse.manifest(entry.manifest)
    kinds = {version.kind: version.number for version in manifest.links}
    return {
        "score": score.name,
        "place": place.name,
        "place_sha256": place.sha256,
        "definition_sha256": entry.definition_sha256,
        "snapshot": entry.name,
        "snapshot_sha256": entry.table.sha256,
        "links": ", ".join(
            f"{kind} {number}" for kind, number in sorted(kinds.items())
        ),
        "git_commit": git_commit(place.root),
        "data_from": str(entry.first_as_of),
        "data_to": str(entry.last_as_of),
        "judged_from": str(score.judgement.first),
        "seed": str(score.seed),
    }


def git_commit(folder: Path) -> str:
    """Return the commit that a folder's files are at, or "not under git"."""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not under git"
    return found.stdout.strip() if found.returncode == 0 else "not under git"
