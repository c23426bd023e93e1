"""Label shuffles: with labels that mean nothing, a model must do no better than chance.

Labels are handed from one linked group to another, so that whatever kin and dates have
in common stays in common. A small fixed model is fitted and judged on the run's own
splits; a mean AUC away from .5 means that a judged label reached the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.tables.terms import Floats
from training.cohort import Cases
from training.judging.splits import Split


# Selection and encoding: the table a model reads, learnt from the rows named.
Encode = Callable[[Cases, NDArray[np.bool_]], pd.DataFrame]

STANDARD_ERRORS = 3.0
LEAST_SHUFFLES = 20
MOST_SHUFFLES = 100
# Cells read in all shuffles together: about five seconds of one core. A count, not a
# clock, so that the same data are always shuffled as often.
_MOST_CELLS = 1_000_000_000
_RIDGE = 10.0


@dataclass(frozen=True)
class Shuffled:
    """What the shuffles gave.

    Attributes:
        aucs: One a shuffle in which the judged rows had both labels.
        suspects: Where they leak: the indicators that do so alone.
    """

    aucs: Floats
    suspects: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """The mean AUC; .5 where there was nothing to shuffle."""
        return float(self.aucs.mean()) if len(self.aucs) else 0.5

    @property
    def standard_error(self) -> float:
        """How far chance moves the mean."""
        if len(self.aucs) < 2:
            return float("inf")
        return float(self.aucs.std(ddof=1) / np.sqrt(len(self.aucs)))

    @property
    def is_leaking(self) -> bool:
        """Whether the mean is further from .5 than chance would bring it."""
        return abs(self.mean - 0.5) > STANDARD_ERRORS * self.standard_error


def shuffle_labels(
    cases: Cases, parts: Sequence[Split], encode: Encode, *, seed: int
) -> Shuffled:
    """Fit and judge on shuffled labels, on each of the splits in turn.

    Args:
        cases: Those with an outcome are shuffled.
        parts: Splits whose judged groups are not fitted on.
        encode: The run's selection and encoding; asked anew for every shuffle if it
            reads labels.
        seed: The same seed shuffles the same.
    """
    told = cases.only(cases.is_told)
    kept = [
        replace(p, fitted=p.fitted[cases.is_told], judged=p.judged[cases.is_told])
        for p in parts
    ]
    kept = [part for part in kept if part.fitted.any() and part.judged.any()]
    if not kept:
        return Shuffled(np.empty(0))
    with threadpool_limits(1):  # on busy cores more threads are slower
        runs = list(_runs(told, kept, encode, seed))
        found = Shuffled(np.concatenate([run.aucs() for run in runs]))
        if found.is_leaking:
            found = replace(found, suspects=tuple(_suspects(runs)))
    return found


@dataclass(frozen=True)
class _Run:
    """Tables and labels of some shuffles of one split.

    Attributes:
        table: As encoded.
        labels: Rows x shuffles.
    """

    table: pd.DataFrame
    labels: Floats
    part: Split

    def aucs(self, names: Sequence[str] | None = None) -> Floats:
        """Return the AUC of each shuffle, with all columns or some."""
        columns = list(self.table.columns) if names is None else list(names)
        design = _design(self.table[columns], self.part.fitted)
        fitted, judged = design[self.part.fitted], design[self.part.judged]
        labels = self.labels[self.part.fitted]
        labels = labels - labels.mean(axis=0)
        inner = fitted.T @ fitted + _RIDGE * np.eye(fitted.shape[1])
        scores = judged @ np.linalg.solve(inner, fitted.T @ labels)
        pairs = zip(scores.T, self.labels[self.part.judged].T, strict=True)
        found = [auc_of(score, label) for score, label in pairs]
        return np.array([auc for auc in found if np.isfinite(auc)])


def _runs(
    told: Cases, parts: Sequence[Split], encode: Encode, seed: int
) -> Iterator[_Run]:
    flipped = replace(told, outcome=1.0 - told.outcome)
    everywhere = parts[0].fitted
    reads_labels = not encode(told, everywhere).equals(encode(flipped, everywhere))
    cells = max(told.table.size, 1) * (len(parts) if reads_labels else 1)
    count = int(np.clip(_MOST_CELLS / cells, LEAST_SHUFFLES, MOST_SHUFFLES))
    each = -(-count // len(parts))
    for number, part in enumerate(parts):
        labels = shuffled_labels(told, each, seed=seed + number)
        if not reads_labels:
            yield _Run(encode(told, part.fitted), labels, part)
            continue
        for label in labels.T:
            table = encode(replace(told, outcome=label), part.fitted)
            yield _Run(table, label[:, None], part)


def shuffled_labels(cases: Cases, draws: int, *, seed: int) -> Floats:
    """Return rows x draws: each group's labels are another's, from anywhere on.

    A group of more rows than its donor begins again, so each row has the same chance
    of the label, whatever its date and its group's size.
    """
    _, group = np.unique(cases.linked_group.astype(str), return_inverse=True)
    order = np.argsort(group, kind="stable")
    size = np.bincount(group)
    start = np.cumsum(size) - size
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - start[group[order]]
    outcome = cases.outcome[order]
    generator = np.random.default_rng(seed)
    labels = np.empty((len(group), draws))
    for draw in range(draws):
        donor = generator.permutation(len(size))
        offset = (generator.random(len(size)) * size[donor]).astype(np.int64)
        given = donor[group]
        labels[:, draw] = outcome[start[given] + (place + offset[group]) % size[given]]
    return labels


def auc_of(scores: Floats, labels: Floats) -> float:
    """Return the AUC, ties counted half; NaN where one of the labels is missing.

    >>> auc_of(np.array([0.1, 0.4, 0.4, 0.9]), np.array([0.0, 0.0, 1.0, 1.0]))
    0.875
    """
    _, tie, count = np.unique(scores, return_inverse=True, return_counts=True)
    above = np.cumsum(count) - (count - 1) / 2
    positive = float(labels.sum())
    negative = len(labels) - positive
    if min(positive, negative) == 0:
        return float("nan")
    ranks = float(above[tie][labels == 1].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)


def _design(table: pd.DataFrame, fitted: NDArray[np.bool_]) -> Floats:
    """Return the columns standardised on the fitted rows, and flags of the missing."""
    values = table.to_numpy(dtype=np.float64)
    missing = np.isnan(values)
    flags = missing[:, missing[fitted].any(axis=0)].astype(np.float64)
    known = np.ma.masked_array(values, missing)
    centre = known[fitted].mean(axis=0).filled(0.0)
    spread = known[fitted].std(axis=0).filled(0.0)
    numbers = np.where(missing, 0.0, values - centre)
    numbers = numbers / np.where(spread > 0, spread, 1.0)
    flags = flags - flags[fitted].mean(axis=0)
    return np.hstack([numbers[:, spread > 0], flags])


def _suspects(runs: Sequence[_Run]) -> Iterator[str]:
    names = dict.fromkeys(name for run in runs for name in run.table.columns)
    for name in names:
        holding = [run for run in runs if name in run.table.columns]
        if Shuffled(np.concatenate([run.aucs([name]) for run in holding])).is_leaking:
            yield name
