"""Curves: how a ranking does at every length of the list, and at every threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.tables.terms import Floats


# More points than this cannot be told apart in a picture, and fewer hide single cases.
MOST_POINTS = 200
# The precision of a handful of cases jumps about, and is about a handful of people.
LEAST_CASES = 8

Curve = list[tuple[float, float]]


@dataclass(frozen=True)
class Ranked:
    """Cases counted from the highest score down; cases of one score are one step.

    Attributes:
        found: Weight of the cases with the outcome so far, from 0 on.
        others: Weight of those without it so far, from 0 on.
    """

    found: Floats
    others: Floats

    @classmethod
    def of(
        cls, outcome: Floats, scores: Floats, weights: Floats | None = None
    ) -> Ranked:
        """Count cases.

        Args:
            outcome: 0 or 1.
            scores: The higher, the earlier; cases without one (NaN) are left out.
            weights: How many cases each stands for; None weighs all alike.
        """
        each = np.ones(len(outcome)) if weights is None else weights
        told = ~np.isnan(scores)
        _, place = np.unique(-scores[told], return_inverse=True)
        positive = each[told] * outcome[told]
        return cls(_running(place, positive), _running(place, each[told] - positive))

    def roc(self) -> Curve:
        """Return share of those with the outcome by share of those without it."""
        return _thin(_share(self.others), _share(self.found))

    def precision_recall(self) -> Curve:
        """Return precision by share found, from the first `LEAST_CASES` cases on."""
        seen = self.found + self.others
        rows = seen >= LEAST_CASES
        return _thin(_share(self.found)[rows], self.found[rows] / seen[rows])

    def gain(self) -> Curve:
        """Return share found by share of all cases visited."""
        return _thin(_share(self.found + self.others), _share(self.found))


def net_benefit(
    outcome: Floats, risk: Floats, thresholds: Floats, weights: Floats | None = None
) -> Curve:
    """Return the net benefit of visiting all at or above each threshold, per case.

    Those found, less those visited in vain, who each count the threshold's odds
    (Vickers and Elkin 2006).

    Args:
        outcome: 0 or 1.
        risk: Probabilities; cases without one (NaN) are left out.
        thresholds: Rising, each below 1.
        weights: How many cases each stands for; None weighs all alike.
    """
    each = np.ones(len(outcome)) if weights is None else weights
    told = ~np.isnan(risk)
    outcome, risk, each = outcome[told], risk[told], each[told]
    order = np.argsort(risk, kind="stable")
    from_place = np.searchsorted(risk[order], thresholds, side="left")
    found = _from(each[order] * outcome[order])[from_place]
    in_vain = _from(each[order] * (1 - outcome[order]))[from_place]
    worth = (found - in_vain * thresholds / (1 - thresholds)) / each.sum()
    return [(float(x), float(y)) for x, y in zip(thresholds, worth, strict=True)]


def _running(place: np.ndarray, weights: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.bincount(place, weights=weights))])


def _from(values: Floats) -> Floats:
    """Return the sum from each place to the end; 0 after the last."""
    return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])


def _share(running: Floats) -> Floats:
    return running / running[-1] if running[-1] > 0 else running


def _thin(x: Floats, y: Floats) -> Curve:
    if not len(x):
        return []
    kept = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
    return [(float(x[n]), float(y[n])) for n in kept]
