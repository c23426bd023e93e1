"""Demand: forecasts of a count or a sum, judged from rolling origins.

On each as-of date the model is fitted anew on what was known by then, and forecasts it.
Its intervals come from how far the earlier forecasts were off whose months were over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.definitions.place import Place
from features.faults import Fault, Refusal
from models.definitions.definition import ScoreDefinition
from models.families.inputs import columns_of, read_numbers
from models.families.numbers import fit_numbers
from models.judging.number_figures import Forecasts, NumberFigures, judge_numbers
from models.tables.table import TableModel
from models.tables.terms import Floats
from training.cohort import Cases, days
from training.fit import directions_of


# Nothing is fitted on fewer rows: no bin could be told from another.
LEAST_ROWS = 100
# Fewer earlier forecasts have no tenth that lies outside.
LEAST_ERRORS = 40
# Of the middle of the intervals.
SHARE = 0.9
# A naive error of fewer rows is no yardstick.
LEAST_NAIVE = 6


@dataclass(frozen=True)
class Spread:
    """How far earlier forecasts were off: what came over what was expected.

    Attributes:
        low: An interval goes from `low` times the forecast ...
        high: ... to `high` times.
        forecasts: On how many earlier forecasts that rests.
    """

    low: float
    high: float
    forecasts: int


@dataclass(frozen=True)
class DateFigures:
    """The figures of one as-of date, without intervals of their own."""

    as_of: str
    fitted_rows: int
    forecasts: int
    mase: float | None
    mase_naive: float | None
    coverage: float | None


@dataclass(frozen=True)
class NumberEvaluation:
    """What a training run of a forecast found.

    Attributes:
        figures: Over all judged dates, each judged by what was known before it.
        by_date: The same date by date.
        spread: How wide the newest forecasts' intervals are; None if too few are over.
        fitted_rows: Of the model that is registered: that of the last judged date.
        judged_rows: Forecasts on the judged dates whose outcome is known.
        entities: How many entities were judged.
        unexposed: Judged rows without an exposure: nothing was forecast of them.
        untold: Rows of the snapshot that nobody can tell of, by status.
        naive: The indicator that is the naive forecast.
    """

    figures: NumberFigures
    by_date: tuple[DateFigures, ...]
    spread: Spread | None
    fitted_rows: int
    judged_rows: int
    entities: int
    unexposed: int
    untold: dict[str, int]
    naive: str


@dataclass(frozen=True)
class Origin:
    """One as-of date: the model fitted on what was known, and what it forecast.

    Attributes:
        rows: Which cases, those with an exposure.
        expected: One a row.
        fitted: On how many rows the model was fitted.
    """

    as_of: np.datetime64
    rows: NDArray[np.bool_]
    expected: Floats
    fitted: int
    model: TableModel


def fit_on(
    cases: Cases, rows: NDArray[np.bool_], score: ScoreDefinition, place: Place
) -> TableModel:
    """Fit the additive tables of a number on some cases."""
    chosen = cases.only(rows & has_exposure(cases, score))
    training = read_numbers(
        chosen.table,
        chosen.outcome,
        indicators=score.indicators,
        directions=directions_of(score, place),
    )
    outcome = score.outcome
    return fit_numbers(
        training,
        seed=score.seed,
        exposure=outcome.exposure,
        distribution=outcome.distribution,
    )


def has_exposure(cases: Cases, score: ScoreDefinition) -> NDArray[np.bool_]:
    """Return which cases can be forecast at all; all, where no exposure is declared."""
    if score.outcome.exposure is None:
        return np.ones(len(cases), dtype=bool)
    return np.asarray(_column(cases, score.outcome.exposure) > 0)


def known_by(
    cases: Cases, score: ScoreDefinition, day: np.datetime64
) -> NDArray[np.bool_]:
    """Return which cases have a number that was known by a day."""
    return np.asarray(cases.is_told & (cases.as_of + _wait(cases, score) <= day))


def roll(cases: Cases, score: ScoreDefinition, place: Place) -> list[Origin]:
    """Forecast every as-of date by the model of what was known before it.

    Dates on which too little was known, or nobody can be forecast, are left out.
    """
    exposed = has_exposure(cases, score) & cases.is_told
    last = score.judgement.last
    dates = [d for d in np.unique(cases.as_of) if last is None or d <= days(last)]
    origins = []
    for as_of in dates:
        rows = exposed & (cases.as_of == as_of)
        known = exposed & known_by(cases, score, as_of)
        if rows.any() and known.sum() >= LEAST_ROWS and cases.outcome[known].any():
            model = fit_on(cases, known, score, place)
            expected = expected_of(model, cases.only(rows))
            origins.append(Origin(as_of, rows, expected, int(known.sum()), model))
    return origins


def expected_of(model: TableModel, cases: Cases) -> Floats:
    """Return the expected number of each case; NaN where nothing can be told."""
    columns = columns_of(cases.table, model.names)
    return model.expected(model.log_odds(columns))


def spread_by(
    origins: Sequence[Origin], cases: Cases, score: ScoreDefinition, day: np.datetime64
) -> Spread | None:
    """Return how far forecasts were off whose outcome was known by a day.

    The tails are widened by what so many forecasts leave unsaid, as split conformal
    intervals are.
    """
    wait = _wait(cases, score)
    over = [each for each in origins if each.as_of + wait <= day]
    if not over:
        return None
    off = np.concatenate([cases.outcome[o.rows] / o.expected for o in over])
    off = np.sort(off[np.isfinite(off)])
    if len(off) < LEAST_ERRORS:
        return None
    tail = int(np.floor((len(off) + 1) * (1 - SHARE) / 2))
    return Spread(float(off[tail - 1]), float(off[-tail]), len(off))


def evaluate_numbers(
    cases: Cases, score: ScoreDefinition, origins: Sequence[Origin]
) -> NumberEvaluation:
    """Judge the forecasts of the judged dates, beside the naive rule's.

    Raises:
        Refusal: No judged date could be forecast.
    """
    judged = [o for o in origins if o.as_of >= days(score.judgement.first)]
    if not judged:
        raise Refusal([_nothing_judged(score, len(origins))])
    found = [forecasts_of(o, origins, cases, score) for o in judged]
    parts = zip(*(vars(each).values() for each in found), strict=True)
    every = Forecasts(*(np.concatenate(part) for part in parts))
    last = max(o.as_of for o in origins) + _wait(cases, score)
    asked = (cases.as_of >= days(score.judgement.first)) & cases.is_told
    return NumberEvaluation(
        figures=judge_numbers(every, seed=score.seed),
        by_date=tuple(_of_date(o, f) for o, f in zip(judged, found, strict=True)),
        spread=spread_by(origins, cases, score, last),
        fitted_rows=judged[-1].fitted,
        judged_rows=len(every.counted),
        entities=len(np.unique(every.entity.astype(str))),
        unexposed=int((asked & ~has_exposure(cases, score)).sum()),
        untold=dict(cases.untold),
        naive=score.judgement.rule,
    )


def forecasts_of(
    origin: Origin, origins: Sequence[Origin], cases: Cases, score: ScoreDefinition
) -> Forecasts:
    """Return one date's forecasts, with all that was known of them by then."""
    spread = spread_by(origins, cases, score, origin.as_of)
    low, high = (spread.low, spread.high) if spread else (np.nan, np.nan)
    rows = origin.rows
    return Forecasts(
        entity=_entities(cases)[rows],
        counted=cases.outcome[rows],
        expected=origin.expected,
        naive=_column(cases, score.judgement.rule)[rows],
        scale=_naive_errors(cases, score, origin.as_of)[rows],
        low=low * origin.expected,
        high=high * origin.expected,
    )


