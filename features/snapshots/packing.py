"""Packing: many counts and sums in one, because a sum costs the same whatever it adds.

Each count or sum has a field of bits in a whole number, wide enough for the greatest
value that it can reach. A record adds to the fields of the filters that it passes; one
sum then holds all their counts and sums at once. Sums of columns with negative
or very great values are not packed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
from ibis.expr import datatypes as types

from features.definitions.filters import as_condition, columns_of
from features.definitions.indicators import Indicator, Measure
from features.snapshots.as_of import is_within
from features.store.archive import Archive


if TYPE_CHECKING:
    import ibis.expr.types as ir

_COUNTS: frozenset[Measure] = frozenset({"count", "exists"})

# The sign is left alone.
_NUMBER_BITS = 63
# A wider field leaves too little room for others to be worth it.
_WIDEST_FIELD_BITS = 40

# What is added up: the records that pass a filter, or a column of theirs.
_Term = tuple[str | None, str | None]


@dataclass(frozen=True)
class Field:
    """Where a count or sum is.

    Attributes:
        number: Which whole number it is in.
        offset: Its lowest bit.
        bits: Its width.
        scale: Decimals of the column; what is packed is shifted left by so many.
    """

    number: int
    offset: int
    bits: int
    scale: int


@dataclass(frozen=True)
class Fields:
    """Where everything that is packed of a group is."""

    places: Mapping[_Term, Field]

    def holds(self, indicator: Indicator) -> bool:
        """Return whether an indicator's value is packed."""
        return _adds(indicator) and _term(indicator) in self.places


def fields_for(
    records: ir.Table, group: Sequence[Indicator], most: int, archive: Archive
) -> Fields | None:
    """Return where to pack what a group counts and sums; None if it packs nothing.

    Args:
        records: The source's, linked or not.
        group: The indicators.
        most: No entity has more records than this.
        archive: Where the columns' greatest values are looked up.
    """
    greatest = _greatest(records, group, archive)
    places: dict[_Term, Field] = {}
    number, offset = 0, 0
    for term in dict.fromkeys(_term(i) for i in group if _adds(i)):
        value, scale = greatest.get(term[1], (0, 0))
        bits = (most * value).bit_length()
        if not 0 < bits <= _WIDEST_FIELD_BITS:
            continue
        if offset + bits > _NUMBER_BITS:
            number, offset = number + 1, 0
        places[term] = Field(number, offset, bits, scale)
        offset += bits
    return Fields(places) if places else None


def with_fields(
    records: ir.Table, fields: Fields, group: Sequence[Indicator]
) -> ir.Table:
    """Add `packed_0`, `packed_1` ...: what each record adds to the sums.

    Columns that are read only for what is packed are left out.
    """
    added: dict[str, Any] = {}
    for (text, column), field in fields.places.items():
        value = ibis.literal(1, types.int64)
        if column is not None:
            whole = records[column] * 10**field.scale
            value = whole.cast(types.int64).fill_null(0)
        if text is not None:
            passes = as_condition(text, records).fill_null(False)
            value = passes.ifelse(value, ibis.literal(0, types.int64))
        shifted = value * ibis.literal(1 << field.offset, types.int64)
        name = f"packed_{field.number}"
        added[name] = added[name] + shifted if name in added else shifted
    others = [indicator for indicator in group if not fields.holds(indicator)]
    return records.select(*columns_read(others), **added)


def packed_sums(
    known: ir.Table, group: Sequence[Indicator], fields: Fields, as_of: Any
) -> dict[str, ir.Value]:
    """Return the sums that hold the group's values: one a number and window."""
    sums = {}
    for indicator in filter(fields.holds, group):
        number = fields.places[_term(indicator)].number
        name = _name(number, indicator.window_days)
        if name in sums:
            continue
        chosen = is_within(known, as_of, indicator.window_days)
        total = known[f"packed_{number}"].sum(where=chosen)
        # DuckDB's sum has 128 bits, which are slow to shift. Ibis takes it for one of
        # 64 and would leave a plain cast to int64 out.
        sums[name] = total.cast(types.uint64).cast(types.int64)
    return sums


def unpacked(
    found: ir.Table, indicator: Indicator, fields: Fields, prefix: str
) -> ir.Value:
    """Return one value out of the sums, whose names begin with `prefix`."""
    field = fields.places[_term(indicator)]
    total = found[prefix + _name(field.number, indicator.window_days)].fill_null(0)
    whole = (total >> field.offset) & ((1 << field.bits) - 1)
    if indicator.family.measure == "exists":
        return (whole > 0).cast(types.int64)
    return whole.cast(types.float64) / float(10**field.scale) if field.scale else whole


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


def _adds(indicator: Indicator) -> bool:
    # One sum a window is kept: a window that ends earlier is added up by itself.
    return indicator.family.measure in ("sum", *_COUNTS) and not indicator.ago_days


def _term(indicator: Indicator) -> _Term:
    return indicator.family.filter, indicator.family.column


def _greatest(
    records: ir.Table, group: Sequence[Indicator], archive: Archive
) -> dict[str | None, tuple[int, int]]:
    """Return each summed column's greatest value as a whole number, and its scale.

    A column that cannot be packed, a true float or one with negatives, is left out.
    """
    columns = {i.family.column: records[i.family.column] for i in group if _sums(i)}
    found: dict[str | None, tuple[int, int]] = {None: (1, 0)}
    exact = {n: c for n, c in columns.items() if not c.type().is_floating()}
    if not exact:
        return found
    ends = {f"least_{n}": c.min() for n, c in exact.items()}
    ends |= {f"most_{n}": c.max() for n, c in exact.items()}
    (row,) = archive.fetch(records.aggregate(**ends)).to_pylist()
    for name, column in exact.items():
        least, most = row[f"least_{name}"], row[f"most_{name}"]
        scale = column.type().scale if column.type().is_decimal() else 0
        if least is not None and least >= 0:
            found[name] = int(most * 10**scale), scale
    return found


def _sums(indicator: Indicator) -> bool:
    return indicator.family.measure == "sum"


def _name(number: int, window_days: int | None) -> str:
    return f"sum_{number}_{window_days or 'all'}"
