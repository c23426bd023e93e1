"""Filters as a tree of tuples: written out as SQL, and evaluated row by row.

The evaluation knows nothing of SQL text: a test makes a tree, hands its SQL to the
engine and the tree to `holds`, and both must agree. Truth is True, False or None, as in
SQL, where None means "cannot tell".
"""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


Tree = tuple[Any, ...]


def sql(tree: Tree) -> str:
    """Return a tree as SQL; every part in brackets, so that no precedence is needed."""
    word, *parts = tree
    if word in ("and", "or"):
        return f" {word} ".join(f"({sql(part)})" for part in parts)
    if word == "not":
        return f"not ({sql(parts[0])})"
    column = f'"{parts[0]}"'
    if word == "in":
        return f"{column} in ({', '.join(written(value) for value in parts[1])})"
    if word == "between":
        return f"{column} between {written(parts[1])} and {written(parts[2])}"
    if word == "column":
        return column
    return " ".join([column, word, *(written(value) for value in parts[1:])])


def written(value: object) -> str:
    """Return a value as SQL writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return f"date '{value}'"
    if isinstance(value, str):
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    return str(value)


def holds(tree: Tree, row: Mapping[str, Any]) -> bool | None:
    """Return whether a tree is true of a row; None where it cannot tell."""
    match tree:
        case ("and", left, right):
            return _all([holds(left, row), holds(right, row)])
        case ("or", left, right):
            return _not(_all([_not(holds(left, row)), _not(holds(right, row))]))
        case ("not", part):
            return _not(holds(part, row))
        case ("is null", column):
            return row[column] is None
        case ("is not null", column):
            return row[column] is not None
        case ("is true", column):
            return row[column] is True
        case ("is not true", column):
            return row[column] is not True
    return None if row[tree[1]] is None else _compared(tree, row[tree[1]])


def _compared(tree: Tree, found: Any) -> bool:
    match tree:
        case ("column", _):
            return bool(found)
        case ("in", _, values):
            return any(_same(found, value) == 0 for value in values)
        case ("between", _, low, high):
            return _same(found, low) >= 0 and _same(found, high) <= 0
        case ("like", _, pattern):
            return _is_like(found, pattern)
        case ("not like", _, pattern):
            return not _is_like(found, pattern)
        case (sign, _, value):
            order = _same(found, value)
            return {
                "=": order == 0,
                "<>": order != 0,
                "<": order < 0,
                "<=": order <= 0,
                ">": order > 0,
                ">=": order >= 0,
            }[sign]
    raise ValueError(tree)


def _same(left: Any, right: Any) -> int:
    """Return -1, 0 or 1, as `left` is less than, equal to or greater than `right`."""
    if isinstance(left, Decimal | float) or isinstance(right, Decimal | float):
        left, right = float(left), float(right)
    return (left > right) - (left < right)


def _is_like(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(text, pattern.replace("%", "*").replace("_", "?"))


def _all(truths: list[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth
