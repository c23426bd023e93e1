"""Pairs: two identities, and how probable it is that they are of one entity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


# Weights are kept so exactly and no more: the last bits of a float sum may vary.
_DECIMALS = 6


class Pair(NamedTuple):
    """Two identities that were compared.

    Attributes:
        left: The number of the first, less than `right`.
        weight: Log to base 2 of the odds that they are of one entity.
        probability: That they are.
    """

    left: int
    right: int
    weight: float
    probability: float


def pair_of(one: int, other: int, weight: float) -> Pair:
    """Return the pair of two identities, in either order.

    >>> pair_of(1, 0, 1.0)
    Pair(left=0, right=1, weight=1.0, probability=0.666667)
    """
    weight = round(weight, _DECIMALS)
    probability = round(1 / (1 + math.exp2(-weight)), _DECIMALS)
    return Pair(min(one, other), max(one, other), weight, probability)


@dataclass(frozen=True)
class Compared:
    """What comparing gave.

    Attributes:
        pairs: The heaviest first; of equals, in the order of their numbers.
        notes: What a reader of the links should know.
        model: The weights, if they were trained, now or before.
    """

    pairs: list[Pair]
    notes: tuple[str, ...] = ()
    model: str | None = None


@dataclass(frozen=True)
class Spine:
    """What is already linked, and stays so.

    Attributes:
        fresh: Of each identity, whether it is new, or has no settled place.
        model: The weights as they were trained then; None if they were not.
    """

    fresh: Sequence[bool]
    model: str | None
