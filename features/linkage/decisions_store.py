"""Stewards' decisions: two records are one person, or two, or nobody can tell.

Each is one immutable numbered file in the identity zone, listed in the manifest, with
what the steward saw. A later decision on the same two records takes its place; nothing
is ever overwritten.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from features.faults import Fault, Misuse
from features.linkage.decisions import Decision
from features.store.manifest import DecisionFile, Manifest
from features.store.warehouse import Warehouse


Verdict = Literal["same", "different", "cannot tell"]
Reason = Literal[
    "identifiers agree",
    "identifiers differ",
    "partner confirmed",
    "person confirmed",
    "not enough to tell",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
REASONS: tuple[Reason, ...] = get_args(Reason)
USUAL_REASON: dict[Verdict, Reason] = {
    "same": "identifiers agree",
    "different": "identifiers differ",
    "cannot tell": "not enough to tell",
}

# Attribute -> what the left and the right side said, each in every way of writing.
Seen = Mapping[str, tuple[list[str], list[str]]]

_FILE = pa.schema(
    [
        ("left_record", pa.int64()),
        ("right_record", pa.int64()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("by", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("seen", pa.string()),
    ]
)


@dataclass(frozen=True)
class Decided:
    """What a steward decided about two records.

    Attributes:
        left_record: The smaller number of the two.
        by: The steward's role.
        at: When, in UTC.
        seen: What the steward was shown.
        number: 1, 2, 3 ... over all kinds; 0 until it is kept.
    """

    kind: str
    left_record: int
    right_record: int
    verdict: Verdict
    reason: Reason
    by: str
    at: dt.datetime
    seen: Seen
    number: int = 0

    @property
    def records(self) -> tuple[int, int]:
        """The two records."""
        return self.left_record, self.right_record


def read_verdict(text: str) -> Verdict:
    """Return the verdict that a text names; a `Misuse` if it names none.

    >>> read_verdict("cannot tell")
    'cannot tell'
    """
    for verdict in VERDICTS:
        if text == verdict:
            return verdict
    raise Misuse([_unknown("the verdict", VERDICTS)])


def read_reason(text: str | None, verdict: Verdict) -> Reason:
    """Return the reason that a text names, or the usual one of a verdict."""
    if text is None:
        return USUAL_REASON[verdict]
    for reason in REASONS:
        if text == reason:
            return reason
    raise Misuse([_unknown("the reason", REASONS)])


def keep_decision(warehouse: Warehouse, decided: Decided) -> Decided:
    """Keep a decision as the next manifest version and return it with its number."""
    with warehouse.writing() as writer:
        manifest = writer.manifest
        number = len(manifest.decisions) + 1
        row = {name: [value] for name, value in vars(decided).items()}
        row["seen"] = [json.dumps(decided.seen, sort_keys=True)]
        table = pa.table({name: row[name] for name in _FILE.names}, schema=_FILE)
        name = f"decisions/{decided.kind}/{number:06d}.parquet"
        file = DecisionFile(
            number=number,
            kind=decided.kind,
            file=writer.stage("identity", name, table),
        )
        update = {"decisions": [*manifest.decisions, file]}
        writer.commit(manifest.model_copy(update=update))
    return Decided(**{**vars(decided), "number": number})


def decisions_of(warehouse: Warehouse, manifest: Manifest, kind: str) -> list[Decided]:
    """Return every decision about a kind, the oldest first."""
    files = [entry for entry in manifest.decisions if entry.kind == kind]
    return [_read(warehouse, entry) for entry in files]


def in_force(decided: Iterable[Decided]) -> list[Decided]:
    """Return the newest decision on each two records, in the order of their numbers."""
    newest = {one.records: one for one in sorted(decided, key=_number)}
    return sorted(newest.values(), key=_number)


def binding(
    warehouse: Warehouse, manifest: Manifest, kind: str
) -> tuple[Decision, ...]:
    """Return what linking has to follow: "cannot tell" binds it to nothing."""
    return tuple(
        Decision(one.left_record, one.right_record, one.verdict == "same")
        for one in in_force(decisions_of(warehouse, manifest, kind))
        if one.verdict != "cannot tell"
    )


def _read(warehouse: Warehouse, entry: DecisionFile) -> Decided:
    [row] = pq.read_table(warehouse.path(entry.file)).to_pylist()
    seen = {n: (left, right) for n, (left, right) in json.loads(row["seen"]).items()}
    return Decided(**{**row, "seen": seen}, kind=entry.kind, number=entry.number)


def _number(decided: Decided) -> int:
    return decided.number


def _unknown(what: str, known: Iterable[str]) -> Fault:
    do = f"write one of: {', '.join(known)}"
    return Fault("link review", f"{what} must be known", "another", do)
