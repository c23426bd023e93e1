"""Cell types: which texts a column's type allows, and what value each stands for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from features.definitions.columns import Column
from features.definitions.date_formats import pattern_of


if TYPE_CHECKING:
    import ibis.expr.types as ir

# One text per number: no sign +, no leading zero, no exponent, no thousands mark.
_WHOLE = "-?(?:0|[1-9][0-9]*)"
_BLANK = r"[\s\p{Z}\x{200B}\x{2060}]+"


def _regexp_full_match(text: str, pattern: str) -> bool:
    raise NotImplementedError


def _try_strptime(text: str, format_: str) -> dt.datetime:
    raise NotImplementedError


# DuckDB's own: a pattern (RE2) matches the whole text; the time it stands for.
regexp_full_match: Any = ibis.udf.scalar.builtin(
    _regexp_full_match, name="regexp_full_match"
)
_strptime: Any = ibis.udf.scalar.builtin(_try_strptime, name="try_strptime")


@dataclass(frozen=True)
class Cell:
    """One column's cells, as Ibis expressions.

    Attributes:
        raw: The text; null for every spelling of "no value".
        is_blank: Nothing but white space.
        has_form: The text is written as the type is.
        value: The typed value; null if there is none or it does not fit.
    """

    raw: Any
    is_blank: Any
    has_form: Any
    value: Any


def cell_of(column: Column, raw: ir.StringValue) -> Cell:
    """Return how a column's text, with null for no value, is read."""
    is_blank = regexp_full_match(raw, _BLANK)
    has_form = _form(column, raw) & ~is_blank
    return Cell(
        raw, is_blank, has_form, ibis.ifelse(has_form, _value(column, raw), None)
    )


def stored_type(column: Column) -> pa.DataType:
    """Return the Arrow type that a column is stored as."""
    if column.type == "decimal":
        return pa.decimal128(18, column.scale or 0)
    return _STORED[column.type]


_STORED = {
    "text": pa.string(),
    "code": pa.string(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}


def _form(column: Column, raw: Any) -> Any:
    if column.type == "text":
        return raw.notnull()
    if column.type in ("code", "boolean"):
        return raw.isin(column.spellings)
    if column.type == "date":
        patterns = [pattern_of(format_) for format_ in column.formats]
        return regexp_full_match(raw, "|".join(f"(?:{p})" for p in patterns))
    return regexp_full_match(raw, _number_pattern(column))


def _number_pattern(column: Column) -> str:
    if column.type == "float":
        return _WHOLE + r"(?:\.[0-9]+)?"
    if column.type == "decimal" and column.scale:
        return _WHOLE + rf"(?:\.[0-9]{{1,{column.scale}}})?"
    return _WHOLE


def _value(column: Column, raw: Any) -> Any:
    match column.type:
        case "text" | "code":
            return raw
        case "boolean":
            return raw.isin(column.true)
        case "date":
            return ibis.coalesce(*(_day(raw, format_) for format_ in column.formats))
        case "integer":
            return raw.try_cast("int64")
        case "decimal":
            return raw.try_cast(f"decimal(18, {column.scale})")
        case "float":
            number = raw.try_cast("float64")
            return ibis.ifelse(number.isinf(), None, number)


def _day(raw: Any, format_: str) -> Any:
    matches = regexp_full_match(raw, pattern_of(format_))
    return ibis.ifelse(matches, _strptime(raw, format_), None).date()
