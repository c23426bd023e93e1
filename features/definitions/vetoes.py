"""Vetoes: why two records cannot be one entity, whatever the probability."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from features.definitions.comparisons import Window
from features.definitions.definition import Definition, Name
from features.definitions.likeness import (
    EDITS,
    JARO_WINKLER,
    Likeness,
    NotMeasuredError,
)


_DAYS_A_YEAR = 365.25
# From here on two names are one name with a slip of the pen.
_ALIKE = 0.88

Value = str | dt.date | None
Values = Sequence[Any]
_Test = Callable[[Values, Values], bool]
_Holds = Callable[[Any, Any], bool]


class Outside(Window):
    """The date in one record lies outside the other's window.

    Attributes:
        date: The attribute with the date.
    """

    date: Name


class Veto(Definition):
    """Two records of which all this is true are two entities.

    Where an attribute is missing on either side, what is said of it is not true.

    Attributes:
        name: As told in reports: "twins".
        same: These are equal.
        differs: These are not.
        edits: These are at least so many slips of the pen apart.
        unlike: These are less alike than this by Jaro and Winkler's measure, and
            neither begins with the other (an initial is no other name).
        years_apart: These dates are at least so many years apart.
        outside: A date lies outside the other record's window.
        unless_swapped: Two attributes: it does not hold if what one record says in the
            first, the other says in the second, and the reverse, or nearly.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z' -]{0,59}$")]
    same: list[Name] = Field(default_factory=list)
    differs: list[Name] = Field(default_factory=list)
    edits: dict[Name, Annotated[int, Field(ge=1, le=20)]] = Field(default_factory=dict)
    unlike: dict[Name, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict
    )
    years_apart: dict[Name, Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=dict
    )
    outside: Outside | None = None
    unless_swapped: Annotated[list[Name], Field(min_length=2, max_length=2)] | None = (
        None
    )

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        if not self.contrasts and self.outside is None:
            raise ValueError(
                "a veto needs `differs`, `edits`, `unlike`, `years_apart` or `outside`"
            )
        return self

    @property
    def contrasts(self) -> list[str]:
        """What both records must have, and not the same."""
        return [*self.differs, *self.edits, *self.unlike, *self.years_apart]

    @property
    def _swappable(self) -> list[str]:
        return self.unless_swapped or []

    @property
    def attributes(self) -> list[str]:
        """Every attribute that it reads."""
        return [name for name, _ in self.typed_attributes]

    @property
    def typed_attributes(self) -> Iterator[tuple[str, str]]:
        """The attributes, each with the form it must have."""
        yield from ((name, "any") for name in (*self.same, *self.differs, *self.edits))
        yield from ((name, "text") for name in (*self.unlike, *self._swappable))
        yield from ((name, "date") for name in self.years_apart)
        if self.outside:
            window = self.outside
            yield from ((n, "date") for n in (window.date, window.first, window.last))


