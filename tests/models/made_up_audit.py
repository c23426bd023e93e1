"""A made-up audit: looks of a few days, anchored now and then."""

from __future__ import annotations

from pathlib import Path

from models.audit.audit import Audit
from models.audit.rows import Entry
from tests.made_up_score import NOW, audit_files, new_ledger


PAGE = '{"as_of": "2026-11-01", "batch": "another", "limit": 10, "offset": 0}'


def new_audit(folder: Path) -> Audit:
    audit = Audit(new_ledger(folder), audit_files(folder))
    audit.open()
    return audit


def look(audit: Audit, number: int = 0, **changes: object) -> int:
    """Write one look; every third is a list, about nobody in particular."""
    about: dict[str, object] = {"action": "score", "entity_id": f"p{number % 7:02}"}
    if number % 3 == 2:
        about = {"action": "list", "entity_id": None, "detail": PAGE}
    entry = {"at": NOW, "token_name": f"desk {number % 4}", "score": "care"}
    told = {**entry, "purpose": "prevention", **about, **changes}
    with audit.ledger.writing() as connection:
        return audit.append(connection, Entry(**told))  # type: ignore[arg-type]


def looks(audit: Audit, count: int, *, anchor_every: int = 10) -> None:
    for number in range(count):
        look(audit, number)
        if number % anchor_every == anchor_every - 1:
            audit.anchor(at=NOW)
    audit.anchor(at=NOW)
