"""Sources: what each is worth to the model, and whether it earns its place.

A source is neutralised, so that its indicators add nothing to a score, and the model is
refitted without it. Neutralised, it is missed as on a day without deliveries; refitted,
others stand in for it, so that is what the source itself is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.families.estimators import way_of
from models.families.inputs import Training, columns_of
from models.judging.assessment import Assessment, gains
from models.judging.gates import NOT_WHEN_DECIDING, Metric
from models.judging.intervals import Figure, cannot_tell
from models.judging.judged import Capacity, Judged
from models.tables.table import TableModel
from models.tables.terms import Floats
from training.cohort import Cases
from training.fit import training_of


DRAWS = 200
_FITS_AT_ONCE = 2


@dataclass(frozen=True)
class SourceFigures:
    """What is lost without a source, each figure above what is left.

    Attributes:
        source: Its name, or "not available when deciding".
        indicators: The model's that rest on it.
        metric: What is measured.
        neutralised: Lost where its indicators add nothing at scoring.
        refitted: Lost where the model is fitted without it.
    """

    source: str
    indicators: tuple[str, ...]
    metric: Metric
    neutralised: Figure
    refitted: Figure


def source_figures(
    fitted: Cases,
    judged: Cases,
    model: TableModel,
    score: ScoreDefinition,
    place: Place,
    capacity: Capacity,
) -> tuple[SourceFigures, ...]:
    """Return what each source is worth on the judged cases, by name.

    Args:
        fitted: What `model` was fitted on, weighed.
        judged: What it is judged on, weighed.
        model: The model that is served.
        score: Its definition, whose gates name the metric.
        place: Says which source an indicator reads.
        capacity: How many can be visited.
    """
    parts = indicators_by_source(score, place)
    rests = {n: [i for i in score.indicators if i not in p] for n, p in parts.items()}
    training = training_of(fitted, score, place)
    with ThreadPoolExecutor(_FITS_AT_ONCE) as pool:
        refits = pool.map(
            lambda rest: _refitted(training.only(rest), judged, score), rests.values()
        )
        without = dict(zip(parts, refits, strict=True))
    columns = columns_of(judged.table, list(judged.table.columns))
    found = model.contributions(columns)
    named = np.array(found.names, dtype=object)
    quiet = {
        name: found.base + found.values[:, ~np.isin(named, part)].sum(axis=1)
        for name, part in parts.items()
    }
    metric = score.gates.source_metric if score.gates else "auc"
    lost = _lost(judged, found.log_odds, (quiet, without), score, capacity)
    return tuple(
        SourceFigures(
            source=name,
            indicators=tuple(part),
            metric=metric,
            neutralised=_figure(lost.get(f"0 {name}"), metric),
            refitted=_figure(lost.get(f"1 {name}"), metric),
        )
        for name, part in parts.items()
    )


def indicators_by_source(
    score: ScoreDefinition, place: Place
) -> Mapping[str, list[str]]:
    """Return the score's indicators by the source they read, by its name.

    Left out is a source without which nothing would remain.
    """
    parts: dict[str, list[str]] = {}
    for name in score.indicators:
        family = place.indicators[name].family
        parts.setdefault(family.source, []).append(name)
        if not family.available_when_deciding:
            parts.setdefault(NOT_WHEN_DECIDING, []).append(name)
    every = len(score.indicators)
    return {n: part for n, part in sorted(parts.items()) if len(part) < every}


def _refitted(training: Training, judged: Cases, score: ScoreDefinition) -> Floats:
    """Return the judged cases' log-odds by a model of fewer indicators."""
    # Named pairs are left out with their source: the plain sum is refitted.
    family = "additive" if score.serve == "pairs" else score.serve
    model = way_of(family, score.trees, ())(training, seed=score.seed)
    return model.log_odds(columns_of(judged.table, model.names))


def _lost(
    judged: Cases,
    whole: Floats,
    less: tuple[Mapping[str, Floats], Mapping[str, Floats]],
    score: ScoreDefinition,
    capacity: Capacity,
) -> Mapping[str, Assessment]:
    """Return what the lesser models lose, on the rows that all of them score."""
    others = {
        f"{n} {name}": v for n, part in enumerate(less) for name, v in part.items()
    }
    rows = np.isfinite(np.array([whole, *others.values()])).all(axis=0)
    at_events = score.cohort.at_events is not None
    cases = judged.only(rows)
    ranked = Judged(
        outcome=cases.outcome,
        log_odds=whole[rows],
        linked_group=cases.linked_group,
        ranked_in=np.zeros(len(cases)) if at_events else cases.as_of,
        weight=cases.weight,
    )
    if not others:
        return {}
    lesser = {name: values[rows] for name, values in others.items()}
    found = gains(ranked, lesser, capacity=capacity, seed=score.seed, draws=DRAWS)
    return {name: -gained for name, gained in found.items()}


def _figure(lost: Assessment | None, metric: Metric) -> Figure:
    if lost is None:
        return cannot_tell("the source was not left out")
    figure: Figure = getattr(lost, metric)
    return figure