class VetoRules:
    """The vetoes of a kind, applied to what records say.

    Args:
        vetoes: In the order in which they are told of.
        final: The names of those that no decision overcomes.

    Attributes:
        attributes: What the vetoes read; records are told as values in this order.
    """

    def __init__(self, vetoes: Sequence[Veto], final: Collection[str] = ()) -> None:
        names = (name for veto in vetoes for name in veto.attributes)
        self.attributes = tuple(dict.fromkeys(names))
        # The very functions that compare pairs, so that both mean the same by them.
        database = functools.cache(_connected)
        self._edits = Likeness(database, EDITS)
        self._jaro_winkler = Likeness(database, JARO_WINKLER)
        self._tests = [(veto.name, list(self._tests_of(veto))) for veto in vetoes]
        self._final = [(name, tests) for name, tests in self._tests if name in final]

    def between(self, one: Values, other: Values) -> str | None:
        """Return the name of the first veto between two records, or None.

        Args:
            one: The values of `attributes`; None where missing.
            other: Likewise. Which is which makes no difference.
        """
        return _first(self._tests, one, other)

    def between_each(self, pairs: Sequence[tuple[Values, Values]]) -> list[str | None]:
        """Return what `between` says of many pairs, measuring all texts together."""
        found: list[str | None] = [None] * len(pairs)
        waiting: Sequence[int] = range(len(pairs))
        while waiting:
            with self._edits.together(), self._jaro_winkler.together():
                waiting = [n for n in waiting if not self._tell(pairs[n], n, found)]
        return found

    def _tell(
        self, pair: tuple[Values, Values], number: int, found: list[str | None]
    ) -> bool:
        """Note the veto of a pair; False if texts have to be measured first."""
        try:
            found[number] = _first(self._tests, *pair)
        except NotMeasuredError:
            return False
        return True

    def final_between(self, one: Values, other: Values) -> str | None:
        """Return the name of the first final veto between two records, or None."""
        return _first(self._final, one, other)

    def _tests_of(self, veto: Veto) -> Iterator[_Test]:
        """Yield what must all be true, the dearest last: most fail at the first."""
        yield from (self._same(name) for name in veto.same)
        yield from (self._both(name, operator.ne) for name in veto.differs)
        for name, years in veto.years_apart.items():
            yield self._both(name, _at_least(years, _years))
        if veto.outside:
            yield self._outside(veto.outside)
        for name, edits in veto.edits.items():
            yield self._both(name, _at_least(edits, self._slips))
        for name, bound in veto.unlike.items():
            yield self._both(name, _below(bound, self._likeness))
        if veto.unless_swapped:
            yield self._not_swapped(*veto.unless_swapped)

    def _not_swapped(self, first: str, second: str) -> _Test:
        a, b = self.attributes.index(first), self.attributes.index(second)

        def test(one: Values, other: Values) -> bool:
            said = ((one[a], other[b]), (one[b], other[a]))
            return not all(
                x is not None and y is not None and self._likeness(x, y) >= _ALIKE
                for x, y in said
            )

        return test

    def _same(self, name: str) -> _Test:
        at = self.attributes.index(name)
        # The most often asked of all tests.
        return lambda one, other: one[at] is not None and one[at] == other[at]

    def _both(self, name: str, holds: _Holds) -> _Test:
        """Return the test that both records have an attribute, and `holds` of it."""
        at = self.attributes.index(name)

        def test(one: Values, other: Values) -> bool:
            first, second = one[at], other[at]
            return first is not None and second is not None and holds(first, second)

        return test

    def _outside(self, window: Outside) -> _Test:
        names = (window.date, window.first, window.last)
        date, first, last = (self.attributes.index(name) for name in names)
        before, after = (
            dt.timedelta(window.days_before),
            dt.timedelta(window.days_after),
        )

        def misses(dated: Values, spanned: Values) -> bool:
            on, start, end = dated[date], spanned[first], spanned[last]
            known = on is not None and start is not None and end is not None
            return known and not start - before <= on <= end + after

        return lambda one, other: misses(one, other) or misses(other, one)

    def _slips(self, one: Any, other: Any) -> float:
        if one == other:
            return 0
        return self._edits(*sorted((str(one), str(other))))

    def _likeness(self, one: str, other: str) -> float:
        first, second = sorted((one, other))
        if second.startswith(first):
            return 1.0
        return self._jaro_winkler(first, second)


def _connected() -> Any:
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1})


def _first(
    vetoes: Sequence[tuple[str, Sequence[_Test]]], one: Values, other: Values
) -> str | None:
    for name, tests in vetoes:
        for test in tests:
            if not test(one, other):
                break
        else:
            return name
    return None


def _years(one: dt.date, other: dt.date) -> float:
    return abs((one - other).days) / _DAYS_A_YEAR


def _at_least(least: float, measure: Callable[[Any, Any], float]) -> _Holds:
    return lambda one, other: measure(one, other) >= least


def _below(bound: float, measure: Callable[[Any, Any], float]) -> _Holds:
    return lambda one, other: measure(one, other) < bound
