"""The audit: rows that are chained, one after another, and anchored outside.

The end of the chain is read and continued under a lock that one writer holds until its
transaction ends: SQLite's own, since a transaction that writes begins as a writer; on
Postgres an advisory lock. A row that cannot be chained, or an anchor that is due and
cannot be written, is a ledger that is not available: nothing is shown.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from features.faults import Fault, Refusal, refuse_if_any
from models.audit.anchors import Anchor, AnchorFile
from models.audit.files import AuditFiles
from models.audit.forgotten import ACTION as FORGOT
from models.audit.forgotten import forget_looks
from models.audit.keys import AuditKeys, make_keys, read_keys
from models.audit.rows import NOTHING, Entry, Head, chained
from models.ledger.ledger import Ledger, LedgerUnavailable
from models.ledger.prepared import Prepared
from models.ledger.tables import anchors, views


MOST_UNANCHORED_ROWS = 1_000
MOST_UNANCHORED_SECONDS = 60

# Any number that nothing else in the database locks.
_POSTGRES_LOCK = 0x6C616D70

_LOCK = Prepared(
    sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK).label("nothing"))
)
_HEAD = Prepared(
    sa.select(views.c.id, views.c.mac).order_by(views.c.id.desc()).limit(1)
)
_NEWEST = Prepared(
    sa.select(anchors.c.covers, anchors.c.at, anchors.c.number)
    .order_by(anchors.c.number.desc())
    .limit(1)
)
_ADD = Prepared(sa.insert(views))


class Audit:
    """A ledger's audit, for writing; it is opened at the latest by the first row.

    Attributes:
        ledger: Where the rows are.
        file: Where the anchors are.
    """

    def __init__(
        self, ledger: Ledger, files: AuditFiles, *, is_older_fine: bool = False
    ) -> None:
        """Name the parts; nothing is read yet.

        Args:
            ledger: Where the rows are.
            files: Where the keys and the anchors are.
            is_older_fine: Open a ledger that is older than its anchors, to say why.
        """
        self.ledger = ledger
        self.file = AnchorFile(files.anchors)
        self._files = files
        self._is_older_fine = is_older_fine
        self._keys: AuditKeys | None = None
        # By transaction: the head before it wrote any row itself.
        self._committed: WeakKeyDictionary[object, Head] = WeakKeyDictionary()

    def open(self) -> None:
        """Read the keys; the first is made while there is no row.

        Raises:
            Refusal: The keys cannot be read, or did not chain what is there; or the
                ledger is older than its anchors.
            LedgerUnavailable: The ledger does not answer.
        """
        try:
            with self.ledger.reading() as connection:
                self._opened(connection)
        except Refusal:
            # Others may have written a row and its anchor in between; now they cannot.
            with self.ledger.writing() as connection:
                self.locked_head(connection)
                self._opened(connection)

    def append(self, connection: sa.Connection, *entries: Entry) -> int:
        """Write rows into a transaction under way, and return the last one's number.

        Until the transaction ends nobody else can write one, so write them last.

        Raises:
            LedgerUnavailable: An anchor is due and cannot be written.
        """
        head, at = self.locked_head(connection), entries[0].at
        newest = _newest_anchor(connection)
        if _is_due(head, newest, at):
            self._anchor(connection, at)
        return self.chain(connection, head, *entries)

    def forget(
        self, connection: sa.Connection, names: Collection[str], entry: Entry
    ) -> int:
        """Let looks say no more that they were at some people, and go on record.

        Args:
            connection: A transaction that may change the schema.
            names: The people's pseudonyms.
            entry: Who does so and why; its detail is the tombstone's seal.

        Returns:
            How many looks there were.

        Raises:
            LedgerUnavailable: An anchor is due and cannot be written.
        """
        # First of all: others hold this lock when they write the table that is changed.
        self.locked_head(connection)
        vouched = forget_looks(connection, self._opened(connection), names)
        detail = vouched.as_detail(entry.detail or "")
        told = replace(entry, action=FORGOT, entity_id=None, detail=detail)
        self.append(connection, told)
        return vouched.rows

    def anchor(self, *, at: dt.datetime) -> bool:
        """Anchor the newest row, unless it is; say whether there was something to do.

        Raises:
            LedgerUnavailable: It cannot be done.
        """
        with self.ledger.writing() as connection:
            self.locked_head(connection)
            self._take_in(connection)
        with self.ledger.writing() as connection:
            self.locked_head(connection)
            return self._anchor(connection, at)

    def chain(self, connection: sa.Connection, head: Head, *entries: Entry) -> int:
        """Write the rows that follow the head, which is locked; `append` does more."""
        keys, rows = self._opened(connection), []
        for entry in entries:
            row = chained(keys, head, entry)
            head = Head(row.id, row.mac)
            rows.append(row._asdict())
        _ADD.write(connection, rows)
        return head.id

    def locked_head(self, connection: sa.Connection) -> Head:
        """Return the head; until the transaction ends nobody else can go on from it."""
        if connection.dialect.name == "postgresql":
            _LOCK.all(connection)
        head = _head(connection)
        self._committed.setdefault(connection.get_transaction(), head)
        return head

    def _opened(self, connection: sa.Connection) -> AuditKeys:
        if self._keys is None:
            head, path = _head(connection), self._files.key_file
            is_first = head.id == 0 and not path.exists()
            keys = make_keys(path) if is_first else read_keys(path)
            faults = _key_faults(path, keys, _newest_key(connection))
            if not self._is_older_fine:
                faults += _age_faults(self.file, head)
            refuse_if_any(faults)
            self._keys = keys
        return self._keys

    def _anchor(self, connection: sa.Connection, at: dt.datetime) -> bool:
        """Anchor what is committed, outside, then inside; say whether there was any.

        The file is never behind, and at most one ahead: an anchor that was written just
        before a transaction failed is taken in by one, and the next goes on from it. No
        row is anchored that may still come to nothing.
        """
        head = self._committed[connection.get_transaction()]
        if self._take_in(connection):
            return True
        newest = _newest_anchor(connection)
        if head.id <= (newest.covers if newest else 0):
            return False
        keys = self._opened(connection)
        with _written_outside():
            anchor = self.file.append(keys, at=at, covers=head.id, row_mac=head.mac)
        connection.execute(sa.insert(anchors), _mirrored(anchor))
        return True

    def _take_in(self, connection: sa.Connection) -> bool:
        """Take in the anchor that stands outside alone; say whether one does."""
        head = self._committed[connection.get_transaction()]
        newest = _newest_anchor(connection)
        known = newest.number if newest else 0
        with _written_outside():
            last = self.file.last()
        if (last.number if last else 0) == known:
            return False
        if last and last.covers > head.id:
            raise LedgerUnavailable("the ledger is older than its anchors")
        if last is None or last.number != known + 1:
            raise LedgerUnavailable("the anchors are not those of this ledger")
        connection.execute(sa.insert(anchors), _mirrored(last))
        return True


@contextlib.contextmanager
def _written_outside() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise LedgerUnavailable("the anchor cannot be written") from error


class _Newest(NamedTuple):
    covers: int
    at: dt.datetime
    number: int


def _head(connection: sa.Connection) -> Head:
    row = _HEAD.first(connection)
    return Head(*row) if row else Head(0, NOTHING)


def _newest_anchor(connection: sa.Connection) -> _Newest | None:
    row = _NEWEST.first(connection)
    return _Newest(*row) if row else None


def _newest_key(connection: sa.Connection) -> str | None:
    query = sa.select(views.c.key_id).order_by(views.c.id.desc()).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def _is_due(head: Head, newest: _Newest | None, now: dt.datetime) -> bool:
    if newest is None:
        return head.id > 0
    rows = head.id - newest.covers
    # A clock that was set back makes an anchor due too.
    seconds = abs((now - newest.at).total_seconds())
    is_late = seconds >= MOST_UNANCHORED_SECONDS
    return rows >= MOST_UNANCHORED_ROWS or (rows > 0 and is_late)


def _mirrored(anchor: Anchor) -> dict[str, object]:
    return {
        "number": anchor.number,
        "at": dt.datetime.fromisoformat(anchor.at),
        "covers": anchor.covers,
        "mac": bytes.fromhex(anchor.mac),
    }


def _key_faults(path: Path, keys: AuditKeys, used: str | None) -> list[Fault]:
    if used is None or used in keys.by_id:
        return []
    what = "the key that the newest row was chained with is in the file"
    do = "restore the file from your backup; run: lamppost audit verify"
    return [Fault(str(path), what, "other keys", do)]


def _age_faults(file: AnchorFile, head: Head) -> list[Fault]:
    what = "the anchors are of rows that the ledger has"
    do = "run: lamppost audit verify"
    try:
        last = file.last()
    except (OSError, ValueError):
        return [Fault(str(file.path), what, "a last line that is no anchor", do)]
    if last and last.covers > head.id:
        got = f"an anchor of row {last.covers}, and a ledger that ends at {head.id}"
        return [Fault(str(file.path), what, got, do)]
    return []
