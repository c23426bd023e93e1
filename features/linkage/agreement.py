"""Agreement: when a level of a comparison holds, as SQL about two records l and r.

The only SQL that is put together from parts. They are names of attributes, which were
checked as `Name` when the rules were read, and numbers; never a value out of a record.
"""

from __future__ import annotations

from collections.abc import Iterable

from features.definitions.comparisons import (
    Comparison,
    Edits,
    Exact,
    Level,
    Similar,
    Swapped,
    Within,
)


# Of the three parts of a date, so many edits leave one as it is.
_WITHIN_PARTS = 2
_PARTS = ("year", "month", "day")
_EITHER_WAY = (("l", "r"), ("r", "l"))


def column_of(name: str) -> str:
    """Return what an attribute is called in SQL: never a reserved word.

    >>> column_of("order")
    'a_order'
    """
    return f"a_{name}"


def nothing_said(comparison: Comparison) -> str:
    """Return when two records say nothing about a comparison."""
    own = column_of(comparison.attribute)
    windows = [level for level in comparison.levels if isinstance(level, Within)]
    if not windows:
        return f"{own}_l is null or {own}_r is null"
    first = column_of(windows[0].first)
    said = _any(
        f"{own}_{one} is not null and "
        f"({first}_{two} is not null or {own}_{two} is not null)"
        for one, two in _EITHER_WAY
    )
    return f"not ({said})"


def agreement(comparison: Comparison, level: Level, *, is_date: bool) -> str:
    """Return when two records agree as a level says.

    Args:
        comparison: Which attributes are compared.
        level: One of its levels.
        is_date: The attributes are dates, not texts.
    """
    own = column_of(comparison.attribute)
    pairs = [(own, own)]
    for other in (column_of(name) for name in comparison.also):
        pairs += [(own, other), (other, own)]
    match level:
        case Exact(by=None):
            return _any(f"{one}_l = {two}_r" for one, two in pairs)
        case Exact(by=str() as by):
            return f"{column_of(by)}_l = {column_of(by)}_r"
        case Similar():
            return _any(
                f"jaro_winkler_similarity({one}_l, {two}_r) >= {level.at_least}"
                for one, two in pairs
            )
        case Edits():
            edits = _edits_of_dates if is_date else _edits
            return _any(edits(f"{a}_l", f"{b}_r", level.at_most) for a, b in pairs)
        case Swapped():
            other = column_of(level.other)
            return f"{own}_l = {other}_r and {other}_l = {own}_r"
        case Within():
            return _within(own, level)
    raise TypeError(f"unknown level: {type(level).__name__}")


def _within(own: str, level: Within) -> str:
    first, last = column_of(level.first), column_of(level.last)
    return _any(
        f"{own}_{one} between {first}_{two} - interval '{level.days_before}' day "
        f"and {last}_{two} + interval '{level.days_after}' day"
        for one, two in _EITHER_WAY
    )


def _no_more(one: str, other: str, edits: int) -> str:
    return f"damerau_levenshtein({one}, {other}) <= {edits}"


def _edits(one: str, other: str, at_most: int) -> str:
    edits = _no_more(one, other, at_most)
    if at_most > 1:
        return edits
    # Counting is dear. An only edit changes two letters at most, so that half of the
    # others stand before it or after it.
    half = f"(length({one}) - 1) // 2"
    near = _any(f"{e}({one}, {half}) = {e}({other}, {half})" for e in ("left", "right"))
    return f"({near}) and {edits}"


def _edits_of_dates(one: str, other: str, at_most: int) -> str:
    edits = _no_more(f"cast({one} as varchar)", f"cast({other} as varchar)", at_most)
    if at_most > _WITHIN_PARTS:
        return edits
    # Two dates that are so near have one part in common: no edit reaches over a
    # hyphen, which has its place.
    near = _any(f"{part}({one}) = {part}({other})" for part in _PARTS)
    return f"({near}) and {edits}"


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({condition})" for condition in conditions)
