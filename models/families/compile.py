"""Compiling: an additive LightGBM model, with pairs or without, turned into tables.

A booster is the sum of its leaves. A leaf's path reads one indicator, or the two of a
named pair, so that it is a step or a rectangle in one table. A whole tree may read
more: with overlapping pairs each branch may take another partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.families.inputs import Input
from models.families.pairs import AnyTerm, Axis, Pair, pair_name
from models.tables.table import TableModel
from models.tables.terms import Categories, Floats, Steps


if TYPE_CHECKING:
    import lightgbm as lgb

_Node = dict[str, Any]
_Mask = NDArray[np.bool_]
# The inputs that a table reads, by number: one, or a pair's two.
Reads = tuple[int, ...]


@dataclass(frozen=True)
class _Leaf:
    """One leaf of one tree.

    Attributes:
        value: Its log-odds.
        share: Of the training rows, that fall into it.
        bins: By input on the path: the bins that lead here, that of missing ones last.
    """

    value: float
    share: float
    bins: Mapping[int, _Mask]


@dataclass(frozen=True)
class _Table:
    """The sum of the leaves that read the same inputs, over all of their bins."""

    inputs: tuple[Input, ...]
    leaves: list[tuple[_Leaf, tuple[_Mask, ...]]] = field(default_factory=list)

    @cached_property
    def values(self) -> Floats:
        """Log-odds by bin, an axis an input, less their mean over the training rows."""
        total = np.zeros([each.width + 1 for each in self.inputs])
        mean = 0.0
        for leaf, masks in self.leaves:
            total += leaf.value * _where_all(masks)
            mean += leaf.value * leaf.share
        return total - mean


def compile_additive(
    booster: lgb.Booster,
    inputs: Sequence[Input],
    *,
    pairs: Sequence[tuple[int, int]] = (),
) -> TableModel:
    """Turn a booster into tables of one input, or of a named pair of them.

    The tables are centred, so that the base and every term equal the booster's
    `pred_contrib`, a pair the sum of its two: the base is the unweighted mean log-odds
    of the training rows. What training missed too seldom to tell something of adds
    nothing, whatever the booster makes of it.

    Args:
        booster: Fitted on `Training.coded`, with one interaction group for each input
            outside of all pairs and for each pair, and without bagging.
        inputs: What its columns are, in order.
        pairs: The numbers of the inputs that stand together in a table. An input that
            is in several has what it adds by itself in the first.

    Raises:
        Refusal: A path reads other inputs, or splits in a way tables cannot hold.
    """
    roots = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    refuse_if_any(_split_faults(roots))
    leaves = [leaf for root in roots for leaf in _leaves(root, inputs)]
    homes = _homes(len(inputs), pairs)
    refuse_if_any(_path_faults(leaves, homes))
    tables = {
        reads: _Table(tuple(inputs[n] for n in reads)) for reads in homes.values()
    }
    base = 0.0
    for leaf in leaves:
        base += leaf.value * leaf.share
        if leaf.bins:
            reads = homes[frozenset(leaf.bins)]
            tables[reads].leaves.append((leaf, _masks(leaf, reads, inputs)))
    family = "pairs" if pairs else "additive"
    return TableModel(family, base, tuple(_as_term(t) for t in tables.values()))


def _homes(
    inputs: int, pairs: Sequence[tuple[int, int]]
) -> dict[frozenset[int], Reads]:
    """Return which table takes a leaf, by the inputs that its path reads."""
    in_pair = {number for pair in pairs for number in pair}
    alone = [n for n in range(inputs) if n not in in_pair]
    homes: dict[frozenset[int], Reads] = {frozenset([n]): (n,) for n in alone}
    for pair in pairs:
        homes[frozenset(pair)] = pair
        for number in pair:
            homes.setdefault(frozenset([number]), pair)
    return homes


def _masks(leaf: _Leaf, reads: Reads, inputs: Sequence[Input]) -> tuple[_Mask, ...]:
    every = (np.ones(inputs[number].width + 1, dtype=bool) for number in reads)
    return tuple(
        leaf.bins.get(n, all_bins) for n, all_bins in zip(reads, every, strict=True)
    )


def _where_all(masks: tuple[_Mask, ...]) -> _Mask:
    if len(masks) == 1:
        return masks[0]
    return cast(_Mask, np.logical_and.outer(*masks))


def _as_term(table: _Table) -> AnyTerm:
    if len(table.inputs) == 1:
        (each,) = table.inputs
        values = table.values.tolist()
        missing = values.pop() if each.has_missing else 0.0
        return _as_axis(each, values[: each.width], missing)
    values = table.values.copy()
    for axis, each in enumerate(table.inputs):
        if not each.has_missing:
            np.moveaxis(values, axis, 0)[-1] = 0.0
    axes = []
    for axis, each in enumerate(table.inputs):
        values, places = _joined(values, axis)
        axes.append(_as_axis(each, places[:-1], places[-1]))
    first, second = axes
    rows = tuple(tuple(row) for row in values.tolist())
    return Pair(pair_name(first.name, second.name), first, second, rows)


def _joined(values: Floats, axis: int) -> tuple[Floats, list[float]]:
    """Join neighbours along an axis that are the same; returns each bin's new place.

    The bin of missing values, the last, stays by itself.
    """
    lines = np.moveaxis(values, axis, 0)
    differs = [n for n in range(1, len(lines)) if (lines[n] != lines[n - 1]).any()]
    starts = sorted({0, *differs, len(lines) - 1})
    places = np.searchsorted(starts, np.arange(len(lines)), side="right") - 1
    return np.take(values, starts, axis=axis), places.astype(np.float64).tolist()


def _as_axis(each: Input, values: Sequence[float], missing: float) -> Axis:
    """Return a value a bin as a staircase without idle steps, or as categories."""
    if each.categories is not None:
        by_category = tuple(values[number] for number in each.bins)
        return Categories(each.name, each.categories, by_category, missing)
    kept = [n for n in range(len(each.edges)) if values[n] != values[n + 1]]
    edges = tuple(each.edges[n] for n in kept)
    steps = (*(values[n] for n in kept), values[len(each.edges)])
    return Steps(each.name, edges, steps, missing)


def _leaves(root: _Node, inputs: Sequence[Input]) -> list[_Leaf]:
    found = list(_walk(root, {}, inputs))
    rows = sum(count for _, count, _ in found)
    return [_Leaf(value, count / rows, bins) for value, count, bins in found]


def _walk(
    node: _Node, bins: dict[int, _Mask], inputs: Sequence[Input]
) -> Iterator[tuple[float, int, dict[int, _Mask]]]:
    """Yield each leaf's value, its training rows, and the bins that lead to it."""
    if "leaf_value" in node:
        # A tree without a split tells no count: its leaf holds all rows.
        yield node["leaf_value"], node.get("leaf_count") or 1, bins
        return
    number = int(node["split_feature"])
    left = _goes_left(node, inputs[number])
    so_far = bins.get(number, np.ones(len(left), dtype=bool))
    yield from _walk(node["left_child"], {**bins, number: so_far & left}, inputs)
    yield from _walk(node["right_child"], {**bins, number: so_far & ~left}, inputs)