def _naive_errors(cases: Cases, score: ScoreDefinition, day: np.datetime64) -> Floats:
    """Return, by case, its entity's mean naive error over what was known by a day."""
    off = np.abs(cases.outcome - _column(cases, score.judgement.rule))
    told = known_by(cases, score, day) & np.isfinite(off)
    _, of = np.unique(_entities(cases).astype(str), return_inverse=True)
    count = np.bincount(of[told], minlength=of.max() + 1)
    total = np.bincount(of[told], off[told], minlength=of.max() + 1)
    means = np.where(count >= LEAST_NAIVE, total / np.maximum(count, 1), np.nan)
    return np.asarray(means[of])


def _of_date(origin: Origin, forecasts: Forecasts) -> DateFigures:
    f = forecasts
    ours, theirs = np.abs(f.counted - f.expected), np.abs(f.counted - f.naive)
    told = np.isfinite(theirs) & (f.scale > 0)
    inside = (f.low <= f.counted) & (f.counted <= f.high)
    return DateFigures(
        as_of=str(origin.as_of),
        fitted_rows=origin.fitted,
        forecasts=len(f.counted),
        mase=_mean(ours[told] / f.scale[told]),
        mase_naive=_mean(theirs[told] / f.scale[told]),
        coverage=_mean(inside[np.isfinite(f.low)].astype(np.float64)),
    )


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _wait(cases: Cases, score: ScoreDefinition) -> np.timedelta64:
    wait = score.outcome.closes_after_days + cases.recording_lag.days
    return np.timedelta64(wait, "D")


def _entities(cases: Cases) -> NDArray[np.object_]:
    return cases.linked_group if cases.entity is None else cases.entity


def _column(cases: Cases, name: str) -> Floats:
    return cases.table[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _nothing_judged(score: ScoreDefinition, dates: int) -> Fault:
    return Fault(
        f"scores/{score.name}.toml: judgement",
        f"a judged date needs {LEAST_ROWS} rows whose months were over before it",
        f"none; {dates} earlier dates could be forecast" if dates else "none",
        "move `first`, or load and build a longer history",
    )
