"""Draws: linked groups drawn again and again, the same for all that is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.tables.terms import Floats


# So many numbers are worked on at once: they stay in the processor's cache.
_BLOCK = 500_000


@dataclass(frozen=True)
class Draws:
    """How often groups are drawn, and which groups there are.

    Whatever is judged with the same draws is judged on the same draws: figures of
    several models, or of several dates on which a group has rows, may be subtracted.

    Attributes:
        groups: The linked groups there are, sorted.
        number: How often as many of them are drawn, with replacement.
        seed: The same seed draws the same.
    """

    groups: NDArray[Any]
    number: int
    seed: int

    @classmethod
    def of(cls, linked_group: NDArray[Any], *, number: int, seed: int) -> Draws:
        """Return draws of the groups that the rows are of."""
        return cls(np.unique(linked_group), number, seed)

    def places(self, linked_group: NDArray[Any]) -> NDArray[np.intp]:
        """Return where in `groups` each row's group stands."""
        return np.searchsorted(self.groups, linked_group)

    def blocks(self, rows: int) -> Iterator[Floats]:
        """Yield draws x groups: how often each was drawn, some draws at a time.

        The first row is the groups as they are, each once.

        Args:
            rows: How many rows the groups have; the more, the fewer draws at a time.
        """
        count = len(self.groups)
        generator = np.random.default_rng(self.seed)
        at_once = max(1, _BLOCK // max(rows, count, 1))
        block = [np.ones(count)]
        for _ in range(self.number):
            drawn = generator.integers(0, count, size=count)
            block.append(np.bincount(drawn, minlength=count).astype(np.float64))
            if len(block) >= at_once:
                yield np.array(block)
                block = []
        if block:
            yield np.array(block)
