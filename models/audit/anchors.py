"""Anchors: what the chain had come to, told outside the database.

A chain cut short still verifies, and so does an older backup. An anchor says in a file
that the chain had row N with that MAC. Anchors are chained and keyed like rows. The
folder is best kept where whoever administers the database cannot write.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from models.audit.keys import AuditKeys, sync_folder
from models.audit.rows import packed


FILE = "anchors.jsonl"

_TAIL_BYTES = 4_096


@dataclass(frozen=True)
class Anchor:
    """One line of the file.

    Attributes:
        number: 1 and up, without a gap.
        at: When, in UTC, as ISO text.
        covers: The number of the newest row then.
        row_mac: That row's MAC, in hexadecimal, as are the other two.
        previous: The MAC of the anchor before; empty for the first.
        key_id: The key it is made with.
        mac: Its own.
    """

    number: int
    at: str
    covers: int
    row_mac: str
    previous: str
    key_id: str
    mac: str = ""

    @property
    def content(self) -> bytes:
        """The bytes that its MAC is of."""
        place = (self.number, self.at, self.covers)
        macs = (self.row_mac, self.previous, self.key_id)
        return packed("lamppost anchor", *place, *macs)

    def line(self) -> bytes:
        """Return it as it stands in the file: one form only."""
        return json.dumps(asdict(self), separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True)
class AnchorFile:
    """The anchors of one ledger.

    Whoever appends holds the audit's lock in the ledger, so there is one at a time.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / FILE

    def last(self) -> Anchor | None:
        """Return the newest whole anchor, unverified; None if there is none.

        Raises:
            OSError: The file cannot be read.
            ValueError: Its last line is not an anchor.
        """
        lines = self._tail().splitlines()
        return read_anchor(lines[-1]) if lines else None

    def lines(self) -> list[bytes]:
        """Return the whole lines; what a crash cut short was never vouched for."""
        content = self.path.read_bytes() if self.path.exists() else b""
        return content.split(b"\n")[:-1]

    def append(
        self, keys: AuditKeys, *, at: dt.datetime, covers: int, row_mac: bytes
    ) -> Anchor:
        """Write an anchor; it survives a power cut once this has returned.

        Raises:
            OSError: It cannot be written.
            ValueError: What it would follow is not an anchor.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        before = self.last()
        draft = Anchor(
            number=before.number + 1 if before else 1,
            at=at.astimezone(dt.UTC).isoformat(),
            covers=covers,
            row_mac=row_mac.hex(),
            previous=before.mac if before else "",
            key_id=keys.current,
        )
        mac = keys.mac(keys.current, draft.content).hex()
        anchor = Anchor(**{**asdict(draft), "mac": mac})
        self._write(anchor.line())
        return anchor

    def _write(self, line: bytes) -> None:
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            # A line that a crash cut short was never vouched for: it is written over.
            file.seek(self._whole_bytes())
            file.truncate()
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.folder)

    def _whole_bytes(self) -> int:
        size = self.path.stat().st_size
        return size - len(self._read_end(size).rpartition(b"\n")[2])

    def _tail(self) -> bytes:
        """Return the end of the file, up to its last line's end."""
        if not self.path.exists():
            return b""
        end = self._read_end(self.path.stat().st_size)
        return b"".join(end.rpartition(b"\n")[:2])

    def _read_end(self, size: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read()


def read_anchor(line: bytes) -> Anchor:
    """Return the anchor that a line holds, unverified.

    Raises:
        ValueError: It holds none, or not to the letter as it was written.
    """
    try:
        anchor = Anchor(**json.loads(line))
        is_same = anchor.line() == line + b"\n"
    except (TypeError, RecursionError) as error:
        raise ValueError("not an anchor") from error
    whole = all(type(n) is int for n in (anchor.number, anchor.covers))
    if not is_same or not whole:
        raise ValueError("not an anchor")
    return anchor
