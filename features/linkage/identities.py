"""Identities: what records say of whom they are about; who says the same shares one."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.definitions.attributes import readers_of
from features.definitions.contracts import Contract
from features.definitions.linking_rules import KindRules
from features.definitions.vetoes import Value
from features.linkage.records import newest_records
from features.store.manifest import Manifest
from features.store.warehouse import Warehouse


_FIRST = ("record_id", "min")


@dataclass(frozen=True)
class Identities:
    """What the records of a kind say, numbered in the order of what they say.

    The order in which records came makes no difference to it.

    Attributes:
        table: One row an identity: `side` (0, 1 ...: see `KindRules.sides`) and the
            attributes that linking uses.
        records: Of each identity, its records' ids, rising.
        exact: Of each identity, the first exact key that it holds all of, as a method;
            None without one, and then it is of one record.
        unlinkable: How many records say nothing at all.
        only_in: Of some identities, the sources that hold one record of each entity
            and have one here.
    """

    table: pa.Table
    records: list[list[int]]
    exact: list[str | None]
    unlinkable: int
    only_in: dict[int, frozenset[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def first_records(self) -> list[int]:
        """Of each identity, its earliest record."""
        return [records[0] for records in self.records]

    def first_record(self, identity: int) -> int:
        """Return the earliest record of an identity."""
        return self.first_records[identity]

    def values(self, names: Sequence[str]) -> list[tuple[Value, ...]]:
        """Return some attributes of every identity."""
        if not names:
            return [()] * len(self)
        # By way of NumPy, which makes texts and dates of a column ten times as fast.
        columns = (self.table[name].to_numpy().tolist() for name in names)
        return list(zip(*columns, strict=True))

    @cached_property
    def gaps(self) -> list[int]:
        """Of each identity, how many attributes it does not say."""
        missing = (pc.is_null(column) for column in self.table.columns)
        counts = (pc.cast(mask, pa.int64()) for mask in missing)
        return list(functools.reduce(pc.add, counts).to_pylist())

    def alike(self, names: Sequence[str]) -> list[list[int]]:
        """Return the identities that are equal in all of `names`, two or more each."""
        columns = [self.table[name] for name in names]
        numbers = pa.array(np.arange(len(self)))
        # A name that no attribute can have.
        said = pa.table([*columns, numbers], [*names, "#"])
        whole = said.filter(_all(pc.is_valid(column) for column in columns))
        grouped = whole.group_by(names, use_threads=False).aggregate(
            [("#", "list"), ("#", "min"), ("#", "count")]
        )
        several = grouped.filter(pc.greater(grouped["#_count"], 1))
        groups = several.sort_by("#_min")["#_list"].to_pylist()
        return [sorted(group) for group in groups]

    @cached_property
    def sides(self) -> list[int]:
        """The sides that have any identity."""
        return sorted(set(self.table["side"].to_pylist()))


def read_identities(
    warehouse: Warehouse,
    manifest: Manifest,
    contracts: Iterable[Contract],
    rules: KindRules,
    told_apart: Collection[int] = (),
    left_out: Collection[int] = (),
) -> Identities:
    """Return the identities of a kind, out of all its sources.

    Records that say the same share one only if they hold all of some `exact` key:
    two that say no more than "John" may well be two people.

    Args:
        warehouse: Whose loads are read.
        manifest: The version whose loads count.
        contracts: Of the sources that mention the kind.
        rules: The kind's.
        told_apart: Records that share with none, as a steward said of them; nor do
            two of a source that holds one record of each entity.
        left_out: Records that are not to be compared with any other.
    """
    tables, readers = [], readers_of(rules.attributes)
    for contract in contracts:
        if manifest.loads_of(contract.name):
            table = newest_records(
                warehouse, manifest, contract, rules, rules.used, readers
            )
            marks = (_side(rules, contract.name), _only_in(rules, contract))
            tables.append(_marked(table, *marks))
    if not tables:
        return Identities(_empty(rules), [], [], 0)
    rows = pa.concat_tables(tables)
    out = pa.array(sorted(left_out), pa.int64())
    rows = rows.filter(pc.invert(pc.is_in(rows["record_id"], value_set=out)))
    return _collapsed(rows, rules, told_apart)


def _marked(rows: pa.Table, side: int, only_in: str | None) -> pa.Table:
    sides = pa.repeat(pa.scalar(side, pa.int64()), len(rows))
    sources = pa.repeat(pa.scalar(only_in, pa.string()), len(rows))
    return rows.append_column("side", sides).append_column("only_in", sources)


def _collapsed(
    rows: pa.Table, rules: KindRules, told_apart: Collection[int]
) -> Identities:
    says_something = _any(pc.is_valid(rows[name]) for name in rules.used)
    saying = rows.filter(says_something)
    exact = _exact_keys(saying, rules)
    apart = pc.is_in(saying["record_id"], pa.array(sorted(told_apart), pa.int64()))
    shares = pc.and_not(pc.is_valid(exact), apart)
    alone = pc.if_else(shares, None, saying["record_id"])
    keys = ["side", *rules.used, "exact", "alone"]
    grouped = (
        saying.append_column("exact", exact)
        .append_column("alone", alone)
        .group_by(keys, use_threads=False)
        .aggregate([(n, "list") for n in ("record_id", "only_in")] + [_FIRST])
        .sort_by([(n, "ascending") for n in (*keys[:-2], "record_id_min")])
    )
    records = _rising(grouped["record_id_list"].combine_chunks())
    only_in, crowded = _held_once(grouped, saying["only_in"])
    if crowded:
        again = {record for identity in crowded for record in records[identity]}
        return _collapsed(rows, rules, {*told_apart, *again})
    return Identities(
        table=grouped.select(keys[:-2]),
        records=records,
        exact=grouped["exact"].to_pylist(),
        unlinkable=rows.num_rows - saying.num_rows,
        only_in=only_in,
    )


def _rising(lists: pa.ListArray) -> list[list[int]]:
    """Return lists of numbers, each in rising order."""
    sizes = lists.value_lengths().to_numpy()
    numbers = lists.flatten().to_numpy()
    places = np.repeat(np.arange(len(sizes)), sizes)
    flat = numbers[np.lexsort((numbers, places))].tolist()
    ends = np.cumsum(sizes).tolist()
    starts = [0, *ends[:-1]]
    return [flat[start:end] for start, end in zip(starts, ends, strict=True)]


def _held_once(
    grouped: pa.Table, sources: pa.ChunkedArray
) -> tuple[dict[int, frozenset[str]], list[int]]:
    """Return whose sources hold one record each, and who has two of such a source."""
    if sources.null_count == len(sources):
        return {}, []
    told = enumerate(grouped["only_in_list"].to_pylist())
    named = {n: [one for one in some if one is not None] for n, some in told}
    only_in = {n: frozenset(some) for n, some in named.items() if some}
    return only_in, [n for n, some in only_in.items() if len(some) < len(named[n])]


def exact_method(names: Sequence[str]) -> str:
    """Return the name of the method that links by an exact key."""
    return f"exact {', '.join(names)}"


def _exact_keys(rows: pa.Table, rules: KindRules) -> Any:
    found = pa.nulls(rows.num_rows, pa.string())
    for names in reversed(rules.exact):
        whole = _all(pc.is_valid(rows[name]) for name in names)
        found = pc.if_else(whole, exact_method(names), found)
    return found


def _any(masks: Iterable[Any]) -> Any:
    found, *others = masks
    for mask in others:
        found = pc.or_(found, mask)
    return found


def _all(masks: Iterable[Any]) -> Any:
    found, *others = masks
    for mask in others:
        found = pc.and_(found, mask)
    return found


def _side(rules: KindRules, source: str) -> int:
    return next((n for n, names in enumerate(rules.sides) if source in names), 0)


def _only_in(rules: KindRules, contract: Contract) -> str | None:
    held_once = any(a.kind == rules.kind and a.one_per_person for a in contract.about)
    return contract.name if held_once else None


def _empty(rules: KindRules) -> pa.Table:
    types = {
        n: pa.date32() if rules.attributes[n].is_date else pa.string()
        for n in rules.used
    }
    return pa.schema([("side", pa.int64()), *types.items()]).empty_table()
