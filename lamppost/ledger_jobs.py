"""The jobs about the ledger's database: its tables, and whether it can be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lamppost.settings import Settings


_SQLITE = "sqlite:///"


def migrate(settings: Settings) -> dict[str, Any]:
    """Bring the ledger's tables to this version; what is of it already is left.

    Raises:
        Refusal: The tables are of a newer version, or too old.
        LedgerUnavailable: The database did not answer as it should.
    """
    from models.ledger import migrations
    from models.ledger.ledger import connect_ledger

    ledger = connect_ledger(settings.ledger_url)
    try:
        found = migrations.migrate(ledger)
    finally:
        ledger.close()
    before = found.before or "without tables"
    return {"ledger": ledger.address, "was": before, "is": found.now}


def is_there(address: str) -> bool:
    """Say whether a store exists; a server's is taken to."""
    is_file = address.startswith(_SQLITE)
    return not is_file or Path(address.removeprefix(_SQLITE)).exists()


def ledger_problems(settings: Settings) -> Iterator[str]:
    """Yield why the ledger cannot be used; one that is not made yet is no problem."""
    from features.faults import Refusal
    from models.ledger.ledger import LedgerUnavailable, open_ledger

    if not is_there(settings.ledger_url):
        return
    try:
        open_ledger(settings.ledger_url).close()
    except Refusal as refusal:
        yield from (str(fault) for fault in refusal.faults)
    except LedgerUnavailable as error:
        yield f"{error}; see that the database runs, and who may use it"