def _goes_left(node: _Node, each: Input) -> _Mask:
    left = np.arange(each.width) <= node["threshold"]
    left = left[::-1] if each.is_reversed else left
    # Where training saw no missing value, LightGBM reads one as 0.
    default = node["missing_type"] == "NaN"
    missing = node["default_left"] if default else node["threshold"] >= 0
    return np.append(left, bool(missing))


def _splits(node: _Node) -> Iterator[_Node]:
    if "leaf_value" not in node:
        yield node
        yield from _splits(node["left_child"])
        yield from _splits(node["right_child"])


def _split_faults(roots: Sequence[_Node]) -> Iterator[Fault]:
    do = "fit it without native categories, on numbers"
    for number, root in enumerate(roots):
        kinds = {(n["decision_type"], n["missing_type"]) for n in _splits(root)}
        if kinds - {("<=", "NaN"), ("<=", "None")}:
            what, got = "a split compares a number with a threshold", "another split"
            yield Fault(f"tree {number}", what, got, do)


def _path_faults(
    leaves: Sequence[_Leaf], homes: Mapping[frozenset[int], Reads]
) -> Iterator[Fault]:
    if any(leaf.bins and frozenset(leaf.bins) not in homes for leaf in leaves):
        what = "a leaf's path reads one input, or the two of a named pair"
        do = "fit it with one interaction group an indicator, or a named pair"
        yield Fault("booster", what, "others", do)


def refuse_ungrouped(groups: Sequence[Sequence[int]], inputs: Sequence[Input]) -> None:
    """Refuse interaction groups that leave an input out: it would never be used."""
    grouped = {number for group in groups for number in group}
    what, got = "every indicator is in an interaction group", "in none"
    refuse_if_any(
        Fault(f"indicator {each.name}", what, got, "add it to a group")
        for number, each in enumerate(inputs)
        if number not in grouped
    )
