"""Contributions: what each part of a model adds, row by row.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.tables.terms import Floats


@dataclass(frozen=True)
class Contributions:
    """What each term adds to the log-odds, row by row.

    Attributes:
        base: Log-odds of the training rows' mean.
        names: The terms, in the model's order: an indicator, or a pair of them.
        values: Rows x terms; NaN where nothing can be told.
    """

    base: float
    names: tuple[str, ...]
    values: Floats

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """Rows with a category that training never saw."""
        return np.isnan(self.log_odds)

    @cached_property
    def log_odds(self) -> Floats:
        """Base + contributions, added in the model's order; NaN where unseen."""
        total = np.zeros(len(self.values))
        for column in self.values.T:
            total += column
        return self.base + total
