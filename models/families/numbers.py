"""Numbers: the additive family where the outcome is a count or a sum.

The model is a sum of tables, as of a yes or no; what it sums to is the log of the
expected number. LightGBM fits it with a Poisson or Tweedie objective, on bins, with one
interaction group an indicator.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import lightgbm as lgb
import numpy as np

from features.faults import Fault, Refusal
from models.families.bins import LEAST_ROWS
from models.families.compile import compile_additive, refuse_ungrouped
from models.families.directions import checked
from models.families.inputs import Training
from models.tables.log_term import Log
from models.tables.table import TableModel
from models.tables.terms import Floats


Distribution = Literal["poisson", "tweedie"]

# Fewer and gentler than for a yes or no: a number tells more a row, and there are fewer
# rows. Of 100 to 300 trees and rates of .05 and .1 these forecast best.
_ROUNDS = 100
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.05,
    "num_leaves": 4,
    "min_data_in_leaf": LEAST_ROWS,
    "min_data_in_bin": 1,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def fit_numbers(
    training: Training,
    *,
    seed: int,
    exposure: str | None = None,
    distribution: Distribution = "poisson",
) -> TableModel:
    """Fit a sum of one-indicator staircases to the log of the expected number.

    Args:
        training: What `models.families.inputs.read_numbers` read.
        seed: The same inputs and seed give the same bytes.
        exposure: The input that the number is in proportion to: it becomes a term of
            its own, the first, and has no staircase. None is without.
        distribution: What the numbers are taken to be spread like.

    Returns:
        A model of the link "log". Its base is the mean of the logs over the training
        rows; its staircases are the booster's own SHAP values.

    Raises:
        Refusal: An exposure is missing or not above 0 in a row, or an indicator goes
            against its declared direction.
    """
    if exposure is None:
        booster = boost_numbers(training, None, distribution, seed=seed)
        model = replace(compile_additive(booster, training.inputs), link="log")
    else:
        model = _in_proportion(training, exposure, distribution, seed=seed)
    return checked(model, {each.name: each.direction for each in training.inputs})


def boost_numbers(
    training: Training,
    offset: Floats | None,
    distribution: Distribution,
    *,
    seed: int,
) -> lgb.Booster:
    """Return the LightGBM model that is compiled.

    Args:
        training: It is fitted on the bins, not on the values.
        offset: By row, what the sum starts from; None starts from the mean.
        distribution: LightGBM's objective.
        seed: The same inputs and seed give the same trees.
    """
    groups = [[number] for number in range(len(training.inputs))]
    refuse_ungrouped(groups, training.inputs)
    settings = {
        **_SETTINGS,
        "objective": distribution,
        "seed": seed,
        "interaction_constraints": groups,
        "monotone_constraints": [each.bound for each in training.inputs],
        "max_bin_by_feature": [each.width + 2 for each in training.inputs],
    }
    dataset = lgb.Dataset(
        training.coded,
        training.outcome,
        init_score=offset,
        params=settings,
        categorical_feature=[],
    )
    return lgb.train(settings, dataset, _ROUNDS)


def _in_proportion(
    training: Training, exposure: str, distribution: Distribution, *, seed: int
) -> TableModel:
    names = [each.name for each in training.inputs]
    exposed = training.matrix[:, names.index(exposure)]
    if not (exposed > 0).all():
        what, got = "every fitted row has an exposure above 0", "one without"
        do = "leave rows without it out of the cohort"
        raise Refusal([Fault(f"indicator {exposure}", what, got, do)])
    logs = np.log(exposed)
    rate = float(np.log(training.outcome.sum() / exposed.sum()))
    rest = training.only([name for name in names if name != exposure])
    booster = boost_numbers(rest, logs + rate, distribution, seed=seed)
    tables = compile_additive(booster, rest.inputs)
    centre = float(logs.mean())
    return replace(
        tables,
        base=tables.base + rate + centre,
        terms=(Log(exposure, centre, None), *tables.terms),
        link="log",
    )
