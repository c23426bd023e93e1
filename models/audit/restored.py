"""Going on after an older backup was restored: the loss goes on record, for good.

The ledger then ends before what was anchored, and nothing is shown until somebody says
so. The anchors of what is lost are set aside beside the others, as evidence.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from features.faults import Fault, Misuse, Refusal
from models.audit.anchors import FILE, read_anchor
from models.audit.audit import Audit
from models.audit.keys import sync_folder
from models.audit.rows import Entry, packed
from models.ledger.ledger import Ledger
from models.ledger.tables import anchors, views


ACTION = "restored"


@dataclass(frozen=True)
class Loss:
    """A loss of rows, as far as anchors tell.

    Attributes:
        first: The number of the first lost row.
        last: The number of the last that was anchored.
        at: When it was put on record.
        by: Who did.
        because: Why the backup was restored.
    """

    first: int
    last: int
    at: dt.datetime
    by: str
    because: str


def losses_of(ledger: Ledger) -> list[Loss]:
    """Return the losses on record, oldest first.

    Raises:
        LedgerUnavailable: The ledger does not answer.
    """
    query = sa.select(views).where(views.c.action == ACTION).order_by(views.c.id)
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    return [_loss(row) for row in rows]


def _loss(row: sa.Row[Any]) -> Loss:
    first, last = json.loads(row.detail)
    return Loss(first, last, row.at, row.token_name, row.purpose)


def accept_restored(
    audit: Audit, *, by: str, because: str, at: dt.datetime
) -> tuple[Loss, Path]:
    """Put the loss on record, set the newer anchors aside, and go on from here.

    Args:
        audit: One with `is_older_fine`.
        by: Who says so.
        because: Why the backup was restored; no personal value.
        at: When.

    Returns:
        The loss, and the file of the anchors as they were.

    Raises:
        Misuse: The ledger is not older than its anchors.
        Refusal: The anchors are not those of this ledger.
        LedgerUnavailable: The ledger does not answer.
    """
    with audit.ledger.writing() as connection:
        kept = _kept_lines(audit, connection)
        head = audit.locked_head(connection)
        last = audit.file.last()
        if last is None or last.covers <= head.id:
            got = f"a ledger that ends at row {head.id}"
            do = "nothing needs to be done; run: lamppost audit verify"
            what = "the ledger is older than its anchors"
            raise Misuse([Fault(str(audit.file.path), what, got, do)])
        lost = packed(head.id + 1, last.covers).decode()
        entry = Entry(at, by, ACTION, purpose=because, detail=lost)
        audit.chain(connection, head, entry)
    aside = _set_aside(audit.file.path, kept, at)
    audit.anchor(at=at)
    return Loss(head.id + 1, last.covers, at, by, because), aside


def _kept_lines(audit: Audit, connection: sa.Connection) -> bytes:
    """Return the anchors that the restored ledger knows of."""
    known = connection.execute(sa.select(anchors.c.mac).order_by(anchors.c.number))
    macs = [mac.hex() for mac in known.scalars()]
    lines = audit.file.lines()[: len(macs)]
    if [_mac_of(line) for line in lines] != macs:
        what, got = "the anchors are those of this ledger", "others"
        do = "restore the folder of anchors as it was; run: lamppost audit verify"
        raise Refusal([Fault(str(audit.file.path), what, got, do)])
    return b"".join(line + b"\n" for line in lines)


def _mac_of(line: bytes) -> str | None:
    try:
        return read_anchor(line).mac
    except ValueError:
        return None


def _set_aside(path: Path, kept: bytes, at: dt.datetime) -> Path:
    aside = path.with_name(f"before-{at:%Y-%m-%dT%H%M%S}-{FILE}")
    draft = path.with_name(f".{FILE}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(kept)
        file.flush()
        os.fsync(file.fileno())
    os.link(path, aside)
    draft.replace(path)
    sync_folder(path.parent)
    return aside
