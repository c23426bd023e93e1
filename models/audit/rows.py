"""The rows of the audit: the bytes they are chained by, their seals and their MACs.

A row's bytes are canonical JSON: an array of fixed length of texts, whole numbers and
null, in UTF-8, without spaces. So no two rows have the same bytes, and a verifier can
be written in any language (docs/audit.md).
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.audit.keys import AuditKeys


# The version of what follows. Rows keep theirs: a new form is added, none is changed.
# By 1 the detail of a look at a person was in the chain itself; by 2 the seal stands
# for it as for the entity, so that it can be forgotten: it may hold a case's number.
FORM = 2
FORMS = (1, FORM)
# What the first row follows.
NOTHING = b""

SALT_BYTES = 16


class Row(NamedTuple):
    """A row as it is stored; nothing of it has been converted or believed yet."""

    id: int
    at: Any
    token_name: str
    action: str
    score: str | None
    entity_id: str | None
    purpose: str | None
    outcome: str
    detail: str | None
    salt: bytes | None
    seal: bytes | None
    form: int
    key_id: str
    mac: bytes


@dataclass(frozen=True)
class Entry:
    """A look that is to be recorded.

    Attributes:
        at: When.
        token_name: Who looked.
        action: What was done: a score read, the records behind it, a list.
        score: Which score; None if it is not known to exist.
        entity_id: About whom; None if it was about nobody, or nobody known.
        purpose: What for.
        outcome: What came of it.
        detail: More that is needed to tell who was shown; never a personal value.
    """

    at: dt.datetime
    token_name: str
    action: str
    score: str | None = None
    entity_id: str | None = None
    purpose: str | None = None
    outcome: str = "shown"
    detail: str | None = None


class Head(NamedTuple):
    """The end of the chain: the newest row's number and MAC; 0 before the first."""

    id: int
    mac: bytes


def chained(keys: AuditKeys, head: Head, entry: Entry) -> Row:
    """Return the row that follows the head."""
    salt = seal = None
    if entry.entity_id is not None:
        salt = os.urandom(SALT_BYTES)
        sealed = (entry.entity_id, entry.detail)
        seal = seal_of(keys, keys.current, salt, *sealed)
    open_row = Row(
        head.id + 1,
        entry.at,
        entry.token_name,
        entry.action,
        entry.score,
        entry.entity_id,
        entry.purpose,
        entry.outcome,
        entry.detail,
        salt,
        seal,
        FORM,
        keys.current,
        NOTHING,
    )
    mac = keys.mac(keys.current, canonical(open_row, head.mac))
    return open_row._replace(mac=mac)


def canonical(row: Row, previous: bytes) -> bytes:
    """Return the bytes that a row is chained by.

    Args:
        row: The row; its own MAC is not part of them, and of the entity, and of what is
            told in detail about it, only the seal.
        previous: The MAC of the row before.
    """
    return packed(
        "lamppost view",
        row.form,
        row.key_id,
        row.id,
        _hex(previous),
        moment(row.at),
        row.token_name,
        row.action,
        row.score,
        _hex(row.seal),
        row.purpose,
        row.outcome,
        None if row.seal is not None and row.form != 1 else row.detail,
    )


def seal_of_row(keys: AuditKeys, row: Row, salt: bytes, entity_id: str) -> bytes:
    """Return the seal that a row ought to have, by its own form."""
    if row.form == 1:
        content = b"lamppost seal\0" + salt + entity_id.encode()
        return keys.mac(row.key_id, content)
    return seal_of(keys, row.key_id, salt, entity_id, row.detail)


def seal_of(
    keys: AuditKeys, key_id: str, salt: bytes, entity_id: str, detail: str | None
) -> bytes:
    """Return what stands in the chain for the entity; without the salt, for nobody.

    Args:
        keys: The audit's keys.
        key_id: Which of them.
        salt: 16 bytes of chance; so many that no two pairs have the same bytes.
        entity_id: The entity.
        detail: What else is told of the look.
    """
    sealed = packed(entity_id, detail)
    return keys.mac(key_id, b"lamppost seal 2\0" + salt + sealed)


def is_forgotten(row: Row) -> bool:
    """Say whether the row was about somebody, and does not say any more about whom."""
    if row.entity_id is not None or row.seal is None or row.salt is not None:
        return False
    return row.form == 1 or row.detail is None


def mark_of(keys: AuditKeys, row_id: int, key_id: str, mac: bytes) -> int:
    """Return what a forgotten row adds to the sum by which a purge vouches for all."""
    content = packed("lamppost forgotten", row_id, _hex(mac))
    return int.from_bytes(keys.mac(key_id, content))


def packed(*fields: object) -> bytes:
    """Return canonical bytes: no two different sequences of fields have the same.

    >>> packed("a", 1, None) == packed("a", "1", None)
    False
    """
    return _encode(fields).encode()


def moment(at: object) -> object:
    """Return a moment as it stands in the bytes: naive UTC, six decimals.

    SQLite keeps this very text; it is taken as it is, so that no change of it passes.
    """
    if not isinstance(at, dt.datetime):
        return at
    utc = at if at.tzinfo is None else at.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(" ", "microseconds")


def _hex(content: object) -> object:
    return content.hex() if isinstance(content, bytes) else content


def _odd(found: object) -> list[str]:
    """What no row of ours holds, a float or bytes for a text, has bytes of its own."""
    return [type(found).__name__, repr(found)]


# ensure_ascii would give two different texts the same bytes: a pair of surrogates is
# refused by UTF-8 instead.
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_odd
).encode
