"""Verifying the audit: all of it derived anew from the first row, outside in.

Nothing that is stored is believed. Each row is chained again from its own content and
the MAC of the row before; the anchors outside say what the chain must have come to. The
ledger is read in short pieces, so that looks go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from features.faults import Fault
from models.audit.anchor_check import Anchored, check_anchors
from models.audit.files import AuditFiles
from models.audit.findings import Findings, Kind
from models.audit.forgotten import Forgotten
from models.audit.keys import AuditKeys, read_keys
from models.audit.rows import (
    FORMS,
    NOTHING,
    SALT_BYTES,
    Row,
    canonical,
    is_forgotten,
    seal_of_row,
)
from models.ledger.append_only import missing_triggers
from models.ledger.ledger import Ledger, LedgerUnavailable
from models.ledger.tables import views


PIECE_ROWS = 2_000

# As stored: a value that its own type cannot hold is a finding, not an error.
_COLUMNS = [sa.type_coerce(views.c[name], sa.types.NullType()) for name in Row._fields]


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        rows: How many rows there are.
        anchors: How many anchors there are outside.
        unanchored: Rows since the last anchor; only for them is a cut not seen.
        faults: What is wrong; empty if the audit is whole.
    """

    rows: int
    anchors: int
    unanchored: int
    faults: tuple[Fault, ...]


def check_audit(ledger: Ledger, files: AuditFiles) -> Checked:
    """Verify a ledger's audit from its first row.

    Raises:
        Refusal: There is something to verify, and no keys to do it with.
        LedgerUnavailable: The ledger does not answer.
    """
    with ledger.reading() as connection:
        guards = [_guard_fault(name) for name in missing_triggers(connection)]
        first = connection.execute(sa.select(views.c.id).limit(1)).first()
    anchored = check_anchors(ledger, files)
    if first is None and not anchored.row_macs and not files.key_file.exists():
        return Checked(0, 0, 0, (*guards, *anchored.faults))
    checker = _Checker(read_keys(files.key_file), anchored)
    for piece in _pieces(ledger, checker):
        checker.check(piece)
    faults = (*guards, *anchored.faults, *checker.faults())
    covered = max(anchored.row_macs, default=0)
    unanchored = max(checker.last - covered, 0)
    return Checked(checker.rows, anchored.count, unanchored, faults)


class _Checker:
    """Walks along the chain and notes what does not fit."""

    def __init__(self, keys: AuditKeys, anchored: Anchored) -> None:
        self.rows = 0
        self.last = 0
        self._keys = keys
        self._anchored = anchored
        self._previous: bytes | None = NOTHING
        self._findings = Findings()
        self._forgotten = Forgotten(keys)

    def check(self, rows: Sequence[Sequence[Any]]) -> None:
        """Go on with the rows that come next."""
        row_macs = self._anchored.row_macs
        for found in rows:
            row = Row._make(found)
            if not self._goes_on_with(row.id):
                continue
            if wrong := self._wrong_with(row):
                self._findings.add(wrong, row.id)
            if row.id in row_macs and row_macs[row.id] != row.mac:
                self._findings.add("anchored otherwise", row.id)
            self.last = row.id
            self._previous = row.mac if isinstance(row.mac, bytes) else None
        self.rows += len(rows)

    def unreadable(self, row_id: int) -> None:
        """Note a row that the database itself cannot hand over."""
        self.rows += 1
        if self._goes_on_with(row_id):
            self._findings.add("unreadable", row_id)
            self.last, self._previous = row_id, None

    def faults(self) -> list[Fault]:
        """Return all that was noted, once the last row has been checked."""
        if (covered := max(self._anchored.row_macs, default=0)) > self.last:
            self._findings.add("cut", self.last + 1, covered)
        self._forgotten.tell(self._findings)
        return self._findings.faults()

    def _goes_on_with(self, row_id: int) -> bool:
        """Say whether a row has a place in the order; note those that are not there."""
        if row_id <= 0:
            self._findings.add("numbered below 1", row_id)
            return False
        if row_id > self.last + 1:
            self._findings.add("gone", self.last + 1, row_id - 1)
            self._previous = None
        return True

    def _wrong_with(self, row: Row) -> Kind | None:
        key_id = row.key_id
        if key_id not in self._keys.by_id:
            return "another key"
        # Without the row before there is nothing to chain this one to.
        try:
            if self._previous is not None:
                mac = self._keys.mac(key_id, canonical(row, self._previous))
                if mac != row.mac or row.form not in FORMS:
                    return "changed"
                self._forgotten.take_in(row)
            return None if self._is_sealed(row) else "another entity"
        except ValueError:  # such as a text that is not UTF-8
            return "changed"

    def _is_sealed(self, row: Row) -> bool:
        if is_forgotten(row):
            return True  # whether a purge vouches for it is asked when all are read
        if row.entity_id is None:
            return row.seal is None and row.salt is None
        if not isinstance(row.entity_id, str) or not isinstance(row.salt, bytes):
            return False
        if len(row.salt) != SALT_BYTES:
            return False
        return seal_of_row(self._keys, row, row.salt, row.entity_id) == row.seal


def _pieces(ledger: Ledger, checker: _Checker) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield all rows in order, in pieces, each read in a transaction of its own."""
    after: int | None = None
    size = PIECE_ROWS
    while True:
        try:
            rows = _read(ledger, after, size)
        except LedgerUnavailable:
            if size > 1:
                size = 1  # one of them cannot be read: go on one by one to find it
                continue
            after = _next_id(ledger, after)
            checker.unreadable(after)
            size = PIECE_ROWS
            continue
        if not rows:
            return
        after = rows[-1][0]
        yield rows


def _read(ledger: Ledger, after: int | None, size: int) -> Sequence[Sequence[Any]]:
    query = sa.select(*_COLUMNS).order_by(views.c.id).limit(size)
    if after is not None:
        query = query.where(views.c.id > after)
    with ledger.reading() as connection:
        return connection.execute(query).all()


def _next_id(ledger: Ledger, after: int | None) -> int:
    query = sa.select(sa.func.min(views.c.id))
    if after is not None:
        query = query.where(views.c.id > after)
    with ledger.reading() as connection:
        found: int | None = connection.execute(query).scalar()
    if found is None:
        raise LedgerUnavailable("the ledger's rows cannot be read")
    return found


def _guard_fault(trigger: str) -> Fault:
    what = "the database refuses to change or remove rows of the audit"
    do = "ask who took it away; then run: lamppost audit guard"
    return Fault(f"trigger {trigger}", what, "no such trigger, or one turned off", do)
