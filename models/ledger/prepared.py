"""Prepared: what every look asks, made into SQL once and put to the driver itself.

SQLAlchemy's own way from a statement to its rows takes ten times as long as SQLite
needs for one row by its key, and a look asks nine times. Here its types still turn
values into what the driver takes, and back; nothing else is done again at each look.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler


Turn = Callable[[Any], Any]
Turns = Sequence[tuple[int, Turn]]

# What Postgres calls a statement that would write and may not.
_READ_ONLY = "25006"


class _Made(NamedTuple):
    """A statement in the words of one database.

    Attributes:
        order: The parameters' names in the order of their marks; None where the marks
            are named.
        fixed: The values that are part of the statement.
        into: By parameter: turns a value into what the driver takes.
        types: Of a row's columns.
        row: What a row becomes.
    """

    text: str
    order: Sequence[str] | None
    fixed: Mapping[str, Any]
    into: Mapping[str, Turn]
    types: Sequence[sa.types.TypeEngine[Any]]
    row: Callable[[Iterable[Any]], Any]

    def given(self, asked: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        """Return parameters as the driver takes them."""
        values = {**self.fixed, **asked}
        for name, turn in self.into.items():
            values[name] = turn(values[name])
        return values if self.order is None else [values[name] for name in self.order]

    def turns(self, dialect: sa.Dialect, described: Sequence[Any]) -> Turns:
        """Return by place in a row what turns what the driver gives into a value.

        Args:
            dialect: The database's.
            described: The columns as the driver describes them after a first time.
        """
        both = zip(self.types, described, strict=True)
        found = [kind.result_processor(dialect, told[1]) for kind, told in both]
        return [(place, turn) for place, turn in enumerate(found) if turn]


class Prepared:
    """A statement that is run as it is, again and again, within transactions.

    Args:
        statement: A SELECT of columns whose names differ, without a list of values
            (`in_`), or an INSERT of whole rows. What changes from one time to the next
            are its `bindparam`s.
    """

    def __init__(self, statement: sa.Select[Any] | sa.Insert) -> None:
        self._statement = statement
        self._made: dict[str, _Made] = {}
        self._turns: dict[str, Turns] = {}

    def all(self, connection: sa.Connection, **asked: Any) -> list[Any]:
        """Return the rows, each a named tuple.

        Raises:
            DBAPIError: As SQLAlchemy raises it, without values.
        """
        dialect = connection.dialect
        made = self._in_words_of(dialect)

        def rows(cursor: Any) -> list[Any]:
            cursor.execute(made.text, made.given(asked))
            if dialect.name not in self._turns:
                self._turns[dialect.name] = made.turns(dialect, cursor.description)
            turns = self._turns[dialect.name]
            return [made.row(_turned(row, turns)) for row in cursor.fetchall()]

        return cast("list[Any]", _run(connection, rows))

    def first(self, connection: sa.Connection, **asked: Any) -> Any:
        """Return the first row, a named tuple; None if there is none.

        Raises:
            DBAPIError: As SQLAlchemy raises it, without values.
        """
        return next(iter(self.all(connection, **asked)), None)

    def write(
        self, connection: sa.Connection, rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Insert rows; each names all columns.

        Raises:
            DBAPIError: As SQLAlchemy raises it, without values.
        """
        made = self._in_words_of(connection.dialect)
        given = [made.given(row) for row in rows]
        _run(connection, lambda cursor: cursor.executemany(made.text, given))

    def _in_words_of(self, dialect: sa.Dialect) -> _Made:
        made = self._made.get(dialect.name)
        if made is None:
            made = self._made[dialect.name] = _made(self._statement, dialect)
        return made


def _made(statement: sa.Select[Any] | sa.Insert, dialect: sa.Dialect) -> _Made:
    if isinstance(statement, sa.Insert):
        statement = statement.inline()  # or Postgres is asked for the key again
    made = statement.compile(dialect=dialect)
    assert isinstance(made, SQLCompiler)
    into = {
        name: turn
        # By the names that stand in the text: a literal has another one besides.
        for bind, name in made.bind_names.items()
        if (turn := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    columns = _columns(statement)
    types = [column.type.dialect_impl(dialect) for column in columns]
    row = namedtuple("row", [column.name for column in columns])  # type: ignore[misc]
    return _Made(str(made), made.positiontup, _fixed(made), into, types, row._make)


def _columns(statement: sa.Select[Any] | sa.Insert) -> Sequence[Any]:
    return () if isinstance(statement, sa.Insert) else [*statement.selected_columns]


def _fixed(made: SQLCompiler) -> dict[str, Any]:
    return {n: v for n, v in made.params.items() if not made.binds[n].required}


def _turned(found: Sequence[Any], turns: Turns) -> Sequence[Any]:
    if not turns:
        return found
    values = [*found]
    for place, turn in turns:
        values[place] = turn(values[place])
    return values


def tell_driver(connection: sa.Connection, text: str) -> None:
    """Run a statement that takes and gives nothing, such as SAVEPOINT.

    Raises:
        DBAPIError: As SQLAlchemy raises it.
    """
    _run(connection, lambda cursor: cursor.execute(text))


def is_spent(error: BaseException) -> bool:
    """Say whether a connection to Postgres is of no more use, though it is there.

    A session that began while the server let nobody write stays so for good.
    """
    return getattr(error, "sqlstate", None) == _READ_ONLY


def _run(connection: sa.Connection, work: Callable[[Any], Any]) -> Any:
    driver = connection.connection.dbapi_connection
    assert driver is not None
    cursor = driver.cursor()
    try:
        return work(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        dialect = connection.dialect
        is_gone = dialect.is_disconnect(error, driver, cursor) or is_spent(error)
        if is_gone:
            connection.invalidate(error)
        told = sa.exc.DBAPIError(
            None, None, error, hide_parameters=True, connection_invalidated=is_gone
        )
        raise told from error
    finally:
        cursor.close()
