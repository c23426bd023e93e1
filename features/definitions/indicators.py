"""Indicators: one number or category about one entity on one as-of date, declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from features.definitions.contracts import ColumnType, Contract
from features.definitions.definition import Days, Definition, Name, Text, inside
from features.definitions.filters import parse_filter
from features.faults import Fault


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
]

NUMBERS: frozenset[ColumnType] = frozenset({"integer", "decimal", "float"})
NEEDS_COLUMN: frozenset[Measure] = frozenset(
    {"sum", "mean", "min", "max", "latest", "distinct", "at_index", "age"}
)
_NEEDS_NUMBER: frozenset[Measure] = frozenset({"sum", "mean", "min", "max"})
_NEEDS_NEARBY: frozenset[Measure] = frozenset({"nearby_count", "nearby_density"})
_WITHOUT_WINDOW: frozenset[Measure] = frozenset({"at_index", "age"})

# What else stands beside the indicators in a snapshot, and while it is worked out.
_RESERVED_NAMES = frozenset(
    {"row", "key", "entity", "entity_id", "as_of", "index_record", "linked_group"}
    | {"state", "outcome", "outcome_status", "outcome_days", "out"}
)
_RESERVED_BEGINNINGS = ("group_", "covered_", "excluded_", "first_seen_")


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


class IndicatorFamily(Definition):
    """What a file declares: one indicator for each of its windows.

    Attributes:
        source: Whose records it counts.
        filter: SQL expression over the source's columns; None counts all. At `at_index`
            it stands in the column's place: 1 where the event's record passes, else 0.
        of: For `share`: what the share is of; None means all records of the source.
        windows_days: Windows, each open at the as-of date: [as-of - days, as-of).
            Empty means all that the source covers.
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
        if not self.windows_days:
            yield Indicator(self.name, self, None)
        for days in self.windows_days:
            several = len(self.windows_days) > 1
            yield Indicator(
                f"{self.name}_{days}d" if several else self.name, self, days
            )


@dataclass(frozen=True)
class Indicator:
    """One indicator: a family's definition at one window.

    Attributes:
        name: The column it has in a snapshot.
        family: The definition that it came from.
        window_days: None means all that the source covers.
    """

    name: str
    family: IndicatorFamily
    window_days: int | None


class IndicatorFile(Definition):
    """One file of `indicators/`."""

    indicators: list[IndicatorFamily]


def faults_of(
    family: IndicatorFamily, contract: Contract | None, where: str
) -> Iterator[Fault]:
    """Yield what is wrong with a family in the light of its source's contract."""
    yield from _name_faults(family, where)
    if contract is None:
        yield Fault(
            inside(where, "source"),
            "the source must be declared in sources/",
            repr(family.source),
            "correct the name or declare the source",
        )
        return
    types = {column.name: column.type for column in contract.columns}
    yield from _column_faults(family, contract, where)
    readable = {
        name: types[name]
        for name in contract.record_columns
        if family.measure != "at_index" or contract.column(name).known_beforehand
    }
    for key in ("filter", "of"):
        text = getattr(family, key)
        try:
            if text is not None:
                parse_filter(text, readable)
        except ValueError as error:
            yield Fault(
                inside(where, key),
                "a filter compares the source's own columns",
                text,
                str(error),
            )


def _name_faults(family: IndicatorFamily, where: str) -> Iterator[Fault]:
    for name in (indicator.name for indicator in family.indicators()):
        if name in _RESERVED_NAMES or name.startswith(_RESERVED_BEGINNINGS):
            yield Fault(
                inside(where, "name"),
                "an indicator may not be called like another column of a snapshot",
                repr(name),
                "give it another name",
            )


def _column_faults(
    family: IndicatorFamily, contract: Contract, where: str
) -> Iterator[Fault]:
    types = {column.name: column.type for column in contract.columns}
    nearby = family.nearby
    named = [("column", family.column)] if family.column else []
    if nearby:
        named += [("nearby.latitude", nearby.latitude)]
        named += [("nearby.longitude", nearby.longitude)]
    for key, name in named:
        if name not in types:
            known = ", ".join(types)
            yield Fault(
                inside(where, key),
                f"the column must be declared in sources/{contract.name}.toml",
                repr(name),
                f"write one of: {known}",
            )
    if family.column in types:
        column = contract.column(family.column or "")
        if complaint := _misread(family.measure, column.type, column.known_beforehand):
            yield Fault(inside(where, "column"), complaint, column.type, "use another")
        if column.sensitivity == "identifier" and family.measure != "age":
            yield Fault(
                inside(where, "column"),
                "an identifier may not become an indicator",
                repr(column.name),
                "use the measure age for a birth date, or another column",
            )


def _misread(measure: Measure, type_: ColumnType, beforehand: bool) -> str | None:
    if measure in _NEEDS_NUMBER and type_ not in NUMBERS:
        return f"the measure {measure} needs a column of numbers"
    if measure == "age" and type_ != "date":
        return "the measure age needs a column of dates"
    if measure == "at_index" and not beforehand:
        return "at_index may read only a column declared known_beforehand"
    return None
