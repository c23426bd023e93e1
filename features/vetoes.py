"""Vetoes: why two records cannot be one entity, whatever the probability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from features.comparisons import Window
from features.definitions import Definition, Name


_REMEMBERED = 200_000

Value = str | dt.date | None
Values = Mapping[str, Value]


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

    @model_validator(mode="after")
    def _tells_apart(self) -> Self:
        contrasts = (self.differs, self.edits, self.unlike, self.years_apart)
        if not any(contrasts) and self.outside is None:
            raise ValueError(
                "a veto needs `differs`, `edits`, `unlike`, `years_apart` or `outside`"
            )
        return self

    @property
    def attributes(self) -> list[str]:
        """Every attribute that it reads."""
        return [name for name, _ in self.typed_attributes]

    @property
    def both_need(self) -> list[str]:
        """The attributes that both records must have."""
        return [*self.same, *self.differs, *self.edits, *self.unlike, *self.years_apart]

    @property
    def typed_attributes(self) -> Iterator[tuple[str, str]]:
        """The attributes, each with the form it must have."""
        yield from ((name, "any") for name in (*self.same, *self.differs, *self.edits))
        yield from ((name, "text") for name in self.unlike)
        yield from ((name, "date") for name in self.years_apart)
        if self.outside:
            window = self.outside
            yield from ((n, "date") for n in (window.date, window.first, window.last))


class VetoRules:
    """The vetoes of a kind, applied to what records say.

    Args:
        vetoes: In the order in which they are told of.
    """

    def __init__(self, vetoes: Sequence[Veto]) -> None:
        import duckdb

        self._vetoes = vetoes
        self._database = duckdb.connect(":memory:", config={"threads": 1})
        # The very functions that compare pairs, so that both mean the same by them.
        self._edits = self._remembering("select damerau_levenshtein(?, ?)")
        self._likeness = self._remembering("select jaro_winkler_similarity(?, ?)")
        names = [name for veto in vetoes for name in veto.attributes]
        self.attributes = list(dict.fromkeys(names))

    def between(self, one: Values, other: Values) -> str | None:
        """Return the name of the first veto between two records, or None.

        Args:
            one: Attribute -> value; None where missing.
            other: Likewise. Which is which makes no difference.
        """
        return next((v.name for v in self._vetoes if self._holds(v, one, other)), None)

    def _holds(self, veto: Veto, one: Values, other: Values) -> bool:
        if any(one[n] is None or other[n] is None for n in veto.both_need):
            return False
        # The dearest last: most vetoes fail at the first test.
        return (
            all(one[n] == other[n] for n in veto.same)
            and all(one[n] != other[n] for n in veto.differs)
            and all(_years(one[n], other[n]) >= y for n, y in veto.years_apart.items())
            and (veto.outside is None or _is_outside(veto.outside, one, other))
            and all(self._apart(one[n], other[n]) >= e for n, e in veto.edits.items())
            and all(
                self._is_unlike(one[n], other[n], bound)
                for n, bound in veto.unlike.items()
            )
        )

    def _apart(self, one: Value, other: Value) -> int:
        if one == other:
            return 0
        return int(self._edits(*sorted((str(one), str(other)))))

    def _is_unlike(self, one: Value, other: Value, bound: float) -> bool:
        first, second = sorted((str(one), str(other)))
        if second.startswith(first):
            return False
        return float(self._likeness(first, second)) < bound

    def _remembering(self, sql: str) -> Callable[[str, str], Any]:
        @lru_cache(_REMEMBERED)
        def compute(first: str, second: str) -> Any:
            [value] = self._database.execute(sql, [first, second]).fetchall()[0]
            return value

        return compute


def _years(one: Value, other: Value) -> float:
    if not (isinstance(one, dt.date) and isinstance(other, dt.date)):
        raise TypeError("years lie between dates")
    return abs((one - other).days) / 365.25


def _is_outside(window: Outside, one: Values, other: Values) -> bool:
    return _misses(window, one, other) or _misses(window, other, one)


def _misses(window: Outside, dated: Values, spanned: Values) -> bool:
    date, first, last = dated[window.date], spanned[window.first], spanned[window.last]
    if not (
        isinstance(date, dt.date)
        and isinstance(first, dt.date)
        and isinstance(last, dt.date)
    ):
        return False
    before, after = dt.timedelta(window.days_before), dt.timedelta(window.days_after)
    return not first - before <= date <= last + after
