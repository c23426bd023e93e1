"""Many rows: written as they are handed over, with what a statement needs made once.

SQLAlchemy looks at every value of every row anew each time. Of hundreds of thousands of
rows that takes longer than all that the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

import sqlalchemy as sa

from models.ledger.ledger import insert_new, insert_newest


_Convert = Callable[[Any], Any]
# What stands for one value in a driver's own statement, where it has no name.
_NAMELESS = {"sqlite": "qmark", "postgresql": "format"}


def write_many(
    connection: sa.Connection,
    table: sa.Table,
    rows: Iterable[Sequence[Any]],
    *,
    replacing: bool = True,
) -> None:
    """Write rows in a transaction under way.

    Args:
        connection: The transaction.
        table: Which.
        rows: Values of all its columns, in their order. What a column of JSON holds
            is an object; a text there is the JSON of one already.
        replacing: Each takes the place of one with its key, which else stays.
    """
    columns = list(zip(*rows, strict=True))
    if not columns:
        return
    dialect = connection.dialect
    converted = [
        values if convert is None else map(convert, values)
        for values, convert in zip(columns, _converters(table, dialect), strict=True)
    ]
    statement = _statement(table, connection, replacing=replacing)
    connection.exec_driver_sql(statement, list(zip(*converted, strict=True)))


def _statement(table: sa.Table, connection: sa.Connection, *, replacing: bool) -> str:
    """Return the INSERT as the driver takes it, a value a column."""
    is_all_key = len(table.primary_key) == len(table.c)
    replaces = replacing and not is_all_key
    insert = (insert_newest if replaces else insert_new)(table, connection)
    dialect = connection.dialect
    nameless: Callable[..., sa.Dialect] = type(dialect)
    compiled = insert.compile(
        dialect=nameless(paramstyle=_NAMELESS[dialect.name]),
        column_keys=[column.name for column in table.c],
    )
    return str(compiled)


def _converters(table: sa.Table, dialect: sa.Dialect) -> list[_Convert | None]:
    """Return, for each column, what makes of a value what the driver takes."""
    return [_converter(column.type, dialect) for column in table.c]


def _converter(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Convert | None:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is not None and isinstance(kind, sa.Date):
        return cache(convert)  # there are far fewer days than rows
    if convert is not None and isinstance(kind, sa.JSON):
        return partial(_as_json, convert)
    return convert


def _as_json(convert: _Convert, value: object) -> Any:
    return value if isinstance(value, str) else convert(value)
