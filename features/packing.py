"""Packing: many counts in one sum, because a sum costs the same whatever it adds.

Each count has a field of bits in a whole number, and a record adds one to the fields of
the filters that it passes; a sum of such numbers holds all the counts at once. Where an
entity has more records than a field can hold, nothing is packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from features.as_of import is_within
from features.filters import as_condition, columns_of
from features.indicators import Indicator, Measure


if TYPE_CHECKING:
    import ibis.expr.types as ir

PACKED: frozenset[Measure] = frozenset({"count", "exists"})

# Five fields of twelve bits fit into a whole number, and leave its sign alone.
_FIELD_BITS = 12
_FIELDS_A_NUMBER = 5
MOST_RECORDS = (1 << _FIELD_BITS) - 1


@dataclass(frozen=True)
class Fields:
    """Where each filter's count is.

    Attributes:
        places: By the filter's text (None counts all): the number and the field in it.
    """

    places: Mapping[str | None, tuple[int, int]]


def fields_for(group: Sequence[Indicator]) -> Fields | None:
    """Return where to count what a group counts; None if it counts nothing."""
    filters = [i.family.filter for i in group if i.family.measure in PACKED]
    distinct = enumerate(dict.fromkeys(filters))
    places = {text: divmod(place, _FIELDS_A_NUMBER) for place, text in distinct}
    return Fields(places) if places else None


def fits(records: ir.Table) -> bool:
    """Return whether no entity has more records than a field can count.

    Args:
        records: A kept table with the `entity` that each record is about.
    """
    counts = records.group_by("entity").aggregate(records=records.count())
    return (counts.records.max().to_pyarrow().as_py() or 0) <= MOST_RECORDS


def with_fields(
    records: ir.Table, fields: Fields, group: Sequence[Indicator]
) -> ir.Table:
    """Add `packed_0`, `packed_1` ...: what each record adds to the sums.

    Columns that only the packed counts' filters read are left out.
    """
    added: dict[str, Any] = {}
    for text, (number, field) in fields.places.items():
        one = ibis.literal(1 << (field * _FIELD_BITS), "int64")
        if text is not None:
            passes = as_condition(text, records).fill_null(False)
            one = passes.ifelse(one, ibis.literal(0, "int64"))
        name = f"packed_{number}"
        added[name] = added[name] + one if name in added else one
    others = [i for i in group if i.family.measure not in PACKED]
    return records.select(*columns_read(others), **added)


def packed_sums(
    known: ir.Table, group: Sequence[Indicator], fields: Fields, as_of: Any
) -> dict[str, ir.Value]:
    """Return the sums that hold the group's counts: one a number and window."""
    sums = {}
    for indicator in group:
        if indicator.family.measure in PACKED:
            number, _ = fields.places[indicator.family.filter]
            chosen = is_within(known, as_of, indicator.window_days)
            total = known[f"packed_{number}"].sum(where=chosen)
            # DuckDB's sum has 128 bits, which are slow to shift. Ibis takes it for one
            # of 64 and would leave a plain cast to int64 out.
            narrow = total.cast("uint64").cast("int64")
            sums[_name(number, indicator.window_days)] = narrow
    return sums


def unpacked(
    found: ir.Table, indicator: Indicator, fields: Fields, prefix: str
) -> ir.Value:
    """Return one count out of the sums, whose names begin with `prefix`."""
    number, field = fields.places[indicator.family.filter]
    total = found[prefix + _name(number, indicator.window_days)].fill_null(0)
    count = ((total >> (field * _FIELD_BITS)) & MOST_RECORDS).cast("int64")
    exists = indicator.family.measure == "exists"
    return (count > 0).cast("int64") if exists else count


def columns_read(group: Iterable[Indicator]) -> list[str]:
    """Return the columns that some indicators read, and the clocks."""
    columns = {"entity", "event_date", "known_date", "superseded_on", "withdrawn"}
    for family in (indicator.family for indicator in group):
        # Of two records of one day, the greater number is the later.
        columns |= {"record_id"} if family.measure == "latest" else set()
        columns |= {family.column} if family.column else set()
        for text in (family.filter, family.of):
            columns |= columns_of(text) if text else set()
    return sorted(columns)


def _name(number: int, window_days: int | None) -> str:
    return f"sum_{number}_{window_days or 'all'}"
