"""Whether an indicator reads what its source declares, and may be called so."""

from __future__ import annotations

from collections.abc import Iterator

from features.definitions.contracts import ColumnType, Contract
from features.definitions.definition import inside
from features.definitions.filters import parse_filter
from features.definitions.indicators import (
    NEEDS_NUMBER,
    NUMBERS,
    IndicatorFamily,
    Measure,
)
from features.faults import Fault


# What else stands beside the indicators in a snapshot, and while it is worked out.
_RESERVED_NAMES = frozenset(
    {"row", "key", "entity", "entity_id", "as_of", "index_record", "linked_group"}
    | {"state", "outcome", "outcome_status", "outcome_days", "out"}
)
_RESERVED_BEGINNINGS = ("group_", "covered_", "excluded_", "first_seen_")


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
    if measure in NEEDS_NUMBER and type_ not in NUMBERS:
        return f"the measure {measure} needs a column of numbers"
    if measure == "age" and type_ != "date":
        return "the measure age needs a column of dates"
    if measure == "at_index" and not beforehand:
        return "at_index may read only a column declared known_beforehand"
    return None
