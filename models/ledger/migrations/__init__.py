"""Migrations: a ledger's tables, from whichever version they are of to this one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from features.faults import Fault, Refusal
from models.ledger.ledger import Ledger
from models.ledger.tables import VERSION
from models.ledger.tables import versions as version_table
from models.ledger.version import (
    BEFORE_MIGRATIONS,
    NUMBER_BEFORE_MIGRATIONS,
    fault_of,
    version_of,
)


# Of all that lock something in a database by number, only migrations take this one.
_LOCK = 1_819_307_116
# The version that was the last before there were migrations, by its own count.
_ADOPTED = 2


@dataclass(frozen=True)
class Migrated:
    """What became of a ledger's tables.

    Attributes:
        before: The version; None where there were none.
        now: The version since.
    """

    before: str | None
    now: str


def migrate(ledger: Ledger) -> Migrated:
    """Bring a ledger's tables to this program's version, in one transaction.

    A ledger that is of it already is left as it is; of two who migrate at once, the
    second finds nothing to do.

    Raises:
        Refusal: The tables are of a newer version, or too old.
        LedgerUnavailable: The database did not answer as it should.
    """
    with ledger.changing_tables() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        before = version_of(connection)
        if before is not None and before > VERSION:
            fault = fault_of(before, ledger.address)
            raise Refusal([fault] if fault else [])
        context = _context(connection)
        if before == NUMBER_BEFORE_MIGRATIONS:
            _adopt(connection, context, ledger.address)
        with Operations.context(context):
            context.run_migrations()
    return Migrated(before, VERSION)


@cache
def script() -> ScriptDirectory:
    """Return all migrations, as Alembic knows them."""
    return ScriptDirectory(str(Path(__file__).parent))


def _context(connection: sa.Connection) -> MigrationContext:
    def steps(found: Any, _: MigrationContext) -> Sequence[Any]:
        return script()._upgrade_revs("head", found)

    settings = {"version_table": version_table.name, "script": script(), "fn": steps}
    return MigrationContext.configure(connection, opts=settings)


def _adopt(connection: sa.Connection, context: MigrationContext, where: str) -> None:
    """Take a ledger of before there were migrations for one of the first of them."""
    old = sa.Table(BEFORE_MIGRATIONS, sa.MetaData(), sa.Column("version", sa.Integer))
    found = connection.execute(sa.select(old.c.version)).scalar()
    if found != _ADOPTED:
        what = "a ledger of before there were migrations can be taken over"
        got, do = f"one of the form {found}, which is too old", "begin a new ledger"
        raise Refusal([Fault(where, what, got, do)])
    context.stamp(script(), "0001")
    old.drop(connection)
