"""The jobs of scores whose outcome is a number: they are forecast, and not scored."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from features.faults import Fault, Misuse, Refusal
from lamppost.answers import Answer


if TYPE_CHECKING:
    import pandas as pd

    from features.store.archive import Archive
    from lamppost.opened import Open
    from models.definitions.definition import ScoreDefinition
    from training.demand.demand import NumberEvaluation, Spread


def train_numbers(opened: Open, score: ScoreDefinition, *, on: dt.date) -> Answer:
    """Fit, judge and register a forecast; nothing is promoted."""
    from training.demand import job as demand_job

    registry = opened.registry()
    trained = demand_job.train_numbers(
        opened.warehouse, opened.place, score, registry, on=on
    )
    return {
        "score": score.name,
        "version": trained.version,
        "model": trained.model.sha256,
        **_summary(trained.evaluation, score),
    }


def promote_numbers(
    opened: Open, score: ScoreDefinition, version: int | None
) -> Answer:
    """Make a forecast the champion of the registry."""
    from training.demand.promotion import promote_numbers as promoted

    registry = opened.registry()
    chosen = version or registry.version(score.name, "challenger").number
    model = promoted(opened.place, score, registry, chosen)
    return {"score": score.name, "version": chosen, "model": model.sha256}


def faults_of_scoring(score: ScoreDefinition) -> Iterator[Fault]:
    """Yield why a cohort cannot be scored: a number is no risk of anybody's."""
    if score.outcome.is_number:
        what, do = "a number is forecast, and not scored", "run: lamppost forecast"
        yield Fault(f"SCORE: {score.name}", what, "a count or a sum", do)


def forecast(opened: Open, name: str | None, *, on: dt.date) -> Answer:
    """Forecast the newest as-of date by the champion, with intervals."""
    import json

    from features.snapshots.snapshot import snapshot_table
    from features.store.archive import Archive
    from models.families.inputs import columns_of
    from models.tables.table import from_json
    from training.demand.demand import Spread

    score = opened.score(name)
    if not score.outcome.is_number:
        what, do = "a forecast is of a count or a sum", f"run: lamppost score {name}"
        raise Misuse([Fault(f"SCORE: {score.name}", what, "a yes or no", do)])
    registered = opened.registry().version(score.name, "champion")
    told = json.loads(registered.text("evaluation.json"))["spread"]
    day = newest_date(opened, score, on)
    archive = Archive(opened.warehouse, opened.warehouse.manifest())
    with contextlib.closing(archive):
        plan = score.plan()
        table = snapshot_table(archive, opened.place, plan, [day], on=on)
        names = names_of(opened, archive, score.cohort.entity)
    rows = table.to_pandas()
    rows = rows[rows["state"].isna()]
    spread = Spread(**told) if told else None
    model = from_json(registered.model_json)
    columns = columns_of(rows, model.names)
    rows["expected"] = model.expected(model.log_odds(columns))
    return {
        "score": score.name,
        "version": registered.number,
        "as of": day,
        "forecast": score.outcome.label,
        "forecasts": _lines(rows, names, spread),
    }


def _lines(
    rows: pd.DataFrame, names: Mapping[str, str], spread: Spread | None
) -> list[dict[str, str | int]]:
    lines = []
    for entity, expected in zip(rows["entity_id"], rows["expected"], strict=True):
        line: dict[str, str | int] = {"about": names.get(entity, entity)}
        if expected != expected:
            lines.append({**line, "expected": "cannot tell", "likely": ""})
            continue
        ends = (
            f"{expected * spread.low:.0f} to {expected * spread.high:.0f}"
            if spread
            else ""
        )
        lines.append({**line, "expected": round(expected), "likely": ends})
    return sorted(lines, key=lambda line: str(line["about"]))


def names_of(opened: Open, archive: Archive, kind: str) -> dict[str, str]:
    """Return what a source calls each entity outright, such as an area by its code."""
    for contract in opened.place.contracts.values():
        keys = [about.key for about in contract.about if about.kind == kind]
        if keys and len(keys[0]) == 1 and keys[0][0] in contract.record_columns:
            records = archive.about(contract, kind)
            records = records.join(archive.entities(kind), "entity")
            told = archive.fetch(
                records.select("entity_id", name=keys[0][0]).distinct()
            )
            pairs = zip(
                told["entity_id"].to_pylist(), told["name"].to_pylist(), strict=True
            )
            return {entity: str(name) for entity, name in pairs if name is not None}
    return {}


def newest_date(opened: Open, score: ScoreDefinition, on: dt.date) -> dt.date:
    """Return the newest as-of date up to the day of the newest delivery."""
    loads = opened.warehouse.manifest().loads_of(score.cohort.source)
    until = min([on, *(load.received for load in loads[-1:])])
    calendar = score.cohort.calendar
    dates = calendar.dates(until) if calendar and loads else []
    if not dates:
        where = f"scores/{score.name}.toml: cohort.calendar"
        what, do = "a forecast begins on a date of a calendar", "load its source"
        raise Refusal([Fault(where, what, "none so far", do)])
    return dates[-1]


def _summary(evaluation: NumberEvaluation, score: ScoreDefinition) -> Answer:
    from models.shown.figure_words import told
    from training.demand.gates import failed_number_gates

    figures = evaluation.figures
    failed = list(failed_number_gates(score, asdict(figures)))
    dates = [each.as_of for each in evaluation.by_date]
    return {
        "fitted on": f"{evaluation.fitted_rows} rows",
        "judged on": f"{evaluation.judged_rows} forecasts of {evaluation.entities}",
        "judged dates": f"{len(dates)}, {dates[0]} to {dates[-1]}",
        "scaled error (MASE)": told(figures.mase),
        f"the same of {evaluation.naive}": told(figures.mase_naive),
        "the difference": told(figures.above_naive),
        "intervals of 90 % that held": told(figures.coverage),
        "came over expected": told(figures.observed_expected),
        "gates": [f"would be refused: {f.what}" for f in failed] or "passed",
    }
