"""Links: from the sum of a model's terms to what is expected.

Only numpy: the web service imports this module.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from models.tables.term_checks import Floats


# The sum is log-odds, of which a probability is read; or the log of a number.
Link = Literal["logit", "log"]


def probability(log_odds: ArrayLike) -> Floats:
    """Return the probabilities (0 to 1) of log-odds; NaN stays NaN.

    >>> probability([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]
    """
    odds = np.asarray(log_odds, dtype=np.float64)
    # Of two equal forms, the one whose exponential cannot overflow.
    small = np.exp(-np.abs(odds))
    return np.where(odds >= 0, 1 / (1 + small), small / (1 + small))


def exponential(logs: ArrayLike) -> Floats:
    """Return the numbers of their logarithms; NaN stays NaN.

    >>> exponential([0.0, -800.0]).tolist()
    [1.0, 0.0]
    """
    with np.errstate(over="ignore"):
        return np.exp(np.asarray(logs, dtype=np.float64))
