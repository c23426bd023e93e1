"""Comparisons: how much two records agree in an attribute, from most to least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.definition import Definition, Name


Probability = Annotated[float, Field(gt=0, lt=1)]
_Allowance = Annotated[int, Field(ge=0, le=3_660)]


class Window(Definition):
    """A stretch of time that one record gives, against a date in the other.

    Attributes:
        first: The attribute with its first day.
        last: The attribute with its last day.
        days_before: So many days before `first` still count as inside.
        days_after: So many days after `last` still count as inside.
    """

    first: Name
    last: Name
    days_before: _Allowance = 0
    days_after: _Allowance = 0


class _Level(Definition):
    """Something two records may agree in.

    Attributes:
        if_same: How often the records of one entity agree so, or less well.
        if_other: How often the records of two entities do.
    """

    if_same: Probability | None = None
    if_other: Probability | None = None


class Exact(_Level):
    """Equal; in the attribute `by`, if another one is named."""

    agree: Literal["exact"]
    by: Name | None = None


class Similar(_Level):
    """Alike by Jaro and Winkler's measure, 1 being equal: for names."""

    agree: Literal["similar"]
    at_least: Annotated[float, Field(gt=0, lt=1)]


class Edits(_Level):
    """So few slips of the pen apart: a character more, less, other, or two swapped."""

    agree: Literal["edits"]
    at_most: Annotated[int, Field(ge=1, le=5)]


class Swapped(_Level):
    """This and the attribute `other` stand in each other's place."""

    agree: Literal["swapped"]
    other: Name


class Within(_Level, Window):
    """The date in one record lies inside the other's window, either way round."""

    agree: Literal["within"]


Level = Annotated[
    Exact | Similar | Edits | Swapped | Within, Field(discriminator="agree")
]


class Comparison(Definition):
    """How much two records agree in an attribute: the first level that holds counts.

    Below the last level they disagree. A record without the attribute says nothing.

    Attributes:
        also: Attributes that may hold what the other record has in `attribute`.
        by_frequency: To agree in a rare value says more than in a common one.
    """

    attribute: Name
    also: list[Name] = Field(default_factory=list)
    by_frequency: bool = False
    levels: Annotated[list[Level], Field(min_length=1)]

    @property
    def attributes(self) -> list[str]:
        """Every attribute that it reads."""
        return [self.attribute, *self.also, *(n for n, _ in self.beside)]

    @property
    def beside(self) -> Iterator[tuple[str, str]]:
        """The attributes that single levels read, each with the form it must have."""
        for level in self.levels:
            if isinstance(level, Exact) and level.by:
                yield level.by, "any"
            elif isinstance(level, Swapped):
                yield level.other, "text"
            elif isinstance(level, Within):
                yield level.first, "date"
                yield level.last, "date"

    @property
    def is_weighted(self) -> bool:
        """Whether every level says what agreeing is worth."""
        return all(level.if_same and level.if_other for level in self.levels)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.by_frequency and (self.also or self._plain_exact != 1):
            raise ValueError("`by_frequency` needs one plain exact level and no `also`")
        weights = [w for lv in self.levels for w in (lv.if_same, lv.if_other)]
        if any(weights) and not all(weights):
            raise ValueError(
                "give `if_same` and `if_other` for all levels, or for none"
            )
        if sum(lv.if_same or 0 for lv in self.levels) >= 1:
            raise ValueError("`if_same` leaves no room for disagreeing: sum to under 1")
        if sum(lv.if_other or 0 for lv in self.levels) >= 1:
            raise ValueError(
                "`if_other` leaves no room for disagreeing: sum to under 1"
            )
        return self

    @property
    def _plain_exact(self) -> int:
        return sum(isinstance(lv, Exact) and lv.by is None for lv in self.levels)
