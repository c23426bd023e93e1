"""Fitting: every family of a score on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.definitions.place import Place
from models.definition import ScoreDefinition
from models.estimators import FITS, Challenger, fit_rule, fit_unconstrained
from models.inputs import columns_of
from models.table import TableModel
from models.terms import Floats
from training.cohort import Cases


RULE = "rule"
CHALLENGER = "unconstrained"
_DIRECTIONS = {"up": 1, "down": -1, "none": 0}


@dataclass(frozen=True)
class Fitted:
    """Everything that was fitted on one side of a split.

    Attributes:
        models: By family, the one-indicator rule among them.
        challenger: The model that shows what readability costs.
    """

    models: dict[str, TableModel]
    challenger: Challenger

    def log_odds(self, cases: Cases) -> dict[str, Floats]:
        """Return each model's log-odds; NaN where a category was never seen."""
        names = list(cases.table.columns)
        columns = columns_of(cases.table, names)
        scored = {name: model.log_odds(columns) for name, model in self.models.items()}
        return {**scored, CHALLENGER: self.challenger.log_odds(cases.table)}


def fit_all(
    cases: Cases, rows: NDArray[np.bool_], score: ScoreDefinition, place: Place
) -> Fitted:
    """Fit the score's families, the rule and the challenger on some rows.

    Who left before the outcome could be seen is not fitted on; the others are weighted
    in their place.
    """
    fitted_on = cases.only(rows).weighed()
    directions = directions_of(score, place)
    models: dict[str, TableModel] = {
        family: FITS[family](
            fitted_on.table,
            fitted_on.outcome,
            indicators=score.indicators,
            directions=directions,
            seed=score.seed,
            weights=fitted_on.weight,
        )
        for family in score.families
    }
    models[RULE] = fit_rule(
        fitted_on.table,
        fitted_on.outcome,
        indicators=[score.judgement.rule],
        directions=directions,
        seed=score.seed,
        weights=fitted_on.weight,
    )
    challenger = fit_unconstrained(
        fitted_on.table,
        fitted_on.outcome,
        indicators=score.indicators,
        directions={},
        seed=score.seed,
        weights=fitted_on.weight,
    )
    return Fitted(models, challenger)


def directions_of(score: ScoreDefinition, place: Place) -> Mapping[str, int]:
    """Return +1, -1 or 0 for each indicator: where its log-odds may go."""
    named = ((name, place.indicators[name].family) for name in score.indicators)
    return {name: _DIRECTIONS[family.expected] for name, family in named}
