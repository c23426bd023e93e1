"""Recording: what a training leaves in the registry, a run with one a family in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import pandas as pd

from features.store.manifest import RecordingLag
from features.store.warehouse import SnapshotEntry
from models.definitions.definition import ScoreDefinition
from models.registry.registry import DatasetRecord, RunRecord
from models.tables.table import TableModel
from training.cards.pictures import pictures
from training.cohort import Cases
from training.judging.evaluate import Evaluated
from training.judging.evaluation import Evaluation
from training.run_metrics import family_metrics, training_metrics


def lag_facts(lag: RecordingLag) -> dict[str, str]:
    """Return how long outcomes were waited for, and on what ground."""
    return {
        "recording_lag_days": str(lag.days),
        "recording_lag_measured_on": f"{lag.events} outcomes in {lag.loads} loads",
    }


def record_of(
    found: Evaluated,
    model: TableModel,
    evaluation: Evaluation,
    read: DatasetRecord,
    texts: Mapping[str, str],
) -> RunRecord:
    """Return what the registry keeps of a training.

    Args:
        found: What was judged, and the definition of it.
        model: The one that is registered.
        evaluation: As it is kept.
        read: What it was trained on.
        texts: Files beside the evaluation, by name.
    """
    return RunRecord(
        score=found.score.name,
        name=f"training to {model.facts.get('data_to')}",
        params=_params(found.score, evaluation),
        metrics=training_metrics(evaluation),
        tags=_tags(found.score, model),
        figures=pictures(model, found.rolled, evaluation),
        texts={"evaluation.json": as_json(evaluation), **texts},
        model_json=model.to_json(),
        dataset=read,
        children=tuple(_children(found, model, evaluation)),
    )


def dataset_of(entry: SnapshotEntry, cases: Cases) -> DatasetRecord:
    """Return a snapshot as the registry names it, with the columns that are read."""
    return DatasetRecord(
        name=entry.name,
        sha256=entry.table.sha256,
        source=entry.table.path,
        rows=entry.rows,
        columns={str(name): _kind(column) for name, column in cases.table.items()},
    )


def as_json(evaluation: Evaluation) -> str:
    """Return everything that was found, as the registry keeps it."""
    return json.dumps(asdict(evaluation), sort_keys=True, indent=1, default=_plain)


def _plain(part: RecordingLag) -> dict[str, int | None]:
    return part.model_dump()


def _children(
    found: Evaluated, model: TableModel, evaluation: Evaluation
) -> Iterator[RunRecord]:
    """Yield a run a family, with what is its own."""
    for family in evaluation.verdicts:
        is_served = family == evaluation.served
        yield RunRecord(
            score=found.score.name,
            name=f"{family}, served" if is_served else family,
            params=_family_params(found, model, family),
            metrics=family_metrics(evaluation, family),
            tags={"family": family, "is_served": "yes" if is_served else "no"},
        )


def _family_params(found: Evaluated, model: TableModel, family: str) -> dict[str, str]:
    params = {"family": family}
    if fitted := found.fitted.models.get(family):
        params["indicators"] = str(len(fitted.names))
    if trees := model.facts.get(f"trees_{family}"):
        params["trees"] = str(trees)
    return params


def _params(score: ScoreDefinition, evaluation: Evaluation) -> dict[str, str]:
    lag = evaluation.recording_lag
    return {
        "family": evaluation.served,
        "families": ", ".join(score.families),
        "indicators": str(len(score.indicators)),
        "judged_from": str(score.judgement.first),
        "horizon_days": str(score.outcome.horizon_days),
        "recording_lag_days": str(lag.days),
        "recording_lag_declared_days": str(lag.declared_days),
        "seed": str(score.seed),
    }


def _tags(score: ScoreDefinition, model: TableModel) -> dict[str, str]:
    """Return where the model is from, and what MLflow's own pages show of it."""
    facts = {name: str(value) for name, value in model.facts.items()}
    caveat = f" {score.caveat}." if score.caveat else ""
    return {
        **facts,
        "mlflow.source.name": "lamppost train",
        "mlflow.source.git.commit": facts.get("git_commit", ""),
        "mlflow.note.content": f"**{score.question}**{caveat} The figures of this run "
        f"are those of the family served, {score.serve}; each family has a run within.",
    }


def _kind(column: pd.Series) -> str:
    return "double" if pd.api.types.is_numeric_dtype(column.dtype) else "string"
