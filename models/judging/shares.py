"""Shares: a share of rows, with an interval that is about linked groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.judging.intervals import Figure, cannot_tell, wilson_of
from models.tables.terms import Floats


def grouped_share(
    part: NDArray[Any], weights: Floats, linked_group: NDArray[Any]
) -> Figure:
    """Return a share with Wilson's interval for linked groups.

    The interval is that of as many independent rows as would tell as much: by the
    spread between linked groups, and never more than there are groups, because rows of
    one person or household tell much the same. Where each row is a group and weighs
    alike it is Wilson's own.

    Args:
        part: 1 or true for the rows that count, else 0.
        weights: How many rows each stands for; 0 where it does not.
        linked_group: Of each row.

    >>> share = grouped_share(np.array([1, 0, 0, 0]), np.ones(4), np.arange(4))
    >>> share.value, round(share.low, 3), round(share.high, 3)
    (0.25, 0.046, 0.699)
    """
    total = float(weights.sum())
    if total == 0:
        return cannot_tell("there are no cases")
    counted = part.astype(np.float64)
    share = float(np.einsum("i,i->", counted, weights) / total)
    _, place = np.unique(linked_group, return_inverse=True)
    size = np.bincount(place, weights)
    between = float((np.bincount(place, weights * (counted - share)) ** 2).sum())
    alike = total**2 / float((size**2).sum())
    if between > 0:
        alike = min(alike, share * (1 - share) * total**2 / between)
    return wilson_of(share, max(alike, 1.0))
