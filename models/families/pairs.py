"""Pairs: what two indicators add together, as a table of both.

Only numpy and the standard library: the web service imports this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, Refusal, refuse_if_any
from models.tables.terms import (
    UNKNOWN,
    Categories,
    Floats,
    Line,
    Log,
    Steps,
    Term,
    Value,
    as_content,
    is_finite_float,
    read_term,
)


_FIT_AGAIN = "take the file from the registry again, or fit the model again"
_FIELDS = {"kind", "name", "first", "second", "values"}

Axis = Steps | Categories


@dataclass(frozen=True)
class Pair:
    """What two indicators add together: one value for each two of their bins.

    It holds what each of the two adds by itself as well.

    Attributes:
        name: As `pair_name` makes it.
        first: Says which row of `values` a value of the first indicator stands for: its
            own values count the rows from 0.
        second: The same of the columns.
        values: Log-odds, by row and column.
    """

    kind: ClassVar[str] = "pair"
    name: str
    first: Axis
    second: Axis
    values: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        refuse_if_any(self._faults())

    @property
    def indicators(self) -> tuple[str, str]:
        """The two indicators."""
        return self.first.name, self.second.name

    def of(self, first: Value, second: Value) -> float:
        """Return the contribution of two values; NaN where nothing can be told.

        >>> age = Steps("age", (80.0,), (0.0, 1.0), missing=0.0)
        >>> alone = Steps("alone", (0.0,), (0.0, 1.0), missing=0.0)
        >>> Pair("age and alone", age, alone, ((-0.5, 0.0), (0.25, 1.0))).of(85, 1)
        1.0
        """
        row, column = self.first.of(first), self.second.of(second)
        if math.isnan(row) or math.isnan(column):
            return UNKNOWN
        return self.values[int(row)][int(column)]

    def over(self, first: NDArray[Any], second: NDArray[Any]) -> Floats:
        """Return the contributions of two columns; NaN where nothing can be told."""
        rows, columns = self.first.over(first), self.second.over(second)
        unknown = np.isnan(rows) | np.isnan(columns)
        at = np.where(unknown, 0, rows), np.where(unknown, 0, columns)
        values = self.table[at[0].astype(np.int64), at[1].astype(np.int64)]
        return np.where(unknown, UNKNOWN, values)

    @cached_property
    def table(self) -> Floats:
        """The values as an array, rows x columns."""
        return np.array(self.values, dtype=np.float64)

    def as_content(self) -> dict[str, object]:
        """Return the pair as it stands in a model's file."""
        return {
            "kind": self.kind,
            "name": self.name,
            "first": as_content(self.first),
            "second": as_content(self.second),
            "values": [list(row) for row in self.values],
        }

    def _faults(self) -> Iterator[Fault]:
        axes = (self.first, self.second)
        if not all(isinstance(axis, Axis) for axis in axes):
            yield _fault(self.name, "a pair has two axes, of steps or categories")
            return
        if self.name != pair_name(*self.indicators) or len(set(self.indicators)) < 2:
            yield _fault(self.name, "a pair is called after its two indicators")
        columns = {len(row) for row in self.values}
        sizes = (len(self.values), next(iter(columns), 0))
        if len(columns) != 1:
            yield _fault(self.name, "every row of a pair is of one length")
        for axis, size in zip(axes, sizes, strict=True):
            if not all(_is_place(place, size) for place in _places(axis)):
                yield _fault(self.name, "an axis of a pair counts its rows from 0")
        if not all(is_finite_float(value) for row in self.values for value in row):
            yield _fault(self.name, "`values` holds finite floats")


AnyTerm = Term | Pair


def pair_name(first: str, second: str) -> str:
    """Return what a pair of indicators is called."""
    return f"{first} and {second}"


def indicators_of(term: AnyTerm) -> tuple[str, ...]:
    """Return the indicators that a term reads: one, or the two of a pair."""
    return term.indicators if isinstance(term, Pair) else (term.name,)


def any_content(term: AnyTerm) -> dict[str, object]:
    """Return a term or pair as it stands in a model's file."""
    return term.as_content() if isinstance(term, Pair) else as_content(term)


def read_any(content: object, where: str) -> AnyTerm:
    """Read one term or pair of a model's file, strictly.

    Raises:
        Refusal: With every fault of it.
    """
    if not isinstance(content, dict) or content.get("kind") != Pair.kind:
        return read_term(content, where)
    if set(content) != _FIELDS:
        what = f"a pair has exactly: {', '.join(sorted(_FIELDS))}"
        raise Refusal([Fault(where, what, "other fields", _FIT_AGAIN)])
    rows = content["values"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        what = "`values` is a list of lists"
        raise Refusal([Fault(where, what, "something else", _FIT_AGAIN)])
    first = _read_axis(content["first"], f"{where}: first")
    second = _read_axis(content["second"], f"{where}: second")
    return Pair(content["name"], first, second, tuple(tuple(row) for row in rows))


def _read_axis(content: object, where: str) -> Axis:
    axis = read_term(content, where)
    if isinstance(axis, Line | Log):
        what = "an axis of a pair is steps or categories"
        raise Refusal([Fault(where, what, "a line", _FIT_AGAIN)])
    return axis


def _places(axis: Axis) -> Iterator[float]:
    yield from axis.values
    if axis.missing is not None:
        yield axis.missing


def _is_place(place: float, size: int) -> bool:
    return place.is_integer() and 0 <= place < size


def _fault(name: object, what: str) -> Fault:
    return Fault(f"model: {name}", what, "something else", _FIT_AGAIN)
