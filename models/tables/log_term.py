"""The term of an exposure: what a number is in proportion to.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.tables.term_checks import (
    UNKNOWN,
    Floats,
    Value,
    as_number,
    as_numbers,
    fault_in,
    number_faults,
    or_unknown,
)


@dataclass(frozen=True)
class Log:
    """A number's contribution as its logarithm: `log(x) - centre`.

    Twice the exposure, twice the expected number. Only models of numbers hold it.

    Attributes:
        name: The indicator.
        centre: The mean of the logarithm in training, where the contribution is 0.
        missing: None: without an exposure nothing can be told.
    """

    kind: ClassVar[str] = "log"
    name: str
    centre: float
    missing: float | None

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())

    def of(self, value: Value) -> float:
        """Return the contribution of one value; NaN where nothing can be told.

        >>> Log("last_year", 0.0, missing=None).of(1)
        0.0
        """
        number = as_number(self.name, value)
        if not 0 < number < math.inf:
            return or_unknown(self.missing) if math.isnan(number) else UNKNOWN
        # Not math.log, whose last bit may differ from numpy's.
        return float(np.log(np.array([number]))[0] - self.centre)

    def over(self, column: NDArray[Any]) -> Floats:
        """Return the contributions of a column of numbers; NaN is missing."""
        numbers = as_numbers(self.name, column)
        answers = np.full(len(numbers), UNKNOWN)
        told = (numbers > 0) & (numbers < math.inf)
        answers[told] = np.log(numbers[told]) - self.centre
        answers[np.isnan(numbers)] = or_unknown(self.missing)
        return answers

    def _faults(self) -> Iterator[Fault]:
        numbers = {"centre": (self.centre,)}
        yield from number_faults(self.name, numbers, self.missing)
        if self.missing is not None:
            what = "an exposure that is missing tells nothing"
            yield fault_in(self.name, what, "a value for it")
