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
            texts = [
                (_text(f"{a}_l", is_date), _text(f"{b}_r", is_date)) for a, b in pairs
            ]
            return _any(
                f"damerau_levenshtein({one}, {two}) <= {level.at_most}"
                for one, two in texts
            )
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


def _text(column: str, is_date: bool) -> str:
    return f"cast({column} as varchar)" if is_date else column


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(f"({condition})" for condition in conditions)
