"""Review: the pairs that a steward should look at, the most useful first.

The queue is blind to everything but the identifiers that linking itself reads: no
source, no date, no count of records, no score, no ethnicity, no service. Even the
probability is left out, so that nobody only nods at it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.place import Place
from features.faults import Fault, Misuse
from features.linkage.decisions_store import (
    Decided,
    Reason,
    Seen,
    Verdict,
    keep_decision,
)
from features.linkage.queue import Queue, UncertainPair
from features.linkage.writings import Readable, cells_of, told
from features.store.manifest import LinkVersion
from features.store.warehouse import Warehouse


# A steward sees so many ways of writing of each side, its own first.
_MOST_WRITINGS = 5


@dataclass(frozen=True)
class Judgement:
    """What a steward says of a pair.

    Attributes:
        by: The steward's role.
        at: When, in UTC.
    """

    verdict: Verdict
    reason: Reason
    by: str
    at: dt.datetime


def review_queue(
    warehouse: Warehouse, place: Place, key: bytes, kind: str
) -> list[UncertainPair]:
    """Return the pairs of a kind that wait for a decision, the most useful first.

    First what keeps scores back, then by `usefulness`. A pair that was decided is not
    asked again, but "cannot tell" is once either record says something else. A pair
    that no decision could unite, as valid numbers conflict, is never asked.

    Args:
        warehouse: Whose newest links are looked at.
        place: The definitions.
        key: Of the pseudonyms; makes the pairs' ids.
        kind: An entity kind that is linked.
    """
    queue = Queue(warehouse, warehouse.manifest(), place, kind, key)
    return queue.waiting()


def shown(
    warehouse: Warehouse, place: Place, pairs: Iterable[UncertainPair]
) -> dict[str, Seen]:
    """Return, by pair, what a steward sees: each attribute of both sides.

    Personal: for a steward's eyes, and never for a log.
    """
    pairs = list(pairs)
    manifest = warehouse.manifest()
    found: dict[str, Seen] = {}
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        readable = Readable(warehouse, manifest, place, place.linkage[kind])
        own = [pair for pair in pairs if pair.kind == kind]
        records = {r for pair in own for side in pair.sides for r in side}
        cells = cells_of(readable, records)
        for pair in own:
            left, right = (side[:_MOST_WRITINGS] for side in pair.sides)
            found[pair.id] = {
                name: (told(cells, left, name), told(cells, right, name))
                for name in readable.shown
            }
    return found


def entity_ids(
    warehouse: Warehouse, pairs: Iterable[UncertainPair]
) -> dict[str, tuple[str | None, str | None]]:
    """Return, by pair, the pseudonyms of both sides by the newest links.

    None where linking gave a side's record to nobody.
    """
    pairs, manifest = list(pairs), warehouse.manifest()
    found = {}
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        own = [pair for pair in pairs if pair.kind == kind]
        records = {record for pair in own for record in pair.records}
        names = _names_of(warehouse, manifest.links_of(kind), records)
        for pair in own:
            left, right = pair.records
            found[pair.id] = (names.get(left), names.get(right))
    return found


def decide(
    warehouse: Warehouse,
    place: Place,
    key: bytes,
    pair_id: str,
    decision: Judgement,
) -> Decided:
    """Keep a steward's decision on a pair of the queue; the next linking follows it.

    A pair that was decided before may be decided again.

    Raises:
        Misuse: No such pair waits, or was decided.
    """
    for kind in place.linkage:
        queue = Queue(warehouse, warehouse.manifest(), place, kind, key)
        pair = queue.find(pair_id)
        if pair is not None:
            seen = shown(warehouse, place, [pair])[pair.id]
            left, right = pair.records
            decided = Decided(kind, left, right, seen=seen, **vars(decision))
            return keep_decision(warehouse, decided)
    what, do = "the pair must be in the queue", "run: lamppost link review"
    raise Misuse([Fault("--decide", what, "another", do)])


def _names_of(
    warehouse: Warehouse, version: LinkVersion | None, records: Collection[int]
) -> dict[int, str]:
    """Return, by record, the pseudonym of the entity that it is about."""
    if version is None:
        return {}
    columns = ["record_id", "entity_id"]
    links = pq.read_table(warehouse.path(version.links), columns=columns)
    wanted = pa.array(sorted(records), pa.int64())
    own = links.filter(pc.is_in(links["record_id"], value_set=wanted)).to_pydict()
    return dict(zip(own["record_id"], own["entity_id"], strict=True))
