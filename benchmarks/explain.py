"""Scoring and explaining at once: tables against SHAP on a boosted model.

The data are generated: 40 indicators of people, of which twice two act together. Both
models are fitted on the same rows. A million rows are then scored and fully explained
by the tables, in blocks, on one core; shap.TreeExplainer explains as many rows of the
boosted model as a few seconds allow, in the same process, and is compared per row. What
the models say is compared on rows that neither was fitted on.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.report import Report, progress
from models.families.boosted import Boosted, fit_boosted
from models.families.estimators import fit_additive
from models.families.inputs import columns_of, matrix, read_training
from models.tables.explanation import explain
from models.tables.table import TableModel
from models.tables.terms import Floats


FITTED, JUDGED, EXPLAINED = 50_000, 50_000, 1_000_000
INDICATORS = 40
SEED = 1
TARGETS = {
    "seconds_1m": ("<=", 5.0),
    "times_faster_than_shap": (">=", 300.0),
    "microseconds_single": ("<=", 50.0),
    "auc_gap": ("<=", 0.005),
    "peak_gb": ("<=", 2.0),
}

_SHAP_ROWS, _SHAP_ROUNDS = 500, 5
_SINGLES = 2_000
_ROUNDS = 3
_FAR = 1e-6


def run(arguments: list[str]) -> Report:
    """Fit both, explain with both, and compare what they say."""
    if arguments:
        raise SystemExit("usage: python -m benchmarks explain")
    _use_one_core()
    names = [f"indicator_{number:02}" for number in range(INDICATORS)]
    progress(f"fitting both on {FITTED:,} rows x {INDICATORS} indicators")
    additive, boosted = _fitted(names)
    gap = _auc_gap(additive, boosted, names)
    progress(f"AUC of the boosted model above the additive one: {gap:.4f}")
    rows = _people(EXPLAINED, SEED + 2)
    columns = {name: rows[:, number] for number, name in enumerate(names)}
    seconds = [_seconds_of_all(additive, columns) for _ in range(_ROUNDS)]
    progress(f"{EXPLAINED:,} rows: {', '.join(f'{s:.2f} s' for s in seconds)}")
    single = _microseconds_of_one(additive, rows[:_SINGLES], names)
    progress(f"one row: {single:.1f} microseconds")
    # Before shap, whose import alone takes some hundred megabytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    shap_seconds = _seconds_of_shap(boosted, rows[:_SHAP_ROWS], names)
    progress(f"one row of the boosted model by SHAP: {1e3 * shap_seconds:.2f} ms")
    ours = statistics.median(seconds) / EXPLAINED
    figures: dict[str, float | None] = {
        "seconds_1m": round(statistics.median(seconds), 3),
        "times_faster_than_shap": round(shap_seconds / ours, 1),
        "microseconds_single": round(single, 2),
        "auc_gap": round(gap, 5),
        "peak_gb": round(peak, 3),
        "milliseconds_shap": round(1e3 * shap_seconds, 3),
    }
    return Report("explain", figures, TARGETS)


def _use_one_core() -> None:
    """Keep this process, and all that it starts, on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _people(rows: int, seed: int) -> Floats:
    """Draw counts, days, shares and measurements, some of them not known."""
    draw = np.random.default_rng(seed)
    values = np.empty((rows, INDICATORS), order="F")
    for number in range(INDICATORS):
        kind = number % 4
        if kind == 0:
            column = draw.poisson(1.5 + number % 5, rows).astype(np.float64)
        elif kind == 1:
            column = np.floor(draw.exponential(200.0, rows))
        elif kind == 2:
            column = draw.random(rows)
        else:
            column = draw.normal(0.0, 1.0, rows)
        if number % 5 == 0:
            column[draw.random(rows) < 0.1] = np.nan
        values[:, number] = column
    return values


def _outcome(rows: Floats, seed: int) -> Floats:
    """Draw what came of people: mostly a sum, and some of two at a time together."""
    draw = np.random.default_rng(seed)
    known = np.nan_to_num(rows)
    log_odds = np.full(len(rows), -2.5)
    for number in range(INDICATORS):
        column = known[:, number]
        weight = 1 / (1 + number / 6)
        log_odds += weight * np.tanh((column - column.mean()) / column.std())
    log_odds += 0.6 * (known[:, 0] > 2) * (known[:, 2] > 0.5)
    log_odds += 0.6 * (known[:, 1] > 200) * (known[:, 3] > 0)
    return (draw.random(len(rows)) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)


def _fitted(names: list[str]) -> tuple[TableModel, Boosted]:
    rows = _people(FITTED, SEED)
    table, outcome = pd.DataFrame(rows, columns=names), _outcome(rows, SEED)
    training = read_training(table, outcome, indicators=names, directions={})
    return fit_additive(training, seed=SEED), fit_boosted(training, seed=SEED)


def _auc_gap(additive: TableModel, boosted: Boosted, names: list[str]) -> float:
    from sklearn.metrics import roc_auc_score

    rows = _people(JUDGED, SEED + 1)
    table, outcome = pd.DataFrame(rows, columns=names), _outcome(rows, SEED + 1)
    ours = roc_auc_score(outcome, additive.log_odds(columns_of(table, names)))
    theirs = roc_auc_score(outcome, boosted.log_odds(table))
    progress(f"AUC additive {ours:.4f}, boosted {theirs:.4f}")
    return abs(float(theirs - ours))


def _seconds_of_all(model: TableModel, columns: dict[str, NDArray[Any]]) -> float:
    """Score and explain all rows; whatever is found of a block is let go again."""
    start = time.perf_counter()
    for block in model.blocks(columns):
        if np.isnan(block.log_odds).any():
            raise AssertionError("every row has a score")
    return time.perf_counter() - start


def _microseconds_of_one(model: TableModel, rows: Floats, names: list[str]) -> float:
    """Explain rows one by one, as the service does."""
    given = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    times = []
    for row in given:
        start = time.perf_counter()
        explain(model, row)
        times.append(time.perf_counter() - start)
    return 1e6 * statistics.median(times)


def _seconds_of_shap(boosted: Boosted, rows: Floats, names: list[str]) -> float:
    """Explain rows of the boosted model by SHAP, which must say what we say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        explainer = shap.TreeExplainer(boosted.booster)
        table = pd.DataFrame(rows, columns=names)
        asked = matrix(table, boosted.inputs)
        times = [_timed(explainer, asked) for _ in range(_SHAP_ROUNDS)]
    found = boosted.contributions(table).values
    theirs = np.asarray(explainer.shap_values(asked))
    if np.abs(found - theirs).max() > _FAR:
        raise AssertionError("SHAP's values are those of `pred_contrib`")
    return statistics.median(times) / len(rows)


def _timed(explainer: Any, rows: Floats) -> float:
    start = time.perf_counter()
    explainer.shap_values(rows)
    return time.perf_counter() - start
