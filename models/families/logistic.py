"""Logistic regression, turned into one term an indicator."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from models.families.directions import against
from models.families.inputs import Input, Training
from models.tables.table import TableModel
from models.tables.terms import Categories, Floats, Line, Steps, Term


DROPPED = "dropped"


@dataclass(frozen=True)
class _Encoding:
    """One input's columns in the regression.

    Attributes:
        design: Rows x columns; the last is the missing flag where one is needed.
        centre: Mean of a number over the rows that have it, in its unit.
        spread: Standard deviation of the same; 0 where there is no slope to fit.
        column_of: The column that stands for each category.
    """

    input: Input
    design: Floats
    centre: float = 0.0
    spread: float = 0.0
    column_of: tuple[int, ...] = ()


def regress(training: Training, *, seed: int) -> TableModel:
    """Fit a logistic regression on standardised columns and return its terms.

    The terms are centred, as SHAP's linear explainer centres them, so that the base
    is the mean log-odds of the training rows.

    A line cannot be held to a direction while it is fitted: an indicator that comes out
    against its declared one is dropped, which means that it adds nothing, and the rest
    is fitted again, until none goes against. The fact "dropped" names those.
    """
    directions = {each.name: each.direction for each in training.inputs}
    dropped: set[str] = set()
    while wrong := against(model := _fitted(training, dropped, seed), directions):
        dropped.update(wrong)
    in_order = [name for name in model.names if name in dropped]
    facts = {DROPPED: ", ".join(in_order)} if in_order else {}
    return replace(model, facts=facts)


def _fitted(training: Training, dropped: Collection[str], seed: int) -> TableModel:
    encodings = [
        _flat(each, len(training.outcome))
        if each.name in dropped
        else _encode(each, training.matrix[:, number])
        for number, each in enumerate(training.inputs)
    ]
    # One column of zeros: scikit-learn refuses a table without any.
    zeros = np.zeros((len(training.outcome), 1))
    design = np.hstack([*(encoding.design for encoding in encodings), zeros])
    # Few columns and many rows: five times as fast as the default, and more exact.
    regression = LogisticRegression(
        C=1.0, solver="newton-cholesky", max_iter=1_000, tol=1e-8, random_state=seed
    )
    with threadpool_limits(1):  # a float sum's last bits depend on the threads
        regression.fit(design, training.outcome, sample_weight=training.weights)
    weights = regression.coef_[0]
    base = float(regression.intercept_[0] + design.mean(axis=0) @ weights)
    ends = np.cumsum([encoding.design.shape[1] for encoding in encodings])
    parts = zip(encodings, np.split(weights, ends), strict=False)
    return TableModel("logistic", base, tuple(_as_term(e, w) for e, w in parts))


def _encode(each: Input, column: Floats) -> _Encoding:
    if each.categories is not None:
        return _encode_categories(each, column)
    missing = np.isnan(column)
    flag = [missing.astype(np.float64)] if each.has_missing else []
    present = column[~missing]
    centre = float(present.mean()) if len(present) else 0.0
    # Equal numbers have no slope, whatever rounding says of their deviation.
    varies = len(present) > 0 and present.min() < present.max()
    spread = float(present.std()) if varies else 0.0
    slope = [np.where(missing, 0.0, (column - centre) / spread)] if spread else []
    design = np.array([*slope, *flag]).reshape(-1, len(column)).T
    return _Encoding(each, design, centre, spread)


def _encode_categories(each: Input, column: Floats) -> _Encoding:
    missing = np.isnan(column)
    codes = column[~missing].astype(np.int64)
    design = np.zeros((len(column), each.width + each.has_missing))
    bins = np.asarray(each.bins, dtype=int)
    design[np.flatnonzero(~missing), bins[codes]] = 1.0
    design[missing, each.width :] = 1.0
    return _Encoding(each, design, column_of=each.bins)


def _flat(each: Input, rows: int) -> _Encoding:
    """Return an input that adds nothing, whatever its value: it has one bin."""
    bins = (0,) * len(each.categories or ())
    same = replace(each, has_missing=False, bins=bins)
    return _Encoding(same, np.zeros((rows, len(bins[:1]))), column_of=bins)


def _as_term(encoding: _Encoding, weights: Floats) -> Term:
    each = encoding.input
    flag = float(weights[-1]) if each.has_missing else 0.0
    mean = float(encoding.design.mean(axis=0) @ weights)
    # What training missed too seldom to tell something of adds nothing.
    missing = flag - mean if each.has_missing else 0.0
    if each.categories is not None:
        values = tuple(float(weights[c]) - mean for c in encoding.column_of)
        return Categories(each.name, each.categories, values, missing)
    slope = float(weights[0]) / encoding.spread if encoding.spread else 0.0
    # The line is 0 where its height above the centre makes up for the missing rows.
    centre = encoding.centre + mean / slope if slope else math.inf
    if not math.isfinite(centre):
        return Steps(each.name, (), (-mean,), missing)
    return Line(each.name, centre, slope, missing)
