"""Filters: one SQL expression over a source's own columns, and nothing else."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp


if TYPE_CHECKING:
    import ibis.expr.types as ir


def parse_filter(text: str, columns: Collection[str]) -> exp.Expr:
    """Parse `text` and refuse all but comparisons of the named columns.

    Args:
        text: An expression such as `kind = 'A&E' and attended`.
        columns: The names that it may read.

    Returns:
        The parsed expression, every node of which is on the list below.

    Raises:
        ValueError: It is not SQL, does more than compare, or names another column.
    """
    try:
        parsed = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ValueError("the filter must be one SQL expression") from error
    for node in parsed.walk():
        if type(node) not in _ALLOWED:
            raise ValueError(
                f"a filter may only compare columns; {node.key.upper()} is not allowed"
            )
    named = {column.name for column in parsed.find_all(exp.Column)}
    if qualified := [c for c in parsed.find_all(exp.Column) if c.table]:
        raise ValueError(f"write {qualified[0].name!r} without a table before it")
    if unknown := sorted(named - set(columns)):
        known = ", ".join(sorted(columns))
        raise ValueError(f"the filter names {unknown}; the columns are: {known}")
    return parsed


def columns_of(text: str) -> set[str]:
    """Return the columns that a filter, already checked, reads."""
    parsed = sqlglot.parse_one(text, dialect="duckdb")
    return {column.name for column in parsed.find_all(exp.Column)}


def as_condition(text: str, table: ir.Table) -> ir.BooleanValue:
    """Return the filter as an Ibis condition over `table`'s columns.

    A comparison with a missing value is neither true nor false, as in SQL, so such a
    row is not counted.
    """
    return _translate(parse_filter(text, table.columns), table)


def _translate(node: exp.Expr, table: ir.Table) -> Any:
    """Translate one allowed node; the recursion is over what it holds."""
    return _ALLOWED[type(node)](node, lambda part: _translate(part, table), table)


_Recur = Callable[[exp.Expr], Any]
_Rule = Callable[[Any, _Recur, Any], Any]


def _both(joined: Callable[[Any, Any], Any]) -> _Rule:
    return lambda node, recur, _: joined(recur(node.this), recur(node.expression))


def _inner(node: Any, recur: _Recur, _: object) -> Any:
    return recur(node.this)


def _literal(node: exp.Literal, _: _Recur, __: object) -> Any:
    if node.is_string:
        return node.this
    return int(node.this) if node.this.isdecimal() else float(node.this)


def _date(node: exp.Cast, _: _Recur, __: object) -> dt.date:
    if node.to.this != exp.DataType.Type.DATE or not isinstance(node.this, exp.Literal):
        raise ValueError("a filter may cast only a text to a date: date '2026-04-01'")
    return dt.date.fromisoformat(node.this.this)


def _in(node: exp.In, recur: _Recur, _: object) -> Any:
    if node.args.get("query") or node.args.get("unnest"):
        raise ValueError("a filter's IN must list its values")
    return recur(node.this).isin([recur(value) for value in node.expressions])


def _is(node: exp.Is, recur: _Recur, _: object) -> Any:
    value = recur(node.this)
    if isinstance(node.expression, exp.Null):
        return value.isnull()
    return value == recur(node.expression)


def _between(node: exp.Between, recur: _Recur, _: object) -> Any:
    return recur(node.this).between(recur(node.args["low"]), recur(node.args["high"]))


def _like(node: exp.Like, recur: _Recur, _: object) -> Any:
    return recur(node.this).like(recur(node.expression))


_ALLOWED: dict[type[exp.Expr], _Rule] = {
    exp.And: _both(operator.and_),
    exp.Or: _both(operator.or_),
    exp.EQ: _both(operator.eq),
    exp.NEQ: _both(operator.ne),
    exp.LT: _both(operator.lt),
    exp.LTE: _both(operator.le),
    exp.GT: _both(operator.gt),
    exp.GTE: _both(operator.ge),
    exp.Not: lambda node, recur, _: ~recur(node.this),
    exp.Neg: lambda node, recur, _: -recur(node.this),
    exp.Paren: _inner,
    exp.In: _in,
    exp.Is: _is,
    exp.Between: _between,
    exp.Like: _like,
    exp.Literal: _literal,
    exp.Boolean: lambda node, _, __: bool(node.this),
    exp.Null: lambda _, __, ___: None,
    exp.Cast: _date,
    exp.DataType: lambda _, __, ___: None,
    exp.Column: lambda node, _, table: table[node.name],
    exp.Identifier: lambda _, __, ___: None,
}

all_of = functools.partial(functools.reduce, operator.and_)
