"""Fitting: every family of a score on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.families.boosted import Boosted, fit_boosted
from models.families.estimators import fit_rule, way_of
from models.families.inputs import Training, columns_of, read_training
from models.shown.line_words import line_words
from models.shown.points_page import points_card
from models.tables.table import CHALLENGER, TableModel
from models.tables.terms import Floats
from training.cohort import Cases


__all__ = ["CHALLENGER", "RULE", "Fitted", "directions_of", "fit_all"]

RULE = "rule"
_DIRECTIONS = {"up": 1, "down": -1, "none": 0}


@dataclass(frozen=True)
class Fitted:
    """Everything that was fitted on one side of a split.

    Attributes:
        models: By family, the one-indicator rule among them.
        challenger: The model that shows what readability costs.
    """

    models: dict[str, TableModel]
    challenger: Boosted

    def log_odds(self, cases: Cases) -> dict[str, Floats]:
        """Return each model's log-odds; NaN where a category was never seen."""
        names = list(cases.table.columns)
        columns = columns_of(cases.table, names)
        scored = {name: model.log_odds(columns) for name, model in self.models.items()}
        return {**scored, CHALLENGER: self.challenger.log_odds(cases.table)}

    def texts(
        self, judged: Cases, score: ScoreDefinition, place: Place
    ) -> dict[str, str]:
        """Return the files that stand beside the model's own, by name.

        They are the challenger, as LightGBM's text and as JSON that names it by its
        hash, and the scorecard on paper where one was fitted.

        Args:
            judged: The cases that the card's ranks are taken among.
            score: Words the card and its bands.
            place: Words the indicators.
        """
        texts = {
            f"{CHALLENGER}.txt": self.challenger.to_text(),
            f"{CHALLENGER}.json": self.challenger.to_json(),
        }
        points = self.models.get("points")
        if points is None:
            return texts
        log_odds = points.log_odds(columns_of(judged.table, points.names))
        card = points_card(
            points,
            title=score.question,
            words=lambda name: line_words(place.indicators[name], place),
            bands=[(band.label, band.from_rank) for band in score.bands],
            among=log_odds[~np.isnan(log_odds)],
        )
        return {**texts, "points_card.md": card}


def fit_all(
    cases: Cases, rows: NDArray[np.bool_], score: ScoreDefinition, place: Place
) -> Fitted:
    """Fit the score's families, the rule and the challenger on some rows.

    Who left before the outcome could be seen is not fitted on; the others are weighted
    in their place.
    """
    training = training_of(cases.only(rows).weighed(), score, place)
    models: dict[str, TableModel] = {
        family: fit_family(training, family, score) for family in score.families
    }
    models[RULE] = fit_rule(training.only([score.judgement.rule]), seed=score.seed)
    challenger = fit_boosted(training, seed=score.seed, trees=score.trees.boosted)
    return Fitted(models, challenger)


def fit_family(training: Training, family: str, score: ScoreDefinition) -> TableModel:
    """Fit one of the score's families."""
    way = way_of(family, score.trees, score.pairs)
    return way(training, seed=score.seed)


def fit_rule_by(
    name: str, cases: Cases, score: ScoreDefinition, place: Place
) -> TableModel:
    """Fit the rule that ranks by one indicator, in its declared direction.

    Args:
        name: Of the model's indicators, or of those known beside them.
        cases: What it is fitted on, weighed.
        score: The definition.
        place: Says where log-odds may go.
    """
    is_outside = cases.beside is not None and name in cases.beside
    training = read_training(
        cases.beside if cases.beside is not None and is_outside else cases.table,
        cases.outcome,
        indicators=[name],
        directions={name: _DIRECTIONS[place.indicators[name].family.expected]},
        weights=cases.weight,
    )
    return fit_rule(training, seed=score.seed)


def training_of(cases: Cases, score: ScoreDefinition, place: Place) -> Training:
    """Return weighed cases as every family is fitted on them: cut into bins once."""
    return read_training(
        cases.table,
        cases.outcome,
        indicators=score.indicators,
        directions=directions_of(score, place),
        weights=cases.weight,
        linked_group=cases.linked_group,
    )


def directions_of(score: ScoreDefinition, place: Place) -> Mapping[str, int]:
    """Return +1, -1 or 0 for each indicator: where its log-odds may go."""
    named = ((name, place.indicators[name].family) for name in score.indicators)
    return {name: _DIRECTIONS[family.expected] for name, family in named}
