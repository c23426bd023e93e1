"""Indicators: one number or category about one entity on one as-of date, declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.contracts import ColumnType
from features.definitions.definition import Days, Definition, Name, Text


Measure = Literal[
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "latest",
    "days_since_last",
    "days_since_first",
    "distinct",
    "share",
    "exists",
    "nearby_count",
    "nearby_density",
    "at_index",
    "age",
    "ratio",
    "month",
]

NUMBERS: frozenset[ColumnType] = frozenset({"integer", "decimal", "float"})
NEEDS_COLUMN: frozenset[Measure] = frozenset(
    {"sum", "mean", "min", "max", "latest", "distinct", "at_index", "age", "ratio"}
)
NEEDS_NUMBER: frozenset[Measure] = frozenset({"sum", "mean", "min", "max", "ratio"})
_NEEDS_NEARBY: frozenset[Measure] = frozenset({"nearby_count", "nearby_density"})
_WITHOUT_WINDOW: frozenset[Measure] = frozenset({"at_index", "age", "month"})
# Whose window may end earlier than at the as-of date.
_MAY_LIE_BACK: frozenset[Measure] = frozenset(
    {
        *("count", "sum", "mean", "min", "max", "latest", "distinct", "share"),
        *("exists", "ratio"),
    }
)


class Nearby(Definition):
    """Where the events are, and how near counts.

    Attributes:
        latitude: Column of the source, in degrees north.
        longitude: Column of the source, in degrees east.
        radius_metres: For `nearby_count`: great-circle distance, at most 50 km.
        bandwidth_degrees: For `nearby_density`: the kernel's standard deviation.
    """

    latitude: Text
    longitude: Text
    radius_metres: Annotated[int, Field(ge=1, le=50_000)] | None = None
    bandwidth_degrees: Annotated[float, Field(gt=0, le=1)] | None = None


class Against(Definition):
    """The window that a ratio is taken against: [as-of - ago - window, as-of - ago).

    Attributes:
        window_days: Its length.
        ago_days: How long before the as-of date it ends; 0 ends it there.
    """

    window_days: Days
    ago_days: Annotated[int, Field(ge=0, le=36_525)] = 0


class IndicatorFamily(Definition):
    """What a file declares: one indicator for each of its windows.

    Attributes:
        source: Whose records it counts.
        filter: SQL expression over the source's columns; None counts all. At `at_index`
            it stands in the column's place: 1 where the event's record passes, else 0.
        of: For `share`: what the share is of; None means all records of the source.
        windows_days: Windows, each open at the as-of date: [as-of - days, as-of).
            Empty means all that the source covers.
        ago_days: The windows end so many days before the as-of date instead, which
            makes a lag: the same weeks last year. One indicator each.
        against: For `ratio`: the mean of the column is divided by its mean over this
            window, through the same filter.
        months_ahead: For `month`: the month of the year (1 to 12) so many months after
            the as-of date's; no record is read. One indicator each.
        relation: The indicator is about a related entity (the premises' area) and is
            attached to each of its members.
        expected: Which way the log-odds should go when the value rises.
        negated: The sentence for a value of none; {value} and {window} are filled in.
        available_when_deciding: False for what is known only once someone is sent
            (which inspector goes).
    """

    name: Name
    source: Name
    measure: Measure
    column: Text | None = None
    filter: Text | None = None
    of: Text | None = None
    windows_days: list[Days] = Field(default_factory=list)
    ago_days: list[Days] = Field(default_factory=list)
    against: Against | None = None
    months_ahead: list[Annotated[int, Field(ge=0, le=24)]] = Field(default_factory=list)
    relation: Name | None = None
    nearby: Nearby | None = None
    unit: str
    category: Text
    expected: Literal["up", "down", "none"]
    label: Text
    wording: Text
    negated: Text
    available_when_deciding: bool = True

    @model_validator(mode="after")
    def _has_what_its_measure_needs(self) -> Self:
        filters_index = self.measure == "at_index" and self.filter is not None
        needs_column = self.measure in NEEDS_COLUMN and not filters_index
        if (self.column is not None) != needs_column:
            verb = "needs" if needs_column else "does not take"
            raise ValueError(f"the measure {self.measure} {verb} a `column`")
        if (self.nearby is not None) != (self.measure in _NEEDS_NEARBY):
            raise ValueError(
                "`nearby` belongs to the nearby measures, and they need it"
            )
        if self.measure == "share" and self.filter is None:
            raise ValueError("the measure share needs a `filter`")
        if self.of is not None and self.measure != "share":
            raise ValueError("only the measure share takes `of`")
        if self.windows_days and self.measure in _WITHOUT_WINDOW:
            raise ValueError(f"the measure {self.measure} takes no window")
        return self

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.ago_days and self.measure not in _MAY_LIE_BACK:
            raise ValueError(f"the measure {self.measure} takes no `ago_days`")
        if (self.against is not None) != (self.measure == "ratio"):
            raise ValueError("`against` belongs to the measure ratio, which needs it")
        if bool(self.months_ahead) != (self.measure == "month"):
            raise ValueError(
                "`months_ahead` belongs to the measure month, which needs it"
            )
        if self.measure == "month" and (self.filter or self.relation):
            raise ValueError("the measure month reads no record: it takes no filter")
        return self

    @model_validator(mode="after")
    def _says_how_near(self) -> Self:
        if self.nearby is None:
            return self
        counted = self.nearby.radius_metres is not None
        spread = self.nearby.bandwidth_degrees is not None
        if (counted, spread) != (
            self.measure == "nearby_count",
            self.measure == "nearby_density",
        ):
            raise ValueError(
                "nearby_count takes radius_metres, nearby_density bandwidth_degrees"
            )
        if len(self.windows_days) == 0:
            raise ValueError("a nearby measure needs windows_days")
        return self

    def indicators(self) -> Iterator[Indicator]:
        """Yield one indicator a window; with several, each name ends in its days."""
        windows: list[int | None] = [*self.windows_days] or [None]
        for days, ago, ahead in product(
            windows, self.ago_days or [0], self.months_ahead or [0]
        ):
            name = self.name
            name += f"_{days}d" if len(self.windows_days) > 1 else ""
            name += f"_{ago}d_ago" if len(self.ago_days) > 1 else ""
            name += f"_{ahead}m" if len(self.months_ahead) > 1 else ""
            yield Indicator(name, self, days, ago, ahead)


@dataclass(frozen=True)
class Indicator:
    """One indicator: a family's definition at one window.

    Attributes:
        name: The column it has in a snapshot.
        family: The definition that it came from.
        window_days: None means all that the source covers.
        ago_days: How long before the as-of date the window ends.
        months_ahead: Of a `month`: how many after the as-of date's.
    """

    name: str
    family: IndicatorFamily
    window_days: int | None
    ago_days: int = 0
    months_ahead: int = 0

    @property
    def reach_days(self) -> int | None:
        """How far back its records may lie; None has no end."""
        if self.window_days is None:
            return None
        against = self.family.against
        other = against.window_days + against.ago_days if against else 0
        return max(self.window_days + self.ago_days, other)


class IndicatorFile(Definition):
    """One file of `indicators/`."""

    indicators: list[IndicatorFamily]
