"""Hypothesis makes the definitions of indicators: any measure, window and relation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from hypothesis import strategies as st

from features.definitions.indicators import NEEDS_COLUMN, IndicatorFamily, Measure
from tests.features.plain_filter import Tree, sql
from tests.features.small_place import family
from tests.features.strategies import filters


MEASURES: tuple[str, ...] = get_args(Measure)
FILTERED = {
    "kind": "code",
    "number": "integer",
    "amount": "decimal",
    "done": "boolean",
    "until": "date",
}
_NUMBERS = ["number", "amount", "level"]
_ANY = [*_NUMBERS, "kind", "done", "until"]
_COLUMNS = {
    **dict.fromkeys(("sum", "mean", "min", "max", "ratio"), _NUMBERS),
    "latest": _ANY,
    "distinct": _ANY,
    "age": ["born"],
    "at_index": ["planned"],
}
_LIE_BACK = ("count", "sum", "mean", "min", "max", "latest", "distinct", "share")
_LIE_BACK += ("exists", "ratio")
# The sources about a person, and what may be counted about whom they belong to.
_WAYS: list[tuple[str, str | None]] = [
    ("register", None),
    ("visits", None),
    ("visits", None),
    ("register", "lives_in"),
    ("register", "in_area"),
    ("visits", "lives_in"),
    ("visits", "in_area"),
    ("area_log", "in_area"),
]


@st.composite
def families_of(
    draw: st.DrawFn, trees: dict[str, Tree], measures: Sequence[str]
) -> list[IndicatorFamily]:
    """Return a family for each measure; their filters' trees go to `trees`."""
    return [
        draw(_family(measure, f"{measure}_{n}", trees))
        for n, measure in enumerate(measures)
    ]


@st.composite
def _family(
    draw: st.DrawFn, measure: str, name: str, trees: dict[str, Tree]
) -> IndicatorFamily:
    source, relation = draw(_whose(measure))
    if measure == "month":
        ahead = draw(st.lists(st.integers(0, 14), min_size=1, max_size=2, unique=True))
        return family(measure, name=name, source=source, months_ahead=ahead)
    content: dict[str, Any] = {"name": name, "source": source, "relation": relation}
    windowed = measure not in ("age", "at_index")
    if measure == "at_index" and draw(st.booleans()):
        content["filter"] = _written(draw, trees, {"planned": "text"})
    elif measure in NEEDS_COLUMN:
        content["column"] = draw(st.sampled_from(_COLUMNS[measure]))
    if measure == "share" or (windowed and draw(st.booleans())):
        content["filter"] = _written(draw, trees)
    if measure == "share" and draw(st.booleans()):
        content["of"] = _written(draw, trees)
    if windowed:
        content |= draw(_when(measure))
    if measure.startswith("nearby"):
        content["nearby"] = draw(_near(measure))
    return family(measure, **content)


def _whose(measure: str) -> st.SearchStrategy[tuple[str, str | None]]:
    if measure.startswith("nearby"):
        return st.sampled_from([("crimes", None), ("visits", None)])
    if measure in ("at_index", "month"):
        return st.sampled_from([("visits", None), ("notes", None)])
    return st.just(("register", None)) if measure == "age" else st.sampled_from(_WAYS)


@st.composite
def _when(draw: st.DrawFn, measure: str) -> dict[str, Any]:
    """Return the windows, how far back they end, and what a ratio is taken against."""
    least = 1 if measure.startswith("nearby") else 0
    when: dict[str, Any] = {"windows_days": draw(_windows(least))}
    if measure in _LIE_BACK:
        when["ago_days"] = draw(_lags(2))
    if measure == "ratio":
        window, ago = draw(st.integers(1, 8)), draw(st.integers(0, 5))
        when["against"] = {"window_days": window, "ago_days": ago}
    return when


def _lags(most: int) -> st.SearchStrategy[list[int]]:
    # Half of them end at the as-of date.
    several = st.lists(st.integers(1, 5), max_size=most, unique=True)
    return st.one_of(st.just([]), several)


def _windows(least: int) -> st.SearchStrategy[list[int]]:
    lengths = st.integers(1, 8)
    return st.lists(lengths, min_size=least, max_size=2, unique=True)


def _near(measure: str) -> st.SearchStrategy[dict[str, Any]]:
    where = {"latitude": st.just("lat"), "longitude": st.just("lon")}
    if measure == "nearby_count":
        where["radius_metres"] = st.sampled_from([1, 150, 400, 5_000])
    else:
        where["bandwidth_degrees"] = st.sampled_from([0.0005, 0.002, 0.01])
    return st.fixed_dictionaries(where)


def _written(
    draw: st.DrawFn, trees: dict[str, Tree], types: Mapping[str, str] = FILTERED
) -> str:
    tree = draw(filters(types))
    trees[sql(tree)] = tree
    return sql(tree)
