"""Verifying the anchors: each by its MAC, their order, and what the ledger knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from features.faults import Fault
from models.audit.anchors import Anchor, AnchorFile, read_anchor
from models.audit.files import AuditFiles
from models.audit.keys import AuditKeys, read_keys
from models.audit.rows import moment
from models.ledger.ledger import Ledger
from models.ledger.tables import anchors


_AS_STORED = [
    sa.type_coerce(column, sa.types.NullType())
    for column in (anchors.c.number, anchors.c.at, anchors.c.covers, anchors.c.mac)
]
_DO = "compare with your copy of the anchors; keep this file for whoever investigates"


@dataclass(frozen=True)
class Anchored:
    """What the anchors say.

    Attributes:
        count: How many there are.
        row_macs: By the number of a row that was anchored, its MAC then.
        faults: What is wrong with the anchors themselves.
    """

    count: int
    row_macs: Mapping[int, bytes]
    faults: tuple[Fault, ...]


def check_anchors(ledger: Ledger, files: AuditFiles) -> Anchored:
    """Verify the anchors of a ledger.

    Raises:
        Refusal: There are anchors, and no keys to verify them with.
        LedgerUnavailable: The ledger does not answer.
    """
    # The ledger first: the file is never behind it.
    with ledger.reading() as connection:
        known = connection.execute(sa.select(*_AS_STORED).order_by(anchors.c.number))
        rows = known.all()
    file = AnchorFile(files.anchors)
    path = file.path
    lines = file.lines()
    if not lines and not rows:
        return Anchored(0, {}, ())
    faults: list[Fault] = []
    genuine = _genuine(path, lines, read_keys(files.key_file), faults)
    _compare(path, genuine, rows, faults)
    row_macs = {a.covers: bytes.fromhex(a.row_mac) for a in genuine}
    return Anchored(len(lines), row_macs, tuple(faults))


def _genuine(
    path: Path, lines: Sequence[bytes], keys: AuditKeys, faults: list[Fault]
) -> list[Anchor]:
    """Return the anchors that were made with the key, and note what else there is."""
    found = []
    previous, number = "", 0
    for place, line in enumerate(lines, 1):
        where = f"{path}: line {place}"
        anchor = _made_with(keys, line)
        if anchor is None:
            what, got = "an anchor is made with the audit's key", "something else"
            faults.append(Fault(where, what, got, _DO))
            # Where the next one fits is not known: it is taken as it comes.
            previous, number = "", 0
            continue
        is_next = (anchor.previous, anchor.number) == (previous, number + 1)
        if not is_next and (number or place == 1):
            what = "anchors follow one another"
            got = f"anchor {anchor.number} after {number or 'nothing'}"
            faults.append(Fault(where, what, got, _DO))
        previous, number = anchor.mac, anchor.number
        found.append(anchor)
    return found


def _made_with(keys: AuditKeys, line: bytes) -> Anchor | None:
    try:
        anchor = read_anchor(line)
        mac = keys.mac(anchor.key_id, anchor.content)
    except (ValueError, KeyError):
        return None
    return anchor if mac.hex() == anchor.mac else None


def _compare(
    path: Path, genuine: list[Anchor], rows: Sequence[Any], faults: list[Fault]
) -> None:
    """Hold the anchors against what the ledger knows of them."""
    outside = {a.number: (_moment(a), a.covers, bytes.fromhex(a.mac)) for a in genuine}
    inside = {n: (moment(at), covers, mac) for n, at, covers, mac in rows}
    what = "the anchors are those that the ledger knows of"
    gone = sorted(inside.keys() - outside.keys())
    if gone:
        got = f"{len(gone)} that are gone or not as written, the first {gone[0]}"
        faults.append(Fault(str(path), what, got, _DO))
    unknown = sorted(outside.keys() - inside.keys())
    # One may be written outside, and the program die before it is known inside.
    if unknown == [max(inside, default=0) + 1]:
        unknown = []
    both = inside.keys() & outside.keys()
    changed = sorted([*unknown, *(n for n in both if inside[n] != outside[n])])
    if changed:
        got = f"{len(changed)} that are gone or changed there, the first {changed[0]}"
        do = "compare with your newest backup of the ledger"
        faults.append(Fault("anchors", what, got, do))


def _moment(anchor: Anchor) -> object:
    return moment(dt.datetime.fromisoformat(anchor.at))
