"""Compiling: an additive LightGBM model, turned exactly into tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from features.faults import Fault, refuse_if_any
from models.inputs import Input
from models.table import TableModel
from models.terms import Categories, Floats, Steps, Term


if TYPE_CHECKING:
    import lightgbm as lgb

# LightGBM reads |x| up to this (float32's 1e-35) as 0: kZeroThreshold in its meta.h.
_ZERO = float(np.float32(1e-35))
_LEFT_OF_ZERO = float(np.nextafter(-_ZERO, -np.inf))

_Node = dict[str, Any]


@dataclass(frozen=True)
class _Tree:
    """One tree: the only input it reads, and its root.

    Attributes:
        reads: The input's number; None for a tree that is a single leaf.
        mean: Of the leaves over the training rows.
    """

    reads: int | None
    root: _Node
    mean: float


def compile_additive(booster: lgb.Booster, inputs: Sequence[Input]) -> TableModel:
    """Turn a booster whose trees each read one input into tables.

    The tables are centred, so that the base and every term equal the booster's
    `pred_contrib`: the base is the unweighted mean log-odds of the training rows.

    Args:
        booster: Fitted with one interaction group an input, without bagging.
        inputs: What its columns are, in order.

    Raises:
        Refusal: A tree reads several inputs, or splits in a way tables cannot hold.
    """
    roots = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    refuse_if_any(_faults(roots))
    trees = [_Tree(_reads(root), root, _mean(root)) for root in roots]
    base = float(sum(tree.mean for tree in trees))
    terms = [
        _as_term(each, [tree for tree in trees if tree.reads == number])
        for number, each in enumerate(inputs)
    ]
    return TableModel("additive", base, tuple(terms))


def _as_term(each: Input, trees: Sequence[_Tree]) -> Term:
    """Ask the input's trees at one point of every step, and at a missing value."""
    edges = _edges(trees) if each.categories is None else ()
    points = (
        [*edges, np.inf] if each.categories is None else range(len(each.categories))
    )
    answers = _summed(trees, np.array([*points, np.nan], dtype=np.float64)).tolist()
    missing = answers.pop() if each.has_missing else None
    values = tuple(answers[: len(points)])
    if each.categories is None:
        return Steps(each.name, edges, values, missing)
    return Categories(each.name, each.categories, values, missing)


def _summed(trees: Sequence[_Tree], points: Floats) -> Floats:
    total = np.zeros(len(points))
    for tree in trees:
        total += _answers(tree.root, points) - tree.mean
    return total


def _answers(node: _Node, points: Floats) -> Floats:
    """Return the leaf value that each point of the node's one input falls into."""
    if "leaf_value" in node:
        return np.full(len(points), node["leaf_value"], dtype=np.float64)
    left = _goes_left(node, points)
    branches = (
        _answers(node["left_child"], points),
        _answers(node["right_child"], points),
    )
    return np.where(left, *branches)


def _goes_left(node: _Node, points: Floats) -> NDArray[np.bool_]:
    left = points <= _edge(node["threshold"])
    # Where training saw no missing value, LightGBM reads one as 0.
    default = node["missing_type"] == "NaN"
    missing = node["default_left"] if default else node["threshold"] >= 0
    return cast(NDArray[np.bool_], np.where(np.isnan(points), missing, left))


def _edges(trees: Sequence[_Tree]) -> tuple[float, ...]:
    nodes = (node for tree in trees for node in _splits(tree.root))
    return tuple(sorted({_edge(node["threshold"]) for node in nodes}))


def _edge(threshold: float) -> float:
    """Return the last number that goes left, as LightGBM reads numbers."""
    if abs(threshold) > _ZERO or threshold == _ZERO:
        return threshold
    return _ZERO if threshold >= 0 else _LEFT_OF_ZERO


def _splits(node: _Node) -> Iterator[_Node]:
    if "leaf_value" not in node:
        yield node
        yield from _splits(node["left_child"])
        yield from _splits(node["right_child"])


def _leaves(node: _Node) -> Iterator[tuple[float, int]]:
    """Yield each leaf's value and how many training rows fell into it."""
    if "leaf_value" in node:
        # A tree without a split tells no count: its leaf holds all rows.
        yield node["leaf_value"], node.get("leaf_count") or 1
    else:
        yield from _leaves(node["left_child"])
        yield from _leaves(node["right_child"])


def _mean(root: _Node) -> float:
    leaves = list(_leaves(root))
    rows = sum(count for _, count in leaves)
    return sum(value * count for value, count in leaves) / rows


def _reads(root: _Node) -> int | None:
    return next((int(node["split_feature"]) for node in _splits(root)), None)


def _faults(roots: Sequence[_Node]) -> Iterator[Fault]:
    do = "fit it with one interaction group an indicator, and no native categories"
    for number, root in enumerate(roots):
        where = f"tree {number}"
        if len({node["split_feature"] for node in _splits(root)}) > 1:
            what, got = "a tree of an additive model reads one input", "several"
            yield Fault(where, what, got, do)
        kinds = {(n["decision_type"], n["missing_type"]) for n in _splits(root)}
        if kinds - {("<=", "NaN"), ("<=", "None")}:
            what, got = "a split compares a number with a threshold", "another split"
            yield Fault(where, what, got, do)


def refuse_ungrouped(groups: Sequence[Sequence[int]], inputs: Sequence[Input]) -> None:
    """Refuse interaction groups that leave an input out: it would never be used."""
    grouped = {number for group in groups for number in group}
    what, got = "every indicator is in an interaction group", "in none"
    refuse_if_any(
        Fault(f"indicator {each.name}", what, got, "add it to a group")
        for number, each in enumerate(inputs)
        if number not in grouped
    )
