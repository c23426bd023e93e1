"""What a training run leaves in the registry: figures, pictures and the evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from features.store.manifest import RecordingLag
from models.assessment import as_metrics
from models.charts import calibration_chart, shape_chart
from models.definition import ScoreDefinition
from models.intervals import Figure
from models.registry import RunRecord
from models.table import TableModel
from training.evaluate import Evaluation


def lag_facts(lag: RecordingLag) -> dict[str, str]:
    """Return how long outcomes were waited for, and on what ground."""
    return {
        "recording_lag_days": str(lag.days),
        "recording_lag_measured_on": f"{lag.events} outcomes in {lag.loads} loads",
    }


def record_of(
    score: ScoreDefinition, model: TableModel, evaluation: Evaluation
) -> RunRecord:
    """Return what the registry keeps of a run."""
    rates = [asdict(rate) for rate in evaluation.observed]
    return RunRecord(
        score=score.name,
        name=score.serve,
        params=_params(score, evaluation.recording_lag),
        metrics=metrics_of(evaluation),
        tags={name: str(value) for name, value in model.facts.items()},
        figures={
            "calibration.svg": calibration_chart(rates).encode(),
            "shapes.svg": shape_chart(model).encode(),
        },
        texts={"evaluation.json": as_json(evaluation)},
        model_json=model.to_json(),
    )


def as_json(evaluation: Evaluation) -> str:
    """Return everything that was found, as the registry keeps it."""
    return json.dumps(asdict(evaluation), sort_keys=True, indent=1, default=_plain)


def _plain(part: RecordingLag) -> dict[str, int | None]:
    return part.model_dump()


def metrics_of(evaluation: Evaluation) -> dict[str, float]:
    """Return the figures flat, such as `additive.later.auc_low`."""
    metrics: dict[str, float] = {}
    for family, verdict in evaluation.verdicts.items():
        for name in ("later", "later_and_new"):
            figures = as_metrics(getattr(verdict, name)).items()
            metrics |= {f"{family}.{name}.{key}": value for key, value in figures}
    price = as_metrics(evaluation.price).items()
    metrics |= {f"price_of_transparency.{key}": value for key, value in price}
    counts = ("fitted_rows", "fitted_events", "judged_rows", "judged_events")
    metrics |= {name: float(getattr(evaluation, name)) for name in counts}
    metrics |= {f"untold.{_key(n)}": float(c) for n, c in evaluation.untold.items()}
    for name in ("fitted_ends", "judged_ends"):
        for each in getattr(evaluation, name):
            key = f"{name}.{_key(each.end)}"
            metrics |= {f"{key}.cases": float(each.cases)}
            metrics |= _told(f"{key}.incidence", each.incidence)
    if sample := evaluation.sample:
        metrics |= {f"sample.{k}": float(v) for k, v in asdict(sample).items()}
    for source in evaluation.sources:
        key = f"source.{_key(source.source)}.{source.metric}"
        metrics |= _told(f"{key}_neutralised", source.neutralised)
        metrics |= _told(f"{key}_refitted", source.refitted)
    return metrics | _told("base_rate", evaluation.base_rate)


def _told(name: str, figure: Figure) -> dict[str, float]:
    """Return a figure with its interval, where there is one."""
    parts = {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return {key: value for key, value in parts.items() if value is not None}


def _key(status: str) -> str:
    return status.replace(" ", "_")


def _params(score: ScoreDefinition, lag: RecordingLag) -> Mapping[str, str]:
    return {
        **lag_facts(lag),
        "families": ", ".join(score.families),
        "serve": score.serve,
        "indicators": str(len(score.indicators)),
        "judged_from": str(score.judgement.first),
        "horizon_days": str(score.outcome.horizon_days),
        "recording_lag_declared_days": str(lag.declared_days),
        "caveat": score.caveat or "none",
        "seed": str(score.seed),
    }
