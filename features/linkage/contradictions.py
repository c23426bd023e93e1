"""Contradictions: decisions that identifiers which came later speak against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.definitions.vetoes import Value
from features.linkage.decisions_store import Decided, decisions_of, in_force
from features.linkage.writings import Readable, cells_of, told, values_of


def changed_since(readable: Readable, decided: Iterable[Decided]) -> list[Decided]:
    """Return the decisions whose records say something else than was shown then."""
    decided = list(decided)
    if not decided:
        return []
    cells = cells_of(readable, {r for one in decided for r in one.records})
    return [
        one
        for one in decided
        if any(
            told(cells, (record,), name) != sides[n][:1]
            for name, sides in one.seen.items()
            for n, record in enumerate(one.records)
        )
    ]


def contradicted(readable: Readable) -> list[Decided]:
    """Return the decisions in force that what was written down since speaks against.

    Those are two that were called the same and do not come together any more, and two
    that were called different and now agree in all of an exact key. Linking follows a
    decision as far as valid numbers let it; this is so that somebody looks again.
    """
    everything = decisions_of(
        readable.warehouse, readable.manifest, readable.rules.kind
    )
    decided = [one for one in in_force(everything) if one.verdict != "cannot tell"]
    changed = changed_since(readable, decided)
    if not changed:
        return []
    records = {r for one in changed for r in one.records}
    entities = _entities_of(readable, records)
    keys = readable.rules.exact
    says = [values_of(readable, records, names) for names in keys]
    return [
        one
        for one in changed
        if (_is_apart(one, entities) if one.verdict == "same" else _agrees(one, says))
    ]


def _entities_of(readable: Readable, records: Iterable[int]) -> dict[int, int]:
    version = readable.manifest.links_of(readable.rules.kind)
    if version is None:
        return {}
    path = readable.warehouse.path(version.links)
    links = pq.read_table(path, columns=["record_id", "entity"])
    wanted = pa.array(sorted(records), pa.int64())
    own = links.filter(pc.is_in(links["record_id"], value_set=wanted))
    pairs = zip(own["record_id"].to_pylist(), own["entity"].to_pylist(), strict=True)
    return dict(pairs)


def _is_apart(one: Decided, entities: Mapping[int, int]) -> bool:
    left, right = (entities.get(record) for record in one.records)
    return left is None or left != right


def _agrees(one: Decided, says: Iterable[Mapping[int, tuple[Value, ...]]]) -> bool:
    """Return whether both say the same in all of any exact key."""
    for key in says:
        left, right = (key.get(record, (None,)) for record in one.records)
        if left == right and None not in left:
            return True
    return False
