"""Hypothesis makes relations: dated or not, to one or to several, with roles."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.features.plain_filter import Tree, sql
from tests.features.strategies import filters


_COLUMNS = {"kind": "code", "done": "boolean"}
# Mostly ones that some records pass and others do not.
_ROLES: list[Tree] = [
    ("=", "kind", "a"),
    ("=", "kind", "b"),
    ("is true", "done"),
    ("is not true", "done"),
]


@st.composite
def relations(draw: st.DrawFn, trees: dict[str, Tree]) -> list[dict[str, Any]]:
    """Return `lives_in` and `in_area`; their filters' trees go to `trees`."""
    source = draw(st.sampled_from(["register", "visits"]))
    return [
        {"name": "lives_in", "to": "household", "source": source, **draw(_ways(trees))},
        {"name": "in_area", "to": "area", "source": "register", **draw(_ways(trees))},
    ]


@st.composite
def _ways(draw: st.DrawFn, trees: dict[str, Tree]) -> dict[str, Any]:
    ways: dict[str, Any] = {"of": "person"}
    if draw(st.sampled_from([False, False, False, True])):
        return ways
    ways["many"] = draw(st.sampled_from([False, False, True]))
    ways["others_only"] = draw(st.sampled_from([True, True, False]))
    ways["ends"] = draw(st.sampled_from([None, "until"]))
    for name in ("ended", "filter", "counts"):
        if draw(st.sampled_from([True, False])):
            tree = draw(st.one_of(st.sampled_from(_ROLES), filters(_COLUMNS)))
            trees[sql(tree)] = tree
            ways[name] = sql(tree)
    return ways
