"""The version of a ledger's tables: how it is read, and what is wrong with another."""

from __future__ import annotations

import sqlalchemy as sa

from features.faults import Fault
from models.ledger.tables import VERSION, versions


# Ledgers of before there were migrations have a table of this name, and are SQLite's.
BEFORE_MIGRATIONS = "schema"
NUMBER_BEFORE_MIGRATIONS = "0000"


def version_of(connection: sa.Connection) -> str | None:
    """Return the version of the tables that a database holds; None if it has none."""
    inspector = sa.inspect(connection)
    if inspector.has_table(versions.name):
        found: str | None = connection.execute(sa.select(versions)).scalar()
        return found
    is_old = inspector.has_table(BEFORE_MIGRATIONS)
    return NUMBER_BEFORE_MIGRATIONS if is_old else None


def fault_of(found: str | None, where: str) -> Fault | None:
    """Return what is wrong with a version of the tables; None where nothing is.

    Args:
        found: The version; None where there are no tables.
        where: The ledger's address, without a password.

    >>> print(fault_of("0000", "sqlite:///ledger.db").next)
    make a backup, then run: lamppost migrate
    """
    if found == VERSION:
        return None
    what = f"the ledger's tables must be of version {VERSION}"
    if found is None:
        return Fault(where, what, "no tables", "run: lamppost migrate")
    if found < VERSION:
        do = "make a backup, then run: lamppost migrate"
        return Fault(where, what, f"{found}, which is older", do)
    do = "use the version of Lamppost that made it, or restore the backup of before"
    return Fault(where, what, f"{found}, which is newer", do)
