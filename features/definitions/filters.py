"""Filters: one SQL expression over a source's own columns, and nothing else.

What a filter may hold is the list `_RULES`; each entry says how that part is checked
and how it is translated. Whatever is not on the list is refused.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlglot
from sqlglot import exp


if TYPE_CHECKING:
    import ibis.expr.types as ir

# What a part of a filter is; "any" is a column whose type is not told.
Kind = Literal["truth", "number", "text", "date", "any"]

_KINDS: dict[str, Kind] = {
    "boolean": "truth",
    "integer": "number",
    "decimal": "number",
    "float": "number",
    "text": "text",
    "code": "text",
    "date": "date",
}
_GREATEST_INTEGER = 2**63 - 1


def parse_filter(text: str, columns: Collection[str] | Mapping[str, str]) -> exp.Expr:
    """Parse `text` and refuse all but comparisons of the named columns.

    Args:
        text: An expression such as `kind = 'A&E' and attended`.
        columns: The names that it may read; with each name's type in a contract, like
            is compared only with like.

    Returns:
        The parsed expression, every node of which is on the list below.

    Raises:
        ValueError: It is not one SQL expression, does more than compare, compares what
            cannot be compared, or names another column.
    """
    parsed = _parsed(text)
    for node in parsed.walk():
        if type(node) not in _RULES and type(node) not in _PARTS:
            raise ValueError(
                f"a filter may only compare columns; {node.key.upper()} is not allowed"
            )
    _check_names(parsed, columns)
    types = columns if isinstance(columns, Mapping) else {}
    kinds = {name: _KINDS.get(types.get(name, ""), "any") for name in columns}
    if _kind_of(parsed, kinds) not in ("truth", "any"):
        raise ValueError("a filter must be true or false: compare with something")
    return parsed


def columns_of(text: str) -> set[str]:
    """Return the columns that a filter, already checked, reads."""
    return {column.name for column in _parsed(text).find_all(exp.Column)}


def as_condition(text: str, table: ir.Table) -> ir.BooleanValue:
    """Return the filter as an Ibis condition over `table`'s columns.

    A comparison with a missing value is neither true nor false, as in SQL, so such a
    row is not counted.
    """
    return _translate(parse_filter(text, table.columns), table)


@functools.cache
def _parsed(text: str) -> exp.Expr:
    try:
        found = sqlglot.parse(text, dialect="duckdb")
        tokens = sqlglot.tokenize(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ValueError("the filter must be one SQL expression") from error
    if len(found) != 1 or found[0] is None:
        raise ValueError("the filter must be one SQL expression")
    if any(token.comments for token in tokens):
        raise ValueError("a filter holds no comments: write them in the file instead")
    return found[0]


def _check_names(parsed: exp.Expr, columns: Collection[str]) -> None:
    named = list(parsed.find_all(exp.Column))
    if qualified := [column.name for column in named if column.table]:
        raise ValueError(f"write {qualified[0]!r} without a table before it")
    if unknown := sorted({column.name for column in named} - set(columns)):
        known = ", ".join(sorted(columns))
        raise ValueError(f"the filter names {unknown}; the columns are: {known}")


def _kind_of(node: exp.Expr, kinds: Mapping[str, Kind]) -> Kind:
    rule = _RULES.get(type(node))
    given = {key for key, value in node.args.items() if value not in (None, [], False)}
    if isinstance(node, exp.Null):
        raise ValueError("nothing equals null in SQL: write `is null`")
    if rule is None or not given <= rule.args:
        raise ValueError(f"a filter may not hold {node.sql(dialect='duckdb')!r}")
    return rule.check(node, lambda part: _kind_of(part, kinds), kinds)


def _translate(node: exp.Expr, table: ir.Table) -> Any:
    rule = _RULES[type(node)]
    return rule.translate(node, lambda part: _translate(part, table), table)


_Recur = Callable[[Any], Any]


@dataclass(frozen=True)
class _Rule:
    """How one kind of node is checked and translated.

    Attributes:
        check: Returns what the node is; a `ValueError` if its parts do not fit.
        translate: Returns the Ibis expression.
        args: The parts that the node may have; any other is refused.
    """

    check: Callable[[Any, _Recur, Mapping[str, Kind]], Kind]
    translate: Callable[[Any, _Recur, Any], Any]
    args: frozenset[str] = frozenset({"this", "expression"})


def _alike(kinds: Collection[Kind], wanted: Kind = "any") -> Kind:
    """Return the one kind that all are; what is not told may be anything."""
    told = sorted({kind for kind in (*kinds, wanted) if kind != "any"})
    if len(told) > 1:
        raise ValueError(f"a filter may not compare or join {' with '.join(told)}")
    return told[0] if told else "any"


def _joining(join: Callable[[Any, Any], Any]) -> _Rule:
    def check(node: exp.Binary, recur: _Recur, _: object) -> Kind:
        return _alike([recur(node.this), recur(node.expression)], "truth")

    return _Rule(
        check, lambda node, recur, _: join(recur(node.this), recur(node.expression))
    )


def _comparing(compare: Callable[[Any, Any], Any]) -> _Rule:
    def check(node: exp.Binary, recur: _Recur, _: object) -> Kind:
        _alike([recur(node.this), recur(node.expression)])
        return "truth"

    return _Rule(
        check, lambda node, recur, _: compare(recur(node.this), recur(node.expression))
    )


def _check_is(node: exp.Is, recur: _Recur, _: object) -> Kind:
    if not isinstance(node.expression, exp.Null | exp.Boolean):
        raise ValueError("a filter's IS takes null, true or false")
    _alike([recur(node.this)], "any" if _is_null(node) else "truth")
    return "truth"


def _is_null(node: exp.Is) -> bool:
    return isinstance(node.expression, exp.Null)


def _is(node: exp.Is, recur: _Recur, _: object) -> Any:
    value = recur(node.this)
    if _is_null(node):
        return value.isnull()
    # Unlike a comparison, IS is never missing: a missing value is not true.
    return (value == recur(node.expression)).fill_null(False)


def _check_in(node: exp.In, recur: _Recur, _: object) -> Kind:
    if not node.expressions:
        raise ValueError("a filter's IN must list its values")
    _alike([recur(node.this), *(recur(value) for value in node.expressions)])
    return "truth"


def _in(node: exp.In, recur: _Recur, _: object) -> Any:
    return recur(node.this).isin([recur(value) for value in node.expressions])


def _check_between(node: exp.Between, recur: _Recur, _: object) -> Kind:
    parts = (node.this, node.args["low"], node.args["high"])
    _alike([recur(part) for part in parts])
    return "truth"


def _between(node: exp.Between, recur: _Recur, _: object) -> Any:
    return recur(node.this).between(recur(node.args["low"]), recur(node.args["high"]))


def _check_like(node: exp.Like, recur: _Recur, _: object) -> Kind:
    if not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
        raise ValueError("a filter's LIKE takes a text in quotes")
    _alike([recur(node.this)], "text")
    return "truth"


def _like(node: exp.Like, recur: _Recur, _: object) -> Any:
    like = recur(node.this).like(node.expression.this)
    return ~like if node.args.get("negate") else like


def _check_literal(node: exp.Literal, _: _Recur, __: object) -> Kind:
    value = _value(node)
    if isinstance(value, int) and value > _GREATEST_INTEGER:
        raise ValueError("a filter's whole numbers must fit into 64 bits")
    return "text" if node.is_string else "number"


def _value(node: exp.Literal) -> str | int | float:
    if node.is_string:
        return str(node.this)
    return int(node.this) if node.this.isdecimal() else float(node.this)


def _literal(value: Any) -> Any:
    # As an expression, so that `not true` is SQL's and not Python's.
    import ibis

    return ibis.literal(value)


def _check_date(node: exp.Cast, _: _Recur, __: object) -> Kind:
    try:
        _day(node)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "a filter may cast only a text to a date: date '2026-04-01'"
        ) from error
    return "date"


def _day(node: exp.Cast) -> dt.date:
    if node.to.this != exp.DataType.Type.DATE or not isinstance(node.this, exp.Literal):
        raise ValueError("not a date")
    return dt.date.fromisoformat(node.this.this)


def _column(node: exp.Column, _: _Recur, kinds: Mapping[str, Kind]) -> Kind:
    return kinds[node.name]


def _inner(node: Any, recur: _Recur, _: object) -> Any:
    return recur(node.this)


_RULES: dict[type[exp.Expr], _Rule] = {
    exp.And: _joining(operator.and_),
    exp.Or: _joining(operator.or_),
    exp.EQ: _comparing(operator.eq),
    exp.NEQ: _comparing(operator.ne),
    exp.LT: _comparing(operator.lt),
    exp.LTE: _comparing(operator.le),
    exp.GT: _comparing(operator.gt),
    exp.GTE: _comparing(operator.ge),
    exp.Not: _Rule(
        lambda node, recur, _: _alike([recur(node.this)], "truth"),
        lambda node, recur, _: ~recur(node.this),
    ),
    exp.Neg: _Rule(
        lambda node, recur, _: _alike([recur(node.this)], "number"),
        lambda node, recur, _: -recur(node.this),
    ),
    exp.Paren: _Rule(_inner, _inner),
    exp.In: _Rule(_check_in, _in, frozenset({"this", "expressions"})),
    exp.Is: _Rule(_check_is, _is),
    exp.Between: _Rule(_check_between, _between, frozenset({"this", "low", "high"})),
    exp.Like: _Rule(_check_like, _like, frozenset({"this", "expression", "negate"})),
    exp.Literal: _Rule(
        _check_literal,
        lambda node, _, __: _literal(_value(node)),
        frozenset({"this", "is_string"}),
    ),
    exp.Boolean: _Rule(
        lambda _, __, ___: "truth", lambda node, _, __: _literal(bool(node.this))
    ),
    exp.Cast: _Rule(
        _check_date, lambda node, _, __: _literal(_day(node)), frozenset({"this", "to"})
    ),
    exp.Column: _Rule(_column, lambda node, _, table: table[node.name]),
}

# These stand only inside the rules above: `is null`, a cast's type, a column's name.
_PARTS = frozenset({exp.Null, exp.DataType, exp.Identifier})
