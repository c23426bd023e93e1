"""Judged cases: what a model said, what came of it, and how many could be visited."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal
from models.judging.intervals import LEAST_PEOPLE
from models.tables.table import probability
from models.tables.terms import Floats


@dataclass(frozen=True)
class Capacity:
    """How many of a list can be visited: a number of places, or a share of it."""

    places: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if (self.places is None) == (self.share is None):
            got = "both or neither"
            do = "set one of the two"
            raise Refusal([Fault("capacity", "give either places or share", got, do)])

    def of(self, sizes: NDArray[Any]) -> Floats:
        """Return the places on lists of these sizes: a share is rounded, at least 1."""
        if self.places is not None:
            return np.full(np.shape(sizes), float(self.places))
        return np.maximum(1.0, np.rint(sizes * (self.share or 0.0)))


@dataclass(frozen=True)
class Judged:
    """Cases with their scores and what came of them, one a row.

    Attributes:
        outcome: 1 where it happened, else 0.
        log_odds: The model's; a case that has no score must be left out, and counted.
        linked_group: Cases of one group (a household, a premises) are drawn together.
        ranked_in: The list that a case is ranked in: its as-of date or, at events, the
            same for all.
        weight: How many cases each stands for, above 0: for itself, and for those like
            it who left before their outcome could be seen; None where nobody left.
        calibrated: The log-odds that probabilities are read from; None where they are
            the model's own. Cases are ranked by the model's own all the same.
    """

    outcome: Floats
    log_odds: Floats
    linked_group: NDArray[Any]
    ranked_in: NDArray[Any]
    weight: Floats | None = None
    calibrated: Floats | None = None

    def __post_init__(self) -> None:
        faults = []
        if len({len(column) for column in self._columns if column is not None}) > 1:
            what, got = "each case has all its columns", "other lengths"
            faults.append(Fault("judged cases", what, got, "give one of each a case"))
        if not np.isfinite(self.log_odds).all():
            do = "leave out the cases without a score, and report how many"
            got = "a case without one"
            faults.append(Fault("judged cases", "every case has a score", got, do))
        if not np.isin(self.outcome, (0, 1)).all():
            what, do = "an outcome is 0 or 1", "leave out those not yet known"
            faults.append(Fault("judged cases", what, "something else", do))
        if not (self.weights > 0).all():
            what, do = "a weight is above 0", "leave out those who left"
            faults.append(Fault("judged cases", what, "another weight", do))
        if faults:
            raise Refusal(faults)

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def odds(self) -> Floats:
        """The log-odds that probabilities are read from."""
        return self.log_odds if self.calibrated is None else self.calibrated

    @property
    def risk(self) -> Floats:
        """The probabilities, 0 to 1."""
        return probability(self.odds)

    @property
    def weights(self) -> Floats:
        """How many cases each stands for; 1 where nobody left."""
        return np.ones(len(self.outcome)) if self.weight is None else self.weight

    @property
    def _columns(self) -> list[NDArray[Any] | None]:
        return [getattr(self, each.name) for each in fields(self)]

    def only(self, rows: NDArray[np.bool_]) -> Judged:
        """Return the cases of these rows."""
        kept = (None if each is None else each[rows] for each in self._columns)
        return Judged(*kept)  # type: ignore[arg-type]

    @property
    def too_few(self) -> str | None:
        """Why nothing can be told of these cases; None where something can."""
        for outcome, words in ((1, "with the outcome"), (0, "without it")):
            if count_groups(self, self.outcome == outcome) < LEAST_PEOPLE:
                return f"fewer than {LEAST_PEOPLE} {words}"
        return None


def within_capacity(judged: Judged, capacity: Capacity) -> NDArray[np.bool_]:
    """Return which cases would be visited; of equal scores, the row that is first."""
    _, lists = np.unique(judged.ranked_in, return_inverse=True)
    sizes = np.bincount(lists, weights=judged.weights)
    order = np.lexsort((-judged.log_odds, lists))
    weights = judged.weights[order]
    before = (np.cumsum(sizes) - sizes)[lists[order]]
    place = np.cumsum(weights) - weights - before
    visited = np.empty(len(order), dtype=np.bool_)
    visited[order] = place < capacity.of(sizes)[lists[order]]
    return visited


def count_groups(judged: Judged, rows: NDArray[np.bool_]) -> int:
    """Return how many linked groups the rows are of: a person on 8 dates is one."""
    return len(np.unique(judged.linked_group[rows]))
