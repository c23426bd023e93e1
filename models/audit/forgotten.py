"""Forgotten rows: whom a look was about leaves the audit, and the chain still holds.

A row that a purge made forget keeps its seal, and the chain holds because it rests on
the seal alone. That it was a purge, and nobody else, is what a row of the purge vouches
for: with how many rows, and with the sum of a keyed mark of each. The sum tells nothing
of which rows they are, so not even that they were about one person can be told.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models.audit.findings import Findings
from models.audit.keys import AuditKeys
from models.audit.rows import Row, is_forgotten, mark_of
from models.ledger.append_only import pausing
from models.ledger.tables import views, views_unchained


ACTION = "forgot"

_MODULUS = 2**256
# Of how many people at once; SQLite takes 32,766 values in a statement.
_AT_ONCE = 500


@dataclass(frozen=True)
class Vouched:
    """What a purge vouches for.

    Attributes:
        rows: How many rows it made forget.
        marks: The sum of their marks.
    """

    rows: int = 0
    marks: int = 0

    def and_also(self, other: Vouched) -> Vouched:
        """Return both together."""
        marks = (self.marks + other.marks) % _MODULUS
        return Vouched(self.rows + other.rows, marks)

    def as_detail(self, tombstone: str) -> str:
        """Return what the purge's own row says."""
        told = {"rows": self.rows, "marks": f"{self.marks:064x}"}
        return json.dumps({**told, "tombstone": tombstone}, sort_keys=True)


def forget_looks(
    connection: sa.Connection, keys: AuditKeys, names: Collection[str]
) -> Vouched:
    """Let the audit forget that looks were about some people; the looks stay.

    Whoever calls this vouches for it in a row of the same transaction.

    Args:
        connection: A transaction that may change the schema: the database itself
            refuses to change these rows otherwise.
        keys: The audit's.
        names: The people's pseudonyms.
    """
    vouched = Vouched()
    ordered = sorted(names)
    with pausing(connection, views):
        for first in range(0, len(ordered), _AT_ONCE):
            some = ordered[first : first + _AT_ONCE]
            vouched = vouched.and_also(_forget(connection, keys, some))
    return vouched


def _forget(
    connection: sa.Connection, keys: AuditKeys, names: Sequence[str]
) -> Vouched:
    about = views.c.entity_id.in_(names)
    query = sa.select(views.c.id, views.c.key_id, views.c.mac).where(about)
    marks = [mark_of(keys, *row) for row in connection.execute(query)]
    nothing = {"entity_id": None, "salt": None}
    # By the first form the chain itself rests on the detail, which names nobody.
    detail = sa.case((views.c.form == 1, views.c.detail), else_=None)
    connection.execute(sa.update(views).where(about).values(**nothing, detail=detail))
    unchained = sa.update(views_unchained).where(views_unchained.c.entity_id.in_(names))
    connection.execute(unchained.values(entity_id=None))
    return Vouched(len(marks), sum(marks) % _MODULUS)


class Forgotten:
    """Compares the rows that say nobody with what purges vouch for."""

    def __init__(self, keys: AuditKeys) -> None:
        self._keys = keys
        self._found = self._claimed = Vouched()
        self._rows: list[int] = []
        self._purges: list[int] = []

    def take_in(self, row: Row) -> None:
        """Note a row whose place in the chain was found to be right."""
        if is_forgotten(row):
            mark = mark_of(self._keys, row.id, row.key_id, row.mac)
            self._found = self._found.and_also(Vouched(1, mark))
            self._rows.append(row.id)
        elif row.action == ACTION and (claimed := _claimed(row.detail)):
            self._claimed = self._claimed.and_also(claimed)
            self._purges.append(row.id)

    def tell(self, findings: Findings) -> None:
        """Note all of them as findings if they do not come to the same."""
        if self._found != self._claimed:
            _add(findings, sorted([*self._rows, *self._purges]))


def _add(findings: Findings, rows: Iterable[int]) -> None:
    for row_id in rows:
        findings.add("forgotten otherwise", row_id)


def _claimed(detail: Any) -> Vouched | None:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        told = json.loads(detail)
        return Vouched(told["rows"], int(told["marks"], 16))
    return None
