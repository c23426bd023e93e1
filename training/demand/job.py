"""The job of a forecast: from a stored snapshot to a judged model in the registry."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace

from features.definitions.governance import refused_uses
from features.definitions.place import Place
from features.faults import refuse_if_any
from features.store.manifest import RecordingLag
from features.store.warehouse import Warehouse
from models.definitions.definition import ScoreDefinition, sources_of
from models.definitions.freezing import enveloped
from models.judging.number_figures import as_number_metrics
from models.registry.registry import Registry
from models.registry.runs import RunRecord
from models.shown.charts import shape_chart
from models.tables.table import TableModel
from training.cards.card import card_texts
from training.checks.leaks import read_past
from training.cohort import read_cases
from training.demand.demand import NumberEvaluation, evaluate_numbers, known_by, roll
from training.job import declared_facts, facts_of, hindsight_of, newest_snapshot
from training.recording import lag_facts


@dataclass(frozen=True)
class TrainedNumbers:
    """A forecast that was fitted, judged and registered; not promoted.

    Attributes:
        version: The registry's number.
    """

    version: int
    model: TableModel
    evaluation: NumberEvaluation


def train_numbers(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    registry: Registry,
    *,
    on: dt.date,
) -> TrainedNumbers:
    """Forecast from every as-of date, judge, and register the last judged date's model.

    Args:
        warehouse: Holds the snapshot that `build` made.
        place: The definitions.
        score: Which; its outcome is a count or a sum.
        registry: Where the run and the model go.
        on: The day of the run, on which agreements must still run.

    Raises:
        Refusal: A source may not be used, there is no snapshot, too little to judge, or
            an indicator reads the future.
    """
    contracts = [place.contracts[name] for name in sorted(sources_of(score, place))]
    refuse_if_any(refused_uses(contracts, purpose=score.purpose, on=on))
    registry.prepare(score.name)
    entry = newest_snapshot(warehouse, place, score)
    cases = read_cases(warehouse, entry, score)
    origins = roll(cases, score, place)
    evaluation = evaluate_numbers(cases, score, origins)
    last = origins[-1]
    fitted = cases.as_of[known_by(cases, score, last.as_of)]
    asked = hindsight_of(warehouse, place, score, entry, fitted)
    refuse_if_any(read_past(asked, score))
    facts = facts_of(warehouse, place, score, entry) | declared_facts(score)
    facts |= lag_facts(cases.recording_lag)
    facts |= {"fitted_before": str(last.as_of)}
    model = enveloped(last.model, place, facts)
    record = _record_of(score, model, evaluation, cases.recording_lag)
    found = json.loads(record.texts["evaluation.json"])
    texts = {**record.texts, **card_texts(score, place, model, found)}
    record = replace(record, texts=texts)
    return TrainedNumbers(registry.register(record), model, evaluation)


def _record_of(
    score: ScoreDefinition,
    model: TableModel,
    evaluation: NumberEvaluation,
    lag: RecordingLag,
) -> RunRecord:
    outcome = score.outcome
    params = {
        **lag_facts(lag),
        "families": "additive",
        "serve": "additive",
        "measure": outcome.measure,
        "distribution": outcome.distribution,
        "exposure": outcome.exposure or "none",
        "naive": evaluation.naive,
        "starts_after_days": str(outcome.starts_after_days),
        "horizon_days": str(outcome.horizon_days),
        "indicators": str(len(score.indicators)),
        "judged_from": str(score.judgement.first),
        "seed": str(score.seed),
    }
    counts = ("fitted_rows", "judged_rows", "entities", "unexposed")
    metrics = {name: float(getattr(evaluation, name)) for name in counts}
    content = json.dumps(asdict(evaluation), sort_keys=True, indent=1)
    return RunRecord(
        score=score.name,
        name="additive",
        params=params,
        metrics={**metrics, **as_number_metrics(evaluation.figures)},
        tags={name: str(value) for name, value in model.facts.items()},
        figures={"shapes.svg": shape_chart(model).encode()},
        texts={"evaluation.json": content},
        model_json=model.to_json(),
    )
