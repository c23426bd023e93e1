"""Swarms: what each indicator adds over all cases, with no case of its own in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.tables.table import TableModel
from models.tables.terms import Floats


MOST_DOTS = 200
# A dot is never one case: pictures are kept where no person may be.
LEAST_CASES_A_DOT = 8


@dataclass(frozen=True)
class Swarm:
    """What one indicator, or pair of them, adds, in dots of several cases each.

    Attributes:
        name: Of the term.
        adds: The mean of what it adds to the log-odds of a dot's cases, rising.
        ranks: Where the dot's values stand among all, from 0 (lowest) to 1; NaN where
            they are missing or have no order.
        cases_a_dot: How many cases a dot stands for, about.
    """

    name: str
    adds: tuple[float, ...]
    ranks: tuple[float, ...]
    cases_a_dot: int


def swarms_of(
    model: TableModel, columns: Mapping[str, NDArray[Any]], *, most: int = 20
) -> list[Swarm]:
    """Return a swarm a term, by mean absolute contribution from the greatest.

    Args:
        model: The model.
        columns: As it takes them.
        most: How many terms at most.
    """
    found = model.contributions(columns)
    weight = np.nan_to_num(np.abs(found.values)).mean(axis=0)
    first = np.argsort(-weight, kind="stable")[:most]
    return [
        _swarm(
            found.names[n], found.values[:, n], _ranks(model, found.names[n], columns)
        )
        for n in first.tolist()
    ]


def _swarm(name: str, adds: Floats, ranks: Floats) -> Swarm:
    told = ~np.isnan(adds)
    adds, ranks = adds[told], ranks[told]
    dots = min(MOST_DOTS, len(adds) // LEAST_CASES_A_DOT)
    if not dots:
        return Swarm(name, (), (), 0)
    order = np.lexsort((ranks, adds))
    starts = np.arange(dots) * len(adds) // dots
    sizes = np.diff([*starts.tolist(), len(adds)])
    mean_adds = np.add.reduceat(adds[order], starts) / sizes
    mean_ranks = np.add.reduceat(ranks[order], starts) / sizes
    per_dot = len(adds) // dots
    return Swarm(name, tuple(mean_adds.tolist()), tuple(mean_ranks.tolist()), per_dot)


def _ranks(model: TableModel, term: str, columns: Mapping[str, NDArray[Any]]) -> Floats:
    """Return where each value stands among all, 0 to 1; NaN if that says nothing."""
    indicators = model.indicators_by_term[term]
    column = columns[indicators[0]]
    ranks = np.full(len(column), np.nan)
    if len(indicators) > 1 or column.dtype.kind not in "fiub":
        return ranks
    known = ~np.isnan(column)
    _, place, counts = np.unique(column[known], return_inverse=True, return_counts=True)
    above = np.cumsum(counts)
    ranks[known] = ((above - counts / 2) / max(known.sum(), 1))[place]
    return ranks
