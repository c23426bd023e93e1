"""Terms: what one indicator adds to the log-odds, as a table that anyone can read.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal, refuse_if_any
from models.lookup import Lookup


Floats = NDArray[np.float64]
Value = float | str | None

# What cannot be told is not a number, so that no sum over it can pass for a score.
UNKNOWN = math.nan


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
        number = _as_number(self.name, value)
        if math.isnan(number):
            return self._missing
        return self.values[bisect_left(self.edges, number)]

    def over(self, column: NDArray[Any]) -> Floats:
        """Return the contributions of a column of numbers; NaN is missing."""
        numbers = _as_numbers(self.name, column)
        return self._lookup.over(numbers)

    @cached_property
    def _missing(self) -> float:
        return _or_unknown(self.missing)

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.edges, self.values, self._missing)

    def _faults(self) -> Iterator[Fault]:
        numbers = {"edges": self.edges, "values": self.values}
        yield from _number_faults(self.name, numbers, self.missing)
        if len(self.values) != len(self.edges) + 1:
            got = f"{len(self.values)} values, {len(self.edges)} edges"
            yield _fault(self.name, "steps have one value more than edges", got)
        if not all(map(is_finite_float, self.edges)):
            return
        if any(not low < high for low, high in pairwise(self.edges)):
            yield _fault(self.name, "edges must strictly increase", "other edges")


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
        number = _as_number(self.name, value)
        if math.isnan(number):
            return self._missing
        return _or_unknown(self.weight * (number - self.centre))

    def over(self, column: NDArray[Any]) -> Floats:
        """Return the contributions of a column of numbers; NaN is missing."""
        numbers = _as_numbers(self.name, column)
        with np.errstate(over="ignore", invalid="ignore"):
            answers = self.weight * (numbers - self.centre)
        answers[~np.isfinite(answers)] = UNKNOWN
        answers[np.isnan(numbers)] = self._missing
        return answers

    @cached_property
    def _missing(self) -> float:
        return _or_unknown(self.missing)

    def _faults(self) -> Iterator[Fault]:
        numbers = {"centre": (self.centre,), "weight": (self.weight,)}
        yield from _number_faults(self.name, numbers, self.missing)


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
        return _or_unknown(self.missing)

    @cached_property
    def _values(self) -> dict[Value, float]:
        return dict(zip(self.categories, self.values, strict=True))

    def _faults(self) -> Iterator[Fault]:
        yield from _number_faults(self.name, {"values": self.values}, self.missing)
        if not all(isinstance(category, str) for category in self.categories):
            yield _fault(self.name, "categories are texts", "something else")
        elif len(set(self.categories)) != len(self.categories):
            yield _fault(self.name, "a category is listed once", "one listed again")
        if len(self.values) != len(self.categories):
            got = f"{len(self.values)} values, {len(self.categories)} categories"
            yield _fault(self.name, "each category has one value", got)


Term = Steps | Line | Categories
_KINDS: dict[str, type[Term]] = {kind.kind: kind for kind in (Steps, Line, Categories)}


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
        raise Refusal([Fault(where, what, "another kind", _FIT_AGAIN)])
    declared = [field.name for field in fields(kind)]
    if set(given) != set(declared):
        what = f"{kind.kind} have exactly: {', '.join(declared)}"
        raise Refusal([Fault(where, what, "other fields", _FIT_AGAIN)])
    lists = [key for key in ("edges", "values", "categories") if key in given]
    refuse_if_any(
        Fault(where, f"`{key}` is a list", "something else", _FIT_AGAIN)
        for key in lists
        if not isinstance(given[key], list)
    )
    return kind(**{**given, **{key: tuple(given[key]) for key in lists}})


_FIT_AGAIN = "take the file from the registry again, or fit the model again"


def _as_number(name: str, value: Value) -> float:
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        # float("...") would write the value itself into its message.
        raise Refusal([_fault(name, "the indicator is a number", "a text")])
    return float(value)


def _as_numbers(name: str, column: NDArray[Any]) -> Floats:
    if column.dtype.kind not in "fiub":
        got = f"a column of {column.dtype}"
        raise Refusal([_fault(name, "the indicator is a column of numbers", got)])
    return cast(Floats, column.astype(np.float64, copy=False))


def _or_unknown(number: float | None) -> float:
    return number if number is not None and math.isfinite(number) else UNKNOWN


def _fault(name: object, what: str, got: str) -> Fault:
    return Fault(f"model: {name}", what, got, _FIT_AGAIN)


def _number_faults(
    name: object, numbers: Mapping[str, Sequence[float]], missing: float | None
) -> Iterator[Fault]:
    if not isinstance(name, str) or not name:
        yield _fault("a term", "a term has a name", "none")
    given = {**numbers, "missing": () if missing is None else (missing,)}
    for key, values in given.items():
        if not all(is_finite_float(value) for value in values):
            yield _fault(name, f"`{key}` holds finite floats", "something else")


def is_finite_float(value: object) -> bool:
    """Say whether `value` is a float that is neither NaN nor infinite."""
    return isinstance(value, float) and math.isfinite(value)
