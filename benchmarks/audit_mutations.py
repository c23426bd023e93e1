"""A thousand ways to tamper with an audit, in eight classes, without its key.

A mutation is a pure change of what is stored: the rows, what the ledger knows of the
anchors, the lines of their file. Storing it puts the triggers aside, as whoever
administers the database can, and puts them back: verifying must see the change itself.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from models.audit.anchors import AnchorFile
from models.audit.keys import AuditKeys, Key
from models.audit.rows import NOTHING, Row, canonical, seal_of
from models.ledger.append_only import guard, unguard
from models.ledger.tables import anchors, views


Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Stored:
    """All that is kept of an audit but its keys."""

    views: Rows
    anchors: Rows
    lines: list[bytes]

    def copy(self) -> Stored:
        """Return one whose lists and rows may be changed."""
        rows = [dict(row) for row in self.views], [dict(row) for row in self.anchors]
        return Stored(*rows, list(self.lines))


def stored(connection: sa.Connection, file: AnchorFile) -> Stored:
    """Return what is stored now."""
    found = [
        [dict(row._mapping) for row in connection.execute(sa.select(t).order_by(k))]
        for t, k in ((views, views.c.id), (anchors, anchors.c.number))
    ]
    lines = [line + b"\n" for line in file.lines()]
    return Stored(found[0], found[1], lines)


def store(connection: sa.Connection, file: AnchorFile, what: Stored) -> None:
    """Let just this be stored."""
    for table, rows in ((views, what.views), (anchors, what.anchors)):
        unguard(connection, table)
        connection.execute(sa.delete(table))
        if rows:
            connection.execute(sa.insert(table), rows)
    guard(connection)
    file.path.write_bytes(b"".join(what.lines))


def mutations(
    history: Sequence[Stored], *, each: int, seed: int
) -> Iterator[tuple[str, Stored]]:
    """Yield tampered states, by class.

    Args:
        history: What was stored, from the oldest backup to now.
        each: How many of each class.
        seed: The same seed, the same mutations.
    """
    draw = random.Random(seed)
    now = history[-1]
    for name, mutate in _CLASSES.items():
        made = 0
        while made < each:
            changed = mutate(draw, now.copy(), history)
            if (changed.views, changed.lines) == (now.views, now.lines):
                continue  # nothing was changed after all
            made += 1
            yield name, changed


def _edit(draw: random.Random, now: Stored, _: object) -> Stored:
    row = draw.choice(now.views)
    name = draw.choice([name for name in row if name != "id"])
    row[name] = _another(draw, row[name])
    return now


def _another(draw: random.Random, value: Any) -> Any:
    """Return a value that is stored alike and is another."""
    if value is None:
        return None
    if isinstance(value, bytes):
        place = draw.randrange(len(value))
        flipped = bytes([value[place] ^ (1 << draw.randrange(8))])
        return value[:place] + flipped + value[place + 1 :]
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=draw.choice([-1, 1, 10**6, 10**10]))
    if isinstance(value, int):
        return value + draw.choice([-1, 1])
    return draw.choice([value + " ", value.upper(), value[:-1], ""])


def _delete(draw: random.Random, now: Stored, _: object) -> Stored:
    """Remove some rows before the last, and maybe close the gap."""
    first = draw.randrange(len(now.views) - 1)
    last = draw.randrange(first, min(first + 3, len(now.views) - 1))
    del now.views[first : last + 1]
    if draw.random() < 0.5:
        _number(now.views)
    return now


def _insert(draw: random.Random, now: Stored, _: object) -> Stored:
    """Add a row that nobody made: at the front, between two, or at the end."""
    place = draw.randrange(len(now.views) + 1)
    forged = dict(draw.choice(now.views), token_name="nobody")
    if draw.random() < 0.5:
        forged["mac"] = draw.randbytes(32)
    if place == 0 and draw.random() < 0.5:
        forged["id"] = draw.choice([0, -1, -5])
        return replace(now, views=[forged, *now.views])
    now.views.insert(place, forged)
    _number(now.views)
    return now


def _swap(draw: random.Random, now: Stored, _: object) -> Stored:
    one, other = draw.sample(range(len(now.views)), 2)
    rows = now.views
    kept = () if draw.random() < 0.5 else ("mac",)
    for name in rows[one]:
        if name != "id" and name not in kept:
            rows[one][name], rows[other][name] = rows[other][name], rows[one][name]
    return now


def _truncate(draw: random.Random, now: Stored, _: object) -> Stored:
    """Cut the end, and maybe what the ledger knows of the anchors with it."""
    end = draw.randrange(len(now.views))
    del now.views[end:]
    if draw.random() < 0.5:
        now = replace(now, anchors=[a for a in now.anchors if a["covers"] <= end])
    return now


def _restore(draw: random.Random, now: Stored, history: Sequence[Stored]) -> Stored:
    """Put an older backup of the ledger in its place; maybe go on writing to it."""
    older = draw.choice(history[:-1]).copy()
    return replace(older, lines=now.lines)


def _recompute(draw: random.Random, now: Stored, _: object) -> Stored:
    """Change a row, then chain it and all that follow anew, without the key."""
    place = draw.randrange(len(now.views))
    row = now.views[place]
    row["token_name"], row["entity_id"] = "somebody else", "p00"
    row["salt"] = draw.randbytes(16)
    key_id = draw.choice([row["key_id"], f"{draw.getrandbits(32):08x}"])
    guessed = AuditKeys(key_id, {key_id: Key(draw.choice([b"", draw.randbytes(32)]))})
    row["seal"] = seal_of(guessed, key_id, row["salt"], row["entity_id"], row["detail"])
    previous = now.views[place - 1]["mac"] if place else NOTHING
    for later in now.views[place:]:
        later["key_id"] = key_id
        later["mac"] = guessed.mac(key_id, canonical(Row(**later), previous))
        previous = later["mac"]
    return now


def _anchor(draw: random.Random, now: Stored, _: object) -> Stored:
    """Change, remove, repeat, move or add lines of the anchors, or cut the file."""
    lines = now.lines
    place = draw.randrange(len(lines))
    way = draw.randrange(7)
    if way == 0:
        lines[place] = _other_field(draw, lines[place])
    elif way == 1:
        del lines[place]
    elif way == 2:
        lines.insert(place, lines[place])
    elif way == 3:
        other = draw.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    elif way == 4:
        del lines[place:]
    elif way == 5:
        byte = draw.randrange(len(lines[place]))
        changed = bytes([lines[place][byte] ^ (1 << draw.randrange(7))])
        lines[place] = lines[place][:byte] + changed + lines[place][byte + 1 :]
    else:
        lines.insert(draw.randrange(len(lines) + 1), _other_field(draw, lines[place]))
    return now


def _other_field(draw: random.Random, line: bytes) -> bytes:
    anchor = json.loads(line)
    name = draw.choice(list(anchor))
    anchor[name] = _another(draw, anchor[name] or "0")
    return json.dumps(anchor, separators=(",", ":")).encode() + b"\n"


def _number(rows: Rows) -> None:
    for number, row in enumerate(rows, 1):
        row["id"] = number


_CLASSES: dict[str, Callable[[random.Random, Stored, Any], Stored]] = {
    "edit": _edit,
    "delete": _delete,
    "insert": _insert,
    "swap": _swap,
    "truncate": _truncate,
    "restore an older backup": _restore,
    "recompute without the key": _recompute,
    "edit an anchor": _anchor,
}
