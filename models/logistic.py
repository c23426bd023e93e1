"""Logistic regression, turned into one term an indicator."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from models.inputs import LEAST_ROWS, Input, Training
from models.table import TableModel
from models.terms import Categories, Floats, Line, Steps, Term


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
    """
    encodings = [
        _encode(each, training.matrix[:, number])
        for number, each in enumerate(training.inputs)
    ]
    # One column of zeros: scikit-learn refuses a table without any.
    zeros = np.zeros((len(training.outcome), 1))
    design = np.hstack([*(encoding.design for encoding in encodings), zeros])
    regression = LogisticRegression(C=1.0, max_iter=1_000, tol=1e-8, random_state=seed)
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
    column_of = _columns_of_categories(codes, len(each.categories or ()))
    width = max(column_of, default=-1) + 1
    design = np.zeros((len(column), width + each.has_missing))
    design[np.flatnonzero(~missing), np.asarray(column_of, dtype=int)[codes]] = 1.0
    design[missing, width:] = 1.0
    return _Encoding(each, design, column_of=tuple(column_of))


def _columns_of_categories(codes: np.ndarray, categories: int) -> list[int]:
    """Give each category a column; those of too few rows share the last one."""
    large = np.bincount(codes, minlength=categories) >= LEAST_ROWS
    return [int(c) for c in np.where(large, np.cumsum(large) - 1, large.sum())]


def _as_term(encoding: _Encoding, weights: Floats) -> Term:
    each = encoding.input
    flag = float(weights[-1]) if each.has_missing else 0.0
    mean = float(encoding.design.mean(axis=0) @ weights)
    missing = flag - mean if each.has_missing else None
    if each.categories is not None:
        values = tuple(float(weights[c]) - mean for c in encoding.column_of)
        return Categories(each.name, each.categories, values, missing)
    slope = float(weights[0]) / encoding.spread if encoding.spread else 0.0
    # The line is 0 where its height above the centre makes up for the missing rows.
    centre = encoding.centre + mean / slope if slope else math.inf
    if not math.isfinite(centre):
        return Steps(each.name, (), (-mean,), missing)
    return Line(each.name, centre, slope, missing)
