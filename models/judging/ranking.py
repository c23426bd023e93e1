"""Ranking: a model's figures on judged cases and on many draws of their groups.

Whatever does not change from draw to draw is done once. The areas and what is found at
capacity need only how much weight stands above each case with the outcome, and all the
rest only sums over groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.judging.draws import Draws
from models.judging.judged import Capacity, Judged
from models.judging.slopes import Stretch, step_parts, steps, stretch
from models.tables.terms import Floats


def figure_table(
    judged: Judged, *, capacity: Capacity, draws: Draws, threshold: float
) -> Floats:
    """Return the figures in the order of `FIGURES`, NaN where undefined.

    Args:
        judged: The cases, some with the outcome and some without.
        capacity: How many of each list can be visited.
        draws: What is drawn; the groups of the cases are among its own.
        threshold: The probability, under 1, at which net benefit is taken.

    Returns:
        1 + draws x figures; the first row is the cases as they are.
    """
    ranking = _Ranking.of(judged, draws)
    sums = _Sums.of(judged, ranking.place, len(draws.groups))
    odds = threshold / (1 - threshold)
    with np.errstate(divide="ignore", invalid="ignore"):
        tables = [
            _figures(ranking.areas(each), ranking.visits(each, capacity), found, odds)
            for each, found in (
                (block, sums.of_draws(block)) for block in draws.blocks(len(judged))
            )
        ]
    return np.concatenate(tables)


@dataclass(frozen=True)
class _Order:
    """Rows in an order, and its runs of equal scores that hold an outcome.

    Attributes:
        rows: Row numbers, sorted.
        starts: Where each such run starts.
        ends: Where the next one starts.
        found: Where in the order the cases with the outcome are.
        first_found: Where in `found` each run starts.
    """

    rows: NDArray[np.intp]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    found: NDArray[np.intp]
    first_found: NDArray[np.intp]

    @classmethod
    def of(cls, rows: NDArray[np.intp], outcome: Floats, *keys: NDArray[Any]) -> _Order:
        changes = [key[rows][1:] != key[rows][:-1] for key in keys]
        every = np.flatnonzero(np.logical_or.reduce(changes)) + 1
        starts = np.concatenate([np.zeros(1, dtype=np.intp), every])
        found = np.flatnonzero(outcome[rows] == 1)
        run = np.searchsorted(starts, found, side="right") - 1
        runs, first_found = np.unique(run, return_index=True)
        ends = np.append(starts[1:], len(rows))
        return cls(rows, starts[runs], ends[runs], found, first_found)


@dataclass(frozen=True)
class _Ranking:
    """The cases in falling order, as a whole and list by list.

    Attributes:
        place: Of each case's group among those drawn.
        weights: How many cases each stands for.
        overall: All cases.
        by_list: The same by list; the same object where there is one list.
        bounds: Where in `by_list` each list starts, and where the last one ends.
    """

    place: NDArray[np.intp]
    weights: Floats
    overall: _Order
    by_list: _Order
    bounds: NDArray[np.intp]

    @classmethod
    def of(cls, judged: Judged, draws: Draws) -> _Ranking:
        _, lists = np.unique(judged.ranked_in, return_inverse=True)
        falling, outcome = -judged.log_odds, judged.outcome
        overall = _Order.of(np.argsort(falling, kind="stable"), outcome, falling)
        by_list = overall
        if lists.any():
            rows = np.lexsort((falling, lists))
            by_list = _Order.of(rows, outcome, falling, lists)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(lists))])
        place = draws.places(judged.linked_group)
        return cls(place, judged.weights, overall, by_list, bounds)

    def areas(self, block: Floats) -> tuple[Floats, Floats]:
        """Return AUC and average precision of each draw."""
        order = self.overall
        positive, seen = self._drawn(block, order)
        above, upto = np.cumsum(positive, axis=1), seen[:, order.ends]
        total, every = above[:, -1], seen[:, -1]
        negative = upto - seen[:, order.starts] - positive
        below = (every - total)[:, None] - (upto - above)
        wins = (positive * (below + negative / 2)).sum(axis=1)
        precision = np.divide(above, upto, out=np.zeros_like(upto), where=upto > 0)
        average = (positive * precision).sum(axis=1) / total
        return wins / (total * (every - total)), average

    def visits(self, block: Floats, capacity: Capacity) -> tuple[Floats, Floats]:
        """Return how many cases are visited in each draw, and how many have it.

        Equal scores share the places that are left among them.
        """
        order, bounds = self.by_list, self.bounds
        positive, seen = self._drawn(block, order)
        sizes = seen[:, bounds[1:]] - seen[:, bounds[:-1]]
        places = np.minimum(capacity.of(sizes), sizes)
        lists = np.searchsorted(bounds, order.starts, side="right") - 1
        before = seen[:, order.starts] - seen[:, bounds[lists]]
        within = seen[:, order.ends] - seen[:, order.starts]
        taken = np.clip(places[:, lists] - before, 0.0, within)
        share = np.divide(taken, within, out=np.zeros_like(taken), where=within > 0)
        return places.sum(axis=1), (positive * share).sum(axis=1)

    def _drawn(self, block: Floats, order: _Order) -> tuple[Floats, Floats]:
        """Return draws x runs: the weight with the outcome; and all seen before."""
        drawn = block[:, self.place[order.rows]] * self.weights[order.rows]
        seen = np.zeros((len(drawn), len(order.rows) + 1))
        np.cumsum(drawn, axis=1, out=seen[:, 1:])
        found = drawn[:, order.found]
        return np.add.reduceat(found, order.first_found, axis=1), seen


@dataclass(frozen=True)
class _Sums:
    """Sums over groups, which are all that the figures of probabilities need.

    Attributes:
        parts: Parts x groups: weight, outcome, risk, squared distance; then `steps`'.
    """

    parts: Floats
    found: Stretch

    @classmethod
    def of(cls, judged: Judged, place: NDArray[np.intp], groups: int) -> _Sums:
        odds, outcome, weights = judged.odds, judged.outcome, judged.weights
        found, risk = stretch(odds, outcome, weights), judged.risk
        ones = np.ones(len(outcome))
        rows = [ones, outcome, risk, (risk - outcome) ** 2]
        rows += list(step_parts(found, odds, outcome))
        added = [np.bincount(place, each * weights, groups) for each in rows]
        return cls(np.array(added), found)

    def of_draws(self, block: Floats) -> dict[str, Floats]:
        """Return the sums of each draw, and its intercept and slope."""
        # Not `@`: on busy cores its threads made an assessment seven times slower.
        drawn = np.einsum("dg,pg->pd", block, self.parts)
        names = ("every", "positive", "risk", "distance")
        sums = dict(zip(names, drawn, strict=False))
        in_large, slope = steps(self.found, drawn[len(names) :])
        return {**sums, "in_large": in_large, "slope": slope}


def _figures(
    areas: tuple[Floats, Floats],
    visits: tuple[Floats, Floats],
    sums: dict[str, Floats],
    odds: float,
) -> Floats:
    """Return draws x figures; NaN where none has, or all have, the outcome."""
    (visited, found), every, positive = visits, sums["every"], sums["positive"]
    benefit = (found - odds * (visited - found)) / every
    everyone = (positive - odds * (every - positive)) / every
    table = np.column_stack(
        [
            *areas,
            sums["distance"] / every,
            found / visited,
            found / positive,
            found / visited * every / positive,
            positive / sums["risk"],
            sums["in_large"],
            sums["slope"],
            benefit,
            benefit - everyone,
        ]
    )
    table[(positive == 0) | (positive == every)] = np.nan
    return table
