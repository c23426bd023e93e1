"""Terms: what one indicator adds to the log-odds, as a table that anyone can read.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal, refuse_if_any
from models.tables.log_term import Log
from models.tables.lookup import Lookup
from models.tables.term_checks import (
    FIT_AGAIN,
    UNKNOWN,
    Floats,
    Value,
    as_number,
    as_numbers,
    fault_in,
    is_finite_float,
    number_faults,
    or_unknown,
)


__all__ = [
    "UNKNOWN",
    "Categories",
    "Floats",
    "Line",
    "Log",
    "Steps",
    "Term",
    "Value",
    "as_content",
    "is_finite_float",
    "read_term",
]


@dataclass(frozen=True)
class Steps:
    """A number's contribution as a staircase.

    Attributes:
        name: The indicator.
        edges: Strictly increasing, in the indicator's unit.
        values: Log-odds, one more than `edges`: `values[i]` holds for
            `edges[i - 1] < x <= edges[i]`, as LightGBM's `<=` goes left.
        missing: Log-odds of a missing value; None where none was seen in training,
            so that there is nothing to say about it.
    """

    kind: ClassVar[str] = "steps"
    name: str
    edges: tuple[float, ...]
    values: tuple[float, ...]
    missing: float | None

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())

    def of(self, value: Value) -> float:
        """Return the contribution of one value; NaN where nothing can be told.

        >>> Steps("visits", (0.0, 3.0), (-0.5, 0.1, 0.9), missing=None).of(3)
        0.1
        """
        number = as_number(self.name, value)
        if math.isnan(number):
            return self._missing
        return self.values[bisect_left(self.edges, number)]

    def over(self, column: NDArray[Any]) -> Floats:
        """Return the contributions of a column of numbers; NaN is missing."""
        numbers = as_numbers(self.name, column)
        return self._lookup.over(numbers)

    @cached_property
    def _missing(self) -> float:
        return or_unknown(self.missing)

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.edges, self.values, self._missing)

    def _faults(self) -> Iterator[Fault]:
        numbers = {"edges": self.edges, "values": self.values}
        yield from number_faults(self.name, numbers, self.missing)
        if len(self.values) != len(self.edges) + 1:
            got = f"{len(self.values)} values, {len(self.edges)} edges"
            yield fault_in(self.name, "steps have one value more than edges", got)
        if not all(map(is_finite_float, self.edges)):
            return
        if any(not low < high for low, high in pairwise(self.edges)):
            yield fault_in(self.name, "edges must strictly increase", "other edges")


@dataclass(frozen=True)
class Line:
    """A number's contribution as a straight line: `weight * (x - centre)`.

    Attributes:
        name: The indicator.
        centre: Where the contribution is 0, in the indicator's unit.
        weight: Log-odds per unit.
        missing: Log-odds of a missing value; None where none was seen in training.
    """

    kind: ClassVar[str] = "line"
    name: str
    centre: float
    weight: float
    missing: float | None

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())

    def of(self, value: Value) -> float:
        """Return the contribution of one value; NaN where nothing can be told.

        >>> Line("rent_arrears_pence", 100.0, 0.5, missing=0.25).of(104)
        2.0
        """
        number = as_number(self.name, value)
        if math.isnan(number):
            return self._missing
        return or_unknown(self.weight * (number - self.centre))

    def over(self, column: NDArray[Any]) -> Floats:
        """Return the contributions of a column of numbers; NaN is missing."""
        numbers = as_numbers(self.name, column)
        with np.errstate(over="ignore", invalid="ignore"):
            answers = self.weight * (numbers - self.centre)
        answers[~np.isfinite(answers)] = UNKNOWN
        answers[np.isnan(numbers)] = self._missing
        return answers

    @cached_property
    def _missing(self) -> float:
        return or_unknown(self.missing)

    def _faults(self) -> Iterator[Fault]:
        numbers = {"centre": (self.centre,), "weight": (self.weight,)}
        yield from number_faults(self.name, numbers, self.missing)


@dataclass(frozen=True)
class Categories:
    """A category's contribution: one value each.

    A category that is not listed was not seen in training: nothing can be told of it.

    Attributes:
        name: The indicator.
        categories: As they stand in the snapshot, in the declared order.
        values: Log-odds, one a category.
        missing: Log-odds of a missing value; None where none was seen in training.
    """

    kind: ClassVar[str] = "categories"
    name: str
    categories: tuple[str, ...]
    values: tuple[float, ...]
    missing: float | None

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())

    def of(self, value: Value) -> float:
        """Return the contribution of one value; NaN where nothing can be told.

        >>> Categories("tenure", ("owned", "rented"), (-0.2, 0.3), None).of("squat")
        nan
        """
        if value is None or value != value:
            return self._missing
        return self._values.get(value, UNKNOWN)

    def over(self, column: NDArray[Any]) -> Floats:
        """Return the contributions of a column of texts; None or NaN is missing."""
        return np.fromiter((self.of(value) for value in column), float, len(column))

    @cached_property
    def _missing(self) -> float:
        return or_unknown(self.missing)

    @cached_property
    def _values(self) -> dict[Value, float]:
        return dict(zip(self.categories, self.values, strict=True))

    def _faults(self) -> Iterator[Fault]:
        yield from number_faults(self.name, {"values": self.values}, self.missing)
        if not all(isinstance(category, str) for category in self.categories):
            yield fault_in(self.name, "categories are texts", "something else")
        elif len(set(self.categories)) != len(self.categories):
            yield fault_in(self.name, "a category is listed once", "one listed again")
        if len(self.values) != len(self.categories):
            got = f"{len(self.values)} values, {len(self.categories)} categories"
            yield fault_in(self.name, "each category has one value", got)


Term = Steps | Line | Categories | Log
_KINDS: dict[str, type[Term]] = {
    kind.kind: kind for kind in (Steps, Line, Categories, Log)
}


def as_content(term: Term) -> dict[str, object]:
    """Return the term as it stands in a model's file."""
    return {"kind": term.kind, **asdict(term)}


def read_term(content: object, where: str) -> Term:
    """Read one term of a model's file, strictly.

    Raises:
        Refusal: With every fault of the term.
    """
    named = content if isinstance(content, dict) else {}
    given = {key: value for key, value in named.items() if key != "kind"}
    kind = next((k for name, k in _KINDS.items() if name == named.get("kind")), None)
    if kind is None:
        what = f"a term is one of: {', '.join(_KINDS)}"
        raise Refusal([Fault(where, what, "another kind", FIT_AGAIN)])
    declared = [field.name for field in fields(kind)]
    if set(given) != set(declared):
        what = f"{kind.kind} have exactly: {', '.join(declared)}"
        raise Refusal([Fault(where, what, "other fields", FIT_AGAIN)])
    lists = [key for key in ("edges", "values", "categories") if key in given]
    refuse_if_any(
        Fault(where, f"`{key}` is a list", "something else", FIT_AGAIN)
        for key in lists
        if not isinstance(given[key], list)
    )
    return kind(**{**given, **{key: tuple(given[key]) for key in lists}})
