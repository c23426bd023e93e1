"""Days as numbers, and the arrays that the town is made of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt

from features.town import parameters as rates


Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Strings = npt.NDArray[Any]  # of dtype str; numpy's own type for it is not exported

# A day is the number of days since 1 January 1970, as in numpy's datetime64[D].
NEVER = 10**6
DAYS_PER_YEAR = 365.25


def day_number(day: dt.date) -> int:
    """Return the day as the number of days since 1 January 1970.

    >>> day_number(dt.date(1970, 1, 2))
    1
    """
    return (day - dt.date(1970, 1, 1)).days


FIRST = day_number(rates.FIRST_DAY)
LAST = day_number(rates.LAST_DAY)
