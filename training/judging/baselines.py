"""Baselines: what there is without the model, judged on the same cases.

The base rate for all; the declared one-indicator rule, and the best one that could have
been found among the rows known before the first judged date; current practice where it
is recorded; and last year's model on the newest date that is judged.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.families.inputs import columns_of
from models.judging.assessment import Assessment
from models.judging.intervals import LEAST_PEOPLE
from models.tables.table import TableModel
from models.tables.terms import Floats
from training.checks.shuffles import auc_of
from training.cohort import Cases
from training.fit import RULE, fit_family, fit_rule_by, training_of
from training.judging.rolled import Rolled
from training.judging.splits import Rounds, known_before


BASE_RATE = "base rate"
DECLARED_RULE = "declared rule"
BEST_RULE = "best rule"
PRACTICE = "current practice"
LAST_YEAR = "last year's model"

_YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Baseline:
    """One thing to be better than.

    Attributes:
        name: "base rate", "declared rule", "best rule", "current practice" or "last
            year's model".
        indicator: The indicator that it ranks by, if it does.
        figures: Its own.
        gain: What the family that is served gains over it, on the same rows.
        reason: Why there is none, in words; None where there is one.
    """

    name: str
    indicator: str | None
    figures: Assessment
    gain: Assessment
    reason: str | None = None


@dataclass(frozen=True)
class Line:
    """What a baseline says of the judged rows.

    Attributes:
        log_odds: Of all judged rows; NaN where it says nothing.
    """

    name: str
    indicator: str | None
    log_odds: Floats
    reason: str | None = None


def baseline_lines(
    cases: Cases, rounds: Rounds, rolled: Rolled, served: str, place: Place
) -> list[Line]:
    """Return what each baseline says of the judged rows.

    Args:
        cases: All cases of the snapshot.
        rounds: The judged dates.
        rolled: The judged rows of all of them.
        served: The family whose last year's model is fitted.
        place: Says where log-odds may go.
    """
    judgement = rolled.score.judgement
    best = best_indicator(cases.only(rounds.whole.fitted), rolled.score, place)
    lines = [
        Line(BASE_RATE, None, _base_rate(cases, rounds, rolled)),
        Line(DECLARED_RULE, judgement.rule, rolled.later[RULE]),
        Line(BEST_RULE, best, _by_rule(best, cases, rounds, rolled, place)),
    ]
    if judgement.practice:
        odds = _by_rule(judgement.practice, cases, rounds, rolled, place)
        lines.append(Line(PRACTICE, judgement.practice, odds))
    return [*lines, _last_year(cases, rounds, rolled, served, place)]


def best_indicator(fitted: Cases, score: ScoreDefinition, place: Place) -> str:
    """Return the indicator that ranks the fitted rows best by itself.

    By its own order in the declared direction, the missing in the middle; a category by
    how often its rows had the outcome. Of equal ones, the first.
    """
    told = fitted.only(fitted.is_told)
    aucs = {
        name: _auc_alone(
            told.table[name], told.outcome, place.indicators[name].family.expected
        )
        for name in score.indicators
    }
    return max(aucs, key=lambda name: aucs[name])


def _auc_alone(column: pd.Series, outcome: Floats, expected: str) -> float:
    if not pd.api.types.is_numeric_dtype(column.dtype):
        known = column.astype(object).where(column.notna(), "")
        rates = pd.Series(outcome).groupby(known.to_numpy()).transform("mean")
        return auc_of(rates.to_numpy(), outcome)
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(values)
    if not known.any():
        return 0.5
    auc = auc_of(np.where(known, values, np.median(values[known])), outcome)
    turned = {"up": auc, "down": 1 - auc}
    return turned.get(expected, max(auc, 1 - auc))


def _base_rate(cases: Cases, rounds: Rounds, rolled: Rolled) -> Floats:
    """Return the log-odds of the share known before the first judged date."""
    fitted = cases.only(rounds.whole.fitted).weighed()
    rate = float(np.average(fitted.outcome, weights=fitted.weight))
    return np.full(len(rolled.cases), np.log(rate / (1 - rate)))


def _by_rule(
    name: str, cases: Cases, rounds: Rounds, rolled: Rolled, place: Place
) -> Floats:
    odds = np.full(len(rolled.cases), np.nan)
    for date, each in enumerate(rounds.judged):
        fitted = cases.only(each.split.fitted).weighed()
        rule, rows = fit_rule_by(name, fitted, rolled.score, place), rolled.date == date
        odds[rows] = _scored(rule, rolled.cases.only(rows))
    return odds


def _last_year(
    cases: Cases, rounds: Rounds, rolled: Rolled, served: str, place: Place
) -> Line:
    """Score the newest judged date by the family as it would have been a year ago."""
    nothing = np.full(len(rolled.cases), np.nan)
    rows = known_before(cases, rolled.score, rounds.judged[-1].first - _YEAR)
    fitted = cases.only(rows).weighed()
    rest = len(fitted) - fitted.events
    if min(fitted.events, rest) < LEAST_PEOPLE:
        why = f"a year earlier fewer than {LEAST_PEOPLE} outcomes were known"
        return Line(LAST_YEAR, None, nothing, why)
    training = training_of(fitted, rolled.score, place)
    model = fit_family(training, served, rolled.score)
    newest = rolled.date == rolled.date.max()
    nothing[newest] = _scored(model, rolled.cases.only(newest))
    return Line(LAST_YEAR, None, nothing)


def _scored(model: TableModel, cases: Cases) -> Floats:
    outside = [n for n in model.names if n not in cases.table]
    table = cases.beside if outside and cases.beside is not None else cases.table
    return model.log_odds(columns_of(table, model.names))
