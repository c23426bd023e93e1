"""What every kind of term checks: that its numbers are numbers, finite and named.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal


Floats = NDArray[np.float64]
Value = float | str | None

# What cannot be told is not a number, so that no sum over it can pass for a score.
UNKNOWN = math.nan

FIT_AGAIN = "take the file from the registry again, or fit the model again"


def as_number(name: str, value: Value) -> float:
    """Return a value as a number; None is NaN, a text is refused."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        # float("...") would write the value itself into its message.
        raise Refusal([fault_in(name, "the indicator is a number", "a text")])
    return float(value)


def as_numbers(name: str, column: NDArray[Any]) -> Floats:
    """Return a column as floats; what holds no numbers is refused."""
    if column.dtype.kind not in "fiub":
        got = f"a column of {column.dtype}"
        raise Refusal([fault_in(name, "the indicator is a column of numbers", got)])
    return cast(Floats, column.astype(np.float64, copy=False))


def or_unknown(number: float | None) -> float:
    """Return a finite number as it is, anything else as unknown."""
    return number if number is not None and math.isfinite(number) else UNKNOWN


def fault_in(name: object, what: str, got: str) -> Fault:
    """Return a fault of one term of a model."""
    return Fault(f"model: {name}", what, got, FIT_AGAIN)


def number_faults(
    name: object, numbers: Mapping[str, Sequence[float]], missing: float | None
) -> Iterator[Fault]:
    """Yield what is wrong with a term's name and numbers."""
    if not isinstance(name, str) or not name:
        yield fault_in("a term", "a term has a name", "none")
    given = {**numbers, "missing": () if missing is None else (missing,)}
    for key, values in given.items():
        if not all(is_finite_float(value) for value in values):
            yield fault_in(name, f"`{key}` holds finite floats", "something else")


def is_finite_float(value: object) -> bool:
    """Say whether `value` is a float that is neither NaN nor infinite."""
    return isinstance(value, float) and math.isfinite(value)
