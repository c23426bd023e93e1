"""Pictures: what a training run shows of the models that it judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from models.families.inputs import columns_of
from models.judging.curves import Curve, Ranked, net_benefit
from models.shown.charts import (
    beeswarm_chart,
    calibration_chart,
    curve_chart,
    shape_chart,
)
from models.shown.swarms import swarms_of
from models.tables.table import TableModel, probability
from models.tables.terms import Floats
from training.judging.evaluation import Evaluation
from training.judging.rolled import Rolled


_THRESHOLDS = 100
# The curves go so many times further than the threshold at capacity.
_BEYOND = 4.0
_GREATEST_THRESHOLD = 0.95
_CHANCE: Mapping[str, Curve] = {"by chance": [(0.0, 0.0), (1.0, 1.0)]}


def pictures(
    model: TableModel, rolled: Rolled, evaluation: Evaluation
) -> dict[str, bytes]:
    """Return SVG pictures by file name; the sealed date is in none of them.

    Args:
        model: The one that is registered.
        rolled: What every model said of the judged rows.
        evaluation: What was found.
    """
    cases = rolled.cases
    columns = columns_of(cases.table, model.names)
    rates = [asdict(rate) for rate in evaluation.observed]
    drawn = {
        "calibration": calibration_chart(rates),
        "shapes": shape_chart(model),
        "beeswarm": beeswarm_chart(swarms_of(model, columns)),
        **_ranking_charts(rolled),
        "net_benefit": _net_benefit_chart(model, rolled, evaluation),
    }
    return {f"{name}.svg": svg.encode() for name, svg in drawn.items()}


def _ranking_charts(rolled: Rolled) -> dict[str, str]:
    cases = rolled.cases
    ranked = {
        name: Ranked.of(cases.outcome, log_odds, cases.weight)
        for name, log_odds in rolled.later.items()
    }
    return {
        "roc": curve_chart(
            "Found, by others visited (ROC)",
            {name: each.roc() for name, each in ranked.items()},
            x="share of those without the outcome visited",
            y="share of those with it found",
            beside=_CHANCE,
        ),
        "precision_recall": curve_chart(
            "Precision, by share found",
            {name: each.precision_recall() for name, each in ranked.items()},
            x="share of those with the outcome found",
            y="share of those visited who have it",
        ),
        "gain": curve_chart(
            "Found, by length of the list (gain)",
            {name: each.gain() for name, each in ranked.items()},
            x="share of all visited",
            y="share of those with the outcome found",
            beside=_CHANCE,
        ),
    }


def _net_benefit_chart(
    model: TableModel, rolled: Rolled, evaluation: Evaluation
) -> str:
    cases, served = rolled.cases, evaluation.served
    rate = _base_rate(cases.outcome, cases.weight)
    thresholds = _thresholds(evaluation.threshold, rate)
    risks = {name: probability(odds) for name, odds in rolled.later.items()}
    risks[served] = model.risk(rolled.later[served])
    curves = {
        name: net_benefit(cases.outcome, risk, thresholds, cases.weight)
        for name, risk in risks.items()
    }
    everyone = [(x, rate - (1 - rate) * x / (1 - x)) for x in thresholds.tolist()]
    # To visit everyone soon costs more than it brings, without end.
    shown = [(x, y) for x, y in everyone if y >= -rate / 4]
    no_one = [(0.0, 0.0), (float(thresholds[-1]), 0.0)]
    return curve_chart(
        "Net benefit, by threshold",
        curves,
        x="probability from which somebody is visited",
        y="true visits a case, less the false ones' cost",
        is_share=False,
        beside={"everyone": shown, "no one": no_one},
    )


def _thresholds(at_capacity: float, base_rate: float) -> Floats:
    known = [each for each in (at_capacity, base_rate) if math.isfinite(each)]
    most = min(_BEYOND * max(known), _GREATEST_THRESHOLD)
    return np.linspace(0.0, most, _THRESHOLDS + 1)[1:]


def _base_rate(outcome: Floats, weights: Floats | None) -> float:
    return float(np.average(outcome, weights=weights))
