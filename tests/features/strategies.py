"""Hypothesis strategies: filters, and whole small worlds of records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st


_SIGNS = ("=", "<>", "<", "<=", ">", ">=")

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "code": st.sampled_from(["a", "b"]),
    "text": st.sampled_from(["", "a", "it's", "A%", "x"]),
    "integer": st.integers(-3, 5),
    "decimal": st.integers(-300, 300).map(lambda n: Decimal(n).scaleb(-2)),
    "float": st.integers(-4, 8).map(lambda n: n / 4),
    "date": st.integers(-200, 200).map(
        lambda n: dt.date(2024, 3, 1) + dt.timedelta(days=n)
    ),
    "boolean": st.booleans(),
}


def filters(types: Mapping[str, str]) -> st.SearchStrategy[Any]:
    """Return trees (see `plain_filter`) over columns of the given types."""
    return st.recursive(
        st.sampled_from(sorted(types)).flatmap(lambda name: _atom(name, types[name])),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), inner, inner),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=4,
    )


def _atom(name: str, type_: str) -> st.SearchStrategy[Any]:
    column, value = st.just(name), VALUES[type_]
    ways = [
        st.tuples(st.sampled_from(_SIGNS), column, value),
        st.tuples(st.just("in"), column, st.lists(value, min_size=1, max_size=3)),
        st.tuples(st.just("between"), column, value, value),
        st.tuples(st.sampled_from(["is null", "is not null"]), column),
    ]
    if type_ in ("text", "code"):
        patterns = st.sampled_from(["a%", "%", "_", "b", "%'s"])
        ways.append(st.tuples(st.sampled_from(["like", "not like"]), column, patterns))
    if type_ == "boolean":
        words = st.sampled_from(["column", "is true", "is not true"])
        ways = [st.tuples(words, column), ways[-1]]
    return st.one_of(ways)
