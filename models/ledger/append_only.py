"""Append-only tables: the database itself refuses to change or remove their rows.

This stops mistakes and programs. Who may alter the schema can take it away, so the
audit is chained and anchored besides, and `audit_check` asks whether it is still there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from models.ledger.tables import anchors, views, views_unchained


APPEND_ONLY = (views, anchors)

_SQLITE = {
    "update": "BEFORE UPDATE ON {table}",
    "delete": "BEFORE DELETE ON {table}",
    # INSERT OR REPLACE takes a row away without asking the trigger on DELETE.
    "replace": "BEFORE INSERT ON {table}"
    " WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})",
}
_SQLITE_BODY = "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
_POSTGRES = {
    "change": "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
    "truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
}
_POSTGRES_BODY = "EXECUTE FUNCTION refuse_to_change()"
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_to_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END
$$
"""


def guard(connection: sa.Connection) -> None:
    """Make the triggers of all append-only tables, afresh where they are there.

    A migration calls this after it has made or changed the tables.
    """
    for table in APPEND_ONLY:
        unguard(connection, table)
        _guard_table(connection, table)


def unguard(connection: sa.Connection, table: sa.Table) -> None:
    """Take a table's triggers away, for a migration that must rewrite its rows."""
    on = f" ON {table.name}" if connection.dialect.name == "postgresql" else ""
    for name in _triggers(connection, table):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")


@contextlib.contextmanager
def pausing(connection: sa.Connection, table: sa.Table) -> Iterator[None]:
    """Let this transaction, and no other, change a table's rows for a while.

    Unlike `unguard` it bars nobody from reading the table on Postgres: whoever has
    read it, and waits to write, cannot wait for ever.
    """
    if connection.dialect.name == "postgresql":
        change = f"ALTER TABLE {table.name} {{}} TRIGGER USER"
        connection.exec_driver_sql(change.format("DISABLE"))
        yield
        connection.exec_driver_sql(change.format("ENABLE"))
        return
    unguard(connection, table)
    yield
    _guard_table(connection, table)


def barred_from_changing(connection: sa.Connection) -> str | None:
    """Return the role that may not pause the triggers and change rows; None if it may.

    SQLite knows no roles: whoever can write the file may.
    """
    if connection.dialect.name != "postgresql":
        return None
    may = "pg_has_role(relowner, 'USAGE') AND has_table_privilege(oid, 'UPDATE')"
    query = sa.text(
        f"SELECT current_user, bool_and({may}) FROM pg_class "  # noqa: S608
        "WHERE oid IN (CAST(:one AS regclass), CAST(:other AS regclass))"
    )
    named = {"one": views.name, "other": views_unchained.name}
    role, is_able = connection.execute(query, named).one()
    return None if is_able else str(role)


def missing_triggers(connection: sa.Connection) -> list[str]:
    """Return the names of triggers that ought to be there and are not, or are off."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    found = set(connection.exec_driver_sql(query).scalars())
    wanted = [n for table in APPEND_ONLY for n in _triggers(connection, table)]
    return [name for name in wanted if name not in found]


def _guard_table(connection: sa.Connection, table: sa.Table) -> None:
    key = next(iter(table.primary_key)).name
    body = _SQLITE_BODY
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_POSTGRES_FUNCTION)
        body = _POSTGRES_BODY
    for name, when in _triggers(connection, table).items():
        statement = f"CREATE TRIGGER {name} {when} {body}"
        connection.exec_driver_sql(statement.format(table=table.name, key=key))


def _triggers(connection: sa.Connection, table: sa.Table) -> dict[str, str]:
    """Return, by trigger, when it fires."""
    kinds = _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE
    return {f"{table.name}_no_{kind}": when for kind, when in kinds.items()}
